"""Comments: one per key, edited in place."""

import pytest

from adapters.conformance.acts import create, refusal
from adapters.conformance.bench import Workbench
from adapters.errors import UnknownOutcome, Unsupported
from mappings.markers import note_for
from mappings.vocabulary import Field


class NoteTests:
    """``note()``."""

    def test_a_note_is_written_once_and_edited_in_place(self, bench: Workbench) -> None:
        _need(bench)
        ref = bench.make_outside("Closed without a postmortem")
        bench.comment_outside(ref, "Said by somebody.")
        for text in ("It is due.", "It is due.", "It is overdue."):
            bench.project.note(ref, "postmortem-missing", text)
        bench.reopen().note(ref, "postmortem-missing", "It is late.")
        found = bench.comments_of(ref)
        assert len(found) == 2, "one comment per key"
        assert "Said by somebody." in found[0]
        assert "It is late." in found[1]
        assert not any("due" in text for text in found)

    def test_the_same_note_again_writes_nothing(self, bench: Workbench) -> None:
        _need(bench)
        ref = bench.make_outside("Closed without a postmortem")
        bench.project.note(ref, "postmortem-missing", "It is due.")
        store = bench.everything()
        bench.project.note(ref, "postmortem-missing", "It is due.")
        assert bench.everything() == store

    def test_every_key_has_a_note_of_its_own(self, bench: Workbench) -> None:
        _need(bench)
        ref = bench.make_outside("Closed without a postmortem")
        for key in ("postmortem-missing", "postmortem-incomplete", "postmortem"):
            bench.project.note(ref, key, f"About {key}.")
        assert len(bench.comments_of(ref)) == 3

    def test_a_quoted_note_is_not_taken_for_ours(self, bench: Workbench) -> None:
        _need(bench)
        ref = bench.make_outside("Closed without a postmortem")
        bench.project.note(ref, "key", "First words.")
        (ours,) = bench.comments_of(ref)
        quote = f"They said:\n\n{ours}"
        bench.comment_outside(ref, quote)
        before = bench.comments_of(ref)[1]
        bench.project.note(ref, "key", "Second words.")
        found = bench.comments_of(ref)
        assert found[1:] == [before]
        assert "Second words." in found[0]

    def test_a_note_of_ours_is_known_among_the_comments(self, bench: Workbench) -> None:
        _need(bench)
        ref = bench.make_outside("Closed without a postmortem")
        bench.comment_outside(ref, "Said by somebody.")
        bench.project.note(ref, "postmortem-missing", "**postmortem-missing**: overdue")
        us = bench.connection.describe().user.lower()
        said = list(bench.project.comments(ref))
        ours = [one.text for one in said if one.by.lower() == us]
        assert [note_for(text, "postmortem-missing") for text in ours] == [True]
        assert not note_for(ours[0], "postmortem")
        assert [note_for(one.text, "postmortem-missing") for one in said].count(True) == 1

    def test_a_note_whose_answer_is_lost_is_not_written_twice(self, bench: Workbench) -> None:
        _need(bench)
        ref = bench.make_outside("Closed without a postmortem")
        bench.lose_next_reply()
        with refusal(bench, UnknownOutcome):
            bench.project.note(ref, "key", "Once.")
        bench.mend()
        bench.project.note(ref, "key", "Once.")
        assert len(bench.comments_of(ref)) == 1

    def test_a_note_changes_no_field(self, bench: Workbench) -> None:
        _need(bench)
        item = create(bench)
        bench.project.note(item.ref, "key", "Some words.")
        after = bench.project.fetch(item.ref)
        assert after is not None
        assert [after.get(name) for name in Field] == [item.get(name) for name in Field]
        assert (after.text, after.marker) == (item.text, item.marker)

    def test_where_there_are_no_comments_a_note_is_refused(self, bench: Workbench) -> None:
        if bench.project.capabilities.notes:
            pytest.skip("comments are claimed")
        with refusal(bench, Unsupported):
            bench.project.note(bench.make_outside("A repair"), "key", "Some words.")


def _need(bench: Workbench) -> None:
    if not bench.project.capabilities.notes:
        pytest.skip("comments are not claimed")
