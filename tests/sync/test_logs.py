"""Whatever is logged, by us or by a library, leaves without secrets."""

import io
import json
import logging
from datetime import UTC, datetime

import pytest
import structlog
from pydantic import SecretStr

from sync import logs

CANARIES = [
    "ghp_0123456789abcdef",
    "github_pat_11AAAA_bbbbbbbb",
    "glpat-abcdefghij",
    "ATATT3xFfGF0abcdef",
    'quote"and\\backslash',
    "plain-looking-value",
]


@pytest.fixture
def redactor():
    made = logs.Redactor()
    made.learn([SecretStr(CANARIES[4]), CANARIES[5]])
    return made


@pytest.fixture
def written(redactor):
    """Logs into memory in the form that is asked for."""
    stream = io.StringIO()

    def set_up(form="json", level="debug"):
        logs.set_up(redactor, form=form, level=level, stream=stream)
        return stream

    yield set_up
    logs.tear_down()


def say_everything(canary):
    structlog.stdlib.get_logger("ours").info("event", token=canary, nested={"a": [canary]})
    logging.getLogger("library").warning("header %s", canary)
    try:
        int(canary)
    except ValueError:
        structlog.stdlib.get_logger("ours").exception("broke")
        logging.getLogger("library").exception("broke")


@pytest.mark.parametrize("form", ["json", "lines", "auto"])
@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_gets_through(written, form, canary):
    stream = written(form)
    say_everything(canary)
    text = stream.getvalue()
    assert canary not in text
    assert json.dumps(canary)[1:-1] not in text
    assert text.count(logs.HIDDEN) >= 4


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer abc.def.ghi",
        "{'Authorization': 'token abc.def.ghi'}",
        '"PRIVATE-TOKEN": "abc.def.ghi"',
        "https://user:abc.def.ghi@host/path",
        "authorization=Basic abc.def.ghi",
    ],
)
def test_credentials_are_known_by_where_they_stand(line):
    assert "abc.def.ghi" not in logs.Redactor().clean(line)


def test_ordinary_text_stays():
    text = "moved acme/payments#12 (https://github.com/acme/payments/issues/12) at 12:00:00Z"
    assert logs.Redactor().clean(text) == text


def test_a_short_value_is_not_taken_for_a_secret(redactor):
    redactor.learn(["abc"])
    assert redactor.clean("abcdef") == "abcdef"


def test_json_lines_are_json(written):
    stream = written("json")
    structlog.stdlib.get_logger("ours").info("event", pair="payments")
    logging.getLogger("library").warning("words")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["event"], first["pair"], first["level"]) == ("event", "payments", "info")
    assert first["timestamp"].endswith("Z")
    assert second["event"] == "words"


def test_a_traceback_in_json_is_one_line(written):
    stream = written("json")
    say_everything("x" * 10)
    assert all(json.loads(line) for line in stream.getvalue().splitlines())


def test_the_level_is_obeyed(written):
    stream = written("json", "warning")
    structlog.stdlib.get_logger("ours").info("quiet")
    logging.getLogger("urllib3").info("quiet")
    assert stream.getvalue() == ""


def test_setting_up_twice_writes_once(written):
    written("json")
    stream = written("json")
    structlog.stdlib.get_logger("ours").info("once")
    assert len(stream.getvalue().splitlines()) == 1


def test_a_kept_traceback_is_clean_and_for_its_owner_alone(redactor, tmp_path):
    at = datetime(2026, 3, 1, 12, tzinfo=UTC)
    file = logs.keep_traceback(redactor, tmp_path, f"ValueError: {CANARIES[0]}", at)
    assert file.name == "followthrough-error-20260301T120000Z.txt"
    assert CANARIES[0] not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("address", "logged", "safe"),
    [
        (
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#payments",
            "Retrying after /services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ for #payments",
            "Retrying after /services/[secret]/[secret]/[secret] for #payments",
        ),
        (
            "mailtos://robot:correct%20horse@mail.acme.example",
            "login of robot at mail.acme.example with correct%20horse",
            "login of robot at mail.acme.example with [secret]",
        ),
    ],
)
def test_parts_of_an_address_that_are_secrets_do_not_get_through_alone(address, logged, safe):
    redactor = logs.Redactor()
    redactor.learn([SecretStr(address)])
    assert redactor.clean(logged) == safe
    assert redactor.clean(address) == "[secret]"
