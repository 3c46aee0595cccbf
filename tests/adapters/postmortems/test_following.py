"""Who is who among action items, whatever people do to their lines."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.postmortems.following import Book, Leaf, Trace, follow, fresh_id, heirs

ALERT = "Alert when the pool is exhausted"
POOL = "Size the connection pool from the load test"
RUNBOOK = "Write a runbook for failing over the acquirer"


def lines(*texts):
    """Traces of lines; a text may be followed by "@" and the link it carries."""
    found = []
    for number, text in enumerate(texts, 1):
        title, _, link = text.partition("@")
        found.append(Trace(f"id-{title[:6].strip()}-{link}", title, number, (link,) * bool(link)))
    return found


def who(before, now):
    """What each line now was before; None for a new one."""
    old, new = lines(*before), lines(*now)
    found = follow(old, new)
    return [old[found[one]].title if one in found else None for one in range(len(new))]


def test_lines_that_changed_places_are_the_same_items():
    assert who([ALERT, POOL, RUNBOOK], [RUNBOOK, ALERT, POOL]) == [RUNBOOK, ALERT, POOL]


def test_a_line_that_was_reworded_is_the_same_item():
    now = "Alert when the pool of connections is exhausted"
    assert who([ALERT, POOL], [POOL, now]) == [POOL, ALERT]


def test_a_reworded_line_is_known_by_its_link_wherever_it_stands():
    now = ["Page somebody@#7", f"{POOL}@#8"]
    assert who([f"{POOL}@#8", f"{ALERT}@#7"], now) == [ALERT, POOL]


def test_lines_that_link_to_two_issues_are_two_items_even_if_they_say_the_same():
    assert who([f"{ALERT}@#7"], [f"{ALERT}@#9"]) == [None]


def test_of_a_line_that_was_split_one_half_stays_the_item():
    whole = "Alert when the pool is exhausted and size the pool from the load test"
    now = ["Alert when the pool is exhausted", "Size the pool from the load test"]
    assert who([whole, RUNBOOK], [*now, RUNBOOK]) == [whole, None, RUNBOOK]


def test_a_line_that_was_removed_takes_no_other_with_it():
    assert who([ALERT, POOL, RUNBOOK], [ALERT, RUNBOOK]) == [ALERT, RUNBOOK]


def test_another_task_in_the_same_place_is_another_item():
    assert who([ALERT, POOL, RUNBOOK], [ALERT, "Rotate the signing keys", RUNBOOK])[1] is None


def test_a_line_alone_between_known_neighbours_may_be_reworded_more():
    before = [ALERT, "Add a chaos test for acquirer failover", RUNBOOK]
    now = [ALERT, "Test the failover in staging every quarter", RUNBOOK]
    assert who(before, now) == before


def test_lines_that_say_the_same_keep_their_order():
    before, now = lines("Fix it", "Fix it"), lines("Fix it", "Fix it", "Fix it")
    assert follow(before, now) == {0: 0, 1: 1}


def test_a_renamed_document_is_known_by_most_of_its_lines():
    old = {"a.md": lines(ALERT, POOL, RUNBOOK)}
    new = {"b.md": lines(RUNBOOK, ALERT), "c.md": lines("Buy biscuits")}
    assert list(heirs(old, new)) == [("a.md", "b.md")]


def test_a_new_document_that_shares_one_line_of_many_inherits_nothing():
    old = {"a.md": lines(ALERT, POOL, RUNBOOK)}
    assert list(heirs(old, {"b.md": lines(ALERT, "Buy biscuits")})) == []


def test_the_same_line_gets_the_same_id_again():
    first = fresh_id("2026-03-01", "2026-03-01.md", ALERT, set())
    assert first == fresh_id("2026-03-01", "2026-03-01.md", ALERT.upper() + ".", set())
    assert first != fresh_id("2026-03-01", "2026-03-01.md", ALERT, {first})
    assert first != fresh_id("2026-03-01", "old/2026-03-01.md", ALERT, set())


def test_a_cursor_that_means_nothing_is_none():
    for text in (None, "", "{}", "[]", '{"version": 1}', '{"version": 1, "leaves": 3}'):
        assert Book.read(text) is None


titles = st.text(max_size=12)
traces = st.builds(
    Trace, st.text(max_size=5), titles, st.integers(1, 99), st.lists(titles, max_size=2).map(tuple)
)


@given(st.dictionaries(titles, st.lists(traces, max_size=4).map(tuple), max_size=4))
def test_a_book_is_read_as_it_was_written(leaves):
    book = Book({path: Leaf((1, 2), found, ("INC-7",)) for path, found in leaves.items()})
    assert Book.read(book.write()) == book


@given(st.lists(traces, max_size=6), st.lists(traces, max_size=6))
def test_no_item_is_two_items(before, now):
    found = follow(before, now)
    assert len(set(found.values())) == len(found)
    assert set(found) <= set(range(len(now)))
    assert set(found.values()) <= set(range(len(before)))


@given(st.lists(st.sampled_from([ALERT, POOL, RUNBOOK, "Fix it"]), max_size=8), st.randoms())
def test_whatever_the_order_nothing_unchanged_is_lost(texts, random):
    now = texts[:]
    random.shuffle(now)
    assert who(texts, now) == now
