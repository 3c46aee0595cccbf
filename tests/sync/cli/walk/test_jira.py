"""Every bad input of Jira, as a person meets it: said with its code, item and remedy; the others go
on, nothing is lost, and after the remedy the two sides are in step.
"""

import json

import pytest

#: A page as a single sign-on or an expired session serves it, with status 200.
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Log in - Jira</title></head>"
    "<body><form action='/login.jsp'><input name='os_username'></form></body></html>"
)


def others_go_on(walk):
    """A second document was changed besides, and its issue followed."""
    assert walk.issues()["PAY-2"] == "Selected for Development: Another, renamed"


def test_without_the_permission_to_transition_only_the_phase_waits(jira):
    jira.begin()
    jira.home.denied.add("TRANSITION_ISSUES")
    jira.change("PAY-T-0001", phase="active")
    jira.change("PAY-T-0002", title="Another, renamed")
    said = (
        'E122 PAY-1 doing is not reachable from "Selected for Development"; available: none. '
        "Give the account the permission Transition issues, or name the status meant."
    )
    jira.tells(said, exit=1)
    jira.waits(said)
    others_go_on(jira)
    check = jira.run("check")
    assert check.exit == 1
    assert (
        "may change the phase    Give the account Transition issues in this project's permission"
        in check.out
    )
    assert jira.documents()["PAY-T-0001"] == "active A task"
    jira.home.denied.clear()
    assert jira.run("sync", "--retry").exit == 0
    jira.settle()
    jira.quiet()
    assert jira.issues()["PAY-1"] == "In Progress: A task"


@pytest.mark.parametrize("newcomers", [1, 3])
def test_a_required_field_without_a_value_names_the_line_to_add(cloud, newcomers):
    cloud.begin()
    field = cloud.state.add_field(cloud.home, "Team", "string", required=("*",))
    for number in range(3, 3 + newcomers):
        cloud.write(number, f"New {number}")
    cloud.change("PAY-T-0002", title="Another, renamed")
    said = (
        f"E120 PAY-T-0003 Jira refuses it: {field.id}: Team is required. "
        f'Give it a value under [options] of the profile: "field:{field.id}" = "…".'
    )
    cloud.tells(said, exit=1)
    others_go_on(cloud)
    assert len(cloud.issues()) == 2, "nothing was half made"
    check = cloud.run("check")
    assert check.exit == 1
    assert "required and without a value: Team  Settle under [options] of the profile" in check.out
    cloud.waits(said)
    cloud.settle_option(f'"field:{field.id}" = "Payments"')
    assert cloud.run("sync").exit == 0, "other words are tried at once"
    cloud.settle()
    cloud.quiet()
    assert [one for one in cloud.issues().values() if "New" in one] == [
        f"Selected for Development: New {number}" for number in range(3, 3 + newcomers)
    ]


def test_a_required_field_of_a_transition_names_the_line_to_add(cloud):
    cloud.begin()
    issue = cloud.state.issues.get("PAY-1")
    ends = [one for one in cloud.home.workflow.transitions if one.to == "Done"]
    field = cloud.state.add_field(cloud.home, "Root cause", "string")
    cloud.demand(field.id, [one.id for one in ends])
    cloud.change("PAY-T-0001", phase="completed")
    cloud.change("PAY-T-0002", title="Another, renamed")
    told = cloud.sync()
    assert told.exit == 1
    assert "E122 PAY-1 completed is not reachable from" in told.err
    assert "Missing field: Root cause." in told.err
    assert '"field:Root cause" = "…".' in told.err
    others_go_on(cloud)
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task", "it was not begun"
    assert cloud.documents()["PAY-T-0001"] == "completed A task"
    cloud.settle_option('"field:Root cause" = "See the postmortem"')
    assert cloud.run("sync").exit == 0
    cloud.settle()
    cloud.quiet()
    assert cloud.issues()["PAY-1"] == "Done: A task"
    assert issue.id == cloud.state.issues.get("PAY-1").id


def test_a_status_nobody_mapped_is_taken_by_its_category_and_said_until_it_is_named(cloud):
    cloud.begin()
    cloud.reword('"In Progress", "In Review"', '"In Progress"')
    cloud.maria.walk("PAY-1", "In Review")
    said = (
        'E129 PAY-1 status "In Review" is not named; taken for doing by its category. '
        "Name it under [phase.statuses] of the profile."
    )
    cloud.clock.sleep(400)
    assert said in cloud.run("plan").out
    cloud.tells(said, exit=0)
    assert cloud.documents()["PAY-T-0001"] == "active A task"
    check = cloud.run("check")
    assert check.exit == 1
    assert "not named: In Review" in check.out
    cloud.reword('blocked = ["Blocked"]', 'blocked = ["Blocked", "In Review"]')
    assert cloud.run("sync").exit == 0
    assert cloud.documents()["PAY-T-0001"] == "blocked A task", "it was read with the new words"
    cloud.settle()
    cloud.quiet()


def test_a_priority_that_the_scheme_lacks_leaves_the_issue_as_it_is(cloud):
    cloud.begin()
    cloud.reword('"Highest"', '"Blocker"')
    cloud.change("PAY-T-0001", title="[P0] A task")
    cloud.change("PAY-T-0002", title="Another, renamed")
    before = cloud.state.issues.get("PAY-1").priority
    told = cloud.sync()
    assert told.exit == 1
    assert "E120 PAY-1 Jira refuses it: priority: " in told.err
    assert "Name a priority of the project's scheme under [priority.values] of the profile." in told
    assert "E120 PAY-1 Jira refuses it: priority: " in cloud.run("status").out
    others_go_on(cloud)
    check = cloud.run("check")
    assert "not in the scheme: Blocker  Name these under [priority.values]" in check.out
    assert cloud.state.issues.get("PAY-1").priority == before
    cloud.reword('"Blocker"', '"Highest"')
    assert cloud.run("sync").exit == 0
    found = cloud.state.issues.get("PAY-1").priority
    assert cloud.state.priorities[int(found) - 1].name == "Highest"
    assert "E120" not in cloud.run("status")


def test_a_label_with_a_blank_is_refused_before_it_is_sent(cloud):
    cloud.begin()
    cloud.reword('labels = ["incident"]', 'labels = ["an incident"]')
    cloud.write(3, "[INCIDENT] Payments fail")
    cloud.change("PAY-T-0002", title="Another, renamed")
    said = (
        'E120 PAY-T-0003 "an incident" cannot be a label in Jira: no blanks, at most 255 '
        "characters. Write it otherwise in the profile."
    )
    cloud.tells(said, exit=1)
    cloud.waits(said)
    others_go_on(cloud)
    assert len(cloud.issues()) == 2
    assert "with blanks: an incident" in cloud.run("check").out
    cloud.reword('"an incident"', '"incident"')
    assert cloud.run("sync").exit == 0
    assert "incident" in cloud.state.issues.get("PAY-3").labels


def test_a_title_of_two_lines_becomes_one_line_in_jira_and_stays_in_its_document(cloud):
    cloud.begin()
    file = cloud.file("PAY-T-0001")
    file.write_text(file.read_text().replace('title: "A task"', 'title: "A task\\nof two lines"'))
    assert cloud.sync().exit == 0
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task of two lines"
    cloud.settle()
    assert cloud.documents()["PAY-T-0001"] == "todo A task\\nof two lines"


def test_a_title_that_is_too_long_waits_until_it_is_shorter(cloud):
    cloud.begin()
    cloud.change("PAY-T-0001", title="y" * 260)
    cloud.write(3, "x" * 300)
    cloud.change("PAY-T-0002", title="Another, renamed")
    cloud.tells("E120 PAY-1 summary is 260 characters; Jira takes 255. Shorten it.", exit=1)
    cloud.waits("E120 PAY-T-0003 summary is 300 characters; Jira takes 255. Shorten it.")
    others_go_on(cloud)
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task"
    cloud.change("PAY-T-0001", title="Short")
    cloud.change("PAY-T-0003", title="Shorter")
    assert cloud.run("sync").exit == 0, "whoever mends the document does not wait"
    cloud.settle()
    cloud.quiet()
    assert list(cloud.issues().values())[::2] == [
        "Selected for Development: Short",
        "Selected for Development: Shorter",
    ]


def test_a_long_document_is_mirrored_in_part_and_that_is_said(cloud):
    cloud.begin()
    cloud.change("PAY-T-0001", body="word " * 8000)
    said = (
        "E120 PAY-1 body is too long to be mirrored whole; its end is cut. "
        "Shorten the document, or leave it: it keeps the whole text."
    )
    assert said in cloud.run("plan").out
    cloud.tells(said, exit=0)
    text = cloud.state.issues.get("PAY-1").description.wiki
    assert len(text) <= 32_767
    assert "The document goes on" in text
    assert len(cloud.file("PAY-T-0001").read_text()) > 40_000, "the document is as it was"
    cloud.settle()
    file = cloud.file("PAY-T-0001")
    file.write_text(file.read_text().replace("word ", ""))
    cloud.settle()
    cloud.quiet()
    assert "The document goes on" not in cloud.state.issues.get("PAY-1").description.wiki


def test_a_description_that_people_filled_up_is_not_touched(jira):
    jira.begin()
    wiki = jira.state.issues.get("PAY-1").description.wiki
    full = "word " * 6400
    jira.maria.edit("PAY-1", description=f"{full}\n{wiki}")
    jira.sync()
    before = jira.state.issues.get("PAY-1").description.wiki
    jira.change("PAY-T-0001", body="word " * 200)
    jira.change("PAY-T-0002", title="Another, renamed")
    told = jira.sync()
    assert told.exit == 1
    assert "E120 PAY-1 description would be 33" in told.err
    assert "Jira takes 32767. Shorten the issue's own text." in told.err
    assert "E120 PAY-1 description would be 33" in jira.run("status").out
    others_go_on(jira)
    assert jira.state.issues.get("PAY-1").description.wiki == before
    jira.maria.edit("PAY-1", description=before.replace("word ", "", 6000))
    jira.settle()
    jira.quiet()
    assert "word word" in jira.state.issues.get("PAY-1").description.wiki


def test_an_archived_issue_is_left_alone_until_it_is_restored(jira):
    jira.begin()
    jira.maria.archive("PAY-1")
    jira.change("PAY-T-0001", title="A task, renamed")
    jira.change("PAY-T-0002", title="Another, renamed")
    said = (
        "E127 PAY-1 Issue is archived. You cannot edit an archived issue. "
        "Restore it in Jira; or `unlink` it, or end the pair."
    )
    jira.tells(said, exit=1)
    jira.waits(said)
    others_go_on(jira)
    assert jira.documents()["PAY-T-0001"] == "todo A task, renamed"
    jira.maria.archive("PAY-1", archived=False)
    jira.settle()
    jira.quiet()
    assert jira.issues()["PAY-1"] == "Selected for Development: A task, renamed"


def test_a_moved_issue_is_frozen_with_its_new_key_until_it_is_moved_back(jira):
    jira.begin()
    jira.maria.move("PAY-1", "OTH")
    jira.change("PAY-T-0001", title="A task, renamed")
    jira.change("PAY-T-0002", title="Another, renamed")
    said = "E212 PAY-1 moved to OTH-1. Move it back, or `unlink` it."
    jira.tells(said, exit=1)
    jira.waits(said)
    others_go_on(jira)
    assert jira.issues()["OTH-1"] == "Selected for Development: A task"
    jira.maria.move("OTH-1", "PAY")
    jira.settle()
    jira.quiet()
    assert jira.issues()["PAY-3"] == "Selected for Development: A task, renamed"
    assert sorted(jira.documents()) == ["PAY-T-0001", "PAY-T-0002"]


def test_a_moved_issue_of_a_quiet_document_is_found_by_the_daily_reading(cloud):
    cloud.begin()
    cloud.maria.move("PAY-1", "OTH")
    said = "E212 PAY-1 moved to OTH-1. Move it back, or `unlink` it."
    cloud.tells(said, exit=0, later=25 * 3600)
    cloud.waits(said)
    assert cloud.documents()["PAY-T-0001"] == "todo A task", "nothing was concluded"
    assert cloud.run("unlink", "PAY-T-0001").exit == 0
    cloud.settle()
    cloud.quiet()


def test_an_issue_with_a_security_level_is_frozen_until_the_account_may_see_it_again(cloud):
    cloud.begin()
    cloud.maria.veil("PAY-1")
    cloud.change("PAY-T-0001", title="A task, renamed")
    cloud.change("PAY-T-0002", title="Another, renamed")
    said = "E210 cannot see PAY-1 (deleted, moved or no access). Frozen."
    told = cloud.sync()
    assert told.exit == 1
    assert said in told.err
    assert said in cloud.run("status").out
    assert f"PAY-1: {said}" in cloud.run("plan").out
    others_go_on(cloud)
    cloud.maria.veil("PAY-1", veiled=False)
    assert cloud.run("sync", "--retry").exit == 0
    cloud.settle()
    cloud.quiet()
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task, renamed"


def test_a_login_page_instead_of_an_answer_is_no_empty_project(jira):
    jira.begin()
    jira.sandbox.faults.add("error", "* /rest/", status=200, body=LOGIN_PAGE)
    jira.change("PAY-T-0001", title="A task, renamed")
    said = (
        f"E204 {jira.host} answered with a login page. "
        "Check base_url, the token, and whether a single sign-on stands before the API."
    )
    assert jira.run("plan").exit == 1
    jira.tells(said, exit=1)
    assert f"{jira.host} answered with a login page." in jira.run("check").out
    assert jira.issues()["PAY-1"] == "Selected for Development: A task"
    assert jira.documents() == {"PAY-T-0001": "todo A task, renamed", "PAY-T-0002": "todo Another"}
    jira.sandbox.faults.clear()
    jira.settle()
    jira.quiet()
    assert jira.issues()["PAY-1"] == "Selected for Development: A task, renamed"


def test_a_login_page_after_a_write_stops_the_rest_and_says_so_once(cloud):
    cloud.begin()
    cloud.sandbox.faults.add("error", "PUT /issue/", status=200, body=LOGIN_PAGE)
    cloud.change("PAY-T-0001", title="A task, renamed")
    cloud.change("PAY-T-0002", title="Another, renamed")
    told = cloud.sync()
    assert told.exit == 1
    assert told.err.count("E204") == 1
    assert "left for the next run" in told.out
    cloud.sandbox.faults.clear()
    cloud.settle()
    cloud.quiet()
    others_go_on(cloud)


def test_a_captcha_pauses_the_connection_until_somebody_solved_it(jira):
    jira.begin()
    jira.state.captcha.add("followthrough-bot")
    jira.change("PAY-T-0001", title="A task, renamed")
    said = (
        f"E204 {jira.host} wants a CAPTCHA to be solved. Sign in there once in a browser with "
        "this account, then run `followthrough check`."
    )
    assert jira.run("plan").exit == 1
    jira.tells(said, exit=1)
    assert f"{jira.host} wants a CAPTCHA to be solved." in jira.run("check").out
    jira.state.captcha.clear()
    assert jira.run("check").exit == 0
    jira.settle()
    jira.quiet()
    assert jira.issues()["PAY-1"] == "Selected for Development: A task, renamed"


def test_a_search_that_is_gone_names_the_deployment_to_set(jira):
    jira.begin()
    file = jira.folder / "followthrough.toml"
    right = file.read_text()
    other = "cloud" if jira.flavour == "datacenter" else "datacenter"
    file.write_text(right.replace(f'"{jira.flavour}"', f'"{other}"'))
    jira.change("PAY-T-0001", title="A task, renamed")
    said = f'E128 {jira.host} does not have this search. Set deployment = "{jira.flavour}".'
    assert jira.run("plan").exit == 1
    jira.tells(said, exit=1)
    assert f'Set deployment = "{jira.flavour}".' in jira.run("check").out
    assert jira.issues()["PAY-1"] == "Selected for Development: A task"
    file.write_text(right)
    jira.settle()
    jira.quiet()
    assert jira.issues()["PAY-1"] == "Selected for Development: A task, renamed"


def test_the_old_search_of_cloud_that_answers_410_names_the_deployment_too(cloud):
    cloud.begin()
    file = cloud.folder / "followthrough.toml"
    right = file.read_text()
    file.write_text(right.replace('"cloud"', '"datacenter"'))
    gone = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
    cloud.sandbox.faults.add("status", "GET /search$", status=410, message=gone)
    cloud.tells(f'E128 {cloud.host} does not have this search. Set deployment = "cloud".', exit=1)
    file.write_text(right)
    cloud.sandbox.faults.clear()
    cloud.settle()
    cloud.quiet()


def test_a_token_that_is_refused_and_one_served_as_nobody_are_told_alike(jira):
    jira.begin()
    for strangers in ("refuse", "empty"):
        jira.state.set_habits(strangers=strangers)
        token = jira.revoke()
        jira.change("PAY-T-0001", title=f"Renamed while {strangers}")
        told = jira.sync()
        assert told.exit == 1
        assert f"E205 token rejected by {jira.host}. Renew it where it is kept" in told.err
        assert "E205" in jira.run("status").err
        assert len(jira.documents()) == 2
        jira.state.add_token(token)
        jira.settle()
        jira.quiet()
        assert jira.issues()["PAY-1"] == f"Selected for Development: Renamed while {strangers}"


def test_what_is_wrong_is_told_to_programs_as_well(cloud):
    cloud.begin()
    cloud.change("PAY-T-0001", title="y" * 260)
    cloud.clock.sleep(400)
    (pair,) = json.loads(cloud.run("sync", "--json").out)["pairs"]
    (operation,) = pair["operations"]
    assert operation["outcome"] == "failed"
    assert operation["problem"] == {
        "code": "E120",
        "place": "PAY-1",
        "message": "summary is 260 characters; Jira takes 255.",
        "remedy": "Shorten it.",
    }
    (status,) = json.loads(cloud.run("status", "--json").out)["pairs"]
    (aside,) = status["items_set_aside"]
    assert aside["name"] == "PAY-1"
    assert aside["problem"] == operation["problem"]
    (plan,) = json.loads(cloud.run("plan", "--json").out)["pairs"]
    assert [one["problem"] for one in plan["held"]] == [operation["problem"]]


def test_a_project_that_the_account_may_not_browse_is_no_empty_one(cloud):
    cloud.begin()
    cloud.maria.hide()
    cloud.change("PAY-T-0001", title="A task, renamed")
    said = (
        "E210 cannot see PAY: not found, or this account may not see it: No project could be found "
        "with key 'PAY'. Check its key, and that the account may browse it."
    )
    assert cloud.run("plan").exit == 1
    cloud.tells(said, exit=1)
    assert cloud.documents() == {"PAY-T-0001": "todo A task, renamed", "PAY-T-0002": "todo Another"}
    cloud.maria.hide(hidden=False)
    cloud.settle()
    cloud.quiet()
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task, renamed"


def test_one_project_of_a_site_that_is_lost_stops_no_other(cloud):
    cloud.second_pair("OTH")
    cloud.begin()
    other = cloud.sandbox.person("maria", "OTH")
    other.hide()
    cloud.change("PAY-T-0001", title="A task, renamed")
    told = cloud.sync()
    assert told.exit == 1
    assert told.err.count("E210 cannot see OTH: ") == 1
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task, renamed"
    other.hide(hidden=False)
    cloud.settle()
    cloud.quiet()


def test_an_archived_project_takes_nothing_and_loses_nothing(cloud):
    cloud.begin()
    cloud.maria.archive_project()
    cloud.change("PAY-T-0001", title="A task, renamed")
    cloud.write(3, "New")
    said = (
        "E127 PAY-T-0003 project: The project is archived and takes no issues. "
        "Restore it in Jira; or `unlink` it, or end the pair."
    )
    cloud.tells(said, exit=1)
    cloud.waits(said)
    assert "FAIL pair payments: not archived" in cloud.run("check").out
    cloud.maria.archive_project(archived=False)
    assert cloud.run("sync", "--retry").exit == 0
    cloud.settle()
    cloud.quiet()
    assert len(cloud.issues()) == 3


def test_a_phase_that_no_way_leads_to_waits_until_there_is_one(cloud):
    cloud.begin()
    flow = cloud.home.workflow
    cloud.close_off("Blocked")
    cloud.change("PAY-T-0001", phase="blocked")
    cloud.change("PAY-T-0002", title="Another, renamed")
    told = cloud.sync()
    assert told.exit == 1
    said = 'E122 PAY-1 blocked is not reachable from "Selected for Development"; available: '
    assert said in told.err
    assert "It got as far as" in told.err, "where nobody had looked, it was gone to see"
    assert "Name a status that can be reached under [phase.statuses] of the profile." in told.err
    others_go_on(cloud)
    assert cloud.issues()["PAY-1"] == "Selected for Development: A task", "it was put back"
    assert f"PAY-1: {said}" in cloud.run("plan").out
    assert said in cloud.run("status").out
    assert cloud.documents()["PAY-T-0001"] == "blocked A task"
    cloud.state.set_workflow(cloud.home, flow)
    assert cloud.run("sync", "--retry").exit == 0
    cloud.settle()
    cloud.quiet()
    assert cloud.issues()["PAY-1"] == "Blocked: A task"
