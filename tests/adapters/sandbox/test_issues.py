"""Issues over REST: what is stored, what is dropped, what is refused."""

import pytest

from adapters.sandbox.core.access import Access, Token

ISSUES = "/repos/acme/payments/issues"


def make(api, title="Broken", **values):
    answer = api.post(ISSUES, json={"title": title} | values)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_new_issue_is_answered_with_201_its_place_and_what_was_stored(api, sandbox):
    answer = api.post(ISSUES, json={"title": "A", "body": "x\n", "labels": ["BUG"]})
    issue = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{sandbox.url}{ISSUES}/1" == issue["url"]
    assert [label["name"] for label in issue["labels"]] == ["bug"]
    assert (issue["state"], issue["state_reason"], issue["user"]["login"]) == (
        "open",
        None,
        "octo-bot",
    )


def test_the_same_issue_is_found_under_the_repositorys_name_and_number(api, repository):
    made = make(api)
    assert api.get(f"/repositories/{repository.id}/issues/1").json() == made
    assert api.get("/repos/ACME/Payments/issues/1").json() == made


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 257}, "title"),
        ({"title": "x", "body": "y" * 65_537}, "body"),
        ({"title": "x", "assignees": ["stranger"]}, "assignees"),
        ({"title": "x", "milestone": 9}, "milestone"),
    ],
)
def test_a_value_github_does_not_take_is_refused_with_its_field(api, body, field):
    answer = api.post(ISSUES, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert api.get(f"{ISSUES}?state=all").json() == []


@pytest.mark.parametrize(
    "body",
    [
        {"title": ["x"]},
        {"title": "x", "labels": "bug"},
        {"title": "x", "labels": [1]},
        {"title": "x", "state": "gone"},
        {"title": "x", "milestone": [1]},
        {"title": "x", "issue_field_values": [{"value": 1}]},
    ],
)
def test_a_value_of_the_wrong_type_is_refused(api, body):
    assert api.post(ISSUES, json=body).status_code == 422


def test_text_that_is_no_json_is_refused(api):
    assert api.post(ISSUES, data=b"{").status_code == 400
    assert api.post(ISSUES, data=b"[]").status_code == 400


@pytest.mark.parametrize("reason", ["completed", "not_planned", "duplicate"])
def test_an_issue_is_closed_with_the_reason_given_and_reopened(api, reason):
    make(api)
    closed = api.patch(f"{ISSUES}/1", json={"state": "closed", "state_reason": reason}).json()
    assert (closed["state"], closed["state_reason"]) == ("closed", reason)
    assert closed["closed_by"]["login"] == "octo-bot"
    opened = api.patch(f"{ISSUES}/1", json={"state": "open"}).json()
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == (
        "open",
        "reopened",
        None,
    )


def test_a_reason_without_a_change_of_state_is_ignored(api):
    make(api)
    api.patch(f"{ISSUES}/1", json={"state": "closed"})
    again = api.patch(f"{ISSUES}/1", json={"state": "closed", "state_reason": "duplicate"})
    assert again.json()["state_reason"] == "completed"


def test_an_edit_that_changes_nothing_does_not_touch_the_issue(api, sandbox):
    before = make(api, body="x", labels=["bug"])
    sandbox.clock.advance(60)
    same = {"title": "Broken", "body": "x", "labels": ["bug"], "state": "open"}
    assert api.patch(f"{ISSUES}/1", json=same).json() == before


def test_an_edit_body_over_the_byte_limit_is_answered_200_and_not_stored(api):
    make(api, body="old")
    fits = "é" * 131_072
    assert api.patch(f"{ISSUES}/1", json={"body": fits}).json()["body"] == fits
    answer = api.patch(f"{ISSUES}/1", json={"body": fits + "x"})
    assert (answer.status_code, answer.json()["body"]) == (200, fits)


@pytest.mark.parametrize(
    ("habit", "status", "labels"),
    [("drop", 201, ["bug"]), ("create", 201, ["bug", "nope"]), ("refuse", 403, None)],
)
def test_an_unknown_label_is_dropped_created_or_refused_as_set(api, sandbox, habit, status, labels):
    sandbox.state.set_habits(unknown_labels=habit)
    answer = api.post(ISSUES, json={"title": "x", "labels": ["bug", "nope"]})
    assert answer.status_code == status
    if labels is not None:
        assert [label["name"] for label in answer.json()["labels"]] == labels


def test_without_push_access_labels_assignees_milestone_and_type_are_dropped_silently(
    start, client
):
    sandbox = start(tokens=[Token("visitor", "guest", everywhere=Access.READ)])
    api = client(sandbox, "visitor")
    wanted = {"labels": ["bug"], "assignees": ["maria"], "type": "Bug"}
    issue = make(api, **wanted)
    assert (issue["labels"], issue["assignees"], issue["type"]) == ([], [], None)
    changed = api.patch(f"{ISSUES}/1", json={"title": "Mine"} | wanted).json()
    assert (changed["title"], changed["labels"]) == ("Mine", [])


def test_without_push_access_only_ones_own_issues_can_be_edited(start, client):
    sandbox = start(tokens=[Token("visitor", "guest", everywhere=Access.READ)])
    sandbox.person("maria").open("Hers")
    answer = client(sandbox, "visitor").patch(f"{ISSUES}/1", json={"title": "Mine"})
    assert answer.status_code == 403


def test_a_token_granted_reading_only_is_told_what_it_lacks(start, client):
    sandbox = start(tokens=[Token("reader", "guest", may_write=False)])
    api = client(sandbox, "reader")
    assert api.get(ISSUES).status_code == 200
    answer = api.post(ISSUES, json={"title": "x"})
    assert answer.status_code == 403
    assert answer.headers["X-Accepted-GitHub-Permissions"] == "issues=write"


def test_a_private_repository_does_not_exist_for_who_may_not_see_it(start, client):
    token = Token("narrow", "guest", access={"acme/secret": Access.NONE})
    sandbox = start(tokens=[token])
    hidden = sandbox.state.add_repository("acme/secret", private=True)
    for caller in (client(sandbox, "narrow"), client(sandbox, "")):
        assert caller.get("/repos/acme/secret").status_code == 404
        assert caller.get(f"/repositories/{hidden.id}/issues").status_code == 404
    shown = client(sandbox).get("/repos/acme/secret").json()
    assert (shown["private"], shown["visibility"]) == (True, "private")


def test_what_the_caller_may_do_is_told_with_the_repository(start, client):
    sandbox = start(tokens=[Token("writer", "guest", everywhere=Access.WRITE)])
    shown = client(sandbox, "writer").get("/repos/acme/payments").json()["permissions"]
    assert (shown["pull"], shown["push"], shown["admin"]) == (True, True, False)


def test_a_deleted_issue_is_gone_and_an_unknown_one_not_found(api, sandbox):
    make(api)
    sandbox.person("maria").delete(1)
    assert api.get(f"{ISSUES}/1").status_code == 410
    assert api.get(f"{ISSUES}/2").status_code == 404
    assert api.get(f"{ISSUES}?state=all").json() == []
    assert make(api)["number"] == 2


def test_disabled_issues_answer_410_and_an_archive_cannot_be_written(api, repository):
    make(api)
    repository.archived = True
    assert api.patch(f"{ISSUES}/1", json={"title": "x"}).status_code == 403
    assert api.post(ISSUES, json={"title": "x"}).status_code == 403
    assert api.get(f"{ISSUES}/1").status_code == 200
    repository.archived, repository.has_issues = False, False
    assert api.get(ISSUES).status_code == 410
    assert api.post(ISSUES, json={"title": "x"}).status_code == 410


def test_a_transferred_issue_redirects_with_its_text_comments_and_known_labels(api, sandbox):
    made = make(api, body="text", labels=["bug"])
    sandbox.person("maria").comment(1, "said")
    sandbox.state.add_repository("acme/other")
    sandbox.person("maria").transfer(1, "acme/other")
    answer = api.get(f"{ISSUES}/1")
    assert answer.status_code == 301
    moved = api.get(answer.headers["Location"]).json()
    assert moved["body"] == "text"
    assert [label["name"] for label in moved["labels"]] == ["bug"]
    assert moved["node_id"] != made["node_id"]
    assert [one["body"] for one in api.get(moved["comments_url"]).json()] == ["said"]
    assert api.patch(f"{ISSUES}/1", json={"title": "x"}).status_code == 307


def test_a_renamed_repository_redirects_by_name_and_answers_by_number(api, sandbox, repository):
    make(api)
    sandbox.person("maria").rename("acme/billing")
    answer = api.get(f"{ISSUES}?state=all")
    assert answer.status_code == 301
    place = f"{sandbox.url}/repositories/{repository.id}/issues?state=all"
    assert answer.headers["Location"] == answer.json()["url"] == place
    assert len(api.get(place).json()) == 1
    assert api.post(ISSUES, json={"title": "x"}).status_code == 307
    assert api.get("/repos/acme/billing/issues/1").status_code == 200


def test_a_browser_edit_ends_every_line_in_crlf_and_counts_as_a_change(api, sandbox):
    make(api, body="one\ntwo\n")
    sandbox.clock.advance(60)
    sandbox.person("maria").edit(1, body="one\ntwo\n")
    issue = api.get(f"{ISSUES}/1").json()
    assert issue["body"] == "one\r\ntwo\r\n"
    assert issue["updated_at"] > issue["created_at"]


def test_comments_are_made_edited_listed_and_move_the_issues_time(api, sandbox):
    make(api)
    sandbox.clock.advance(60)
    said = api.post(f"{ISSUES}/1/comments", json={"body": "hello"})
    assert said.status_code == 201
    issue = api.get(f"{ISSUES}/1").json()
    assert (issue["comments"], issue["updated_at"]) == (1, said.json()["created_at"])
    comment = f"{ISSUES}/comments/{said.json()['id']}"
    assert api.patch(comment, json={"body": "changed"}).json()["body"] == "changed"
    assert [one["body"] for one in api.get(f"{ISSUES}/1/comments").json()] == ["changed"]
    assert [one["body"] for one in api.get(f"{ISSUES}/comments").json()] == ["changed"]
    assert api.delete(comment).status_code == 204
    assert api.get(comment).status_code == 404
    assert api.post(f"{ISSUES}/1/comments", json={"body": ""}).status_code == 422


def test_a_locked_issue_takes_edits_but_no_strangers_comment(start, client):
    sandbox = start(tokens=[Token("visitor", "guest", everywhere=Access.READ)])
    api = client(sandbox)
    make(api)
    assert api.put(f"{ISSUES}/1/lock").status_code == 204
    visitor = client(sandbox, "visitor")
    assert visitor.post(f"{ISSUES}/1/comments", json={"body": "x"}).status_code == 403
    assert api.patch(f"{ISSUES}/1", json={"title": "y"}).json()["locked"] is True
    assert api.delete(f"{ISSUES}/1/lock").status_code == 204
    assert visitor.post(f"{ISSUES}/1/comments", json={"body": "x"}).status_code == 201


def test_labels_are_unique_whatever_their_case_and_checked(api):
    labels = "/repos/acme/payments/labels"
    made = api.post(labels, json={"name": "a/b c", "color": "ABCDEF"})
    assert (made.status_code, made.json()["color"]) == (201, "abcdef")
    assert api.get(made.json()["url"]).json() == made.json()
    again = api.post(labels, json={"name": "A/B C", "color": "ffffff"})
    assert (again.status_code, again.json()["errors"][0]["code"]) == (422, "already_exists")
    assert api.post(labels, json={"name": "x" * 51}).status_code == 422
    assert api.post(labels, json={"name": "y", "color": "#fffff"}).status_code == 422


def test_renaming_or_deleting_a_label_shows_in_issues_without_touching_them(api, sandbox):
    before = make(api, labels=["bug", "question"])
    sandbox.clock.advance(60)
    renamed = api.patch("/repos/acme/payments/labels/bug", json={"new_name": "defect"})
    assert renamed.status_code == 200
    assert api.delete("/repos/acme/payments/labels/question").status_code == 204
    after = api.get(f"{ISSUES}/1").json()
    assert [label["name"] for label in after["labels"]] == ["defect"]
    assert after["updated_at"] == before["updated_at"]


def test_an_issues_labels_are_added_replaced_and_taken_off(api):
    make(api, labels=["bug"])
    labels = f"{ISSUES}/1/labels"

    def names(answer):
        return sorted(label["name"] for label in answer.json())

    assert names(api.post(labels, json={"labels": ["question"]})) == ["bug", "question"]
    assert names(api.post(labels, json=["wontfix"])) == ["bug", "question", "wontfix"]
    assert names(api.delete(f"{labels}/BUG")) == ["question", "wontfix"]
    assert api.delete(f"{labels}/bug").status_code == 404
    assert names(api.put(labels, json={"labels": ["bug"]})) == ["bug"]
    assert api.delete(labels).status_code == 204
    assert names(api.get(labels)) == []


def test_what_happened_is_told_by_events_and_timeline_in_order(api, sandbox):
    make(api)
    maria = sandbox.person("maria")
    maria.label(1, ["bug"])
    maria.comment(1, "why?")
    maria.close(1, "not_planned")
    maria.edit(1, title="Mended")
    events = api.get(f"{ISSUES}/1/events").json()
    assert [one["event"] for one in events] == ["labeled", "closed", "renamed"]
    assert events[0]["label"] == {"name": "bug", "color": "d73a4a"}
    assert events[1]["state_reason"] == "not_planned"
    told = [one["event"] for one in api.get(f"{ISSUES}/1/timeline").json()]
    assert told == ["labeled", "commented", "closed", "renamed"]
    newest = api.get(f"{ISSUES}/events").json()[0]
    assert (newest["event"], newest["issue"]["number"]) == ("renamed", 1)


def test_sub_issues_are_added_by_id_listed_counted_and_let_go(api):
    parent, child, other = (make(api, title) for title in ("Parent", "Child", "Other"))
    path = f"{ISSUES}/1/sub_issues"
    assert api.post(path, json={"sub_issue_id": child["number"]}).status_code == 404
    added = api.post(path, json={"sub_issue_id": child["id"]})
    assert (added.status_code, added.json()["id"]) == (201, parent["id"])
    assert api.post(path, json={"sub_issue_id": child["id"]}).status_code == 422
    assert api.get(f"{ISSUES}/2/parent").json()["number"] == 1
    api.patch(f"{ISSUES}/2", json={"state": "closed"})
    summary = api.get(f"{ISSUES}/1").json()["sub_issues_summary"]
    assert summary == {"total": 1, "completed": 1, "percent_completed": 100}
    api.post(path, json={"sub_issue_id": other["id"]})
    order = {"sub_issue_id": other["id"], "before_id": child["id"]}
    assert api.patch(f"{path}/priority", json=order).status_code == 200
    assert [one["number"] for one in api.get(path).json()] == [3, 2]
    gone = api.delete(f"{ISSUES}/1/sub_issue", json={"sub_issue_id": child["id"]})
    assert gone.status_code == 200
    assert api.get(f"{ISSUES}/2/parent").status_code == 404


def test_an_issue_has_one_parent_and_is_not_its_own_ancestor(api):
    first, second, third = (make(api, title) for title in "ABC")
    api.post(f"{ISSUES}/1/sub_issues", json={"sub_issue_id": second["id"]})
    loop = api.post(f"{ISSUES}/2/sub_issues", json={"sub_issue_id": first["id"]})
    assert loop.status_code == 422
    taken = {"sub_issue_id": second["id"]}
    assert api.post(f"{ISSUES}/3/sub_issues", json=taken).status_code == 422
    replaced = api.post(f"{ISSUES}/3/sub_issues", json=taken | {"replace_parent": True})
    assert (replaced.status_code, replaced.json()["id"]) == (201, third["id"])
    assert api.get(f"{ISSUES}/1/sub_issues").json() == []


def test_an_issue_can_be_made_below_its_parent_at_once(api):
    parent = make(api)
    child = make(api, "Child", parent_issue_id=parent["id"])
    assert child["parent_issue_url"] == parent["url"]


def test_a_deleted_child_leaves_its_parent(api, sandbox):
    parent = make(api)
    make(api, "Child", parent_issue_id=parent["id"])
    sandbox.person("maria").delete(2)
    assert api.get(f"{ISSUES}/1/sub_issues").json() == []


def test_an_organisations_fields_are_set_added_and_replaced(api, sandbox):
    field = sandbox.state.add_issue_field("Priority", ("P0", "P1")).id
    other = sandbox.state.add_issue_field("Team", ("Red",)).id
    issue = make(api, issue_field_values=[{"field_id": field, "value": "P0"}])
    assert [one["value"] for one in issue["issue_field_values"]] == ["P0"]
    values = f"{ISSUES}/1/issue-field-values"
    added = api.post(values, json={"issue_field_values": [{"field_id": other, "value": "Red"}]})
    assert [one["value"] for one in added.json()] == ["P0", "Red"]
    put = api.put(values, json={"issue_field_values": [{"field_id": field, "value": "P1"}]})
    assert [one["value"] for one in put.json()] == ["P1"]
    wrong = {"issue_field_values": [{"field_id": field, "value": "P9"}]}
    assert api.patch(f"{ISSUES}/1", json=wrong).status_code == 422
    unknown = {"issue_field_values": [{"field_id": 999, "value": "x"}]}
    assert api.patch(f"{ISSUES}/1", json=unknown).status_code == 200


def test_milestones_are_made_changed_and_count_their_issues(api):
    path = "/repos/acme/payments/milestones"
    made = api.post(path, json={"title": "Q3", "due_on": "2026-09-30T00:00:00Z"})
    assert made.status_code == 201
    issue = make(api, milestone=1)
    assert (issue["milestone"]["title"], issue["milestone"]["open_issues"]) == ("Q3", 1)
    api.patch(f"{ISSUES}/1", json={"state": "closed"})
    assert api.get(f"{path}/1").json()["closed_issues"] == 1
    assert api.patch(f"{path}/1", json={"state": "closed"}).json()["closed_at"]
    assert api.get(path).json() == []
    assert api.post(path, json={"title": "Q3"}).status_code == 422
    assert api.patch(f"{ISSUES}/1", json={"milestone": None}).json()["milestone"] is None


def test_assignees_are_added_and_taken_off_and_strangers_passed_over(api):
    make(api)
    path = f"{ISSUES}/1/assignees"
    added = api.post(path, json={"assignees": ["maria", "stranger"]})
    assert [one["login"] for one in added.json()["assignees"]] == ["maria"]
    left = api.delete(path, json={"assignees": ["maria"]})
    assert left.json()["assignees"] == []
    assert api.get("/repos/acme/payments/assignees/maria").status_code == 204
    assert api.get("/repos/acme/payments/assignees/nobody").status_code == 404


def test_a_family_stays_below_one_owner_and_within_its_bounds(api, sandbox):
    far = sandbox.state.add_repository("other/home")
    stranger = sandbox.person("maria", far.full_name).open("far")
    make(api)
    answer = api.post(f"{ISSUES}/1/sub_issues", json={"sub_issue_id": stranger.id})
    assert answer.status_code == 422
    for depth in range(2, 10):
        child = make(api)
        answer = api.post(f"{ISSUES}/{depth - 1}/sub_issues", json={"sub_issue_id": child["id"]})
        assert answer.status_code == (201 if depth <= 8 else 422)


def test_a_transferred_child_keeps_its_parent_and_a_transferred_parent_its_children(api, sandbox):
    parent = make(api)
    make(api, "Child", parent_issue_id=parent["id"])
    sandbox.state.add_repository("acme/other")
    sandbox.person("maria").transfer(2, "acme/other")
    [child] = api.get(f"{ISSUES}/1/sub_issues").json()
    assert child["url"].endswith("/repos/acme/other/issues/1")
    sandbox.person("maria").transfer(1, "acme/other")
    elder = api.get("/repos/acme/other/issues/1/parent").json()
    assert elder["title"] == "Broken"
    assert elder["sub_issues_summary"]["total"] == 1
