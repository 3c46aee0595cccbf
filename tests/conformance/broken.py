"""Adapters that are wrong in one way each, with the test that must find it.

Run by test_kit_catches.py; pytest does not collect this file by itself.
"""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from adapters.base import Check, Found, Page
from adapters.conformance import AdapterConformance
from adapters.errors import AdapterError, Missing, Moved, Rejected, Transient, UnknownOutcome
from adapters.memory import MemoryConnection, MemoryProject
from adapters.memory.home import HomeError, Record
from adapters.memory.project import capabilities
from mappings.item import UNSET, Patch
from mappings.markers import note_marker
from mappings.problem import Problem
from mappings.vocabulary import Field, Kind, Phase
from tests.conformance.test_memory import MemoryBench

CASES = {}


def caught_by(*names, documents=False):
    """Make a test class of a broken project; each of ``names`` must fail on it."""

    def decorate(project):
        class Bench(MemoryBench):
            def __init__(self, **options):
                super().__init__(**options)
                self.connection = getattr(project, "reached_by", MemoryConnection)(self.home)

            def reopen(self):
                return project(self.home, "payments", self.profile)

        class Broken(AdapterConformance):
            pass

        def bench(self):
            return Bench(documents=documents)

        Broken.bench = pytest.fixture(bench)
        Broken.capabilities = getattr(project, "claims", capabilities(documents=documents))
        Broken.__name__ = Broken.__qualname__ = f"Test{project.__name__}"
        Broken.__module__ = __name__
        globals()[Broken.__name__] = Broken
        CASES[Broken.__name__] = names
        return project

    return decorate


# --- labels --------------------------------------------------------------------------------


@caught_by("test_a_label_is_put_on_and_taken_off_and_nothing_else_changes")
class PutsOneLabelInThePlaceOfAll(MemoryProject):
    def tag(self, ref, name, *, on):
        record = self.home.get(ref.id)
        labels = frozenset({name}) if on else frozenset()
        return self._item(self.home.put(replace(record, labels=labels), record.version))


# --- many ----------------------------------------------------------------------------------


@caught_by("test_many_are_made_in_their_order_each_as_it_is_stored")
class TellsOfManyInAnyOrder(MemoryProject):
    def create_many(self, drafts):
        return super().create_many(drafts)[::-1]


@caught_by("test_many_are_changed_each_unless_it_changed_meanwhile")
class ChangesManyWhateverTheySay(MemoryProject):
    def update_many(self, changes):
        return super().update_many([replace(one, expect=None) for one in changes])


# --- reading -------------------------------------------------------------------------------


@caught_by(
    "test_a_sweep_shows_everything_and_only_its_last_page_says_so",
    "test_changes_of_one_moment_are_all_read",
)
class DropsPageTwo(MemoryProject):
    def changed(self, cursor):
        for number, page in enumerate(super().changed(cursor), 1):
            yield replace(page, items=()) if number == 2 else page


@caught_by("test_changes_of_one_moment_are_all_read", "test_a_change_is_read_from_the_cursor")
class SkipsTies(MemoryProject):
    def changed(self, cursor):
        for page in super().changed(cursor):
            late = datetime.fromisoformat(page.cursor) + timedelta(seconds=61)
            yield replace(page, cursor=late.isoformat())


@caught_by("test_a_change_that_lists_show_late_is_not_missed")
class ReachesNoFurtherBackThanItsCursor(MemoryProject):
    def changed(self, cursor):
        start = datetime.fromisoformat(cursor) + timedelta(seconds=60) if cursor else None
        yield from super().changed(start.isoformat() if start else None)


@caught_by("test_a_reading_that_is_cut_never_ends")
class CallsACutReadingComplete(MemoryProject):
    def changed(self, cursor):
        last = Page(cursor=cursor or "2000-01-01T00:00:00+00:00", last=True, sweep=True)
        try:
            yield from super().changed(cursor)
        except Transient:
            yield last


@caught_by("test_a_fault_is_never_taken_for_an_empty_home")
class ReadsNothingWhenTheHomeIsDown(CallsACutReadingComplete):
    pass


@caught_by("test_a_sweep_shows_everything_and_only_its_last_page_says_so")
class CallsEveryPageTheLast(MemoryProject):
    def changed(self, cursor):
        for page in super().changed(cursor):
            yield replace(page, last=True)


@caught_by("test_a_sweep_shows_everything_and_only_its_last_page_says_so")
class NeverCallsAReadingASweep(MemoryProject):
    def changed(self, cursor):
        for page in super().changed(cursor):
            yield replace(page, sweep=False)


@caught_by("test_a_reading_that_broke_off_goes_on_from_its_last_page")
class GivesTheEndWithThePage(MemoryProject):
    def changed(self, cursor):
        pages = list(super().changed(cursor))
        for page in pages:
            yield replace(page, cursor="2026-12-31T00:00:00+00:00")


@caught_by("test_a_reading_that_was_given_up_moves_nothing")
class RemembersWhereItWas(MemoryProject):
    told = frozenset()

    def changed(self, cursor):
        for page in super().changed(cursor):
            new = [item for item in page.items if (item.ref.id, item.revision) not in self.told]
            self.told |= {(item.ref.id, item.revision) for item in page.items}
            yield replace(page, items=tuple(new))


@caught_by("test_a_cursor_is_text_with_which_another_process_goes_on")
class KeepsItsCursorInMemory(MemoryProject):
    place = "2099-01-01T00:00:00+00:00"

    def changed(self, cursor):
        for page in super().changed(self.place if cursor else None):
            self.place = page.cursor
            yield replace(page, cursor="see memory")


@caught_by("test_a_cursor_that_means_nothing_is_none")
class BreaksOnAnOldCursor(MemoryProject):
    def changed(self, cursor):
        if cursor:
            datetime.fromisoformat(cursor)
        yield from super().changed(cursor)


@caught_by("test_what_is_old_is_not_read_for_ever")
class ReadsEverythingAlways(MemoryProject):
    def changed(self, cursor):
        yield from super().changed(None)


@caught_by("test_one_unreadable_item_stops_nothing")
class BreaksOnOneItem(MemoryProject):
    def _read(self, rows):
        return tuple(self._item(row) for row in rows), ()


@caught_by("test_one_unreadable_item_stops_nothing")
class HidesWhatItCannotRead(MemoryProject):
    def _read(self, rows):
        return super()._read(rows)[0], ()


@caught_by("test_what_exists_is_told_by_the_last_page_or_by_none")
class ProvesAbsenceItCannotSee(MemoryProject):
    def changed(self, cursor):
        for page in super().changed(cursor):
            yield replace(page, present=frozenset(item.ref.id for item in page.items))


@caught_by("test_what_exists_is_told_by_the_last_page_or_by_none", documents=True)
class TellsOnlyWhatChanged(MemoryProject):
    def changed(self, cursor):
        for page in super().changed(cursor):
            told = frozenset(item.ref.id for item in page.items)
            yield replace(page, present=told if page.last else None)


@caught_by("test_times_are_utc")
class TellsNaiveTimes(MemoryProject):
    def _item(self, record):
        item = super()._item(record)
        return replace(item, updated_at=item.updated_at.replace(tzinfo=None))


@caught_by("test_an_empty_home_is_read_to_its_end")
class SaysNothingOfAnEmptyHome(MemoryProject):
    def changed(self, cursor):
        yield from (page for page in super().changed(cursor) if page.items)


@caught_by("test_an_item_made_by_hand_is_read_as_it_was_written")
class ReadsNoText(MemoryProject):
    def _item(self, record):
        return replace(super()._item(record), text="")


@caught_by("test_new_items_are_read_from_the_cursor")
class ReadsNoNewItems(MemoryProject):
    def changed(self, cursor):
        for page in super().changed(cursor):
            old = [one for one in page.items if not cursor or int(one.revision) > 1]
            yield replace(page, items=tuple(old))


@caught_by("test_changes_between_two_pages_are_not_missed")
class CountsRowsInsteadOfKeepingItsPlace(MemoryProject):
    def changed(self, cursor):
        at, size, pages = 0, self.home.page_size, list(super().changed(cursor))
        while True:
            page, last = pages[-1], at + size >= sum(len(one.items) for one in pages)
            rows = [item for one in pages for item in one.items][at : at + size]
            yield replace(page, items=tuple(rows), last=last)
            if last:
                return
            at, pages = at + size, list(super().changed(cursor))


# --- one item ------------------------------------------------------------------------------


@caught_by("test_what_moved_is_said_to_have_moved")
class TakesMovedForMissing(MemoryProject):
    def fetch(self, ref):
        try:
            return super().fetch(ref)
        except Moved as error:
            raise Missing(error.problem) from None


@caught_by("test_what_was_deleted_is_none_or_missing")
class RemembersTheDeleted(MemoryProject):
    def fetch(self, ref):
        return super().fetch(ref) or self._item(self.home.everything()[ref.id])


@caught_by("test_a_fault_is_never_taken_for_a_deletion")
class TakesAFaultForADeletion(MemoryProject):
    def fetch(self, ref):
        try:
            return super().fetch(ref)
        except Transient:
            return None


@caught_by(
    "test_what_is_only_hidden_is_missing_and_comes_back",
    "test_what_never_was_is_missing_and_not_deleted",
)
class TakesSilenceForADeletion(MemoryProject):
    def fetch(self, ref):
        try:
            return super().fetch(ref)
        except Missing:
            return None


@caught_by("test_fetching_says_what_a_reading_says")
class FetchesLessThanItLists(MemoryProject):
    def fetch(self, ref):
        item = super().fetch(ref)
        return item and replace(item, text="")


@caught_by(
    "test_a_revision_differs_after_a_change", "test_a_revision_differs_after_every_field_we_write"
)
class HasOneRevision(MemoryProject):
    def _item(self, record):
        return replace(super()._item(record), revision="1")


@caught_by("test_a_revision_stays_while_nothing_changes")
class HasANewRevisionEveryTime(MemoryProject):
    def _item(self, record):
        now = self.home.clock.now().isoformat()
        return replace(super()._item(record), revision=now)


# --- writing -------------------------------------------------------------------------------


@caught_by("test_a_create_whose_answer_is_lost_happens_once_and_is_found")
class RepeatsACreate(MemoryProject):
    def create(self, draft):
        try:
            return super().create(draft)
        except UnknownOutcome:
            super().create(draft)
            raise


@caught_by(
    "test_a_create_whose_answer_is_lost_happens_once_and_is_found",
    "test_an_update_whose_answer_is_lost_is_not_called_a_failure",
)
class CallsALostAnswerAFailure(MemoryProject):
    def create(self, draft):
        try:
            return super().create(draft)
        except UnknownOutcome as error:
            raise Transient(error.problem) from None

    def update(self, ref, patch, expect):
        try:
            return super().update(ref, patch, expect)
        except UnknownOutcome as error:
            raise Transient(error.problem) from None


@caught_by("test_a_lost_create_is_not_proved_absent_while_lists_lag")
class TrustsItsLists(MemoryProject):
    def find(self, marker, since, hint):
        return replace(super().find(marker, since, hint), conclusive=True)


@caught_by("test_a_search_that_fails_proves_nothing")
class FindsNothingWhenTheHomeIsDown(MemoryProject):
    def find(self, marker, since, hint):
        try:
            return super().find(marker, since, hint)
        except AdapterError:
            return Found((), conclusive=True)


@caught_by("test_a_created_item_is_found_by_its_marker_and_no_other")
class FindsAnyMarker(MemoryProject):
    def find(self, marker, since, hint):
        pages = list(self.changed(None))
        return Found(tuple(item for page in pages for item in page.items if item.marker))


@caught_by(
    "test_a_create_returns_what_is_stored_under_its_ref",
    "test_a_created_item_is_read_with_its_marker",
)
class ForgetsTheMarker(MemoryProject):
    def create(self, draft):
        return super().create(replace(draft, marker=""))


@caught_by("test_a_create_that_is_refused_leaves_nothing")
class LeavesHalfACreate(MemoryProject):
    def create(self, draft):
        made = self.home.keep(Record(id=self.home.next_id(), title="Being made"))
        item = super().create(draft)
        self.home._versions.pop(made.id)
        return item


@caught_by("test_a_claimed_field_can_be_given_at_birth")
class MakesItemsWithoutAPriority(MemoryProject):
    def create(self, draft):
        return super().create(replace(draft, priority=UNSET))


@caught_by("test_a_wrong_expectation_changes_nothing")
class IgnoresTheExpectation(MemoryProject):
    def update(self, ref, patch, expect):
        return super().update(ref, patch, None)


@caught_by("test_a_wrong_expectation_changes_nothing")
class LooksOnlyAfterItWrote(MemoryProject):
    def update(self, ref, patch, expect):
        stale = self.home.everything().get(ref.id)
        item = super().update(ref, patch, None)
        if expect is not None and stale is not None and expect != str(stale.version):
            with self._named():
                raise HomeError("stale")
        return item


@caught_by("test_an_update_touches_only_its_fields")
class ClearsWhatIsNotGiven(MemoryProject):
    def update(self, ref, patch, expect):
        if patch.due is UNSET and patch.values():
            patch = replace(patch, due=None)
        return super().update(ref, patch, expect)


@caught_by(
    "test_an_update_returns_what_is_stored", "test_what_the_home_gives_back_is_in_canonical_form"
)
class ReturnsWhatWasAsked(MemoryProject):
    def update(self, ref, patch, expect):
        before = self.fetch(ref)
        super().update(ref, patch, expect)
        return replace(before, title=patch.title if patch.title is not UNSET else before.title)

    def create(self, draft):
        return replace(super().create(draft), title=f" {draft.title} ")


@caught_by("test_an_update_that_says_nothing_writes_nothing")
class WritesEveryTime(MemoryProject):
    def update(self, ref, patch, expect):
        item = super().update(ref, patch, expect)
        self.home.keep(self.home.everything()[ref.id])
        return item


@caught_by("test_a_right_expectation_is_enough_again_and_again")
class ExpectsNothingToHaveChangedEver(MemoryProject):
    def update(self, ref, patch, expect):
        return super().update(ref, patch, None if expect is None else "1")


@caught_by("test_all_fields_can_be_changed_at_once")
class ChangesOneFieldAtATime(MemoryProject):
    def update(self, ref, patch, expect):
        return super().update(ref, Patch.of(dict(list(patch.values().items())[:2])), expect)


@caught_by("test_another_process_goes_on_with_an_item")
class ChangesOnlyWhatItReadItself(MemoryProject):
    def __init__(self, *given):
        super().__init__(*given)
        self.read = set()

    def _item(self, record):
        self.read.add(record.id)
        return super()._item(record)

    def update(self, ref, patch, expect):
        expect = expect if ref.id in self.read else "unknown"
        return super().update(ref, patch, expect)


@caught_by("test_changing_what_is_not_there_is_missing")
class MakesWhatIsNotThere(MemoryProject):
    def update(self, ref, patch, expect):
        if ref.id not in self.home.everything():
            self.home.keep(Record(id=ref.id))
        return super().update(ref, patch, expect)


@caught_by("test_an_update_that_is_refused_changes_nothing")
class WritesInTwoSteps(MemoryProject):
    def update(self, ref, patch, expect):
        if patch.title is not UNSET and ref.id in self.home.everything():
            self.home.keep(replace(self.home.everything()[ref.id], title="being changed"))
            expect = None
        return super().update(ref, patch, expect)


@caught_by("test_a_hostile_text_of_an_import_breaks_nothing", documents=True)
class TakesTheFirstMarker(MemoryProject):
    def _item(self, record):
        first = re.search(r"<!-- followthrough:1:\S+ -->", record.text)
        return replace(super()._item(record), marker=first[0] if first else "")


@caught_by("test_labels_of_others_stay")
class SwallowsALabel(MemoryProject):
    def update(self, ref, patch, expect):
        super().update(ref, patch, expect)
        record = self.home.everything()[ref.id]
        return self._item(self.home.keep(replace(record, labels=frozenset())))


@caught_by("test_people_whom_nobody_mapped_stay")
class UnassignsStrangers(MemoryProject):
    def update(self, ref, patch, expect):
        record = self.home.everything().get(ref.id)
        if record and isinstance(patch.owners, tuple):
            self.home.keep(replace(record, people=()))
            expect = None
        return super().update(ref, patch, expect)


@caught_by("test_people_whom_nobody_mapped_stay")
class TakesStrangersForNobody(MemoryProject):
    def _item(self, record):
        item = super()._item(record)
        return replace(item, owners=("stranger",) if item.owners is UNSET else item.owners)


@caught_by(
    "test_peoples_own_text_stays_byte_for_byte",
    "test_text_that_people_add_to_ours_stays_byte_for_byte",
)
class TidiesPeoplesText(MemoryProject):
    def update(self, ref, patch, expect):
        super().update(ref, patch, expect)
        record = self.home.everything()[ref.id]
        tidy = "\n".join(line.rstrip() for line in record.text.splitlines())
        return self._item(self.home.keep(replace(record, text=tidy)))


@caught_by("test_an_id_that_was_lost_is_not_given_out_again")
class GivesOutLostIds(MemoryProject):
    def create(self, draft):
        for name, fate in list(self.home.gone.items()):
            if fate == "deleted":
                del self.home.gone[name]
                del self.home._versions[name]
        return super().create(draft)


# --- fields --------------------------------------------------------------------------------


@caught_by("test_a_claimed_field_comes_back_as_it_was_written")
class ClaimsAFieldItIgnores(MemoryProject):
    def update(self, ref, patch, expect):
        return super().update(ref, replace(patch, severity=UNSET), expect)


@caught_by("test_a_field_that_is_not_claimed_is_refused_and_not_ignored")
class IgnoresAFieldItDoesNotClaim(MemoryProject):
    claims = replace(capabilities(documents=False), writes=frozenset(Field) - {Field.DUE})

    def __init__(self, *given):
        super().__init__(*given)
        self.all, self.capabilities = self.capabilities, self.claims

    def canonical(self, item):
        return super().canonical(replace(item, due=UNSET))

    def update(self, ref, patch, expect):
        self.capabilities = self.all
        return super().update(ref, replace(patch, due=UNSET), expect)


@caught_by("test_a_cleared_field_is_none_and_not_without_opinion")
class TakesClearedForNoOpinion(MemoryProject):
    def _item(self, record):
        item = super()._item(record)
        return replace(item, category=UNSET if item.category is None else item.category)


@caught_by(
    "test_a_hostile_title_is_stored_as_canonical_said_or_refused",
    "test_a_hostile_body_is_stored_as_canonical_said_or_refused",
)
class SaysItKeepsEverything(MemoryProject):
    def canonical(self, item):
        return item


@caught_by("test_no_opinion_never_becomes_none")
class TakesNoOpinionForNone(MemoryProject):
    def canonical(self, item):
        form = super().canonical(item)
        return replace(form, due=None if form.due is UNSET else form.due)


@caught_by("test_the_canonical_form_keeps_what_is_no_field")
class ForgetsTheRest(MemoryProject):
    def canonical(self, item):
        return replace(super().canonical(item), marker="", kind=Kind.TASK)


@caught_by("test_the_canonical_form_is_its_own")
class IsNeverContent(MemoryProject):
    def canonical(self, item):
        form = super().canonical(item)
        return replace(form, title=f"{form.title}." if form.title else form.title)


@caught_by("test_the_canonical_form_is_made_without_the_home")
class AsksTheHomeForItsForm(MemoryProject):
    def canonical(self, item):
        with self._named():
            self.home.listed((item.created_at or datetime.now().astimezone(), 0))
        return super().canonical(item)


@caught_by("test_a_hostile_title_is_stored_as_canonical_said_or_refused")
class CutsTitles(MemoryProject):
    def create(self, draft):
        return super().create(replace(draft, title=draft.title[:150]))


@caught_by("test_a_hostile_title_is_stored_as_canonical_said_or_refused")
class RefusesTitlesWithoutAWord(MemoryProject):
    def create(self, draft):
        try:
            return super().create(draft)
        except Rejected:
            raise Rejected(Problem("E120", "no."), Field.TITLE) from None


@caught_by("test_every_step_of_a_route_can_be_taken")
class LeadsNowhere(MemoryProject):
    def route(self, item, phase):
        return (Phase.BACKLOG,)


@caught_by("test_one_update_walks_the_whole_route")
class StopsHalfWay(MemoryProject):
    def route(self, item, phase):
        return (Phase.TODO, phase)

    def update(self, ref, patch, expect):
        now = self.home.everything().get(ref.id)
        if now and patch.phase is Phase.COMPLETED and now.status == "backlog":
            patch = replace(patch, phase=Phase.TODO)
        return super().update(ref, patch, expect)


# --- comments, manners ---------------------------------------------------------------------


@caught_by(
    "test_a_note_is_written_once_and_edited_in_place",
    "test_a_note_whose_answer_is_lost_is_not_written_twice",
)
class RepeatsItsNotes(MemoryProject):
    def note(self, ref, key, text):
        super().note(ref, f"{key} {self.home.get(ref.id).version}", text)


@caught_by("test_a_quoted_note_is_not_taken_for_ours")
class TakesAQuoteForItsNote(MemoryProject):
    def note(self, ref, key, text):
        record = self.home.get(ref.id)
        mark = note_marker(key, b"memory")
        rest = [one for one in record.comments if mark not in one[1]]
        said = ("followthrough", f"{text}\n\n{mark}")
        self.home.put(replace(record, comments=(*rest, said)), None)


@caught_by("test_every_key_has_a_note_of_its_own")
class HasOneNoteForAll(MemoryProject):
    def note(self, ref, key, text):
        super().note(ref, "all", text)


@caught_by("test_looking_writes_nothing")
class ChecksByWriting(MemoryProject):
    def check(self):
        self.home.keep(Record(id=self.home.next_id(), title="May I write?"))
        yield Check("writing", ok=True)


@caught_by("test_what_is_lacking_is_prepared_once_and_for_all")
class IsNeverPrepared(MemoryProject):
    def lacks(self, changes):
        return ("a label",)


@caught_by("test_a_refused_credential_is_named_and_never_told")
class TellsItsSecret(MemoryProject):
    def fetch(self, ref):
        try:
            return super().fetch(ref)
        except AdapterError as error:
            text = f"{error.problem.message} The token was canary-5f1c."
            raise type(error)(Problem("E205", text)) from None


@caught_by("test_a_refused_credential_is_named_and_never_told")
class TellsItsSecretInTheCause(MemoryProject):
    def fetch(self, ref):
        try:
            return super().fetch(ref)
        except AdapterError as error:
            raise error from RuntimeError("GET with Authorization: canary-5f1c")


@caught_by("test_nothing_that_is_shown_tells_the_secret")
class ShowsItsSecret(MemoryProject):
    def __repr__(self):
        return "Project(token=canary-5f1c)"


@caught_by("test_a_limit_says_until_when")
class SaysALimitInLocalTime(MemoryProject):
    def fetch(self, ref):
        try:
            return super().fetch(ref)
        except AdapterError as error:
            if hasattr(error, "until"):
                error.until = error.until.replace(tzinfo=None)
            raise


@caught_by("test_the_same_note_again_writes_nothing")
class WritesTheSameNoteAgain(MemoryProject):
    def note(self, ref, key, text):
        super().note(ref, key, text)
        self.home.keep(self.home.everything()[ref.id])


@caught_by("test_a_note_of_ours_is_known_among_the_comments")
class TellsOfNotesWithoutTheirMarks(MemoryProject):
    def comments(self, ref):
        for one in super().comments(ref):
            yield replace(one, text=one.text.partition("<!--")[0])


@caught_by("test_a_note_changes_no_field")
class NotesInTheTitle(MemoryProject):
    def note(self, ref, key, text):
        self.update(ref, Patch(title=text), None)


@caught_by("test_where_there_are_no_comments_a_note_is_refused")
class SwallowsNotes(MemoryProject):
    claims = replace(capabilities(documents=False), notes=False)

    def __init__(self, *given):
        super().__init__(*given)
        self.capabilities = self.claims

    def note(self, ref, key, text):
        pass


@caught_by("test_a_description_outlives_a_restart")
class IsAnotherAfterARestart(MemoryProject):
    def describe(self):
        return replace(super().describe(), id=str(id(self)))


@caught_by("test_a_description_says_who_and_what")
class WritesInAnothersName(MemoryProject):
    def _item(self, record):
        return replace(super()._item(record), author="somebody")


@caught_by("test_a_healthy_project_passes_its_own_check")
class NeverPassesItsCheck(MemoryProject):
    def check(self):
        yield Check("health", ok=False, remedy="None.")


class RaisesInCheck(MemoryConnection):
    def check(self):
        yield Check("who", ok=True, detail=self.describe().user)


@caught_by("test_a_failed_check_is_a_line_and_not_an_error")
class ChecksByRaising(MemoryProject):
    reached_by = RaisesInCheck


class PollsNothing(MemoryConnection):
    def poll(self, wanted):
        for project, cursor in wanted.items():
            for page in project.changed(cursor):
                yield project, replace(page, items=())


@caught_by("test_polling_a_connection_reads_its_projects")
class IsNeverPolled(MemoryProject):
    reached_by = PollsNothing


@caught_by("test_both_ends_claim_the_same")
class ClaimsMoreThanItsConnection(MemoryProject):
    def __init__(self, *given):
        super().__init__(*given)
        self.capabilities = replace(self.capabilities, title_limit=100_000)


# --- the rule that tests stay as they are ----------------------------------------------------


class TestSilencesATest(AdapterConformance):
    capabilities = capabilities(documents=False)

    def test_labels_of_others_stay(self):
        pass


class TestRemovesATest(AdapterConformance):
    capabilities = capabilities(documents=False)
    test_labels_of_others_stay = None


class TestExpectsAFailureWithoutAReason(AdapterConformance):
    capabilities = capabilities(documents=False)

    @pytest.mark.xfail
    def test_labels_of_others_stay(self):
        pytest.fail("not yet")


class TestHasNoBench(AdapterConformance):
    capabilities = capabilities(documents=False)


class TestExcusesWhatItCan(AdapterConformance):
    capabilities = capabilities(documents=False)

    @pytest.fixture
    def bench(self):
        class Bench(MemoryBench):
            cannot: ClassVar = {"hide_outside": "no reason at all"}

        return Bench()


class TestExcusesNothing(AdapterConformance):
    capabilities = capabilities(documents=False)

    @pytest.fixture
    def bench(self):
        class Bench(MemoryBench):
            def hide_outside(self, ref):
                super(MemoryBench, self).hide_outside(ref)

        return Bench()


for _name in ("TestSilencesATest", "TestRemovesATest", "TestExpectsAFailureWithoutAReason"):
    CASES[_name] = ("test_no_standard_test_is_changed",)
CASES["TestHasNoBench"] = ("test_labels_of_others_stay",)
CASES["TestExcusesWhatItCan"] = ("test_what_the_bench_cannot_do_is_an_ability_with_a_reason",)
CASES["TestExcusesNothing"] = ("test_what_is_only_hidden_is_missing_and_comes_back",)


class TestWithAReason(AdapterConformance):
    """Allowed: the failure is expected, and somebody said why."""

    capabilities = capabilities(documents=False)

    @pytest.mark.xfail(reason="labels are lost on purpose here")
    def test_labels_of_others_stay(self):
        pytest.fail("not yet")


class TestExcusesWhatItHasNot(AdapterConformance):
    """Allowed: what the home has not is skipped with the reason."""

    capabilities = capabilities(documents=False)

    @pytest.fixture
    def bench(self):
        class Bench(MemoryBench):
            cannot: ClassVar = {"hide_outside": "nothing can be hidden here"}
            hide_outside = MemoryBench.__mro__[1].hide_outside

        return Bench()


#: What must not fail: (class, test, outcome).
FINE = [
    ("TestWithAReason", "test_no_standard_test_is_changed", "passed"),
    ("TestWithAReason", "test_labels_of_others_stay", "skipped"),
    (
        "TestExcusesWhatItHasNot",
        "test_what_the_bench_cannot_do_is_an_ability_with_a_reason",
        "passed",
    ),
    ("TestExcusesWhatItHasNot", "test_what_is_only_hidden_is_missing_and_comes_back", "skipped"),
]
