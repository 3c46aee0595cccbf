"""Labels of any name, put on and taken off one by one."""

import pytest

from adapters.conformance.bench import Workbench


class TagTests:
    """``tag()``."""

    def test_a_label_is_put_on_and_taken_off_and_nothing_else_changes(
        self, bench: Workbench
    ) -> None:
        if not bench.project.capabilities.labels:
            pytest.skip("takes no labels of any name")
        ref = bench.make_outside("Closed without a postmortem")
        before = bench.project.fetch(ref)
        assert before is not None
        on = bench.project.tag(ref, "postmortem-missing", on=True)
        assert on.labels == before.labels | {"postmortem-missing"}
        assert on.values() == before.values()
        store = bench.everything()
        assert bench.project.tag(ref, "postmortem-missing", on=True).labels == on.labels
        assert bench.everything() == store, "what is so already is not written"
        bench.project.tag(ref, "blame-language", on=True)
        off = bench.project.tag(ref, "postmortem-missing", on=False)
        assert off.labels == before.labels | {"blame-language"}
        assert bench.project.fetch(ref) == off
