"""docs/rules.md says of every rule what the code does."""

import re
from pathlib import Path

import pytest

from sync.rules.catalogue import RULES
from sync.rules.terms import RuleName
from sync.rules.waivers import broken, waivers_in

PAGE = (Path(__file__).parents[3] / "docs/rules.md").read_text("utf-8")
NEVER_WAIVED_THERE = {RuleName.INTERRUPT_LOAD, RuleName.WAIVER_INVALID}


def sections():
    found = re.findall(r"^## ([a-z-]+)\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return dict(found)


def test_every_rule_has_one_section_and_nothing_else_has_one():
    named = re.findall(r"^## ([a-z-]+)$", PAGE, re.MULTILINE)
    assert sorted(named) == sorted(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_section_says_when_it_fires_and_what_it_is_held_to(rule):
    section = sections()[rule.name]
    assert rule.says in section
    assert f"\nHeld to: {rule.terms}.\n" in section


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_the_section_says_why_when_how_to_meet_and_how_to_waive_it(rule):
    heads = re.findall(r"^\*\*(.*?)\.\*\* \S", sections()[rule.name], re.MULTILINE)
    assert heads == ["Why", "When", "To meet it", "To waive it"]


@pytest.mark.parametrize("rule", sorted(set(RULES) - NEVER_WAIVED_THERE))
def test_the_waiver_that_is_shown_would_hold(rule):
    shown = re.search(r"\*\*To waive it\.\*\* `(waive: .*)`", sections()[rule])[1]
    (waiver,) = waivers_in(shown)
    assert (waiver.rule, broken(waiver)) == (rule, "")
