"""Every field both ways: what is claimed is kept, what is not is refused, and nothing lies."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest

from adapters.conformance.acts import (
    NOTHING,
    agrees,
    claimed,
    create,
    fetch,
    held,
    patch_for,
    plain,
    refusal,
    update,
)
from adapters.conformance.bench import Workbench
from adapters.errors import Rejected, Unsupported
from mappings.item import UNSET, Draft, Item, Patch, Ref, Value
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity

#: Values for fields that a home does not claim; it is to refuse them whatever they are.
ANY: Final[dict[Field, Value]] = {
    Field.TITLE: "A title",
    Field.PHASE: Phase.TODO,
    Field.RESOLUTION: Resolution.DONE,
    Field.PRIORITY: Priority.P1,
    Field.SEVERITY: Severity.SEV2,
    Field.CATEGORY: Category.BUG,
    Field.OWNERS: ("ann",),
    Field.DUE: date(2026, 4, 1),
    Field.PARENT: Ref("1"),
    Field.BODY: "A text",
}


class FieldTests:
    """``capabilities``, ``canonical()`` and ``route()``."""

    def test_a_claimed_field_comes_back_as_it_was_written(
        self, bench: Workbench, claimed_field: Field
    ) -> None:
        name = claimed_field
        for value in held(bench, name):
            item = update(bench, create(bench).ref, patch_for(name, value))
            assert plain(name, item.get(name)) == plain(name, value)
            assert plain(name, fetch(bench, item.ref).get(name)) == plain(name, value)

    def test_a_cleared_field_is_none_and_not_without_opinion(
        self, bench: Workbench, clearable_field: Field
    ) -> None:
        name = clearable_field
        item = create(bench)
        item = update(bench, item.ref, patch_for(name, held(bench, name)[0]), item.revision)
        item = update(bench, item.ref, patch_for(name, NOTHING[name]), item.revision)
        for one in (item, fetch(bench, item.ref)):
            assert one.get(name) is not UNSET
            assert plain(name, one.get(name)) == plain(name, NOTHING[name])

    def test_a_field_that_is_not_claimed_is_refused_and_not_ignored(
        self, bench: Workbench, unclaimed_field: Field
    ) -> None:
        name = unclaimed_field
        given: dict[str, Any] = {name.value: ANY[name]}
        ref, marker = create(bench).ref, bench.marker()
        form = bench.project.canonical(Item(ref=ref, **given))
        assert form.get(name) is UNSET, "what cannot be held is no opinion"
        store = bench.everything()
        with refusal(bench, Unsupported, Rejected):
            bench.project.update(ref, Patch.of({name: ANY[name]}), None)
        given = {"title": "Never made"} | given
        with refusal(bench, Unsupported, Rejected):
            bench.project.create(Draft(marker=marker, **given))
        assert bench.everything() == store

    def test_what_the_home_gives_back_is_in_canonical_form(self, bench: Workbench) -> None:
        names = bench.project.capabilities.writes
        ended = bench.make_outside("Ended by hand")
        bench.edit_outside(ended, phase=Phase.COMPLETED)
        items = [fetch(bench, bench.make_outside("By hand", "Text")), create(bench)]
        items.append(fetch(bench, ended))
        items += [
            create(bench, **{name.value: held(bench, name)[0]})
            for name in sorted(names - {Field.RESOLUTION})
        ]
        for item in items:
            agrees(item, bench.project.canonical(item), names)

    def test_the_canonical_form_is_its_own(self, bench: Workbench) -> None:
        for item in _items():
            once = bench.project.canonical(item)
            assert bench.project.canonical(once) == once

    def test_the_canonical_form_is_made_without_the_home(self, bench: Workbench) -> None:
        store = bench.everything()
        before = [bench.project.canonical(item) for item in _items()]
        bench.break_reads()
        assert [bench.project.canonical(item) for item in _items()] == before
        bench.mend()
        assert bench.everything() == store

    def test_no_opinion_never_becomes_none(self, bench: Workbench) -> None:
        bare = Item(ref=Ref("1"), title="Only a title")
        assert set(bench.project.canonical(bare).values()) <= {Field.TITLE}
        for item in _items():
            form = bench.project.canonical(item)
            for name in set(Field) - set(item.values()) - {Field.RESOLUTION}:
                assert form.get(name) is UNSET, f"{name} was never given"

    def test_the_canonical_form_keeps_what_is_no_field(self, bench: Workbench) -> None:
        for item in _items():
            form = bench.project.canonical(item)
            assert (form.ref, form.kind, form.marker) == (item.ref, item.kind, item.marker)

    @pytest.mark.parametrize("start", Phase)
    def test_every_step_of_a_route_can_be_taken(self, bench: Workbench, start: Phase) -> None:
        _need_phases(bench)
        for end in Phase:
            item = create(bench, phase=start)
            try:
                steps = bench.project.route(item, end)
            except Rejected as error:
                assert error.problem.message  # noqa: PT017  there may be no way
                continue
            assert len(steps) <= len(Phase)
            wanted = bench.project.canonical(replace(item, phase=end, resolution=UNSET)).phase
            for step in steps:
                item = update(bench, item.ref, Patch(phase=step), item.revision)
            assert fetch(bench, item.ref).phase == wanted, f"{start} to {end} by {steps}"

    @pytest.mark.parametrize("start", Phase)
    def test_one_update_walks_the_whole_route(self, bench: Workbench, start: Phase) -> None:
        _need_phases(bench)
        for end in Phase:
            item = create(bench, phase=start)
            try:
                bench.project.route(item, end)
            except Rejected:
                continue
            wanted = bench.project.canonical(replace(item, phase=end, resolution=UNSET)).phase
            assert update(bench, item.ref, Patch(phase=end), item.revision).phase == wanted


def _need_phases(bench: Workbench) -> None:
    if not claimed(bench, Field.PHASE):
        pytest.skip("phase is not claimed")


def _items() -> list[Item]:
    """Items of all sorts, as they may come from the other side of a pair."""
    ref = Ref("7", "PAY-T-0007", birth="x")
    bare = Item(ref=ref, title="Checkout is down")
    full = replace(
        bare,
        kind=Kind.INCIDENT,
        phase=Phase.BLOCKED,
        resolution=None,
        priority=Priority.P0,
        severity=Severity.SEV1,
        category=Category.TECH_DEBT,
        owners=("ann", "nobody known"),
        due=date(2026, 4, 1),
        parent=Ref("3"),
        body="Ask @everybody about #12\r\nand /close it  \n",
        marker="<!-- a marker -->",
    )
    empty = replace(
        full,
        priority=None,
        severity=None,
        category=None,
        owners=(),
        due=None,
        parent=None,
        body=None,
    )
    ended = [
        replace(full, phase=Phase.COMPLETED, resolution=one) for one in (None, UNSET, *Resolution)
    ]
    return [bare, full, empty, *ended, *(replace(full, phase=one) for one in Phase)]
