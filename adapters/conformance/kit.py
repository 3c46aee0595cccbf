"""All the tests in one class, and the rule that they stay as they are."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

import pytest

from adapters.base import Capabilities
from adapters.conformance.accidents import AccidentTests
from adapters.conformance.acts import NOTHING
from adapters.conformance.bench import Workbench
from adapters.conformance.fetching import FetchingTests
from adapters.conformance.fields import FieldTests
from adapters.conformance.manners import MannersTests
from adapters.conformance.many import ManyTests
from adapters.conformance.notes import NoteTests
from adapters.conformance.reading import ReadingTests
from adapters.conformance.tags import TagTests
from adapters.conformance.text import TEXTS, TextTests
from adapters.conformance.writing import WritingTests
from adapters.errors import Unsupported
from mappings.item import Draft, Item
from mappings.vocabulary import Field

#: Fields in which a value can be taken away again.
CLEARABLE: Final = frozenset(NOTHING)


class AdapterConformance(
    ReadingTests,
    FetchingTests,
    WritingTests,
    ManyTests,
    FieldTests,
    TextTests,
    NoteTests,
    TagTests,
    AccidentTests,
    MannersTests,
):
    """The whole contract. A subclass gives its adapter's ``capabilities``, and the fixture
    ``bench``: a fresh workbench each time.

    A test that an adapter does not pass yet may be overridden with nothing but an expected failure
    that says why; the override calls the original:

        @pytest.mark.xfail(reason="lists lag by hours, see issue 12")
        def test_a_change_that_lists_show_late_is_not_missed(self, bench):
            super().test_a_change_that_lists_show_late_is_not_missed(bench)
    """

    capabilities: ClassVar[Capabilities]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One case for each field that is claimed, and for each that is not."""
        can = getattr(type(self), "capabilities", None)
        if can is None:
            pytest.fail(f"give {type(self).__name__} the `capabilities` its adapter claims")
        cases: dict[str, list[Any]] = {
            "claimed_field": [name for name in Field if name in can.writes],
            "unclaimed_field": [name for name in Field if name not in can.writes],
            "clearable_field": [name for name in Field if name in can.writes & CLEARABLE],
            "hostile_body": [*TEXTS] if Field.BODY in can.writes else [],
        }
        for name, values in cases.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, values or _none(name))

    @pytest.fixture(autouse=True)
    def _where_nothing_is_made(self, request: pytest.FixtureRequest) -> None:
        """In a home whose items people alone make, to make one is refused; the test ends there."""
        if "bench" not in request.fixturenames:
            return
        bench: Workbench = request.getfixturevalue("bench")
        if bench.project.capabilities.creates:
            return
        whole = bench.project.create

        def create(draft: Draft) -> Item:
            store = bench.everything()
            with pytest.raises(Unsupported):
                whole(draft)
            assert bench.everything() == store, "what is refused is not done"
            pytest.skip("items are made by people alone here")

        bench.project.create = create  # type: ignore[method-assign]

    @pytest.fixture
    def bench(self) -> Workbench:
        """A fresh workbench."""
        pytest.fail("give a fixture `bench` that returns a fresh Workbench")

    def test_no_standard_test_is_changed(self) -> None:
        for name, standard in standard_tests().items():
            mine = getattr(type(self), name, None)
            if mine is not standard:
                reasons = [
                    mark.kwargs.get("reason")
                    for mark in getattr(mine, "pytestmark", ())
                    if mark.name == "xfail"
                ]
                assert any(reasons), f"{name} may only be overridden as xfail with a reason"


def _none(name: str) -> Sequence[Any]:
    """The one case that stands for none."""
    return [
        pytest.param("", marks=pytest.mark.skip(reason=f"there is no {name.replace('_', ' ')}"))
    ]


def standard_tests() -> dict[str, Callable[..., Any]]:
    """Every test of the contract, by name."""
    return {
        name: getattr(AdapterConformance, name)
        for name in dir(AdapterConformance)
        if name.startswith("test_")
    }
