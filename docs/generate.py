"""Write the reference pages that come from the code, or check that they are current.

    python docs/generate.py [--check]

The pages: the command line (from the typer app), the settings (from the models), the adapters (from
what is installed) and the metrics (from the registry). Edit the code, never the pages.
"""

import argparse
import inspect
import sys
from collections.abc import Iterator
from datetime import date, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin, get_type_hints

import typer.main
from prometheus_client import Metric
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from adapters.credentials import SecretSource
from adapters.registry import Adapter, installed
from mappings.vocabulary import Field
from sync.cli import COMMANDS, GROUPS, app
from sync.daemon.metrics import Metrics
from sync.rules.terms import RuleName, Times
from sync.settings import Settings

REFERENCE: Final = Path(__file__).parent / "reference"
_HEAD: Final = "<!-- Written by docs/generate.py (`make docs`). Edit the code instead. -->\n\n"
_PLACES: Final = {"connections": "NAME", "pairs": "NAME", "fields": "FIELD", "rules": "RULE",
                  "notify": "NAME"}  # fmt: skip

_SETTINGS: Final = """\
# Settings

The file is TOML. `followthrough init` writes one, and
[config.example.toml](../../config.example.toml) shows every key with its default. An unknown key
is an error. `FOLLOWTHROUGH_` and the path in capitals, with two underscores for each dot, overrides
any key: `FOLLOWTHROUGH_STATE__URL`.

A secret is given as `{ env = "NAME" }` or `{ file = "PATH" }`, a length of time as `"90s"`, `"5m"`,
`"2h"` or `"1d"`. Relative paths start at the settings file.
"""
_ADAPTERS: Final = """\
# Adapters

An adapter speaks to one kind of home for items. `followthrough adapters` lists what is installed,
adapters of other packages included. Its keys stand in `[connections.NAME]`, beside `adapter`.
"""
_METRICS: Final = """\
# Metrics

`followthrough run` serves these on `/metrics` of `[daemon] listen`, in Prometheus' text format.
None of them holds a title, a name or any other content of an item.
"""
_ALERTS: Final = """
Two alerts are worth having: no good cycle for half an hour,
`time() - followthrough_last_good_cycle_timestamp_seconds > 1800`, and something that waits for a
person, `followthrough_open_conflicts + followthrough_intents_in_doubt > 0`.
"""


def pages() -> dict[Path, str]:
    """Every generated page and its whole text."""
    made = {
        "commands.md": commands(),
        "settings.md": settings(),
        "adapters.md": adapters(),
        "metrics.md": metrics(),
    }
    return {REFERENCE / name: _HEAD + text.rstrip() + "\n" for name, text in made.items()}


# --- commands ---------------------------------------------------------------------------------


def commands() -> str:
    """The command line, in the order in which a person meets the commands."""
    group: Any = typer.main.get_command(app)
    parts = ["# Commands\n", f"{_flat(group.help)}\n"]
    parts += [f"- [`{each.__name__}`](#{each.__name__}): {_first(each)}" for each in COMMANDS]
    inner = [(one.info.name, each.name, each.callback) for one in GROUPS
             for each in one.registered_commands]  # fmt: skip
    parts += [f"- [`{name} {word}`](#{name}-{word}): {_first(each)}" for name, word, each in inner]
    parts.append("\nEvery command also takes `--help`.\n")
    for each in COMMANDS:
        parts += _command(group.commands[each.__name__], each)
    for name, word, each in inner:
        parts += _command(group.commands[name].commands[word], each, f"{name} ")
    return "\n".join(parts)


def _first(command: Any) -> str:
    return inspect.getdoc(command).partition("\n")[0]


def _command(command: Any, function: Any, before: str = "") -> Iterator[str]:
    hints = get_type_hints(function, include_extras=True)
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = " ".join(one.name.upper() if one.required else f"[{one.name.upper()}]"
                     for one in arguments)  # fmt: skip
    name = f"{before}{command.name}"
    yield f"## {name}\n"
    yield f"```\nfollowthrough {name} {usage} [OPTIONS]".replace("  ", " ") + "\n```\n"
    yield _flat(command.help) + "\n"
    if arguments:
        yield "| argument | meaning |\n|---|---|"
        yield from (f"| `{one.name.upper()}` | {_cell(one.help)} |" for one in arguments)
        yield ""
    if options:
        yield "| option | value | default | meaning |\n|---|---|---|---|"
        yield from (_option(one, hints[one.name]) for one in options)
        yield ""


def _option(option: Any, hint: Any) -> str:
    names = ", ".join(f"`{name}`" for name in sorted([*option.opts, *option.secondary_opts],
                                                     key=len, reverse=True))  # fmt: skip
    value = option.metavar or _value_of(_bare(hint))
    default = option.show_default if isinstance(option.show_default, str) else option.default
    unsaid = default is None or default is False or default in ("", (), [])
    shown = "" if unsaid else f"`{_plain(default)}`"
    meaning = _cell(option.help)
    if option.envvar:
        meaning += f" Environment: `{option.envvar}`."
    return f"| {names} | {_cell(value)} | {shown} | {meaning} |"


def _value_of(kind: Any) -> str:
    """What stands behind an option: the choices, else what it is."""
    if get_origin(kind) is Literal:
        return " \\| ".join(f"`{one}`" for one in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " \\| ".join(f"`{one.value}`" for one in kind)
    if get_origin(kind) is list:
        return _value_of(_bare(get_args(kind)[0]))
    return {bool: "", int: "number", float: "number", Path: "path", str: "text"}[kind]


# --- settings ---------------------------------------------------------------------------------


def settings() -> str:
    """Every key of the settings file but those that belong to adapters."""
    parts = [_SETTINGS]
    parts += _table("", Settings)
    parts.append("The other keys of a connection are its adapter's: see [adapters](adapters.md).")
    return "\n".join(parts)


def _table(path: str, model: type[BaseModel]) -> Iterator[str]:
    """One table of settings, then the tables in it."""
    below: list[tuple[str, type[BaseModel]]] = []
    rows: list[str] = []
    for key, info in model.model_fields.items():
        inner = _inner(info.annotation)
        deeper = f"{path}.{key}".lstrip(".")
        if inner is not None:
            named = get_origin(_bare(info.annotation)) is dict
            below.append((f"{deeper}.{_PLACES[key]}" if named else deeper, inner))
        if inner is None or (info.is_required() and path):
            rows.append(_key(key, info))
    if rows:
        yield f"## [{path}]\n" if path else ""
        yield "| key | value | default | meaning |\n|---|---|---|---|"
        yield from rows
        yield ""
    for deeper, inner in below:
        yield from _table(deeper, inner)


def _key(key: str, info: FieldInfo) -> str:
    if info.is_required():
        default = "required"
    else:
        given = info.get_default(call_default_factory=True)
        default = f"`{_plain(given)}`" if given not in (None, "", {}, ()) else ""
    return f"| `{key}` | {_kind(info.annotation)} | {default} | {_cell(info.description)} |"


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The table an annotation leads to, itself or as the values of a dict."""
    kind = _bare(annotation)
    if get_origin(kind) is dict:
        kind = _bare(get_args(kind)[1])
    is_table = isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not SecretSource
    return kind if is_table else None


def _kind(annotation: Any) -> str:
    kind = _bare(annotation)
    words = {str: "text", int: "number", float: "number", bool: "`true` \\| `false`",
             Path: "path", timedelta: "time", time: "`HH:MM`", date: "day",
             SecretSource: "secret", Times: "time, or times by level",
             RuleName: "rule"}  # fmt: skip
    if kind in words:
        return words[kind]
    if get_origin(kind) is Literal:
        return " \\| ".join(f'`"{one}"`' for one in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " \\| ".join(f'`"{one.value}"`' for one in kind)
    if get_origin(kind) in {list, tuple, frozenset}:
        return f"list of {_kind(get_args(kind)[0])}"
    return "table"


# --- adapters ---------------------------------------------------------------------------------


def adapters() -> str:
    """What each installed adapter can hold, and its keys. Ours, not those of other packages."""
    found = {name: one for name, one in installed().items()
             if type(one).__module__.partition(".")[0] == "adapters"}  # fmt: skip
    parts = [_ADAPTERS]
    able = {name: one for name, one in found.items() if one.capabilities is not None}
    parts += _capabilities(able)
    for name, one in found.items():
        parts.append(f"## {name}\n\n{one.title}; usually the {one.side} end of a pair.\n")
        parts.append("| key | value | default | meaning |\n|---|---|---|---|")
        parts += [_key(key, info) for key, info in one.Settings.model_fields.items()]
        parts.append("")
        for key, info in one.Settings.model_fields.items():
            inner = _inner(info.annotation)
            if inner is not None:
                parts.append(f"`{key}` is a table:\n\n| key | value | default | meaning |")
                parts.append("|---|---|---|---|")
                parts += [_key(each, below) for each, below in inner.model_fields.items()]
                parts.append("")
    return "\n".join(parts)


def _capabilities(able: dict[str, Adapter]) -> Iterator[str]:
    if not able:
        return
    yield "## What each can hold\n"
    yield f"| | {' | '.join(able)} |\n|---|{'---|' * len(able)}"
    for field in Field:
        marks = ("yes" if field in _can(one).writes else "no" for one in able.values())
        yield f"| {field.value} | {' | '.join(marks)} |"
    flags = {"notes": "comments", "conditional_writes": "refuses stale writes by itself",
             "absence_visible": "every reading shows what is absent"}  # fmt: skip
    for flag, words in flags.items():
        marks = ("yes" if getattr(_can(one), flag) else "no" for one in able.values())
        yield f"| {words} | {' | '.join(marks)} |"
    for limit, words in {
        "title_limit": "title, characters",
        "body_limit": "body, characters",
    }.items():
        sizes = (f"{getattr(_can(one), limit) or 'any'}" for one in able.values())
        yield f"| {words} | {' | '.join(sizes)} |"
    yield ""


def _can(adapter: Adapter) -> Any:
    return adapter.capabilities


# --- metrics ----------------------------------------------------------------------------------


def metrics() -> str:
    """Every measure the daemon serves on /metrics."""
    parts = [_METRICS, "| metric | kind | labels | meaning |\n|---|---|---|---|"]
    parts += [_metric(one, kinds) for one, kinds in described()]
    parts.append(_ALERTS)
    return "\n".join(parts)


def described() -> list[tuple[Metric, tuple[str, ...]]]:
    """Each measure with the names of its labels."""
    registry = Metrics().registry
    collectors = registry._collector_to_names  # noqa: SLF001  labels are told nowhere else
    found = []
    for collector in collectors:
        (one,) = collector.describe() if hasattr(collector, "describe") else collector.collect()
        found.append((one, tuple(collector._labelnames)))  # noqa: SLF001  likewise
    return found


def _metric(one: Metric, labels: tuple[str, ...]) -> str:
    name = f"{one.name}_total" if one.type == "counter" else one.name
    shown = ", ".join(f"`{label}`" for label in labels)
    return f"| `{name}` | {one.type} | {shown} | {_cell(one.documentation)} |"


# --- common -----------------------------------------------------------------------------------


def _bare(annotation: Any) -> Any:
    """Without ``Annotated`` and ``| None`` around it."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    members = [one for one in get_args(annotation) if one is not type(None)]
    if type(None) in get_args(annotation) and len(members) == 1:
        return _bare(members[0])
    return annotation


def _plain(default: Any) -> str:
    """A default as it is written in TOML."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, timedelta):
        seconds = int(default.total_seconds())
        units = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
        return next(f'"{seconds // size}{unit}"' for unit, size in units if seconds % size == 0)
    if isinstance(default, time):
        return f'"{default:%H:%M}"'
    return f'"{default}"' if isinstance(default, str) else str(default)


def _flat(text: str) -> str:
    return "\n".join(line.rstrip() for line in inspect.cleandoc(text).splitlines())


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|").replace("\\\\|", "\\|")


def main() -> int:
    """Write the pages, or with --check say which are not current (exit 1)."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    checking = parser.parse_args().check
    stale = []
    for path, text in pages().items():
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(path.name)
            if not checking:
                path.write_text(text, "utf-8")
    for name in stale:
        print(
            f"docs/reference/{name} {'is not current: run `make docs`' if checking else 'written'}"
        )
    return 1 if checking and stale else 0


if __name__ == "__main__":
    sys.exit(main())
