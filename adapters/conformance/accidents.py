"""Accidents: lost answers, refusals, limits. Each has one name, and none is hidden."""

import pytest

from adapters.conformance.acts import (
    Reader,
    create,
    draft_of,
    edit,
    fetch,
    refusal,
    says,
    well_said,
)
from adapters.conformance.bench import Workbench
from adapters.errors import AdapterError, AuthFailed, RateLimited, UnknownOutcome


class AccidentTests:
    """What an adapter says when something goes wrong."""

    def test_a_create_whose_answer_is_lost_happens_once_and_is_found(
        self, bench: Workbench
    ) -> None:
        Reader(bench.project).read()
        draft, since, hint = draft_of(bench), bench.clock.now(), bench.project.hint()
        bench.lose_next_reply()
        with refusal(bench, UnknownOutcome):
            bench.project.create(draft)
        bench.mend()
        bench.clock.sleep(bench.project.capabilities.find_lag.total_seconds() + 1)
        bench.settle()
        for project in (bench.project, bench.reopen()):
            assert len(project.find(draft.marker, since, hint).items) == 1
        reader = Reader(bench.project)
        reader.read()
        made = [item for item in reader.known.values() if item.marker == draft.marker]
        assert len(made) == 1, "it was sent more than once"

    def test_a_lost_create_is_not_proved_absent_while_lists_lag(self, bench: Workbench) -> None:
        Reader(bench.project).read()
        draft, since, hint = draft_of(bench), bench.clock.now(), bench.project.hint()
        bench.slow_lists(max(bench.project.capabilities.overlap.total_seconds() * 0.9, 1))
        bench.lose_next_reply()
        with refusal(bench, UnknownOutcome):
            bench.project.create(draft)
        bench.mend()
        found = bench.project.find(draft.marker, since, hint)
        bench.slow_lists(0)
        assert found.items or not found.conclusive, "it is there, and its absence is called proved"

    def test_a_search_that_fails_proves_nothing(self, bench: Workbench) -> None:
        draft, since = draft_of(bench), bench.clock.now()
        bench.project.create(draft)
        bench.clock.sleep(bench.project.capabilities.find_lag.total_seconds() + 1)
        bench.break_reads()
        try:
            found = bench.project.find(draft.marker, since, "")
        except AdapterError as error:
            well_said(bench, error)
        else:
            assert not found.conclusive
        bench.mend()

    def test_a_create_that_is_refused_leaves_nothing(self, bench: Workbench) -> None:
        draft = draft_of(bench)
        store = bench.everything()
        bench.refuse_next_write()
        try:
            bench.project.create(draft)
        except AdapterError as error:
            well_said(bench, error)
            assert bench.everything() == store
            bench.mend()
            bench.project.create(draft)
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        assert [item.marker for item in reader.known.values()] == [draft.marker]

    def test_an_update_whose_answer_is_lost_is_not_called_a_failure(self, bench: Workbench) -> None:
        item = create(bench)
        patch = edit(bench, "Changed all the same", item)
        bench.lose_next_reply()
        try:
            bench.project.update(item.ref, patch, item.revision)
        except UnknownOutcome as error:
            well_said(bench, error)
        bench.mend()
        assert says(fetch(bench, item.ref), patch)

    def test_an_update_that_is_refused_changes_nothing(self, bench: Workbench) -> None:
        item = create(bench)
        patch = edit(bench, "Changed", item)
        store = bench.everything()
        bench.refuse_next_write()
        try:
            after = bench.project.update(item.ref, patch, item.revision)
        except AdapterError as error:
            well_said(bench, error)
            assert bench.everything() == store
        else:
            assert says(after, patch)
        bench.mend()

    def test_a_limit_says_until_when(self, bench: Workbench) -> None:
        ref = bench.make_outside("There all the time")
        bench.reach_limit()
        with pytest.raises(RateLimited) as caught:
            bench.project.fetch(ref)
        well_said(bench, caught.value)
        assert caught.value.until > bench.clock.now()
        bench.mend()

    def test_a_refused_credential_is_named_and_never_told(self, bench: Workbench) -> None:
        ref = bench.make_outside("There all the time")
        bench.refuse_credential()
        with refusal(bench, AuthFailed):
            bench.project.fetch(ref)
        with refusal(bench, AuthFailed):
            bench.project.create(draft_of(bench))
        with refusal(bench, AuthFailed):
            bench.connection.describe()
        bench.mend()
