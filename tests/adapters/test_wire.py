import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from adapters import wire
from adapters.errors import AuthFailed, Transient
from adapters.sandbox.core.clock import StillClock
from adapters.seams import addresses_of
from adapters.transport import broken_connection
from adapters.wire import Redirected, checked_base_url, clean, guard, is_loopback
from mappings.problem import ProblemError


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://api.github.com/", "https://api.github.com"),
        ("https://git.example.com:8443/api/v3/", "https://git.example.com:8443/api/v3"),
        ("http://127.0.0.1:4701", "http://127.0.0.1:4701"),
        ("http://localhost:4701", "http://localhost:4701"),
        ("http://[::1]:4701", "http://[::1]:4701"),
        ("https://10.0.0.8/api/v3", "https://10.0.0.8/api/v3"),
    ],
)
def test_an_address_that_may_be_used(url, kept):
    assert checked_base_url(url, "connections.acme") == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://api.github.com",
        "ftp://api.github.com",
        "api.github.com",
        "https://",
        "https://user:password@api.github.com",
        "https://token@api.github.com",
        "https://api.github.com?x=1",
        "https://api.github.com#x",
        "https://169.254.169.254",
        "https://169.254.169.254./latest",
        "https://169.254.1.1",
        "https://2852039166",
        "https://0xa9fea9fe",
        "https://169.254.43518",
        "https://[::ffff:169.254.169.254]",
        "https://[fe80::1]",
        "https://[fd00:ec2::254]",
        "https://metadata.google.internal",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://api.github.com:notaport",
        "https://[::1",
        "https://api. github.com",
        "",
    ],
)
def test_an_address_that_could_give_the_token_away_is_refused(url):
    with pytest.raises(ProblemError) as caught:
        checked_base_url(url, "connections.acme")
    assert caught.value.problem.code == "E202"
    assert caught.value.problem.place == "connections.acme"
    assert "password" not in str(caught.value).replace("user:password;", "")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.1", True),
        ("::1", True),
        ("LOCALHOST", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("", False),
    ],
)
def test_this_machine_is_known(host, here):
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    "text",
    [
        "Bad credentials: ghp_abcdefghijklmnop0123",
        "github_pat_11ABCDEFG0abcdefgh_ijkl",
        "glpat-abcdefghijklmnopqrst",
        "glptt-abcdefghijklmnopqrst",
        "ATATT3xFfGF0abcdefghijkl",
        "Authorization: Bearer abcdefgh12345678",
        "https://user:hunter22@host/",
        "https://github.com/orgs/x/sso?authorization_request=AABBCCDDEE",
    ],
)
def test_what_is_shaped_like_a_secret_is_not_shown(text):
    shown = clean(text)
    assert wire.HIDDEN in shown
    for part in ("abcdefgh", "hunter22", "AABBCC"):
        assert part not in shown


def test_a_known_secret_is_not_shown_and_plain_words_are():
    assert clean("it is s3cret, really", "s3cret", "") == "it is [secret], really"
    assert clean("the token of global-payments") == "the token of global-payments"


@contextmanager
def serving(status=200, headers=(), body=b"{}"):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            asked.append((self.path, dict(self.headers)))
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def session(url, timeout=5.0, resolve=addresses_of):
    with requests.Session() as made:
        guard(made, url, StillClock(), timeout, resolve)
        yield made


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "fe80::1%lo", "::ffff:169.254.169.254", "0.0.0.0"],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_to_where_secrets_are_handed_out_is_not_connected_to(scheme, address):
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return [address]

    url = f"{scheme}://git.example.com:8443"
    with session(url, resolve=resolve) as one, pytest.raises(wire.Barred) as caught:
        one.post(f"{url}/x", headers={"Authorization": "token s"})
    assert asked == [("git.example.com", 8443)]
    for write in (False, True):
        error = broken_connection(caught.value, "git.example.com:8443", write=write)
        assert isinstance(error, AuthFailed)
        assert error.problem.code == "E202"
        assert "git.example.com:8443 leads to an address that is refused" in str(error)


def test_of_several_addresses_those_that_are_refused_are_passed_over():
    with serving() as (url, asked):
        port = url.rpartition(":")[2]
        named = f"http://git.example.com:{port}"
        addresses = ["169.254.169.254", "fe80::1", "127.0.0.1"]
        with session(named, resolve=lambda *_: addresses) as one:
            assert one.get(f"{named}/x").status_code == 200
        (told,) = asked
        assert told[1]["Host"] == f"git.example.com:{port}"


def test_when_one_address_does_not_answer_the_next_one_is_asked():
    with serving() as (url, asked):
        named = f"http://git.example.com:{url.rpartition(':')[2]}"
        with session(named, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]) as one:
            assert one.get(f"{named}/x").status_code == 200
        assert len(asked) == 1


def test_a_name_is_looked_up_once_for_each_connection_and_never_behind_its_back():
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    with serving() as (url, _):
        named = f"http://git.example.com:{url.rpartition(':')[2]}"
        with session(named, resolve=resolve) as one:
            assert one.get(f"{named}/x").status_code == 200
            with pytest.raises(wire.Barred):
                one.get(f"{named}/x")
    assert asked == ["git.example.com"] * 2


def test_a_name_that_nobody_knows_was_never_sent_to():
    def resolve(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    with (
        session("https://git.example.com", resolve=resolve) as one,
        pytest.raises(requests.exceptions.ConnectionError) as caught,
    ):
        one.post("https://git.example.com/x")
    error = broken_connection(caught.value, "git.example.com", write=True)
    assert isinstance(error, Transient)
    assert error.problem.code == "E206"


def test_this_machines_own_names_are_looked_up_by_the_system():
    assert "127.0.0.1" in addresses_of("localhost", 80)
    assert addresses_of("::1", 80) == ["::1"]


def test_an_answer_comes_through_as_it_is():
    with serving(body=b'{"a": 1}') as (url, _), session(url) as one:
        answer = one.get(f"{url}/x")
        assert answer.json() == {"a": 1}
        assert answer.content == b'{"a": 1}'


def test_another_host_gets_nothing():
    with serving() as (here, _), serving() as (there, asked), session(here) as one:
        with pytest.raises(requests.exceptions.InvalidURL):
            one.get(f"{there}/x", headers={"Authorization": "token s"})
        with pytest.raises(requests.exceptions.InvalidURL):
            one.get(here.replace("http:", "https:"))
        assert asked == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nobody_follows_a_redirect(status):
    location = [("Location", "/elsewhere")]
    with serving(status, location) as (url, asked), session(url) as one:
        with pytest.raises(Redirected) as caught:
            one.get(f"{url}/x")
        assert (caught.value.status, caught.value.location) == (status, "/elsewhere")
        assert [path for path, _ in asked] == ["/x"]


def test_an_answer_that_is_not_ready_is_not_waited_for():
    with serving(202) as (url, _), session(url) as one, pytest.raises(wire.NotReady):
        one.get(f"{url}/x")


def test_a_netrc_file_does_not_replace_our_token(tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving() as (url, asked), session(url) as one:
        one.get(f"{url}/x", headers={"Authorization": "token ours"})
        assert asked[0][1]["Authorization"] == "token ours"


def test_an_answer_without_end_is_given_up(monkeypatch):
    monkeypatch.setattr(wire, "MOST_BYTES", 1000)
    too_large = pytest.raises(requests.exceptions.ContentDecodingError)
    with serving(body=b"x" * 5000) as (url, _), session(url) as one, too_large:
        one.get(f"{url}/x")


def test_an_answer_that_trickles_in_is_given_up():
    class Racing(StillClock):
        def monotonic(self):
            self.sleep(30)
            return super().monotonic()

    with serving(body=b"x" * 5000) as (url, _), requests.Session() as one:
        guard(one, url, Racing(), 1.0)
        with pytest.raises(requests.exceptions.ReadTimeout):
            one.get(f"{url}/x")
