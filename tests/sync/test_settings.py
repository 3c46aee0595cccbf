"""The settings are read whole: every problem is named with its place, all at once."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field as Key
from pydantic import field_validator

from adapters.base import Connection
from adapters.credentials import SecretSource
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from mappings.profile import Table
from mappings.vocabulary import Field, Kind
from sync.durations import parse_duration
from sync.settings import Loaded, SettingsError, load
from sync.settings.environment import overlay
from sync.settings.places import key_lines

SETTINGS = """\
[state]
url = "sqlite:///state/followthrough.db"

[connections.docs]
adapter = "folder"
path = "../payments"

[connections.acme]
adapter = "tracker"
token = { env = "TRACKER_TOKEN" }

[pairs.payments]
left = { connection = "docs" }
right = { connection = "acme", project = "acme/payments" }
profile = "words.toml"
"""


class FolderSettings(Table):
    path: Path


class AppSettings(Table):
    key: SecretSource


class TrackerSettings(Table):
    app: AppSettings | None = None
    base_url: str = "https://tracker.example"
    token: SecretSource
    pages: list[int] = Key(default=[])

    @field_validator("base_url")
    @classmethod
    def _https(cls, value: str) -> str:
        if not value.startswith("https://"):
            msg = "must be https, without user:password"
            raise ValueError(msg)
        return value


class FakeConnection(Connection):
    def describe(self):
        raise AssertionError("reading settings asks nobody")

    def open(self, project, profile):
        return None


class FakeAdapter(Adapter):
    def __init__(self, name: str, settings: type[Table]) -> None:
        self.name, self.title, self.side, self.Settings = name, name, "right", settings

    def connect(self, name: str, settings: Table, seams: Seams) -> Connection:
        return FakeConnection()


ADAPTERS = {
    "folder": FakeAdapter("folder", FolderSettings),
    "tracker": FakeAdapter("tracker", TrackerSettings),
}


def adapter(name: str) -> Adapter:
    if name not in ADAPTERS:
        raise ProblemError(Problem("E201", f'no adapter "{name}"', remedy="Installed: folder."))
    return ADAPTERS[name]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Loaded]:
    """Settings from text, with the environment given."""
    (tmp_path / "words.toml").write_text('description = "words"\n')

    def reading(text: str = SETTINGS, **environ: str) -> Loaded:
        file = tmp_path / "followthrough.toml"
        file.write_text(text)
        return load(file, environ, adapter=adapter, secrets=False)

    return reading


@pytest.fixture
def wrong(read: Callable[..., Loaded], tmp_path: Path) -> Callable[..., list[str]]:
    """What is said of settings that are wrong, with the folder's name left out."""

    def saying(text: str = SETTINGS, **environ: str) -> list[str]:
        with pytest.raises(SettingsError) as caught:
            read(text, **environ)
        return [str(one).replace(f"{tmp_path}/", "") for one in caught.value.problems]

    return saying


def test_settings_of_the_design_are_accepted(read):
    loaded = read()
    assert loaded.settings.pairs["payments"].interval == timedelta(minutes=1)
    assert loaded.settings.daemon.address == ("127.0.0.1", 9464)


def test_relative_paths_start_at_the_settings_file(read, tmp_path):
    loaded = read(SETTINGS.replace('{ env = "TRACKER_TOKEN" }', '{ file = "token" }'))
    assert loaded.tables["docs"].path == tmp_path / "../payments"
    assert loaded.state_file == tmp_path / "state/followthrough.db"
    assert list(loaded.secrets) == [SecretSource(file=str(tmp_path / "token"))]


def test_an_unknown_key_is_named_with_its_line_and_what_was_meant(wrong):
    text = SETTINGS + 'intervall = "30s"\n'
    assert wrong(text) == [
        'E201 followthrough.toml:16 unknown key "intervall". Did you mean "interval"?'
    ]


def test_an_unknown_table_and_an_unknown_key_of_an_adapter_are_named(wrong):
    text = SETTINGS.replace("token =", "pagse = []\ntoken =") + "[deamon]\nworkers = 2\n"
    assert wrong(text) == [
        'E201 followthrough.toml:17 unknown key "deamon". Did you mean "daemon"?',
        'E201 followthrough.toml:10 unknown key "pagse". Did you mean "pages"?',
    ]


def test_everything_wrong_is_said_at_once(wrong):
    text = SETTINGS.replace("folder", "foldre").replace("words.toml", "nowhere.toml")
    text = text.replace('connection = "docs"', 'connection = "dosc"')
    found = wrong(text.replace('token = { env = "TRACKER_TOKEN" }', ""))
    assert [one.split()[1] for one in found] == [
        "followthrough.toml:5",
        "followthrough.toml:8",
        "followthrough.toml:13",
        "followthrough.toml:15",
    ]
    assert 'no adapter "foldre"' in found[0]
    assert '"connections.acme.token" is missing' in found[1]
    assert 'Did you mean "docs"?' in found[2]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('interval = "soon"', "pairs.payments.interval: a length of time is written like"),
        ("writes_per_hour = 0", "writes_per_hour: input should be greater than or equal to 1"),
        ('guard = { creates = "many" }', "guard.creates: input should be a valid integer"),
        ('fields = { due = { authority = "me" } }', "fields.due.authority: input should be 'doc"),
        ('fields = { dew = { authority = "ask" } }', 'unknown key "dew". Did you mean "due"?'),
        ("filter = { kinds = ['tsak'] }", "filter.kinds.0: input should be 'incident', 'task'"),
        ('people = "zoe"', "people: input should be a valid dictionary"),
        ('interval = "10s"', "urgent_interval may not be longer than interval"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(wrong, line, said):
    (problem,) = wrong(SETTINGS + line + "\n")
    assert said in problem
    assert problem.startswith("E201 followthrough.toml:")


def test_a_token_written_into_the_file_is_refused_and_not_repeated(wrong):
    text = SETTINGS.replace('{ env = "TRACKER_TOKEN" }', '"ghp_0123456789"')
    (problem,) = wrong(text)
    assert problem.startswith("E203 followthrough.toml:10 ")
    assert "ghp_0123456789" not in problem


def test_a_password_in_the_database_address_is_refused_and_not_repeated(wrong):
    text = SETTINGS.replace("sqlite:///state/followthrough.db", "postgresql+psycopg://u:pw1@h/d")
    text = text.replace("[connections.docs]", 'key = { env = "KEY" }\n[connections.docs]')
    problems = wrong(text)
    assert problems[0].startswith("E203 followthrough.toml:2 a password does not belong")
    assert not any("pw1" in problem for problem in problems)


def test_postgresql_needs_a_key_of_its_own(wrong):
    text = SETTINGS.replace("sqlite:///state/followthrough.db", "postgresql+psycopg://h/d")
    assert "state.key is missing" in wrong(text)[0]


def test_a_database_without_a_driver_is_named(wrong):
    text = SETTINGS.replace("sqlite:///state/followthrough.db", "postgresql+pg8000://h/d")
    text = text.replace("[connections.docs]", 'key = { env = "KEY" }\n[connections.docs]')
    (problem,) = wrong(text)
    assert "no driver for postgresql+pg8000 is installed" in problem


def test_a_profile_that_is_not_toml_is_named_with_its_line(wrong, tmp_path):
    (tmp_path / "words.toml").write_text("name = \n")
    (problem,) = wrong()
    assert problem == "E201 words.toml:1:8 not valid TOML: Invalid value."


def test_people_of_a_wrong_type_in_a_profile_are_named(wrong, tmp_path):
    (tmp_path / "words.toml").write_text('people = "ann"\n')
    (problem,) = wrong()
    assert problem.startswith("E201 words.toml:1 people: ")


def test_a_folder_is_no_settings_file(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path, {})


def test_settings_without_a_pair_are_refused(wrong):
    text = SETTINGS[: SETTINGS.index("[pairs.payments]")] + "[pairs]\n"
    assert wrong(text) == ["E201 followthrough.toml:12 there is no pair. Add a table [pairs.NAME]."]


def test_secrets_and_paths_of_tables_within_tables_are_found(read):
    text = SETTINGS.replace("token =", 'app = { key = { file = "app.pem" } }\ntoken =')
    loaded = read(text)
    assert loaded.tables["acme"].app.key.file.endswith("/app.pem")
    assert loaded.tables["acme"].app.key.file.startswith("/")
    assert len(loaded.secrets) == 2


def test_a_bracket_that_is_no_json_stays_text(wrong):
    (problem,) = wrong(FOLLOWTHROUGH_PAIRS__PAYMENTS__PROFILE="[x")
    assert 'no shipped profile "[x"' in problem


@pytest.mark.parametrize("url", ["mysql://h/d", "followthrough.db", ""])
def test_a_database_nobody_can_use_is_refused(wrong, url):
    (problem,) = wrong(SETTINGS.replace("sqlite:///state/followthrough.db", url))
    assert problem.startswith("E201 followthrough.toml:2 not an address of a database.")


def test_a_bad_base_url_has_its_own_code(wrong):
    text = SETTINGS.replace("token =", 'base_url = "http://tracker.example"\ntoken =')
    (problem,) = wrong(text)
    assert problem == (
        "E202 followthrough.toml:10 connections.acme.base_url: must be https, "
        "without user:password."
    )


def test_a_file_that_is_not_toml_is_named_with_line_and_column(wrong):
    (problem,) = wrong("[state]\nurl = \n")
    assert problem == "E201 followthrough.toml:2:7 not valid TOML: Invalid value."


def test_a_missing_file_points_to_init(tmp_path):
    with pytest.raises(SettingsError, match="followthrough init"):
        load(tmp_path / "none.toml", {})


def test_a_file_that_is_not_utf8_is_refused(tmp_path):
    (tmp_path / "f.toml").write_bytes(b'[state]\nurl = "\xe9"\n')
    with pytest.raises(SettingsError, match="byte 15 is not UTF-8"):
        load(tmp_path / "f.toml", {})


def test_a_secret_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "words.toml").write_text("")
    (tmp_path / "followthrough.toml").write_text(SETTINGS.replace("TRACKER_TOKEN", "NO_SUCH_TOKEN"))
    with pytest.raises(SettingsError, match=r"E203 \S+toml:\d+ environment variable NO_SUCH_TOKEN"):
        load(tmp_path / "followthrough.toml", {}, adapter=adapter)


def test_a_wrong_profile_is_named_by_its_own_file_and_line(wrong, tmp_path):
    (tmp_path / "words.toml").write_text('[priority]\nlabel = { P0 = "p0" }\n')
    (problem,) = wrong()
    assert problem == 'E201 words.toml:2 unknown key "label". Did you mean "labels"?'


def test_a_profile_for_another_tracker_is_refused(wrong, tmp_path):
    (tmp_path / "words.toml").write_text('tracker = "gitlab"\n')
    (problem,) = wrong()
    assert "is for gitlab; this pair uses tracker" in problem


def test_a_pairs_people_are_added_to_the_profiles(read, tmp_path):
    (tmp_path / "words.toml").write_text('[people]\nann = "ann-w"\nbo = "bo"\n')
    loaded = read(SETTINGS + '[pairs.payments.people]\nbo = "bo-berg"\n')
    assert loaded.profiles["payments"].people == {"ann": "ann-w", "bo": "bo-berg"}


def test_a_field_keeps_the_default_of_what_is_not_said(read):
    text = SETTINGS + 'fields = { body = { authority = "ask" }, due = { direction = "off" } }\n'
    policy = read(text).settings.pairs["payments"].policy
    assert policy.of(Field.BODY).direction == "documents-to-tracker"
    assert policy.of(Field.DUE).authority == "documents"


def test_policy_follows_the_pair(read):
    text = SETTINGS + 'sweep = "6h"\nfilter = { kinds = ["incident"] }\nguard = { creates = 2 }\n'
    policy = read(text).settings.pairs["payments"].policy
    assert (policy.sweep_hours, policy.guard.creates) == (6.0, 2)
    assert policy.filter.kinds == (Kind.INCIDENT,)


def test_a_pair_of_one_project_with_itself_is_refused(wrong):
    text = SETTINGS.replace('connection = "acme", project = "acme/payments"', 'connection = "docs"')
    assert "left and right are the same project." in wrong(text)[0]


def test_the_environment_overrides_any_key(read):
    loaded = read(
        FOLLOWTHROUGH_STATE__URL="sqlite:///elsewhere.db",
        FOLLOWTHROUGH_PAIRS__PAYMENTS__GUARD__CREATES="3",
        FOLLOWTHROUGH_PAIRS__PAYMENTS__FILTER='{"kinds": ["incident"]}',
        FOLLOWTHROUGH_CONNECTIONS__ACME__BASE_URL="https://other.example",
        FOLLOWTHROUGH_CONFIG="ignored here",
        FOLLOWTHROUGH_SERVICE_HOST="set by Kubernetes",
        FOLLOWTHROUGH_PORT_9464_TCP="set by Kubernetes",
    )
    assert loaded.state_file is not None
    assert loaded.state_file.name == "elsewhere.db"
    assert loaded.settings.pairs["payments"].guard.creates == 3
    assert loaded.settings.pairs["payments"].filter.kinds == (Kind.INCIDENT,)
    assert loaded.tables["acme"].base_url == "https://other.example"


def test_a_secret_from_the_environment_replaces_the_one_of_the_file(read):
    loaded = read(FOLLOWTHROUGH_CONNECTIONS__ACME__TOKEN__FILE="/run/secrets/t")
    assert loaded.tables["acme"].token == SecretSource(file="/run/secrets/t")


def test_a_wrong_override_is_named_by_its_variable(wrong):
    found = wrong(
        FOLLOWTHROUGH_DAEMON__WORKERS="lots",
        FOLLOWTHROUGH_STATE__ULR="x",
        FOLLOWTHROUGH_STATE_URL="x",
    )
    assert found == [
        'E201 environment variable FOLLOWTHROUGH_STATE__ULR unknown key "ulr". Did you mean "url"?',
        (
            "E201 environment variable FOLLOWTHROUGH_DAEMON__WORKERS daemon.workers: input should "
            "be a valid integer, unable to parse string as an integer."
        ),
        (
            'E201 environment variable FOLLOWTHROUGH_STATE_URL unknown key "state_url". '
            "Two underscores go one table down: FOLLOWTHROUGH_STATE__URL."
        ),
    ]


@pytest.mark.parametrize("listen", ["9464", "host:", ":9464", "host:99999", "host:port"])
def test_an_address_that_is_none_is_refused(wrong, listen):
    (problem,) = wrong(SETTINGS + f'[daemon]\nlisten = "{listen}"\n')
    assert 'daemon.listen: an address is written "HOST:PORT"' in problem


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("5m", 300), ("1.5h", 5400), ("1d", 86400), (30, 30)]
)
def test_lengths_of_time_are_read_as_people_write_them(written, seconds):
    assert parse_duration(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize("written", ["", "5", "5 minutes", -1, 0, True, None, "0s", [1]])
def test_what_is_no_length_of_time_is_refused(written):
    with pytest.raises(ValueError, match="a length of time"):
        parse_duration(written)


def test_every_key_of_a_toml_text_has_its_line():
    text = (
        '# comment = 1\n[a."b.c"]\nd = """x\n[no]\ny = 1"""\ne.f = [\n  1, # ]\n  { g = "}" },\n]\n'
        "\n[[h]]\ni = 1979-05-27 07:32:00 # date\n[[h]]\ni = '#'\nj = { k = { l = '''a\n''' } }\n"
    )
    assert tomllib.loads(text)
    lines = key_lines(text)
    assert lines["a", "b.c"] == 2
    assert lines["a", "b.c", "d"] == 3
    assert lines["a", "b.c", "e", "f"] == 6
    assert lines["a", "b.c", "e", "f", 1, "g"] == 8
    assert (lines["h", 0, "i"], lines["h", 1, "i"]) == (12, 14)
    assert lines["h", 1, "j", "k", "l"] == 15
    assert not any("no" in path or "y" in path for path in lines)


_NAMES = st.text("abcXYZ_-09 .\"'#", min_size=1, max_size=6)
_SCALARS = st.one_of(st.integers(), st.booleans(), st.text("ab#]}=\n\\\"' ,", max_size=8))
_TREES = st.recursive(
    _SCALARS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_NAMES, below, max_size=3),
    max_leaves=8,
)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return "[\n" + ",\n".join(_written(one) for one in value) + "\n]"
    pairs = (f"{_quoted(name)} = {_written(one)}" for name, one in value.items())
    return "{" + ", ".join(pairs) + "}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@given(st.dictionaries(_NAMES, _TREES, max_size=5))
def test_any_document_is_walked_to_its_end(document):
    text = "".join(f"{_quoted(name)} = {_written(value)}\n" for name, value in document.items())
    assert tomllib.loads(text) == document
    top = [path[0] for path in key_lines(text) if len(path) == 1]
    assert len(top) == len(document)


def test_overlay_leaves_the_document_alone():
    document = {"state": {"url": "a"}}
    merged, variables = overlay(document, {"FOLLOWTHROUGH_STATE__URL": "b"})
    assert (document["state"]["url"], merged["state"]["url"]) == ("a", "b")
    assert variables == {("state", "url"): "FOLLOWTHROUGH_STATE__URL"}
