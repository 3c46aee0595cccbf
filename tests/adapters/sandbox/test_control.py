"""The sandbox's own interface, its server, and serving in the foreground."""

import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from adapters.sandbox import Sandbox, serve
from adapters.sandbox.core.access import Token
from mappings.problem import ProblemError

ISSUES = "/repos/acme/payments/issues"
ROOT = Path(__file__).parents[3]


def act(api, action, **values):
    body = {"person": "maria", "action": action, "repository": "acme/payments"} | values
    return api.post("/_sandbox/act", json=body)


def test_the_state_is_shown_whole_and_without_credentials(start, client):
    sandbox = start(token="canary-one", tokens=[Token("canary-two", "guest")])
    api = client(sandbox)
    sandbox.state.add_issue_field("Priority", ("P0",))
    board = sandbox.state.add_board("acme", "Incidents", ("Backlog",))
    issue = sandbox.person("maria").open("x", labels=["bug"])
    sandbox.state.on_board(board, issue.id)
    sandbox.person("maria").move("Incidents", 1, "Backlog")
    api.post(ISSUES, json={"title": "y"})
    state = api.get("/_sandbox/state").json()
    [repository] = state["repositories"]
    assert [one["title"] for one in repository["issues"]] == ["x", "y"]
    assert repository["issues"][0]["labels"] == ["bug"]
    assert state["boards"][0]["items"] == {str(issue.id): {"Status": "Backlog"}}
    everything = api.get("/_sandbox/state").text + api.get("/_sandbox/requests").text
    everything += repr(sandbox.requests[-1]) + str(sandbox.requests[-1].headers)
    everything += repr(list(sandbox.state.tokens()))
    assert "canary" not in everything


def test_requests_are_counted_and_kept_with_who_sent_what(api, sandbox):
    api.post(ISSUES, json={"title": "x"})
    api.get(f"{ISSUES}?state=all")
    shown = api.get("/_sandbox/requests").json()
    assert (shown["total"], shown["by_method"]) == (2, {"POST": 1, "GET": 1})
    assert shown["by_status"] == {"201": 1, "200": 1}
    assert shown["last"][1] | {"at": ""} == {
        "at": "",
        "who": "octo-bot",
        "method": "GET",
        "path": ISSUES,
        "query": "state=all",
        "status": 200,
        "fault": "",
    }
    assert [entry.json() for entry in sandbox.requests.writes()] == [{"title": "x"}]
    assert len(sandbox.requests) == 2


def test_a_person_is_played_by_name(api, sandbox):
    made = act(api, "open", title="x", body="a\nb")
    assert made.json() == {"number": 1, "id": made.json()["id"], "state": "open"}
    act(api, "add_label", name="P0", color="b60205")
    act(api, "label", number=1, add=["P0"])
    act(api, "assign", number=1, people=["zoe"])
    assert "id" in act(api, "comment", number=1, body="hi").json()
    assert act(api, "close", number=1, reason="duplicate").json()["state"] == "closed"
    assert act(api, "reopen", number=1).json()["state"] == "open"
    assert act(api, "rename_label", name="P0", new_name="P1").json() == {"ok": True}
    issue = api.get(f"{ISSUES}/1").json()
    assert (issue["body"], issue["labels"][0]["name"]) == ("a\r\nb", "P1")
    assert issue["user"]["login"] == "maria"
    act(api, "remove_label", name="P1")
    act(api, "archive")
    assert api.post(ISSUES, json={"title": "y"}).status_code == 403
    act(api, "archive", archived=False)
    act(api, "delete", number=1)
    assert api.get(f"{ISSUES}/1").status_code == 410


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"person": "maria", "action": "fly", "repository": "acme/payments"}, 404, "known: "),
        ({"person": "maria", "action": "open"}, 400, "repository"),
        ({"action": "open"}, 400, "person"),
        ({"person": "m", "action": "open", "repository": "acme/payments", "x": 1}, 400, "x"),
        ({"person": "m", "action": "close", "repository": "acme/payments", "number": 9}, 404, ""),
        (
            {
                "person": "m",
                "action": "move",
                "repository": "acme/payments",
                "number": 1,
                "project": "none",
                "status": "x",
            },
            404,
            "no board",
        ),
    ],
)
def test_an_act_that_makes_no_sense_says_why(api, body, status, says):
    answer = api.post("/_sandbox/act", json=body)
    assert answer.status_code == status
    assert says in answer.json()["message"]


def test_faults_are_set_cleared_and_checked_while_it_runs(api):
    rule = {"fault": [{"match": "GET /issues", "effect": "status", "status": 500}]}
    assert api.post("/_sandbox/faults", json=rule).json() == {"ok": True, "rules": 1}
    assert api.get(ISSUES).status_code == 500
    assert api.post("/_sandbox/faults", json={}).json()["rules"] == 0
    assert api.get(ISSUES).status_code == 200
    wrong = api.post("/_sandbox/faults", json={"fault": [{"efect": "reset"}]})
    assert wrong.status_code == 400
    assert "E201" in wrong.json()["message"]


def test_time_is_moved_forward_and_never_back(api):
    assert (
        api.post("/_sandbox/advance", json={"seconds": 90})
        .json()["now"]
        .startswith("2026-03-02T09:01:30")
    )
    assert api.post("/_sandbox/advance", json={"seconds": -1}).status_code == 400


def test_a_reset_goes_back_to_the_beginning(api, sandbox):
    api.post(ISSUES, json={"title": "x"})
    sandbox.faults.add("reset")
    assert api.post("/_sandbox/reset", json={}).json() == {"ok": True}
    assert api.get(f"{ISSUES}?state=all").json() == []
    assert sandbox.requests.total == 1


def test_control_takes_json_only_so_that_a_foreign_page_cannot_send_it(api):
    assert api.post("/_sandbox/reset", data="{}").status_code == 415
    assert api.post("/_sandbox/reset", data={"a": "b"}).status_code == 415
    assert api.put("/_sandbox/reset", json={}).status_code == 415
    assert api.get("/_sandbox/nothing").status_code == 404
    assert api.post("/_sandbox/nothing", json={}).status_code == 404
    assert (
        api.post(
            "/_sandbox/reset", data="[", headers={"Content-Type": "application/json"}
        ).status_code
        == 400
    )


@pytest.mark.parametrize("path", ["/", ISSUES, "/_sandbox/state"])
def test_another_hosts_name_is_turned_away(api, path):
    answer = api.get(path, headers={"Host": "evil.example", "Accept": "text/html"})
    assert answer.status_code == 421
    assert api.get(path, headers={"Host": "localhost:99"}).status_code == 200


def test_a_sandbox_listens_on_this_machine_only():
    with pytest.raises(ValueError, match="this machine only"):
        Sandbox(host="0.0.0.0")


def test_links_lead_back_to_the_address_the_client_used(api, sandbox):
    other = sandbox.url.replace("127.0.0.1", "localhost")
    api.post(ISSUES, json={"title": "x"})
    shown = api.get(f"{ISSUES}/1", headers={"Host": other.removeprefix("http://")}).json()
    assert shown["url"] == f"{other}{ISSUES}/1"
    assert api.get(f"{ISSUES}/1").json()["url"] == f"{sandbox.url}{ISSUES}/1"


def test_a_connection_is_kept_for_the_next_request(sandbox):
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rpartition(":")[2]))) as line:
        for _ in range(2):
            line.sendall(b"HEAD /user HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert line.recv(4096).startswith(b"HTTP/1.1 401 Unauthorized\r\n")


def test_a_chunked_body_is_read_and_an_enormous_one_refused(api):
    sent = api.post(ISSUES, data=iter([b'{"title":', b'"x"}']))
    assert (sent.status_code, sent.json()["title"]) == (201, "x")
    huge = api.post(ISSUES, data=b"", headers={"Content-Length": "99999999"})
    assert huge.status_code == 413


def test_an_unknown_address_and_method_are_told_in_json(api):
    assert api.get("/nothing").json()["message"] == "Not Found"
    assert api.put(ISSUES).status_code == 405


def test_a_bug_of_the_sandbox_is_answered_500_and_kept(api, sandbox):
    sandbox.state.users = None
    assert api.get("/user").status_code == 500
    [text] = sandbox.failures
    assert "Traceback" in text
    sandbox.failures.clear()


def test_several_clients_at_once_lose_nothing(sandbox, client, repository):
    from concurrent.futures import ThreadPoolExecutor

    def write(worker):
        api = client(sandbox)
        return [api.post(ISSUES, json={"title": f"{worker}.{n}"}).status_code for n in range(20)]

    with ThreadPoolExecutor(8) as pool:
        codes = [code for found in pool.map(write, range(8)) for code in found]
    assert set(codes) == {201}
    assert len({issue.title for issue in repository.issues.values()}) == 160


def test_stopping_ends_open_connections_and_gives_the_port_back():
    sandbox = Sandbox().start()
    port = int(sandbox.url.rpartition(":")[2])
    with requests.Session() as session:
        assert session.get(f"{sandbox.url}/", timeout=5).status_code == 200
        sandbox.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{sandbox.url}/", timeout=5)
    with Sandbox(port=port) as again:
        assert again.url == sandbox.url


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"projects": ["payments"]}, 'named "owner/name"'),
        ({"projects": ["a/b", "A/B"]}, "is there already"),
        ({"host": "0.0.0.0"}, "this machine only"),
        ({"kind": "gitea"}, 'no sandbox "gitea"'),
    ],
)
def test_a_sandbox_that_cannot_be_served_says_why(options, says):
    settings = {"kind": "github", "projects": ["acme/payments"], "token": "x"} | options
    with pytest.raises(ProblemError, match="E201") as refused:
        serve(settings.pop("kind"), **settings)
    assert says in str(refused.value)


def test_a_port_that_is_taken_is_told(sandbox):
    port = int(sandbox.url.rpartition(":")[2])
    with pytest.raises(ProblemError, match="cannot listen"):
        serve("github", port=port, projects=["acme/payments"], token="x")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serving_prints_one_line_answers_and_ends_cleanly(number):
    program = (
        "from adapters.sandbox import serve\n"
        "serve('github', port=0, projects=['acme/payments'], token='canary')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    url = process.stdout.readline().strip()
    answer = requests.get(f"{url}/user", headers={"Authorization": "token canary"}, timeout=10)
    assert answer.json()["login"] == "octo-bot"
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_control_interface_lists_no_body_or_header(api):
    api.post(ISSUES, json={"title": "canary"})
    assert "canary" not in json.dumps(api.get("/_sandbox/requests").json())
