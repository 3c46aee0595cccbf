"""The adapter contract as tests that any adapter's own test file subclasses. Needs pytest.

    class TestOurs(AdapterConformance):
        @pytest.fixture
        def bench(self, tmp_path):
            return OurBench(tmp_path)

:class:`Workbench` says what the tests need of a home besides its adapter: other people's hands,
and accidents. ``python -m adapters.conformance NAME`` runs an installed adapter's tests.
"""

import pytest

# Before they are imported: a failing assertion then shows what it compared.
for _name in ("accidents", "acts", "bench", "fetching", "fields", "kit", "manners", "many", "notes",
              "reading", "text", "writing"):  # fmt: skip
    pytest.register_assert_rewrite(f"{__name__}.{_name}")

from adapters.conformance.bench import Workbench  # noqa: E402  see above
from adapters.conformance.kit import AdapterConformance, standard_tests  # noqa: E402  see above

__all__ = ["AdapterConformance", "Workbench", "standard_tests"]
