"""Lists: order, paging, since, conditional reading, lag."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.clock import SandboxClock, StillClock
from adapters.sandbox.github.listing import Query
from adapters.sandbox.github.model import Actor, Edit
from adapters.sandbox.github.state import GitHubState

ISSUES = "/repos/acme/payments/issues"


def numbers(answer):
    return [issue["number"] for issue in answer.json()]


def test_pages_link_to_each_other_and_together_show_everything(api, sandbox, repository):
    repository.seed_issues(250)
    answer = api.get(f"{ISSUES}?state=all&per_page=100&direction=asc&sort=created")
    assert set(answer.links) == {"next", "last"}
    seen = numbers(answer)
    while "next" in answer.links:
        assert answer.links["next"]["url"].startswith(f"{sandbox.url}/repositories/")
        answer = api.get(answer.links["next"]["url"])
        seen += numbers(answer)
    assert seen == list(range(1, 251))
    assert set(answer.links) == {"prev", "first"}


def test_a_page_holds_thirty_unless_asked_and_never_more_than_a_hundred(api, repository):
    repository.seed_issues(120)
    assert len(api.get(ISSUES).json()) == 30
    assert len(api.get(f"{ISSUES}?per_page=1000").json()) == 100
    assert api.get(f"{ISSUES}?page=9").json() == []


def test_since_is_inclusive_to_the_second(api, sandbox):
    maria = sandbox.person("maria")
    for _ in range(3):
        maria.open("x")
        sandbox.clock.advance(10)
    edge = api.get(f"{ISSUES}/2").json()["updated_at"]
    assert sorted(numbers(api.get(ISSUES, params={"since": edge}))) == [2, 3]
    shifted = datetime.fromisoformat(edge).astimezone(UTC).isoformat()
    assert sorted(numbers(api.get(ISSUES, params={"since": shifted}))) == [2, 3]
    assert api.get(f"{ISSUES}?since=yesterday").status_code == 422


def test_lists_are_filtered_and_sorted_as_asked(api, sandbox):
    maria = sandbox.person("maria")
    maria.open("first", labels=["bug"], assignees=["zoe"])
    sandbox.clock.advance(5)
    maria.open("second", labels=["bug", "question"])
    sandbox.clock.advance(5)
    sandbox.person("devon").open("third")
    sandbox.clock.advance(5)
    maria.close(1)
    assert numbers(api.get(ISSUES)) == [3, 2]
    assert numbers(api.get(f"{ISSUES}?state=all&sort=updated&direction=asc")) == [2, 3, 1]
    assert numbers(api.get(f"{ISSUES}?state=all&sort=updated")) == [1, 3, 2]
    assert numbers(api.get(f"{ISSUES}?state=closed")) == [1]
    assert numbers(api.get(f"{ISSUES}?state=all&creator=Devon")) == [3]
    assert numbers(api.get(f"{ISSUES}?state=all&labels=BUG,question")) == [2]
    assert numbers(api.get(f"{ISSUES}?state=all&assignee=zoe")) == [1]
    assert numbers(api.get(f"{ISSUES}?state=all&assignee=none")) == [3, 2]
    assert numbers(api.get(f"{ISSUES}?state=all&labels=unheard")) == []
    assert api.get(f"{ISSUES}?state=ajar").status_code == 422


def test_pull_requests_are_among_issues_and_recognisable(api, sandbox):
    sandbox.person("maria").open("issue")
    sandbox.person("maria").pull("change")
    shown = {one["number"]: "pull_request" in one for one in api.get(ISSUES).json()}
    assert shown == {1: False, 2: True}


def test_an_unchanged_list_is_answered_304_and_costs_nothing(api, repository):
    repository.seed_issues(3)
    first = api.get(ISSUES)
    tag, left = first.headers["ETag"], first.headers["X-RateLimit-Remaining"]
    assert tag.startswith('W/"')
    again = api.get(ISSUES, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert (again.headers["ETag"], again.headers["X-RateLimit-Remaining"]) == (tag, left)
    repository.seed_issues(1)
    assert api.get(ISSUES, headers={"If-None-Match": tag}).status_code == 200


def test_an_etag_belongs_to_the_token_it_was_given_to(start, client):
    sandbox = start(tokens=[Token("second", "octo-bot")])
    tag = client(sandbox).get(ISSUES).headers["ETag"]
    answer = client(sandbox, "second").get(ISSUES, headers={"If-None-Match": tag})
    assert answer.status_code == 200


def test_a_lagging_list_shows_new_and_changed_issues_later_than_reading_one_does(start, client):
    sandbox = start(lag=30)
    api = client(sandbox)
    made = api.post(ISSUES, json={"title": "old"})
    assert made.status_code == 201
    assert numbers(api.get(ISSUES)) == []
    assert api.get(f"{ISSUES}/1").json()["title"] == "old"
    sandbox.clock.advance(30)
    assert numbers(api.get(ISSUES)) == [1]
    api.patch(f"{ISSUES}/1", json={"title": "new"})
    assert api.get(ISSUES).json()[0]["title"] == "old"
    assert api.get(f"{ISSUES}/1").json()["title"] == "new"
    sandbox.clock.advance(30)
    assert api.get(ISSUES).json()[0]["title"] == "new"


def test_a_filter_applies_to_what_the_lagging_list_still_shows(start, client):
    sandbox = start()
    sandbox.person("maria").open("x")
    sandbox.state.set_habits(lag=30)
    sandbox.person("maria").close(1)
    api = client(sandbox)
    assert numbers(api.get(f"{ISSUES}?state=open")) == [1]
    assert numbers(api.get(f"{ISSUES}?state=closed")) == []
    sandbox.clock.advance(31)
    assert numbers(api.get(f"{ISSUES}?state=open")) == []


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["open", "edit", "close"])), max_size=12
    ),
    lag=st.integers(0, 60),
)
def test_a_list_shows_each_issue_as_it_was_one_lag_ago(steps, lag):
    clock = SandboxClock(StillClock())
    state = GitHubState(clock)
    state.set_habits(lag=lag)
    repository = state.add_repository("acme/payments")
    maria = Actor("maria", Access.ADMIN)
    past = []
    for at, (wait, what) in enumerate(steps):
        clock.advance(wait)
        if what == "open" or not repository.issues:
            repository.open(maria, Edit(title=f"new {at}"))
        else:
            edit = Edit(title=f"edited {at}") if what == "edit" else Edit(state="closed")
            repository.edit(max(repository.issues), edit, maria)
        now = {one.number: (one.title, one.state) for one in repository.issues.values()}
        past.append((clock.now(), now))
    clock.advance(1)
    ripe = [view for when, view in past if (clock.now() - when).total_seconds() >= lag]
    shown = repository.listed(Query(state="all"))
    assert {one.number: (one.title, one.state) for one in shown} == (ripe[-1] if ripe else {})


def test_the_same_steps_make_the_same_state():
    def build():
        state = GitHubState(SandboxClock(StillClock()))
        repository = state.add_repository("acme/payments")
        repository.open(Actor("maria", Access.ADMIN), Edit(title="x", labels=("bug",)))
        repository.seed_issues(3)
        return state

    first, second = build(), build()
    assert first.repository("acme/payments").issues == second.repository("acme/payments").issues
    assert first.users == second.users


@pytest.mark.parametrize("count", [0, 1, 10_000])
def test_seeding_makes_as_many_issues_as_asked(repository, count):
    repository.seed_issues(count)
    assert len(repository.listed(Query(state="all"))) == count
