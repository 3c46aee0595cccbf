"""``followthrough rules``: every rule, what it is held to, and how to meet or waive it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typer

from sync import wiring
from sync.cli.screen import Screen
from sync.cli.session import ConfigOption, JsonOption, PairOption, settings, world_of
from sync.durations import write_duration
from sync.rules.case import Rule
from sync.rules.catalogue import RULES
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, Terms
from sync.settings import DEFAULT_FILE

#: What the terms are called where there are no settings.
_DEFAULTS: Final = "defaults"


def rules(
    ctx: typer.Context,
    *,
    config: ConfigOption = DEFAULT_FILE,
    pair: PairOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every rule with its thresholds.

    Shows when a rule fires, from when it presses and is overdue by level, what it asks for, how it
    is met and how it is waived. Pairs that differ are listed one by one. Without a settings file
    the defaults are shown.

    Example: followthrough rules --json
    """
    screen = world_of(ctx).screen
    given = _given(ctx, config, pair)
    if as_json:
        screen.data({"rules": [_json(rule, given) for rule in RULES.values()]})
        return
    for rule in RULES.values():
        _show(screen, rule, {name: one.terms[rule.name] for name, one in given.items()})
    if _DEFAULTS in given:
        screen.note(f"These are the defaults: there is no {config}.")


def _given(ctx: typer.Context, config: Path, names: list[str] | None) -> dict[str, RuleSettings]:
    if config == DEFAULT_FILE and not config.exists() and not names:
        return {_DEFAULTS: RuleSettings()}
    loaded = settings(ctx, config, secrets=False)
    chosen = wiring.chosen(loaded, names or ())
    return {name: loaded.settings.rules_of(name) for name in chosen}


def _show(screen: Screen, rule: Rule, terms: Mapping[str, Terms]) -> None:
    screen.line(rule.name, "bold")
    screen.line(f"  {rule.says}")
    first = next(iter(terms.values()))
    alike = all(one == first for one in terms.values())
    for name, one in terms.items():
        if not alike:
            screen.line(f"  {name}")
        for line in _lines(rule, one):
            screen.line(f"  {line}" if alike else f"    {line}")
        if alike:
            break
    screen.line(f"  to meet it  {rule.remedy}")


def _lines(rule: Rule, terms: Terms) -> list[str]:
    if not terms.enabled:
        return ["off"]
    lines = [f"{terms.level:<10}  {terms.due}", f"overdue     {terms.overdue}"]
    if rule.name is RuleName.POSTMORTEM_INCOMPLETE:
        lines.append(f"sections    {', '.join(terms.sections)}")
    if rule.name is RuleName.INTERRUPT_LOAD:
        window = write_duration(terms.window)
        lines.append(f"share       {terms.share:.0%} of at least {terms.least} items in {window}")
    if terms.waive:
        lines.append(f"waived      {terms.waive}")
    asks = ", ".join(sorted(terms.flags)) or "nothing"
    more = sorted(terms.overdue_flags - terms.flags)
    lines.append(f"asks for    {asks}" + (f"; overdue: {', '.join(more)}" if more else ""))
    return lines


def _json(rule: Rule, given: Mapping[str, RuleSettings]) -> dict[str, Any]:
    return {
        "rule": rule.name.value,
        "says": rule.says,
        "remedy": rule.remedy,
        "rests_on_absence": rule.absence,
        "terms": {name: _terms_json(rule, one.terms[rule.name]) for name, one in given.items()},
    }


def _terms_json(rule: Rule, terms: Terms) -> dict[str, Any]:
    own: dict[str, Any] = {}
    if rule.name is RuleName.POSTMORTEM_INCOMPLETE:
        own = {"sections": list(terms.sections)}
    if rule.name is RuleName.INTERRUPT_LOAD:
        window = write_duration(terms.window)
        own = {"share": terms.share, "window": window, "least": terms.least}
    return {
        "enabled": terms.enabled,
        "level": terms.level.value,
        "due": terms.due.words,
        "overdue": terms.overdue.words,
        "flags": sorted(terms.flags),
        "overdue_flags": sorted(terms.overdue_flags),
        "label": terms.label or rule.name.value,
        "since": terms.since.isoformat() if terms.since else None,
        "waive": terms.waive or None,
        "flag_since": terms.flag_since.isoformat() if terms.flag_since else None,
        **own,
    }
