"""Readings: sweeps, cursors, pages, and what a reading proves."""

import json
from collections.abc import Callable
from typing import Final

import pytest

from adapters.conformance.acts import Reader, create, edit, fetch, is_utc, said, update
from adapters.conformance.bench import Workbench
from adapters.errors import AdapterError
from mappings.item import Ref
from mappings.vocabulary import Field, Phase

CHANGES: Final[dict[str, Callable[[Workbench, Ref], object]]] = {
    "a title by hand": lambda bench, ref: bench.edit_outside(ref, title="Edited by hand"),
    "a text by hand": lambda bench, ref: bench.edit_outside(ref, text="Added by hand."),
    "a phase by hand": lambda bench, ref: bench.edit_outside(ref, phase=Phase.COMPLETED),
    "a title by us": lambda bench, ref: update(
        bench, ref, edit(bench, "Edited by us", fetch(bench, ref))
    ),
}


class ReadingTests:
    """``changed()`` and ``poll()``."""

    def test_a_sweep_shows_everything_and_only_its_last_page_says_so(
        self, bench: Workbench
    ) -> None:
        refs = [bench.make_outside(f"Repair {number}") for number in range(bench.many)]
        bench.settle()
        reader = Reader(bench.project)
        pages = reader.read()
        reader.knows(*refs)
        assert all(page.sweep for page in pages), "a reading from no cursor covers everything"
        assert bench.page_size is None or len(pages) > 2, "page_size is larger than said"

    def test_an_empty_home_is_read_to_its_end(self, bench: Workbench) -> None:
        reader = Reader(bench.project)
        reader.read()
        reader.read()
        assert reader.known == {}

    def test_an_item_made_by_hand_is_read_as_it_was_written(self, bench: Workbench) -> None:
        ref = bench.make_outside("Checkout is down", "Nobody can pay.")
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        item = reader.known[ref.id]
        assert item.title == "Checkout is down"
        assert "Nobody can pay." in item.text
        assert item.marker == ""
        assert isinstance(item.phase, Phase)
        assert said(item) == said(fetch(bench, ref))

    def test_times_are_utc(self, bench: Workbench) -> None:
        items = [fetch(bench, bench.make_outside("By hand")), create(bench)]
        if Field.PHASE in bench.project.capabilities.writes:
            items.append(create(bench, phase=Phase.COMPLETED))
        bench.settle()
        pages = list(bench.project.changed(None))
        times = [page.server_time for page in pages]
        for item in [*items, *(item for page in pages for item in page.items)]:
            times += [item.created_at, item.updated_at, item.closed_at]
        assert all(is_utc(moment) for moment in times if moment is not None)

    @pytest.mark.parametrize("change", CHANGES)
    def test_a_change_is_read_from_the_cursor(self, bench: Workbench, change: str) -> None:
        ref, other = bench.make_outside("Checkout is down"), bench.make_outside("Another")
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        CHANGES[change](bench, ref)
        bench.settle()
        reader.read()
        reader.is_current(bench, ref, other)

    def test_new_items_are_read_from_the_cursor(self, bench: Workbench) -> None:
        reader = Reader(bench.project)
        reader.read()
        refs = [bench.make_outside("By hand"), create(bench).ref]
        bench.settle()
        reader.read()
        reader.is_current(bench, *refs)

    def test_changes_of_one_moment_are_all_read(self, bench: Workbench) -> None:
        first = [bench.make_outside(f"Early {number}") for number in range(3)]
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        later = [bench.make_outside(f"Late {number}") for number in range(bench.many)]
        for ref in first:
            bench.edit_outside(ref, title="In the same moment")
        bench.settle()
        reader.read()
        reader.knows(*later)
        reader.is_current(bench, *first)
        bench.edit_outside(later[0], title="Once more")
        bench.settle()
        reader.read()
        reader.is_current(bench, later[0])

    def test_changes_between_two_pages_are_not_missed(self, bench: Workbench) -> None:
        if bench.page_size is None:
            pytest.skip("one page shows everything")
        refs = [bench.make_outside(f"Repair {number}") for number in range(bench.many)]
        bench.settle()
        _grow_old(bench)
        reader = Reader(bench.project)
        rest = bench.project.changed(None)
        pages = [next(rest)]
        reader.take(pages[0])
        seen = next(ref for ref in refs if ref.id in reader.known)
        unseen = next(ref for ref in refs if ref.id not in reader.known)
        bench.edit_outside(seen, title="Moved to the end")
        bench.edit_outside(unseen, title="Moved, too")
        new = bench.make_outside("Made meanwhile")
        for page in rest:
            reader.take(page)
            pages.append(page)
        reader.end(pages)
        bench.settle()
        reader.read()
        reader.knows(*refs)
        reader.is_current(bench, seen, unseen, new)

    def test_a_change_that_lists_show_late_is_not_missed(self, bench: Workbench) -> None:
        lag = bench.project.capabilities.overlap.total_seconds()
        if not lag:
            pytest.skip("the home claims no lag of its lists")
        late, early = bench.make_outside("Late"), bench.make_outside("Early")
        reader = Reader(bench.project)
        reader.read()
        bench.slow_lists(lag * 0.9)
        bench.edit_outside(late, title="Changed first, shown last")
        bench.slow_lists(0)
        bench.clock.sleep(lag * 0.5)
        bench.edit_outside(early, title="Changed last, shown first")
        reader.read()
        reader.is_current(bench, early)
        bench.clock.sleep(lag)
        reader.read()
        reader.is_current(bench, early, late)

    def test_a_reading_that_broke_off_goes_on_from_its_last_page(self, bench: Workbench) -> None:
        refs = [bench.make_outside(f"Repair {number}") for number in range(bench.many)]
        bench.settle()
        page = next(iter(bench.project.changed(None)))
        reader = Reader(bench.reopen(), page.cursor)
        reader.take(page)
        reader.read()
        reader.knows(*refs)

    def test_a_reading_that_was_given_up_moves_nothing(self, bench: Workbench) -> None:
        refs = [bench.make_outside(f"Repair {number}") for number in range(bench.many)]
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        for ref in refs:
            bench.edit_outside(ref, title="Edited")
        bench.settle()
        next(iter(bench.project.changed(reader.cursor)))
        reader.read()
        assert {reader.known[ref.id].title for ref in refs} == {"Edited"}

    def test_a_reading_that_is_cut_never_ends(self, bench: Workbench) -> None:
        for number in range(bench.many):
            bench.make_outside(f"Repair {number}")
        bench.settle()
        bench.break_reads(after=1)
        pages = []
        try:
            for page in bench.project.changed(None):
                pages.append(page)  # noqa: PERF402  what came before the error counts
        except AdapterError:
            pass
        bench.mend()
        assert not any(page.last for page in pages), "a cut reading says that it is complete"

    def test_a_cursor_is_text_with_which_another_process_goes_on(self, bench: Workbench) -> None:
        ref = bench.make_outside("Checkout is down")
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        assert isinstance(reader.cursor, str)
        bench.edit_outside(ref, title="Checkout is up")
        bench.settle()
        cursor = json.loads(json.dumps(reader.cursor))
        other = Reader(bench.reopen(), cursor)
        other.read()
        other.is_current(bench, ref)

    def test_a_cursor_that_means_nothing_is_none(self, bench: Workbench) -> None:
        refs = [bench.make_outside("One"), bench.make_outside("Two")]
        bench.settle()
        reader = Reader(bench.project, "what an older version wrote")
        pages = reader.read()
        reader.knows(*refs)
        assert all(page.sweep for page in pages)

    def test_what_is_old_is_not_read_for_ever(self, bench: Workbench) -> None:
        old = bench.make_outside("Old")
        bench.settle()
        _grow_old(bench)
        bench.make_outside("New")
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        reader.read()
        reader.known.clear()
        reader.read()
        assert old.id not in reader.known, "unchanged, and told in every reading"

    def test_one_unreadable_item_stops_nothing(self, bench: Workbench) -> None:
        good, bad = bench.make_outside("Good"), bench.make_outside("Bad")
        bench.spoil_outside(bad)
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        reader.knows(good)
        assert bad.id in reader.broken, "an item that cannot be read is named"
        assert bad.id not in reader.known
        assert reader.broken[bad.id].problem.message

    def test_what_exists_is_told_by_the_last_page_or_by_none(self, bench: Workbench) -> None:
        refs = [bench.make_outside(f"Repair {number}") for number in range(bench.many)]
        bench.settle()
        reader = Reader(bench.project)
        pages = reader.read()
        if not bench.project.capabilities.absence_visible:
            assert {page.present for page in pages} == {None}, "absence is not claimed to be seen"
            return
        assert {page.present for page in pages[:-1]} <= {None}
        bench.delete_outside(refs[0])
        bench.settle()
        (*_, last) = reader.read()
        before, now = pages[-1].present, last.present
        assert before is not None
        assert now is not None
        assert {ref.id for ref in refs} <= before
        assert {ref.id for ref in refs[1:]} <= now
        assert refs[0].id not in now

    def test_polling_a_connection_reads_its_projects(self, bench: Workbench) -> None:
        refs = [bench.make_outside("One"), bench.make_outside("Two")]
        bench.settle()
        reader = Reader(bench.project)
        polled = list(bench.connection.poll({bench.project: None}))
        assert all(project is bench.project for project, _ in polled)
        for _, page in polled:
            reader.take(page)
        reader.end([page for _, page in polled])
        reader.knows(*refs)


def _grow_old(bench: Workbench) -> None:
    """Let so much time pass that no reading need reach back to what there is."""
    can = bench.project.capabilities
    bench.clock.sleep((can.overlap + 2 * can.cursor_grain).total_seconds() + 1)
