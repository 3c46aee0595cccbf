"""Issues are taken and refused as Jira takes and refuses them."""

import pytest

from adapters.sandbox import Access, Token
from adapters.sandbox.jira.model import Named


def refused(answer, status=400):
    assert answer.status_code == status, answer.text
    body = answer.json()
    return {**body["errors"], **({"": body["errorMessages"][0]} if body["errorMessages"] else {})}


FIELDS = {"project": {"key": "PAY"}, "issuetype": {"name": "Task"}, "summary": "x"}


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"summary": "two\nlines"}, "summary", "newline"),
        ({"summary": "s" * 256}, "summary", "255"),
        ({"summary": ""}, "summary", "must specify"),
        ({"description": "d" * 32_768}, "description", "32,767"),
        ({"labels": ["two words"]}, "labels", "contains spaces"),
        ({"labels": ["l" * 256]}, "labels", "255"),
        ({"priority": {"name": "Urgent"}}, "priority", "invalid"),
        ({"issuetype": {"name": "Nothing"}}, "issuetype", "issue type"),
        ({"project": {"key": "NOPE"}}, "project", "valid project"),
        ({"duedate": "tomorrow"}, "duedate", "parsing date"),
        ({"customfield_1": 1}, "customfield_1", "not on the appropriate screen"),
        ({"status": {"name": "Done"}}, "status", "not on the appropriate screen"),
        ({"parent": {"key": "PAY-99"}}, "parent", "Could not find"),
        ({"components": [{"name": "Nothing"}]}, "components", "not valid"),
    ],
)
def test_a_bad_value_is_refused_by_its_field(api, given, field, words):
    answer = api.post("/issue", json={"fields": FIELDS | given})
    assert words in refused(answer)[field]


def test_every_bad_value_is_named_at_once_and_nothing_is_made(api, jira):
    given = FIELDS | {"summary": "a\nb", "labels": ["a b"]}
    assert set(refused(api.post("/issue", json={"fields": given}))) == {"summary", "labels"}
    assert jira.state.issues.all == {}
    assert api.make() == "PAY-1"


def test_values_at_their_limits_are_taken(api):
    key = api.make("s" * 255, description="d" * 32_767, labels=["l" * 255])
    held = api.get(f"/issue/{key}").json()["fields"]
    assert (len(held["summary"]), len(held["description"]), len(held["labels"][0])) == (
        255, 32_767, 255,
    )  # fmt: skip


def test_identity_comes_with_the_create_and_is_read_with_searches(api, jira):
    body = {"fields": FIELDS, "properties": [{"key": "op", "value": {"id": "7"}}]}
    key = api.post("/issue", json=body).json()["key"]
    assert api.get(f"/issue/{key}?properties=op").json()["properties"] == {"op": {"id": "7"}}
    assert "properties" not in api.get(f"/issue/{key}").json()
    path = "/search/jql" if jira.state.flavour == "cloud" else "/search"
    query = {"jql": "project = PAY", "fields": "summary", "properties": "op"}
    (found,) = api.get(path, params=query).json()["issues"]
    assert found["properties"] == {"op": {"id": "7"}}


def test_a_property_changes_nothing_that_shows(api, jira):
    key = api.make()
    before = api.get(f"/issue/{key}").json()["fields"]["updated"]
    jira.clock.advance(60)
    assert api.put(f"/issue/{key}/properties/op", json=1).status_code == 201
    assert api.put(f"/issue/{key}/properties/op", json=2).status_code == 200
    assert api.get(f"/issue/{key}/properties/op").json() == {"key": "op", "value": 2}
    assert api.get(f"/issue/{key}").json()["fields"]["updated"] == before
    assert api.put(f"/issue/{key}/properties/op", json="x" * 32_768).status_code == 400
    assert api.delete(f"/issue/{key}/properties/op").status_code == 204
    assert api.get(f"/issue/{key}/properties/op").status_code == 404


def test_an_edit_that_changes_nothing_is_no_change(api, jira):
    key = api.make(labels=["a"])
    before = api.get(f"/issue/{key}").json()["fields"]["updated"]
    jira.clock.advance(60)
    assert api.put(f"/issue/{key}", json={"fields": {"labels": ["a"]}}).status_code == 204
    assert api.get(f"/issue/{key}").json()["fields"]["updated"] == before
    api.put(f"/issue/{key}", json={"fields": {"labels": ["b"]}})
    assert api.get(f"/issue/{key}").json()["fields"]["updated"] != before


def test_one_field_is_not_both_set_and_changed(api):
    key = api.make(labels=["a"])
    body = {"fields": {"labels": ["x"]}, "update": {"labels": [{"add": "y"}]}}
    assert "both" in refused(api.put(f"/issue/{key}", json=body))["labels"]


def test_cloud_gives_the_issue_back_when_asked(cloud, plain):
    api = plain(cloud)
    key = api.make()
    answer = api.put(f"/issue/{key}?returnIssue=true", json={"fields": {"summary": "new"}})
    assert answer.json()["fields"]["summary"] == "new"


def test_cloud_knows_account_ids_and_data_center_names(api, jira, flavour):
    user = jira.state.user("maria")
    by_id, by_name = {"accountId": user.account_id}, {"name": "maria"}
    good, bad = (by_id, by_name) if flavour == "cloud" else (by_name, {"name": "nobody"})
    key = api.make(assignee=good)
    assert api.get(f"/issue/{key}").json()["fields"]["assignee"]["displayName"] == "Maria"
    assert "assignee" in refused(api.put(f"/issue/{key}", json={"fields": {"assignee": bad}}))
    assert api.put(f"/issue/{key}", json={"fields": {"assignee": None}}).status_code == 204
    assert api.get(f"/issue/{key}").json()["fields"]["assignee"] is None


def test_somebody_outside_cannot_be_assigned(api, jira, flavour):
    user = jira.state.user("stranger")
    given = {"accountId": user.account_id} if flavour == "cloud" else {"name": "stranger"}
    answer = api.post("/issue", json={"fields": FIELDS | {"assignee": given}})
    assert "cannot be assigned" in refused(answer)["assignee"]


def test_a_required_custom_field_is_demanded_of_new_issues(api, jira):
    project = jira.state.project("PAY")
    severity = jira.state.add_field(project, "Severity", "option", ("SEV1", "SEV2"), ("Task",))
    assert refused(api.post("/issue", json={"fields": FIELDS})) == {
        severity.id: "Severity is required."
    }
    key = api.make(**{severity.id: {"value": "SEV2"}})
    assert api.get(f"/issue/{key}").json()["fields"][severity.id]["value"] == "SEV2"
    bad = api.put(f"/issue/{key}", json={"fields": {severity.id: {"value": "SEV9"}}})
    assert severity.id in refused(bad)


def test_a_priority_outside_the_scheme_is_refused_and_not_offered(api, jira):
    project = jira.state.project("PAY")
    project.priorities = ("1", "3")
    kind = project.type_named("Task").id
    page = api.get(f"/issue/createmeta/PAY/issuetypes/{kind}").json()
    fields = page["fields" if jira.state.flavour == "cloud" else "values"]
    (offered,) = (one["allowedValues"] for one in fields if one["fieldId"] == "priority")
    assert [one["name"] for one in offered] == ["Highest", "Medium"]
    answer = api.post("/issue", json={"fields": FIELDS | {"priority": {"name": "Low"}}})
    assert "priority" in refused(answer)


def test_a_field_that_is_on_no_screen_cannot_be_set(api, jira):
    jira.state.project("PAY").absent.add("duedate")
    answer = api.post("/issue", json={"fields": FIELDS | {"duedate": "2026-03-04"}})
    assert "appropriate screen" in refused(answer)["duedate"]


def test_a_moved_issue_keeps_its_id_and_answers_to_its_old_key(api, jira):
    key = api.make()
    number = api.get(f"/issue/{key}").json()["id"]
    jira.person("maria").move(key, "OPS")
    moved = api.get(f"/issue/{key}")
    assert (moved.status_code, moved.json()["key"], moved.json()["id"]) == (200, "OPS-1", number)
    assert api.find(f"key = {key}") == ["OPS-1"]
    assert api.make() == "PAY-2"


def test_a_deleted_key_is_never_given_again(api):
    assert api.delete(f"/issue/{api.make()}").status_code == 204
    assert api.get("/issue/PAY-1").status_code == 404
    assert api.make() == "PAY-2"


def test_an_archived_issue_is_readable_but_neither_found_nor_editable(api, jira):
    key = api.make()
    jira.person("maria").archive(key)
    assert api.find("project = PAY") == []
    assert api.get(f"/issue/{key}").status_code == 200
    assert "archived" in refused(api.put(f"/issue/{key}", json={"fields": {"summary": "y"}}))[""]
    assert "archived" in refused(api.post(f"/issue/{key}/comment", json={"body": "x"}))[""]
    assert api.put(f"/issue/{key}/properties/op", json=1).status_code == 400
    assert api.get(f"/issue/{key}/transitions").json()["transitions"] == []
    jira.person("maria").archive(key, archived=False)
    assert api.find("project = PAY") == [key]


def test_a_renamed_project_answers_to_both_keys(api, jira):
    key = api.make()
    jira.person("maria").rename_project("CASH")
    assert api.get(f"/issue/{key}").json()["key"] == "CASH-1"
    assert api.get("/project/PAY").json()["key"] == "CASH"


def test_a_hidden_project_looks_like_none_until_it_comes_back(api, jira):
    key = api.make()
    jira.person("maria").hide()
    assert api.get(f"/issue/{key}").status_code == 404
    assert api.get("/project/PAY").status_code == 404
    path = "/search/jql" if jira.state.flavour == "cloud" else "/search"
    answer = api.get(path, params={"jql": "project = PAY"})
    assert "does not exist for the field 'project'" in refused(answer)[""]
    jira.person("maria", "OPS").open("elsewhere")
    jira.state.projects[min(jira.state.projects)].hidden = False
    assert api.get(f"/issue/{key}").status_code == 200


@pytest.mark.parametrize(
    ("access", "creates", "edits"),
    [(Access.READ, 400, 403), (Access.TRIAGE, 201, 403), (Access.WRITE, 201, 204)],
)
def test_access_decides_what_may_be_written(start, plain, flavour, access, creates, edits):
    token = Token("other", "devon", everywhere=access)
    jira = start(flavour=flavour, tokens=[token])
    key = plain(jira).make()
    api = plain(jira, token="other", login="devon")
    assert api.get(f"/issue/{key}").status_code == 200
    assert api.post("/issue", json={"fields": FIELDS}).status_code == creates
    assert api.put(f"/issue/{key}", json={"fields": {"summary": "y"}}).status_code == edits


def test_a_person_at_data_center_leaves_carriage_returns(datacenter, plain):
    api = plain(datacenter)
    key = api.make(description="a\nb")
    assert api.get(f"/issue/{key}").json()["fields"]["description"] == "a\nb"
    datacenter.person("maria").edit(key, description="a\nb")
    assert api.get(f"/issue/{key}").json()["fields"]["description"] == "a\r\nb"


def test_version_three_speaks_documents_and_version_two_wiki_markup(cloud, plain):
    two, three = plain(cloud), plain(cloud, version="3")
    text = "h2. Head\n\nA line\n\n* one\n* two\n\n{code:py}\nx = 1\n{code}"
    key = two.make(description=text)
    document = three.get(f"/issue/{key}").json()["fields"]["description"]
    assert [one["type"] for one in document["content"]] == [
        "heading", "paragraph", "bulletList", "codeBlock",
    ]  # fmt: skip
    other = three.make(description=document)
    assert two.get(f"/issue/{other}").json()["fields"]["description"] == text
    assert (
        "Document"
        in refused(three.put(f"/issue/{key}", json={"fields": {"description": "x"}}))["description"]
    )
    assert plain(cloud, version="2").get(f"/issue/{other}").json()["fields"]["description"] == text


def test_what_wiki_markup_cannot_say_is_still_in_the_document(cloud, plain):
    two, three = plain(cloud), plain(cloud, version="3")
    mention = {"type": "mention", "attrs": {"id": "5b10", "text": "@Maria"}}
    marked = {"type": "text", "text": "bold", "marks": [{"type": "strong"}]}
    panel = {"type": "panel", "content": [{"type": "paragraph", "content": [mention, marked]}]}
    document = {"type": "doc", "version": 1, "content": [panel]}
    key = three.make(description=document)
    assert three.get(f"/issue/{key}").json()["fields"]["description"] == document
    shown = two.get(f"/issue/{key}").json()["fields"]["description"]
    assert shown == "{panel}\n[~accountid:5b10]*bold*\n{panel}"


def test_the_history_names_who_changed_what(cloud, plain):
    api = plain(cloud)
    key = api.make()
    cloud.person("maria").prioritise(key, "High")
    (change,) = api.get(f"/issue/{key}/changelog").json()["values"]
    assert change["author"]["displayName"] == "Maria"
    assert [(one["field"], one["fromString"], one["toString"]) for one in change["items"]] == [
        ("priority", "Medium", "High")
    ]


def test_many_issues_are_fetched_by_key_past_any_lag(start, plain):
    cloud = start(lag=60)
    api = plain(cloud)
    keys = [api.make() for _ in range(3)]
    assert api.find("project = PAY") == []
    body = {"issueIdsOrKeys": [*keys, "PAY-9"], "fields": ["summary"], "properties": ["op"]}
    found = api.post("/issue/bulkfetch", json=body).json()
    assert [one["key"] for one in found["issues"]] == keys


def test_a_reflowed_text_keeps_its_words_and_loses_its_layout(cloud, plain):
    cloud.state.set_habits(reflow=True)
    api = plain(cloud)
    key = api.make(description="one  \ntwo\n\n\n\n* a\n* b\n")
    stored = api.get(f"/issue/{key}").json()["fields"]["description"]
    assert stored == "one  \ntwo\n\n* a\n* b"
    api.put(f"/issue/{key}", json={"fields": {"description": stored}})
    assert api.get(f"/issue/{key}").json()["fields"]["description"] == stored


def test_a_veiled_issue_looks_like_none(api, jira):
    key, other = api.make(), api.make()
    jira.person("maria").veil(key)
    assert api.get(f"/issue/{key}").status_code == 404
    assert api.find("project = PAY") == [other]
    jira.person("maria").veil(key, veiled=False)
    assert api.get(f"/issue/{key}").status_code == 200


def test_somebody_writes_in_the_editor_what_wiki_markup_cannot_say(cloud, plain):
    key = cloud.person("maria").open("x").key
    mention = {"type": "mention", "attrs": {"id": "5b10"}}
    cloud.person("maria").write(
        key, {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [mention]}]}
    )
    shown = plain(cloud).get(f"/issue/{key}").json()["fields"]["description"]
    assert shown == "[~accountid:5b10]"


def test_values_are_changed_step_by_step(api, jira):
    key = api.make(labels=["a", "b"])
    steps = {
        "labels": [{"remove": "a"}, {"add": "c"}],
        "summary": [{"set": "stepped"}],
        "comment": [{"add": {"body": "said along"}}],
    }
    assert api.put(f"/issue/{key}", json={"update": steps}).status_code == 204
    held = api.get(f"/issue/{key}").json()["fields"]
    assert (held["labels"], held["summary"]) == (["b", "c"], "stepped")
    assert [one["body"] for one in held["comment"]["comments"]] == ["said along"]


@pytest.mark.parametrize(
    ("update", "field"),
    [
        ({"labels": "x"}, "labels"),
        ({"labels": [{"fold": "x"}]}, "labels"),
        ({"summary": [{"set": "a\nb"}]}, "summary"),
        ({"comment": [{"add": {"body": 1}}]}, "comment"),
        ({"comment": [{"add": {"body": " "}}]}, "comment"),
    ],
)
def test_a_step_that_cannot_be_done_is_refused(api, update, field):
    key = api.make()
    assert field in refused(api.put(f"/issue/{key}", json={"update": update}))


@pytest.mark.parametrize(
    ("holds", "good", "bad"),
    [
        ("number", 2.5, "two"),
        ("date", "2026-03-04", "soon"),
        ("string", "text", 1),
        ("option", {"value": "A"}, {"value": "Z"}),
    ],
)
def test_a_custom_field_holds_what_it_is_for(api, jira, holds, good, bad):
    project = jira.state.project("PAY")
    kind = jira.state.add_field(project, "Extra", holds, ("A",) if holds == "option" else ())
    key = api.make(**{kind.id: good})
    held = api.get(f"/issue/{key}").json()["fields"][kind.id]
    assert (held["value"] if holds == "option" else held) == (
        good["value"] if holds == "option" else good
    )
    assert kind.id in refused(api.put(f"/issue/{key}", json={"fields": {kind.id: bad}}))
    assert api.put(f"/issue/{key}", json={"fields": {kind.id: None}}).status_code == 204
    assert api.get(f"/issue/{key}").json()["fields"][kind.id] is None


def test_a_parent_shows_its_children_and_a_subtask_needs_one(api):
    elder = api.make()
    answer = api.post("/issue", json={"fields": FIELDS | {"issuetype": {"name": "Sub-task"}}})
    assert "parent issue key or id not specified" in refused(answer)["parent"]
    child = api.make(kind="Sub-task", parent={"key": elder})
    shown = api.get(f"/issue/{elder}").json()["fields"]["subtasks"]
    assert [one["key"] for one in shown] == [child]
    assert api.find(f"parent = {elder}") == [child]
    assert api.delete(f"/issue/{elder}").status_code == 400
    assert api.delete(f"/issue/{elder}?deleteSubtasks=true").status_code == 204


def test_a_component_is_one_of_the_projects(api, jira):
    project = jira.state.project("PAY")
    project.components.append(Named("1", "Backend"))
    key = api.make(components=[{"name": "Backend"}])
    assert api.get(f"/issue/{key}").json()["fields"]["components"][0]["name"] == "Backend"
    step = {"update": {"components": [{"remove": {"id": "1"}}]}}
    assert api.put(f"/issue/{key}", json=step).status_code == 204
    assert api.get(f"/issue/{key}").json()["fields"]["components"] == []


def test_links_are_made_once_and_never_to_oneself(api, jira):
    one, two = api.make(), api.make()

    def link(source, target, kind="Blocks"):
        ends = {"inwardIssue": {"key": source}, "outwardIssue": {"key": target}}
        return api.post("/issueLink", json={"type": {"name": kind}} | ends).status_code

    assert (link(one, two), link(one, two), link(one, one)) == (201, 201, 400)
    assert (link(one, two, "Hates"), link(one, "PAY-99")) == (404, 404)
    (made,) = api.get(f"/issue/{one}").json()["fields"]["issuelinks"]
    assert made["outwardIssue"]["key"] == two
    assert api.get("/issueLink/4711").status_code == 404
    jira.state.project("PAY").denied.add("LINK_ISSUES")
    assert link(two, one) == 403


def test_a_link_to_elsewhere_is_renewed_by_its_global_id(api):
    key = api.make()
    place = f"/issue/{key}/remotelink"
    link = {"globalId": "doc=1", "object": {"url": "http://127.0.0.1/d", "title": "d"}}
    assert [api.post(place, json=link).status_code for _ in range(2)] == [201, 200]
    assert api.get(place, params={"globalId": "doc=1"}).json()["object"]["title"] == "d"
    assert api.get(place, params={"globalId": "doc=2"}).status_code == 404
    assert api.delete(place, params={"globalId": "doc=2"}).status_code == 404
    long = link | {"globalId": "g" * 256}
    assert "255" in refused(api.post(place, json=long))["globalId"]
    assert set(refused(api.post(place, json={"object": {}}))) == {"url", "title"}


def test_comments_are_their_authors_to_change(start, plain, flavour):
    jira = start(flavour=flavour, tokens=[Token("dev", "devon", everywhere=Access.WRITE)])
    api, devon = plain(jira), plain(jira, token="dev", login="devon")
    key = api.make()
    place = f"/issue/{key}/comment"
    given = {"body": "mine", "properties": [{"key": "op", "value": 7}]}
    number = api.post(place, json=given).json()["id"]
    assert "permission" in refused(devon.put(f"{place}/{number}", json={"body": "x"}))[""]
    assert api.get(f"/comment/{number}/properties/op").json()["value"] == 7
    assert api.get(f"/comment/{number}/properties/other").status_code == 404
    assert api.get("/comment/99/properties/op").status_code == 404
    assert api.get(f"{place}/99").status_code == 404
    assert "empty" in refused(api.put(f"{place}/{number}", json={"body": ""}))["comment"]
    assert "comment" in refused(api.post(place, json={"body": "c" * 32_768}))
    devon.post(place, json={"body": "later"})
    newest = api.get(f"{place}?orderBy=-created&maxResults=1").json()
    assert (newest["comments"][0]["body"], newest["total"]) == ("later", 2)
    jira.state.project("PAY").denied.add("ADD_COMMENTS")
    assert api.post(place, json={"body": "x"}).status_code == 403


def test_people_are_named_as_the_flavour_names_them(api, jira, flavour):
    user = jira.state.user("maria")
    if flavour == "cloud":
        assert api.get(f"/user?accountId={user.account_id}").json()["displayName"] == "Maria"
        assert api.get("/user/search?username=maria").status_code == 400
        assert len(api.get(f"/user/search?accountId={user.account_id}").json()) == 1
    else:
        assert api.get("/user?username=maria").json()["key"] == user.key
    assert api.get("/user?accountId=nobody&username=nobody").status_code == 404
    assert api.get("/user/assignable/search").status_code == 400
    key = api.make()
    assert len(api.get(f"/user/assignable/search?issueKey={key}").json()) == 4


def test_permissions_are_asked_by_name_on_cloud(api, flavour):
    key = api.make()
    assert api.get("/mypermissions").status_code == (400 if flavour == "cloud" else 200)
    assert api.get("/mypermissions?permissions=FLY").status_code == 400
    query = f"/mypermissions?permissions=EDIT_ISSUES&issueKey={key}"
    assert api.get(query).json()["permissions"]["EDIT_ISSUES"]["havePermission"] is True
    answer = api.get("/mypermissions?permissions=EDIT_ISSUES,ADMINISTER").json()["permissions"]
    assert (answer["EDIT_ISSUES"]["havePermission"], answer["ADMINISTER"]["havePermission"]) == (
        True, False,
    )  # fmt: skip


def test_what_a_site_does_not_have_is_not_found(api, jira):
    assert api.get("/status/Nowhere").status_code == 404
    assert api.get("/priority/9").status_code == 404
    assert api.get("/issue/createmeta/PAY/issuetypes/9").status_code == 404
    assert api.get("/project/PAY/properties/x").status_code == 404
    assert api.get("/project/PAY/properties").json() == {"keys": []}
    if jira.state.flavour == "datacenter":
        assert api.get("/project/PAY/priorityscheme").json()["optionIds"] == list("12345")
        assert api.get("/issue/createmeta").status_code == 404


def test_an_archived_project_takes_no_writes(api, jira):
    key = api.make()
    jira.person("maria").archive_project()
    assert "archived" in refused(api.put(f"/issue/{key}", json={"fields": {"summary": "y"}}))[""]
    assert "archived" in refused(api.post("/issue", json={"fields": FIELDS}))["project"]
    assert api.find("project = PAY") == []
    assert api.get(f"/issue/{key}").status_code == 200
