"""What GitLab does to an issue besides what it was asked."""

import pytest

from adapters.sandbox.core.access import Access, Token

ISSUES = "/api/v4/projects/77/issues"


def make(api, **fields):
    answer = api.post(ISSUES, json={"title": "x"} | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_new_label_of_a_scope_takes_the_old_ones_place(api, sandbox):
    made = make(api, labels="phase::todo,a::b::c,plain")
    answer = api.put(f"{ISSUES}/{made['iid']}", json={"add_labels": "phase::doing,a::d"})
    assert answer.json()["labels"] == ["a::b::c", "a::d", "phase::doing", "plain"]
    sandbox.state.set_habits(premium=False)
    answer = api.put(f"{ISSUES}/{made['iid']}", json={"add_labels": "phase::todo"})
    assert {"phase::todo", "phase::doing"} <= set(answer.json()["labels"])


def test_the_free_tier_takes_one_assignee_and_no_blocking_link(api, sandbox):
    sandbox.state.set_habits(premium=False)
    one = make(api, assignee_ids=[11, 12])
    assert [each["username"] for each in one["assignees"]] == ["maria"]
    make(api)
    body = {"target_project_id": 77, "target_issue_iid": 2, "link_type": "blocks"}
    assert api.post(f"{ISSUES}/1/links", json=body).status_code == 403


def test_quick_actions_in_a_description_are_run_and_taken_out(api, sandbox, home):
    made = make(api, description='first\r\n/close\n/label ~bug ~"two words"\nlast \n\n')
    assert (made["description"], made["state"]) == ("first\nlast", "closed")
    assert made["labels"] == ["bug", "two words"]
    assert sandbox.state.executed == [
        "project_77_bot /close",
        'project_77_bot /label ~bug ~"two words"',
    ]
    api.put(f"{ISSUES}/1", json={"description": "again\n/reopen\n/due 2026-05-01\n/assign @zoe"})
    issue = home.get(1)
    assert (issue.description, issue.state, str(issue.due_date)) == (
        "again",
        "opened",
        "2026-05-01",
    )
    assert issue.assignees == ("zoe",)


@pytest.mark.parametrize(
    "text",
    [
        "```\n/close\n```",
        ">>>\n/close\n>>>",
        "a /close",
        "\\/close",
        "/etc/hosts",
        "/closed",
        "`/close`",
    ],
)
def test_text_that_is_no_quick_action_stays(api, sandbox, text):
    made = make(api, description=text)
    assert (made["description"], made["state"]) == (text, "opened")
    assert sandbox.state.executed == []


@pytest.mark.parametrize(
    ("order", "name", "value"),
    [
        ("/title New", "title", "New"),
        ("/unlabel ~a", "labels", ["b"]),
        ("/relabel ~c", "labels", ["c"]),
        ("/unassign", "assignees", []),
        ("/remove_due_date", "due_date", None),
        ("/confidential", "confidential", True),
        ("/lock", "discussion_locked", True),
        ("/severity S2", "severity", "HIGH"),
        ("/type issue", "issue_type", "issue"),
        ('/status "Won\'t do"', "state", "closed"),
        ("/status Unheard of", "state", "opened"),
        ("/duplicate #2", "state", "closed"),
    ],
)
def test_a_quick_action_in_a_note_changes_the_issue(api, order, name, value):
    make(api, labels="a,b", assignee_ids=[11], due_date="2026-01-01", issue_type="incident")
    answer = api.post(f"{ISSUES}/1/notes", json={"body": order})
    assert answer.status_code == 202
    assert api.get(f"{ISSUES}/1").json()[name] == value
    notes = api.get(f"{ISSUES}/1/notes?activity_filter=only_comments").json()
    assert notes == []


def test_quick_actions_reach_other_issues(api, sandbox):
    sandbox.state.add_project("acme/other")
    make(api), make(api)
    api.post(f"{ISSUES}/1/notes", json={"body": "see\n/relate #2"})
    assert [one["iid"] for one in api.get(f"{ISSUES}/1/links").json()] == [2]
    api.post(f"{ISSUES}/1/notes", json={"body": "/move acme/other"})
    assert api.get(f"{ISSUES}/1").json()["moved_to_id"] is not None


def test_a_reference_leaves_a_note_with_the_other_issue_for_good(api):
    make(api), make(api, description="see #1, acme/payments#1, `x` and \\#1")
    said = [one["body"] for one in api.get(f"{ISSUES}/1/notes").json()]
    assert said == ["mentioned in issue #2"]


def test_changes_that_are_no_events_leave_notes_of_gitlabs_own(api):
    make(api)
    change = {"title": "y", "description": "z", "assignee_ids": [11], "due_date": "2026-04-09"}
    api.put(f"{ISSUES}/1", json=change)
    notes = api.get(f"{ISSUES}/1/notes?sort=asc").json()
    assert all(one["system"] for one in notes)
    assert [one["body"] for one in notes] == [
        "changed title from **x** to **y**",
        "changed the description",
        "assigned to @maria",
        "changed due date to April 9, 2026",
    ]
    api.put(f"{ISSUES}/1", json={"add_labels": "a", "state_event": "close"})
    assert len(api.get(f"{ISSUES}/1/notes").json()) == 4


def test_labels_and_notes_touch_an_issue_once_a_minute_and_no_more(api, sandbox):
    before = make(api)["updated_at"]
    sandbox.clock.advance(59)
    assert api.put(f"{ISSUES}/1", json={"add_labels": "a"}).json()["updated_at"] == before
    api.post(f"{ISSUES}/1/notes", json={"body": "x"})
    assert api.get(f"{ISSUES}/1").json()["updated_at"] == before
    sandbox.clock.advance(2)
    assert api.put(f"{ISSUES}/1", json={"add_labels": "b"}).json()["updated_at"] > before
    sandbox.clock.advance(1)
    touched = api.put(f"{ISSUES}/1", json={"title": "y"}).json()["updated_at"]
    assert touched == "2026-03-02T09:01:02.000Z"


def test_a_request_that_changes_nothing_touches_nothing(api, sandbox):
    made = make(api, description="a", labels="b")
    sandbox.clock.advance(600)
    same = {"title": "x", "description": "a", "add_labels": "b", "state_event": "reopen"}
    assert api.put(f"{ISSUES}/1", json=same).json() == made


def test_a_renamed_or_deleted_label_shows_everywhere_and_touches_nothing(api, sandbox, maria):
    made = make(api, labels="a,b")
    sandbox.clock.advance(600)
    maria.rename_label("a", "z")
    maria.remove_label("b")
    assert api.get(f"{ISSUES}/1").json() == made | {"labels": ["z"]}


def test_a_confidential_issue_is_not_there_for_a_guest(start, client):
    guest = Token("g", "gwen", everywhere=Access.READ)
    sandbox = start(tokens=[guest])
    maria = sandbox.person("maria")
    maria.open("open"), maria.open("secret")
    maria.hide(2)
    api = client(sandbox, "g")
    assert [one["iid"] for one in api.get(ISSUES).json()] == [1]
    for path in (f"{ISSUES}/2", f"{ISSUES}/2/notes", f"{ISSUES}/2/links"):
        assert api.get(path).status_code == 404
    assert api.put(f"{ISSUES}/2", json={"title": "x"}).status_code == 404
    own = api.post(ISSUES, json={"title": "mine", "confidential": True}).json()
    assert api.get(f"{ISSUES}/{own['iid']}").status_code == 200
    assert len(client(sandbox).get(ISSUES).json()) == 3


def test_what_a_guest_may_not_set_is_left_out_and_others_issues_are_closed_to_them(start, client):
    sandbox = start(tokens=[Token("g", "gwen", everywhere=Access.READ)])
    sandbox.person("maria").open("hers")
    api = client(sandbox, "g")
    made = make(api, labels="a", assignee_ids=[11], due_date="2026-01-01", issue_type="incident")
    assert (made["labels"], made["assignees"], made["due_date"]) == ([], [], None)
    assert made["issue_type"] == "issue"
    assert api.put(f"{ISSUES}/1", json={"title": "mine"}).status_code == 403
    assert api.put(f"{ISSUES}/2", json={"title": "still mine"}).status_code == 200
    assert api.delete(f"{ISSUES}/2").status_code == 403


def test_a_moved_issue_is_closed_and_says_where_it_is(start, client):
    sandbox = start(projects=["acme/payments", "acme/other"])
    api = client(sandbox)
    sandbox.state.project("acme/other").labels.add("known")
    made = make(api, description="text", labels="known,unknown", issue_type="incident")
    api.post(f"{ISSUES}/1/notes", json={"body": "said"})
    moved = api.post(f"{ISSUES}/1/move", json={"to_project_id": 78}).json()
    left = api.get(f"{ISSUES}/1").json()
    assert (left["state"], left["moved_to_id"]) == ("closed", moved["id"])
    assert moved["id"] != made["id"]
    assert (moved["labels"], moved["issue_type"], moved["state"]) == (
        ["known"],
        "incident",
        "opened",
    )
    said = [one["body"] for one in api.get("/api/v4/projects/78/issues/1/notes?sort=asc").json()]
    assert said == ["said", "moved from acme/payments#1"]
    again = api.post(f"{ISSUES}/1/move", json={"to_project_id": 78})
    assert again.status_code == 400


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, {"error": "title is missing"}),
        ({"title": " "}, {"message": {"title": ["can't be blank"]}}),
        ({"title": "x" * 256}, {"message": {"title": ["is too long (maximum is 255 characters)"]}}),
        ({"title": "x", "issue_type": "y"}, {"error": "issue_type does not have a valid value"}),
        ({"title": "x", "assignee_ids": "me"}, {"error": "assignee_ids is invalid"}),
        ({"title": "x", "confidential": "yes"}, {"error": "confidential is invalid"}),
    ],
)
def test_a_bad_value_is_refused_in_gitlabs_words(api, body, said):
    answer = api.post(ISSUES, json=body)
    assert (answer.status_code, answer.json()) == (400, said)


def test_a_description_of_more_than_a_mebibyte_is_refused(api):
    assert make(api, description="x" * 1_048_576)["iid"] == 1
    refused = api.post(ISSUES, json={"title": "x", "description": "x" * 1_048_577})
    assert "too long" in refused.json()["message"]["description"][0]


def test_an_archived_project_is_read_only_and_one_without_issues_looks_empty(api, maria):
    make(api)
    maria.archive()
    assert api.get(f"{ISSUES}/1").status_code == 200
    for method, path in (
        ("POST", ISSUES),
        ("PUT", f"{ISSUES}/1"),
        ("POST", f"{ISSUES}/1/notes"),
        ("POST", "/api/v4/projects/77/labels"),
    ):
        body = {"title": "x", "body": "x", "name": "x", "color": "#ff0000"}
        assert api.request(method, path, json=body).status_code == 403
    maria.archive(archived=False)
    maria.use_issues(enabled=False)
    assert api.get(ISSUES).json() == []
    assert api.get(f"{ISSUES}/1").status_code == 404
    assert api.post(ISSUES, json={"title": "x"}).status_code == 403


def test_links_are_kept_once_and_told_from_both_ends(api):
    make(api), make(api)
    body = {"target_project_id": 77, "target_issue_iid": 2, "link_type": "is_blocked_by"}
    assert api.post(f"{ISSUES}/1/links", json=body).status_code == 201
    again = api.post(f"{ISSUES}/2/links", json=body | {"target_issue_iid": 1})
    assert (again.status_code, again.json()) == (409, {"message": "Issue(s) already assigned"})
    [there] = api.get(f"{ISSUES}/1/links").json()
    [back] = api.get(f"{ISSUES}/2/links").json()
    assert (there["link_type"], back["link_type"]) == ("is_blocked_by", "blocks")
    missing = api.post(f"{ISSUES}/1/links", json=body | {"target_issue_iid": 9})
    assert missing.status_code == 404
    assert api.delete(f"{ISSUES}/1/links/{there['issue_link_id']}").status_code == 200
    assert api.delete(f"{ISSUES}/1/links/{there['issue_link_id']}").status_code == 404


def test_notes_are_their_authors(start, client):
    sandbox = start(tokens=[Token("d", "devon", everywhere=Access.WRITE)])
    note = sandbox.person("maria").open("x") and sandbox.person("maria").comment(1, "hers")
    path = f"{ISSUES}/1/notes/{note}"
    assert client(sandbox, "d").put(path, json={"body": "his"}).status_code == 403
    assert client(sandbox).put(path, json={"body": "the owner's"}).status_code == 200
    assert client(sandbox).delete(path).status_code == 204
    assert client(sandbox).get(path).status_code == 404


def test_a_label_that_is_there_is_a_conflict(api):
    body = {"name": "a", "color": "#ff0000"}
    path = "/api/v4/projects/77/labels"
    assert api.post(path, json=body).status_code == 201
    again = api.post(path, json=body)
    assert (again.status_code, again.json()) == (409, {"message": "Label already exists"})
    assert api.post(path, json=body | {"name": "A"}).status_code == 201
    assert api.post(path, json=body | {"name": "a,b"}).status_code == 400
    assert api.post(path, json={"name": "c"}).status_code == 400


def test_a_link_to_where_one_may_not_look_is_no_link(start, client):
    token = Token("d", "devon", everywhere=Access.TRIAGE, access={"acme/other": Access.NONE})
    sandbox = start(projects=["acme/payments", "acme/other"], tokens=[token])
    sandbox.person("maria").open("a")
    sandbox.person("maria", "acme/other").open("b")
    api = client(sandbox, "d")
    body = {"target_project_id": 78, "target_issue_iid": 1}
    refused = api.post(f"{ISSUES}/1/links", json=body)
    assert (refused.status_code, "No matching issue" in refused.text) == (404, True)
    assert client(sandbox).post(f"{ISSUES}/1/links", json=body).status_code == 201
    assert api.get(f"{ISSUES}/1/links").json() == []
    own = body | {"target_project_id": 77}
    assert api.post(f"{ISSUES}/1/links", json=own).status_code == 404
    assert api.post(f"{ISSUES}/1/links", json={"target_issue_iid": 1}).status_code == 400


def test_deleting_an_issue_takes_its_notes_and_links_along(api, home, sandbox):
    make(api), make(api)
    api.post(f"{ISSUES}/1/notes", json={"body": "x"})
    api.post(f"{ISSUES}/1/links", json={"target_project_id": 77, "target_issue_iid": 2})
    assert api.delete(f"{ISSUES}/1").status_code == 204
    assert (home.notes_of(1), sandbox.state.links) == ([], {})
    assert make(api)["iid"] == 3


def test_a_locked_issue_takes_notes_of_its_team_only(start, client):
    sandbox = start(tokens=[Token("g", "gwen", everywhere=Access.READ)])
    sandbox.person("maria").open("x")
    client(sandbox).put(f"{ISSUES}/1", json={"discussion_locked": True})
    note = {"body": "x"}
    assert client(sandbox, "g").post(f"{ISSUES}/1/notes", json=note).status_code == 403
    assert client(sandbox).post(f"{ISSUES}/1/notes", json=note).status_code == 201


def test_gitlabs_own_notes_cannot_be_edited_and_internal_ones_are_not_for_guests(start, client):
    sandbox = start(tokens=[Token("g", "gwen", everywhere=Access.READ)])
    api, maria = client(sandbox), sandbox.person("maria")
    maria.open("x"), maria.edit(1, title="y")
    [system] = api.get(f"{ISSUES}/1/notes").json()
    path = f"{ISSUES}/1/notes/{system['id']}"
    assert api.put(path, json={"body": "z"}).status_code == 403
    hidden = api.post(f"{ISSUES}/1/notes", json={"body": "psst", "internal": True}).json()
    guest = client(sandbox, "g")
    assert [one["id"] for one in guest.get(f"{ISSUES}/1/notes").json()] == [system["id"]]
    assert guest.get(f"{ISSUES}/1/notes/{hidden['id']}").status_code == 404


def test_an_edited_note_runs_its_quick_actions(api, home):
    make(api)
    note = api.post(f"{ISSUES}/1/notes", json={"body": "x"}).json()["id"]
    changed = api.put(f"{ISSUES}/1/notes/{note}", json={"body": "y\n/close"}).json()
    assert (changed["body"], home.get(1).state) == ("y", "closed")


@pytest.mark.parametrize(
    ("bad", "said"),
    [("acme", "group/name"), ("acme/", "group/name"), ("acme/payments", "there already")],
)
def test_a_project_needs_a_group_and_a_name_of_its_own(sandbox, bad, said):
    with pytest.raises(ValueError, match=said):
        sandbox.state.add_project(bad)


@pytest.mark.parametrize("order", ["/relate #1", "/relate #2", "/relate no/ne#3", "/move no/ne"])
def test_a_quick_action_that_cannot_be_done_is_passed_over(api, order):
    make(api), make(api)
    for _ in range(2):
        answer = api.put(f"{ISSUES}/1", json={"description": f"text\n{order}"})
        assert (answer.status_code, answer.json()["description"]) == (200, "text")
