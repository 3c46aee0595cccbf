"""GitLab's best-known Python library cannot tell the sandbox from GitLab."""

import gitlab
import pytest

from adapters.sandbox.core.access import Token


@pytest.fixture
def library(sandbox):
    with gitlab.Gitlab(sandbox.url, private_token=sandbox.token) as made:
        yield made


@pytest.fixture
def project(library):
    return library.projects.get("acme/payments")


def test_it_signs_in_and_knows_the_version(library, sandbox):
    library.auth()
    assert library.user.username == "project_77_bot"
    assert library.version()[0].startswith("18.")
    assert library.personal_access_tokens.get("self").scopes == ["api"]
    with gitlab.Gitlab(sandbox.url, oauth_token=sandbox.token) as other:
        other.auth()
        assert other.user.id == library.user.id


def test_an_issue_is_made_read_changed_and_deleted(project):
    made = project.issues.create(
        {
            "title": "Down",
            "description": "text",
            "labels": "priority::P0,bug",
            "assignee_ids": [11, 12],
            "due_date": "2026-04-01",
            "issue_type": "incident",
        }
    )
    found = project.issues.get(made.iid)
    assert found.attributes == made.attributes
    assert [one["username"] for one in found.assignees] == ["maria", "devon"]
    assert (found.due_date, found.issue_type, found.severity) == (
        "2026-04-01",
        "incident",
        "UNKNOWN",
    )
    changed = project.issues.update(
        made.iid, {"add_labels": "priority::P1", "state_event": "close"}
    )
    assert changed["labels"] == ["bug", "priority::P1"]
    assert changed["state"] == "closed"
    project.issues.delete(made.iid)
    with pytest.raises(gitlab.GitlabGetError) as refused:
        project.issues.get(made.iid)
    assert refused.value.response_code == 404


def test_lists_are_paged_by_offset_and_by_keyset(project, library, sandbox):
    sandbox.state.project("acme/payments").seed_issues(45)
    assert len(project.issues.list(get_all=True)) == 45
    asked = project.issues.list(iterator=True, per_page=20)
    assert (asked.total, asked.total_pages) == (45, 3)
    sought = {"pagination": "keyset", "order_by": "updated_at", "sort": "asc", "per_page": 10}
    assert [one.iid for one in project.issues.list(iterator=True, **sought)] == [*range(1, 46)]
    assert len(library.groups.get("acme").issues.list(get_all=True)) == 45
    assert library.issues.list() == []
    assert len(library.issues.list(scope="all", get_all=True)) == 45


def test_notes_labels_links_and_moves(project, library, sandbox):
    sandbox.state.add_project("acme/other").people |= sandbox.state.project("77").people
    first, second = (project.issues.create({"title": name}) for name in "ab")
    note = first.notes.create({"body": "hello"})
    note.body = "well"
    note.save()
    assert [one.body for one in first.notes.list()] == ["well"]
    label = project.labels.create({"name": "a b", "color": "#FF0000"})
    label.new_name = "c"
    label.save()
    assert [one.name for one in project.labels.list()] == ["c"]
    link, _ = first.links.create({"target_project_id": project.id, "target_issue_iid": second.iid})
    assert link.iid == first.iid
    [linked] = second.links.list()
    second.links.delete(linked.issue_link_id)
    assert first.links.list() == []
    first.move(78)
    assert project.issues.get(first.iid).moved_to_id is not None
    assert [one.title for one in library.projects.get(78).issues.list()] == ["a"]
    assert "maria" in {one.username for one in project.members_all.list()}


def test_a_renamed_project_is_followed_when_read_and_refused_when_written(library, project, maria):
    lazy = library.projects.get("acme/payments", lazy=True)
    maria.rename("acme/money")
    assert library.projects.get("acme/payments").path_with_namespace == "acme/money"
    assert lazy.issues.list() == []
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        lazy.issues.create({"title": "x"})
    assert refused.value.response_code == 405
    assert project.issues.create({"title": "x"}).references["full"] == "acme/money#1"


def test_a_limit_is_waited_for_as_its_header_says(sandbox, project):
    sandbox.faults.add("rate-limit", "GET /issues$", limit="primary", times=1)
    with pytest.raises(gitlab.GitlabHttpError) as refused:
        project.manager.gitlab.http_get("/projects/77/issues", obey_rate_limit=False)
    assert refused.value.response_code == 429
    assert refused.value.response_body == b"Retry later\n"


def test_a_wrong_token_is_an_authentication_error(sandbox):
    with (
        gitlab.Gitlab(sandbox.url, private_token="wrong") as library,
        pytest.raises(gitlab.GitlabAuthenticationError),
    ):
        library.auth()


def test_graphql_is_spoken_with_the_same_token(library, maria):
    maria.open("x", kind="incident")
    query = """mutation($p: ID!) {
      issueSetSeverity(input: {projectPath: $p, iid: "1", severity: HIGH}) {
        issue { severity } errors
      }
    }"""
    body = {"query": query, "variables": {"p": "acme/payments"}}
    said = library.http_post(f"{library.url}/api/graphql", post_data=body)
    assert said == {"data": {"issueSetSeverity": {"issue": {"severity": "HIGH"}, "errors": []}}}


def test_a_token_for_reading_only_is_told_its_scope_is_too_small(start):
    sandbox = start(tokens=[Token("reader", "guest", may_write=False)])
    with gitlab.Gitlab(sandbox.url, private_token="reader") as library:
        assert library.personal_access_tokens.get("self").scopes == ["read_api"]
        lazy = library.projects.get(77, lazy=True)
        assert lazy.issues.list() == []
        with pytest.raises(gitlab.GitlabCreateError, match="insufficient_scope"):
            lazy.issues.create({"title": "x"})
