"""Health, readiness and measures, as a container engine and Prometheus ask for them."""

import json
import socket
import urllib.error
import urllib.request

import pytest

from adapters.errors import Rejected, Transient
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Field
from sync.daemon.server import serving


def ask(url):
    """Status and text of one page."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def pages(bench):
    """The daemon and a function that asks its pages."""
    opened = bench()
    opened.daemon._begin()
    with serving(("127.0.0.1", 0), opened.daemon.health, opened.daemon.metrics) as url:
        yield opened, lambda page: ask(f"{url}/{page}")


def test_it_is_healthy_while_it_starts_and_not_for_ever_after(pages):
    opened, page = pages
    assert page("healthz")[0] == 200
    opened.cli.clock.advance(minutes=16)
    status, text = page("healthz")
    assert status == 503
    assert json.loads(text)["too_old"] == ["payments"]


def test_it_is_healthy_as_long_as_the_last_good_cycle_is_young(pages):
    opened, page = pages
    opened.run(None)
    opened.cli.clock.advance(minutes=14)
    assert page("healthz")[0] == 200
    opened.cli.clock.advance(minutes=3)
    assert page("healthz")[0] == 503


def test_a_cycle_that_fails_does_not_count_as_good(pages):
    opened, page = pages
    opened.cli.board.unread = [Transient(Problem("E206", "502"))] * 99
    opened.run(None)
    opened.cli.clock.advance(minutes=16)
    assert page("healthz")[0] == 503


def test_it_is_ready_after_the_first_cycle_until_it_stops(pages):
    opened, page = pages
    assert page("readyz")[0] == 503
    opened.daemon.tick()
    assert page("readyz")[0] == 200
    opened.run()
    assert page("readyz")[0] == 503


def test_measures_tell_cycles_writes_and_what_waits(pages):
    opened, page = pages
    opened.cli.docs.put(title="A")
    opened.cli.docs.put(title="B")
    opened.cli.board.faults = [None, Rejected(Problem("E120", "too long"), Field.TITLE)]
    opened.run(None)
    status, text = page("metrics")
    lines = text.splitlines()
    assert status == 200
    assert 'followthrough_cycles_total{outcome="partial",pair="payments"} 1.0' in lines
    operation = 'kind="create",pair="payments",result="{}",side="right"'
    for result in ("done", "failed"):
        assert f"followthrough_operations_total{{{operation.format(result)}}} 1.0" in lines
    assert 'followthrough_linked_items{pair="payments"} 1.0' in lines
    assert 'followthrough_items_set_aside{pair="payments"} 1.0' in lines
    assert 'followthrough_budget_remaining{connection="acme"} 4321.0' in lines
    assert any(line.startswith("followthrough_last_cycle_timestamp_seconds{") for line in lines)
    assert not any(line.startswith("followthrough_last_good") for line in lines)
    assert 'followthrough_info{version="' in text


def test_measures_and_pages_name_no_item(pages):
    opened, page = pages
    opened.cli.docs.put(title="Secret project")
    opened.run(None)
    assert not any("Secret" in page(name)[1] for name in ("metrics", "healthz", "readyz"))


def test_other_pages_are_not_there(pages):
    _, page = pages
    assert page("")[0] == 404
    assert page("../etc/passwd")[0] == 404


def test_an_address_in_use_is_named(pages):
    opened, _ = pages
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = taken.getsockname()
        with (
            pytest.raises(ProblemError, match="E502 cannot listen on"),
            serving(address, opened.daemon.health, opened.daemon.metrics),
        ):
            pass
