"""``followthrough adapters``: what is installed and what each can hold."""

from datetime import timedelta
from typing import Any

import typer

from adapters.registry import Adapter
from mappings.vocabulary import Field
from sync.cli.screen import Screen
from sync.cli.session import JsonOption, world_of


def adapters(ctx: typer.Context, *, as_json: JsonOption = False) -> None:
    """List the installed adapters, what they can hold, and the keys of their connections.

    An adapter from another package appears here once that package is installed.

    Example: followthrough adapters --json
    """
    world = world_of(ctx)
    found = world.installed()
    if as_json:
        world.screen.data({"adapters": [_json(name, one) for name, one in found.items()]})
        return
    for name, one in found.items():
        _show(world.screen, name, one)
    if not found:
        world.screen.note("No adapter is installed.")


def _keys(one: Adapter) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "required": info.is_required(),
            "default": None if info.is_required() else _plain(info.get_default()),
            "description": info.description or "",
        }
        for key, info in one.Settings.model_fields.items()
    ]


def _plain(default: Any) -> Any:  # noqa: ANN401  a default of any type
    known = default is None or isinstance(default, bool | int | float | str)
    return default if known else str(default)


def _json(name: str, one: Adapter) -> dict[str, Any]:
    can = one.capabilities
    return {
        "name": name,
        "title": one.title,
        "side": one.side,
        "settings": _keys(one),
        "capabilities": can
        and {
            "writes": [field.value for field in Field if field in can.writes],
            "notes": can.notes,
            "conditional_writes": can.conditional_writes,
            "absence_visible": can.absence_visible,
            "overlap_seconds": can.overlap / timedelta(seconds=1),
            "find_lag_seconds": can.find_lag / timedelta(seconds=1),
            "title_limit": can.title_limit,
            "body_limit": can.body_limit,
        },
    }


def _show(screen: Screen, name: str, one: Adapter) -> None:
    screen.line(f"{name}  {one.title}  (usually {one.side})", "bold")
    can = one.capabilities
    if can is not None:
        lacking = [field.value for field in Field if field not in can.writes]
        fields = [field.value for field in Field if field in can.writes]
        screen.line(f"  writes     {', '.join(fields)}")
        if lacking:
            screen.line(f"  cannot     {', '.join(lacking)}")
        words = {"comments": can.notes, "conditional writes": can.conditional_writes}
        words["shows what is absent"] = can.absence_visible
        has = ", ".join(word for word, true in words.items() if true)
        screen.line(f"  has        {has or 'nothing more'}")
    for key in _keys(one):
        need = "required" if key["required"] else f"default {key['default']!r}"
        screen.line(f"  {key['key']:<10} {key['description']} ({need})")
