"""Lists: what they leave out, how they are paged, and how far they lag."""

import pytest

ISSUES = "/api/v4/projects/77/issues"


def iids(answer):
    assert answer.status_code == 200, answer.text
    return [one["iid"] for one in answer.json()]


@pytest.fixture
def three(maria, sandbox):
    maria.open("one", "first", ["a"], ["zoe"])
    sandbox.clock.advance(60)
    maria.open("two", "second", ["a", "b"], kind="incident")
    sandbox.clock.advance(60)
    maria.open("three")
    maria.close(3)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [3, 2, 1]),
        ("sort=asc", [1, 2, 3]),
        ("state=opened", [2, 1]),
        ("state=closed", [3]),
        ("state=all", [3, 2, 1]),
        ("labels=a", [2, 1]),
        ("labels=a,b", [2]),
        ("labels=None", [3]),
        ("labels=any", [2, 1]),
        ("iids[]=1&iids[]=3", [3, 1]),
        ("author_username=maria", [3, 2, 1]),
        ("author_id=11", [3, 2, 1]),
        ("author_id=999", []),
        ("assignee_username=zoe", [1]),
        ("assignee_id=13", [1]),
        ("assignee_id=None", [3, 2]),
        ("assignee_id=Any", [1]),
        ("issue_type=incident", [2]),
        ("search=SECOND", [2]),
        ("confidential=true", []),
        ("updated_after=2026-03-02T09:01:00Z", [3, 2]),
        ("updated_after=2026-03-02T09:01:00.001Z", [3]),
        ("updated_before=2026-03-02T09:01:00Z", [2, 1]),
        ("created_after=2026-03-02T10:02:00%2B01:00", [3]),
        ("created_before=2026-03-02T09:00:00Z", [1]),
        ("scope=created_by_me", []),
        ("scope=assigned_to_me", []),
        ("order_by=title&sort=asc", [1, 3, 2]),
        ("order_by=due_date", [3, 2, 1]),
    ],
)
@pytest.mark.usefixtures("three")
def test_a_list_holds_what_was_asked_for_in_that_order(api, query, found):
    assert iids(api.get(f"{ISSUES}?{query}")) == found


@pytest.mark.parametrize(
    "query", ["state=open", "order_by=x", "sort=up", "updated_after=never", "scope=x", "iids[]=x"]
)
def test_a_value_that_makes_no_sense_is_refused(api, query):
    assert api.get(f"{ISSUES}?{query}").status_code == 400


def test_pages_are_told_by_headers(api, home):
    home.seed_issues(45)
    answer = api.get(f"{ISSUES}?per_page=20&page=2&state=all")
    told = {name: answer.headers[name] for name in answer.headers if name.startswith("X-")}
    wanted = {"X-Total": "45", "X-Total-Pages": "3", "X-Page": "2", "X-Next-Page": "3"}
    assert told | wanted | {"X-Per-Page": "20", "X-Prev-Page": "1"} == told
    assert set(answer.links) == {"first", "prev", "next", "last"}
    assert iids(api.get(answer.links["next"]["url"])) == [5, 4, 3, 2, 1]
    assert "next" not in api.get(answer.links["last"]["url"]).links
    assert len(api.get(ISSUES).json()) == 20
    assert len(api.get(f"{ISSUES}?per_page=1000").json()) == 45


def test_a_very_long_list_does_not_say_how_long_it_is(api, home):
    home.seed_issues(10_001)
    answer = api.get(f"{ISSUES}?per_page=100")
    assert "X-Total" not in answer.headers
    assert set(answer.links) == {"first", "next"}
    assert api.get(f"{ISSUES}?per_page=100&page=502").status_code == 405


def test_a_keyset_loses_nothing_when_a_page_changes_behind_it(api, home, maria):
    home.seed_issues(6)
    query = "pagination=keyset&order_by=id&sort=asc&per_page=2"
    first = api.get(f"{ISSUES}?{query}")
    maria.delete(1)
    second = api.get(first.links["next"]["url"])
    assert iids(first) + iids(second) == [1, 2, 3, 4]
    assert "X-Total" not in first.headers
    assert api.get(f"{ISSUES}?{query}&cursor=xx").status_code == 400


def test_a_group_lists_all_its_projects_and_leaves_out_archived_ones(start, client):
    sandbox = start(projects=["acme/a", "acme/deep/b", "other/c", "acme/deep/old"])
    for path in ("acme/a", "acme/deep/b", "other/c", "acme/deep/old"):
        sandbox.person("maria", path).open(path)
    sandbox.person("maria", "acme/deep/old").archive()
    api = client(sandbox)

    def titles(path):
        return {one["title"] for one in api.get(path).json()}

    assert titles("/api/v4/groups/acme/issues") == {"acme/a", "acme/deep/b"}
    everything = {"acme/a", "acme/deep/b", "acme/deep/old"}
    assert titles("/api/v4/groups/acme/issues?non_archived=false") == everything
    assert titles("/api/v4/groups/acme%2Fdeep/issues") == {"acme/deep/b"}
    number = api.get("/api/v4/groups/acme%2Fdeep").json()["id"]
    assert titles(f"/api/v4/groups/{number}/issues") == {"acme/deep/b"}
    assert api.get("/api/v4/groups/none/issues").status_code == 404
    paths = [one["path"] for one in api.get("/api/v4/groups/acme/projects").json()]
    assert paths == ["a"]


def test_lists_lag_and_single_issues_do_not(api, sandbox, maria):
    maria.open("old")
    sandbox.state.set_habits(lag=60)
    maria.edit(1, title="new")
    maria.open("young")
    assert [one["title"] for one in api.get(ISSUES).json()] == ["old"]
    assert api.get(f"{ISSUES}/1").json()["title"] == "new"
    sandbox.clock.advance(60)
    assert [one["title"] for one in api.get(f"{ISSUES}?sort=asc").json()] == ["new", "young"]


def test_a_search_lags_longer_than_a_list(api, sandbox, maria):
    sandbox.state.set_habits(search_lag=60)
    maria.open("young")
    assert iids(api.get(ISSUES)) == [1]
    assert iids(api.get(f"{ISSUES}?search=young")) == []
    sandbox.clock.advance(60)
    assert iids(api.get(f"{ISSUES}?search=young")) == [1]


def test_labels_can_be_shown_in_full_and_counted(api, maria):
    maria.open("x", labels=["a"])
    [label] = api.get(f"{ISSUES}?with_labels_details=true").json()[0]["labels"]
    assert (label["name"], label["color"]) == ("a", "#6699cc")
    [counted] = api.get("/api/v4/projects/77/labels?with_counts=true").json()
    assert counted["open_issues_count"] == 1


def test_an_answer_that_is_known_is_not_sent_again_but_counts(api):
    tag = api.get(ISSUES).headers["ETag"]
    left = api.get(ISSUES).headers["RateLimit-Remaining"]
    again = api.get(ISSUES, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert int(again.headers["RateLimit-Remaining"]) == int(left) - 1
