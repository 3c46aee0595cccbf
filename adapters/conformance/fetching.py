"""One item at a time: fetching, revisions, and what silence proves."""

from contextlib import suppress

import pytest

from adapters.conformance.acts import (
    Reader,
    another,
    create,
    fetch,
    patch_for,
    refusal,
    said,
    update,
)
from adapters.conformance.bench import Workbench
from adapters.conformance.reading import CHANGES
from adapters.errors import Missing, Moved, Transient
from mappings.vocabulary import Field


class FetchingTests:
    """``fetch()`` and revisions."""

    def test_fetching_says_what_a_reading_says(self, bench: Workbench) -> None:
        refs = [bench.make_outside("By hand", "Some text."), create(bench).ref]
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        reader.is_current(bench, *refs)

    def test_what_never_was_is_missing_and_not_deleted(self, bench: Workbench) -> None:
        with refusal(bench, Missing):
            bench.project.fetch(bench.never)

    def test_what_was_deleted_is_none_or_missing(self, bench: Workbench) -> None:
        ref = bench.make_outside("Soon gone")
        bench.delete_outside(ref)
        with suppress(Missing):
            assert bench.project.fetch(ref) is None

    def test_what_is_only_hidden_is_missing_and_comes_back(self, bench: Workbench) -> None:
        ref = bench.make_outside("Hidden for a while")
        before = said(fetch(bench, ref))
        bench.hide_outside(ref)
        with refusal(bench, Missing):
            bench.project.fetch(ref)
        bench.mend()
        assert said(fetch(bench, ref)) == before

    def test_what_moved_is_said_to_have_moved(self, bench: Workbench) -> None:
        ref = bench.make_outside("Moved away")
        bench.move_outside(ref)
        with refusal(bench, Moved):
            bench.project.fetch(ref)

    def test_a_fault_is_never_taken_for_a_deletion(self, bench: Workbench) -> None:
        ref = bench.make_outside("There all the time")
        bench.break_reads()
        with refusal(bench, Transient):
            bench.project.fetch(ref)
        bench.mend()
        assert fetch(bench, ref).title == "There all the time"

    def test_a_fault_is_never_taken_for_an_empty_home(self, bench: Workbench) -> None:
        bench.make_outside("There all the time")
        bench.break_reads()
        with refusal(bench, Transient):
            list(bench.project.changed(None))
        bench.mend()

    def test_a_revision_stays_while_nothing_changes(self, bench: Workbench) -> None:
        items = [fetch(bench, bench.make_outside("By hand")), create(bench)]
        bench.clock.sleep(2)
        for item in items:
            assert item.revision
            assert fetch(bench, item.ref).revision == item.revision

    @pytest.mark.parametrize("change", CHANGES)
    def test_a_revision_differs_after_a_change(self, bench: Workbench, change: str) -> None:
        ref = bench.make_outside("Checkout is down", "Some text.")
        before = fetch(bench, ref)
        CHANGES[change](bench, ref)
        assert fetch(bench, ref).revision != before.revision

    def test_a_revision_differs_after_every_field_we_write(
        self, bench: Workbench, claimed_field: Field
    ) -> None:
        before = create(bench)
        value = another(bench, claimed_field, before)
        after = update(bench, before.ref, patch_for(claimed_field, value))
        assert after.revision != before.revision
        assert fetch(bench, before.ref).revision == after.revision
