"""Items that go out of sight and come back, and problems that end: noticed, named, forgotten."""

from dataclasses import replace

import pytest

from adapters.base import Broken
from adapters.errors import AuthFailed, Missing, Moved, Rejected, UnknownOutcome
from mappings.item import Ref
from mappings.mirror import MORE
from mappings.problem import Problem
from mappings.vocabulary import Phase, Side
from sync.effect.cycle import plan_pair, sync_pair
from sync.effect.noted import of_pair
from sync.effect.observe import CONFIRM_AT_MOST
from sync.effect.outcome import Result
from sync.store import Store, disputes, lost, schedule, setaside

HOUR = 3600


def refused(text="too long."):
    return Rejected(Problem("E120", text, remedy="Shorten it."))


def linked(world, count=1):
    """So many documents and their issues, in step."""
    for number in range(count):
        world.docs.put(title=f"A {number}")
    world.sync({"guard": {"creates": 100}})
    world.sync()
    return list(world.tracker.items)


def aside(world):
    with world.store.reading() as tx:
        return {one.id: one.problem for one in setaside.listed(tx, "payments")}


def last_run(world):
    with world.store.reading() as tx:
        return schedule.history(tx, "payments", 1)[0]


def hide(world, item_id, problem=None):
    """The tracker shows an item no more, in no list and by no number; returns it."""
    item = world.tracker.items.pop(item_id)
    world.tracker.gone = {**getattr(world.tracker, "gone", {}), item_id: problem}
    return item


@pytest.fixture
def asked(world):
    """Ids that the tracker was asked for by themselves."""
    told = []
    fetch = world.tracker.fetch

    def watched(ref):
        told.append(ref.id)
        problem = getattr(world.tracker, "gone", {}).get(ref.id)
        if problem is not None and ref.id not in world.tracker.items:
            raise Moved(problem, Ref("9", "other#9"))
        return fetch(ref)

    world.tracker.fetch = watched
    return told


def test_what_is_refused_is_told_with_the_item_it_is_about(world):
    (issue,) = linked(world)
    world.docs.edit("D1", title="B")
    world.tracker.before.append(refused())
    (outcome,) = world.sync().outcomes
    assert str(outcome.problem) == "E120 T#1 too long. Shorten it."
    assert aside(world)[issue] == outcome.problem


def test_an_item_that_is_named_already_is_not_named_twice():
    said = Problem("E120", "T#1 is too long.")
    assert said.about("T#1") is said
    assert str(said.about("T#11")) == "E120 T#11 T#1 is too long."
    assert str(Problem("E203", "no.", "host").about("T#1")) == "E203 T#1 host no."


def test_what_waits_is_kept_with_the_run_for_whoever_looks_later(world):
    linked(world)
    world.docs.edit("D1", title="B")
    world.tracker.before.append(refused())
    world.sync()
    report = world.sync()
    assert [one.item for one in report.plan.held] == ["T#1"]
    assert report.complete
    assert [str(one) for one in last_run(world).problems] == ["E120 T#1 too long. Shorten it."]


def test_a_refused_change_that_is_taken_back_is_over(world):
    linked(world)
    world.docs.edit("D1", title="B")
    world.tracker.before.append(refused())
    world.sync()
    world.docs.edit("D1", title="A 0")
    assert world.sync().plan.operations == ()
    assert aside(world) == {}


def test_a_refused_newcomer_that_is_not_wanted_any_more_is_over(world):
    linked(world)
    world.docs.put(title="B")
    world.tracker.before.append(refused())
    world.sync()
    assert list(aside(world)) == ["D2"]
    world.docs.edit("D2", phase=Phase.COMPLETED)
    world.sync()
    assert aside(world) == {}


def test_an_item_that_comes_back_is_noticed_without_reading_everything(world, asked):
    (issue,) = linked(world)
    world.docs.edit("D1", title="B")
    kept = hide(world, issue)
    world.tracker.before.append(Missing(Problem("E210", "cannot see T#1.")))
    assert [one.result for one in world.sync().outcomes] == [Result.FAILED]
    assert [str(one.problem) for one in world.sync().plan.held] == ["E210 cannot see T#1."]
    world.tracker.items[issue] = kept
    world.clock.sleep(HOUR)
    assert world.sync().complete
    assert world.tracker.items[issue].title == "B"
    assert aside(world) == {}
    calls = [call for call in world.tracker.calls if call == ("changed", None)]
    assert len(calls) == 1, "only the first reading was of everything"


def test_a_lost_item_is_asked_for_ever_more_seldom(world, asked):
    (issue,) = linked(world)
    world.docs.edit("D1", title="B")
    hide(world, issue)
    world.tracker.before.append(Missing(Problem("E210", "cannot see T#1.")))
    world.sync()
    asked.clear()
    for _ in range(60):
        world.clock.sleep(60)
        world.sync()
    assert 4 <= len(asked) <= 6, "after 1, 2, 4, 8, 16, 32 minutes"


def test_a_moved_item_is_noticed_when_the_tracker_shows_it_and_is_named_with_its_place(
    world, asked
):
    first, second = linked(world, 2)
    problem = Problem("E212", "T#1 moved to other#9.", remedy="Move it back.")
    hide(world, first, problem)
    world.clock.sleep(60)
    world.tracker.edit(second, title="Goes on")
    pages = world.tracker.changed
    world.tracker.changed = lambda cursor: (
        replace(page, moved=frozenset({first, "never seen"})) for page in pages(cursor)
    )
    report = world.sync()
    assert [(one.item, one.problem) for one in report.plan.held] == [("T#1", problem)]
    assert world.docs.items["D2"].title == "Goes on"
    assert aside(world) == {first: problem}
    assert asked == [first]
    world.sync()
    assert asked == [first], "it is known now, and waits for its time"


def test_of_many_lost_items_one_is_asked_for_and_once_it_is_back_all_are_read(world, asked):
    ids = linked(world, CONFIRM_AT_MOST + 10)
    kept = {one: hide(world, one) for one in ids[:-1]}
    world.clock.sleep(25 * HOUR)
    report = world.sync()
    assert [one.code for one in report.plan.refusals] == ["E114"]
    asked.clear()
    for _ in range(3):
        world.clock.sleep(60)
        assert world.sync().refused
    assert len(asked) == 3
    world.tracker.items.update(kept)
    world.clock.sleep(60)
    world.sync()
    world.clock.sleep(60)
    assert world.sync().complete
    with world.store.reading() as tx:
        assert lost.count_absent(tx, "payments") == 0
        assert schedule.position(tx, "payments", Side.RIGHT).swept_at == world.clock.now()
    assert aside(world) == {}


def test_what_does_not_say_whether_a_lost_item_is_there_stops_nothing(world, asked):
    first, second = linked(world, 2)
    world.docs.edit("D1", title="B")
    hide(world, first)
    world.tracker.before.append(Missing(Problem("E210", "cannot see T#1.")))
    world.sync()
    whole = Rejected(Problem("E127", "the project has no issues."))

    def refuse(ref):
        raise whole

    world.tracker.fetch = refuse
    world.clock.sleep(HOUR)
    world.docs.edit("D2", title="Goes on")
    report = world.sync()
    assert report.complete
    assert world.tracker.items[second].title == "Goes on"
    assert [one.problem for one in report.plan.held] == [whole.problem]


def test_whoever_mends_the_document_does_not_wait_for_the_next_try(world):
    (issue,) = linked(world)
    world.docs.edit("D1", title="B")
    world.tracker.before.append(refused())
    world.sync()
    world.docs.edit("D1", title="C")
    assert world.sync().complete
    assert world.tracker.items[issue].title == "C"
    assert aside(world) == {}


def test_a_person_may_have_everything_tried_at_once(world):
    (issue,) = linked(world)
    world.docs.edit("D1", title="B")
    world.tracker.before.append(refused())
    world.sync()
    assert world.sync().plan.operations == ()
    assert world.sync(retry=True).complete
    assert world.tracker.items[issue].title == "B"


def test_other_words_read_everything_anew_and_try_at_once(world):
    (issue,) = linked(world)
    pair = world.pair()
    seams, store = world.seams, world.store

    def sync(words):
        return sync_pair(replace(pair, words=words), store, seams)

    sync("first")
    sync("first")
    world.docs.edit("D1", title="B")
    world.tracker.before.append(refused())
    sync("first")
    world.tracker.calls.clear()
    assert plan_pair(replace(pair, words="other"), store, seams).complete
    assert world.tracker.calls == [("changed", None)], "a plan reads as the next sync will"
    sync("other")
    assert world.tracker.items[issue].title == "B"
    sync("other")
    assert [cursor for name, cursor, *_ in world.tracker.calls if name == "changed"][-1] is not None


def moved_away(world, issue):
    """A person moves an issue elsewhere, and the tracker shows so."""
    hide(world, issue, Problem("E212", "T#1 moved to other#9."))
    pages = world.tracker.changed
    world.tracker.changed = lambda cursor: (
        replace(page, moved=frozenset({issue})) for page in pages(cursor)
    )
    world.clock.sleep(60)
    world.sync()
    world.tracker.changed = pages


def test_an_item_that_is_brought_back_under_another_number_is_followed_again(world, asked):
    (issue,) = linked(world)
    marker = world.tracker.items[issue].marker
    moved_away(world, issue)
    world.docs.edit("D1", title="Changed meanwhile")
    back = world.tracker.put(title="A 0", marker=marker)
    assert world.sync().complete
    assert world.tracker.items[back.ref.id].title == "Changed meanwhile"
    assert list(world.docs.items) == ["D1"], "it was not copied"
    assert aside(world) == {}
    assert world.sync().plan.operations == ()


def test_a_copy_of_an_item_that_is_there_is_not_followed_in_its_place(world, asked):
    (issue,) = linked(world)
    world.tracker.put(title="A copy", marker=world.tracker.items[issue].marker)
    report = world.sync()
    assert [one.problem.code for one in report.plan.held] == ["E214"]
    assert world.docs.items["D1"].title == "A 0"


def test_a_write_whose_outcome_cannot_be_looked_at_is_not_taken_for_a_persons(world):
    """Lists show it already; whose doing it was tells the item itself alone (seed 77005)."""
    document = world.docs.put(title="Work", phase=Phase.TODO)
    world.sync()
    world.docs.edit(document.ref.id, phase=Phase.COMPLETED)
    world.tracker.after.append(UnknownOutcome(Problem("E213", "the answer was lost")))
    world.sync()
    assert world.tracker.items["T1"].phase is Phase.COMPLETED
    world.docs.edit(document.ref.id, phase=Phase.TODO)
    fetch, looks = world.tracker.fetch, []

    def refused_after_reading(ref):
        looks.append(ref)
        if len(looks) > 1:
            raise AuthFailed(Problem("E201", "the token is refused"))
        return fetch(ref)

    world.tracker.fetch = refused_after_reading
    world.clock.sleep(HOUR)
    world.sync()
    assert world.docs.items["D1"].phase is Phase.TODO
    world.tracker.fetch = fetch
    world.sync()
    assert world.docs.items["D1"].phase is Phase.TODO
    assert world.tracker.items["T1"].phase is Phase.TODO


def break_document(world, item_id):
    """The document is there and cannot be read; its mark still can."""
    marker = world.docs.items.pop(item_id).marker
    broken = Broken(item_id, Problem("E105", "is cut off.", item_id), marker)
    pages = world.docs.changed
    world.docs.changed = lambda cursor: (
        replace(page, broken=(broken,), present=page.present | {item_id}) for page in pages(cursor)
    )


def test_a_linked_document_that_breaks_is_told_once(world):
    """That its issue is there and waits is no finding of its own."""
    world.tracker.put(title="A")
    world.sync()
    break_document(world, "D1")
    assert [one.problem.code for one in world.sync().plan.held] == ["E105"]
    assert [one.problem.code for one in world.plan().plan.held] == ["E105"]


def test_no_second_document_is_made_of_an_issue_whose_own_breaks_as_the_state_is_lost(world):
    issue = world.tracker.put(title="A")
    world.sync()
    break_document(world, "D1")
    world.store.close()
    world.store = Store.memory(world.clock)
    report = sync_pair(world.pair(), world.store, world.seams)
    told = {one.item: one.problem.code for one in report.plan.held}
    assert told == {"D1": "E105", issue.ref.key: "E216"}
    assert world.docs.items == {}


def test_what_is_worth_knowing_is_told_and_is_no_failure(world):
    notice = Problem("E129", "status is not named.", "T#1")
    (issue,) = linked(world)
    world.clock.sleep(60)
    world.tracker.edit(issue, title="B", notices=(notice,))
    assert world.plan().notices == (notice,)
    report = world.sync()
    assert report.notices == (notice,)
    assert report.complete
    with world.store.reading() as tx:
        assert of_pair(tx, "payments") == (notice,)


def test_a_text_of_which_only_a_part_is_mirrored_is_told_until_it_is_shorter(world):
    linked(world)
    world.docs.edit("D1", body=f"Long.\n\n{MORE}")
    (notice,) = world.plan().notices
    assert str(notice).startswith("E120 T#1 body is too long to be mirrored whole")
    assert world.sync().notices == (notice,)
    world.docs.edit("D1", body="Short.")
    assert world.sync().notices == ()


@pytest.mark.parametrize("again", [Phase.BACKLOG, None])
def test_what_a_person_put_back_after_a_write_whose_answer_was_lost_is_on_record(world, again):
    """Nobody can tell it from a write that never arrived: that is made again, and nothing lost."""
    document = world.docs.put(title="Work", phase=Phase.BACKLOG)
    world.sync()
    world.docs.edit(document.ref.id, phase=Phase.DOING)
    world.tracker.after.append(UnknownOutcome(Problem("E213", "the answer was lost")))
    world.sync()
    if again:
        world.tracker.edit("T1", phase=again)
    world.sync()
    assert world.tracker.items["T1"].phase is Phase.DOING
    with world.store.reading() as tx:
        kept = [one.right for one in disputes.listed(tx, "payments", closed=True)]
    assert kept == ([again] if again else [])


def test_what_was_put_back_to_the_letter_is_on_record_where_the_tracker_tells_of_a_change(world):
    """A revision that is made of what an item says is the old one again."""
    document = world.docs.put(title="Work", phase=Phase.BACKLOG)
    world.sync()
    before = world.tracker.items["T1"]
    world.docs.edit(document.ref.id, phase=Phase.DOING)
    world.tracker.after.append(UnknownOutcome(Problem("E213", "the answer was lost")))
    world.sync()
    world.clock.sleep(60)
    world.tracker.edit("T1", phase=Phase.BACKLOG)
    put_back = world.tracker.items["T1"]
    world.tracker.items["T1"] = replace(put_back, revision=before.revision)
    world.sync()
    assert world.tracker.items["T1"].phase is Phase.DOING
    with world.store.reading() as tx:
        kept = [one.right for one in disputes.listed(tx, "payments", closed=True)]
    assert kept == [Phase.BACKLOG]
