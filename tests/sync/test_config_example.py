"""config.example.toml parses, works, and shows every key there is."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from adapters.credentials import SecretSource
from adapters.registry import installed
from mappings.vocabulary import Priority, Severity
from sync.durations import parse_duration
from sync.notify.settings import ChannelSettings
from sync.rules.catalogue import RULES
from sync.rules.terms import OTHER, RuleName, RuleTable
from sync.settings import Settings, load
from sync.settings.model import ConnectionSettings

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
_COMMENTED = re.compile(r"^#(?=\[|[a-z_]+ = )", re.MULTILINE)
#: Names that are keys of some table, but of no model.
_NAMES = {*RuleName, *Priority, *Severity, OTHER}


def uncommented() -> str:
    """The example with every default that stands behind a # in force."""
    return _COMMENTED.sub("", EXAMPLE.read_text("utf-8"))


def keys(model: type[BaseModel]) -> Iterator[str]:
    """Every key of a table and of the tables in it."""
    for name, info in model.model_fields.items():
        yield name
        for below in _tables(info.annotation):
            yield from keys(below)


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if annotation is not SecretSource:
            yield annotation
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            yield from _tables(argument)


def said(document: Any) -> set[str]:
    """Every key of a document."""
    if not isinstance(document, dict):
        return set()
    return set(document).union(*(said(value) for value in document.values()))


def test_the_example_is_accepted_as_it_stands():
    loaded = load(EXAMPLE, {}, secrets=False)
    assert list(loaded.settings.pairs) == ["payments"]


def test_every_default_it_shows_is_accepted_too(tmp_path):
    either = r"^(app|postmortems|ca|key|service_account) = .*\n"
    text = re.sub(either, "", uncommented(), flags=re.MULTILINE)
    file = tmp_path / "all.toml"
    file.write_text(text)
    load(file, {}, secrets=False)


@pytest.mark.parametrize("model", [Settings, *(one.Settings for one in installed().values())])
def test_every_key_appears_in_it(model):
    missing = set(keys(model)) - said(tomllib.loads(uncommented()))
    assert missing == set()


def test_every_key_that_appears_in_it_exists():
    document = tomllib.loads(uncommented())
    for name, connection in document["connections"].items():
        known = set(keys(installed()[connection["adapter"]].Settings)) | {"adapter", "env", "file"}
        known |= {"2026-03-01-checkout.md"}
        assert said(connection) <= known, name
    known = set(keys(Settings)) | {"payments", "ann", "priority", "docs", "acme", "env", "file"}
    known |= _NAMES | {"ops"}
    assert said({key: value for key, value in document.items() if key != "connections"}) <= known


def test_the_defaults_it_shows_are_the_defaults():
    document = tomllib.loads(uncommented())
    pair = document["pairs"]["payments"]
    fields = Settings.model_fields
    given = Settings(
        connections={"docs": {"adapter": "metis"}},
        pairs={"payments": {"left": pair["left"], "right": pair["right"], "profile": "x"}},
    )
    real = given.pairs["payments"]
    for name in ("interval", "idle_interval", "urgent_interval", "sweep"):
        assert parse_duration(pair[name]) == getattr(real, name)
    assert pair["writes_per_hour"] == real.writes_per_hour
    assert pair["guard"] == real.guard.model_dump()
    assert pair["filter"] == {k: v or [] for k, v in real.filter.model_dump().items()}
    daemon = fields["daemon"].get_default()
    assert (document["daemon"]["listen"], document["daemon"]["workers"]) == (
        daemon.listen,
        daemon.workers,
    )
    assert parse_duration(document["daemon"]["healthy_within"]) == daemon.healthy_within
    assert document["state"]["url"] == fields["state"].get_default().url


def test_the_rules_it_shows_are_held_to_what_it_says():
    """Every rule's terms stay as they are, but for the days and the label, which are examples."""
    shown = {
        RuleName(name): RuleTable.model_validate(table)
        for name, table in tomllib.loads(uncommented())["rules"].items()
    }
    example = {"since": None, "flag_since": None, "label": None, "waive": None}
    for name, table in shown.items():
        terms = RULES[name].terms
        assert terms.under(table.model_copy(update=example)) == terms, name


def test_the_defaults_of_a_channel_are_the_defaults():
    shown = tomllib.loads(uncommented())["notify"]["ops"]
    channel = ChannelSettings.model_validate(shown)
    assert channel == ChannelSettings(url=channel.url)


@pytest.mark.parametrize("name", ["reopen", "not_planned"])
def test_the_defaults_of_metis_are_the_defaults(name):
    shown = tomllib.loads(uncommented())["connections"]["docs"][name]
    assert shown == installed()["metis"].Settings.model_fields[name].default


@pytest.mark.parametrize("name", ["glob", "skip"])
def test_the_defaults_of_postmortems_are_the_defaults(name):
    shown = tomllib.loads(uncommented())["connections"]["reviews"][name]
    default = installed()["postmortems"].Settings.model_fields[name].default
    assert shown == (default if isinstance(default, str) else list(default))


@pytest.mark.parametrize("name", ["base_url", "reserve", "timeout", "overlap", "find_lag"])
def test_the_defaults_of_github_are_the_defaults(name):
    shown = tomllib.loads(uncommented())["connections"]["acme"][name]
    assert shown == installed()["github"].Settings.model_fields[name].default


def test_every_key_has_a_description():
    models = [Settings, ConnectionSettings, *(one.Settings for one in installed().values())]
    for model in models:
        for table in [model, *_below(model)]:
            for name, info in table.model_fields.items():
                assert info.description, f"{table.__name__}.{name}"


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for info in model.model_fields.values():
        for table in _tables(info.annotation):
            if table.__module__.startswith(("sync.settings", "adapters")):
                yield table
                yield from _below(table)
