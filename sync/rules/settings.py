"""All rules' terms for one pair: defaults, then what settings say for all rules, then for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self, TypeAlias

from sync.rules.catalogue import RULES
from sync.rules.terms import RuleName, RuleTable, Terms

Tables: TypeAlias = Mapping[RuleName, RuleTable]

_DEFAULTS: Final = MappingProxyType({name: rule.terms for name, rule in RULES.items()})


@dataclass(frozen=True, slots=True)
class RuleSettings:
    """What every rule is held to. ``RuleSettings()`` is the defaults."""

    terms: Mapping[RuleName, Terms] = field(default_factory=lambda: _DEFAULTS)

    @classmethod
    def of(cls, *layers: Tables) -> Self:
        """The terms after each layer in turn; in a layer a rule's own table is over ``all``."""
        found = dict(_DEFAULTS)
        for tables in layers:
            for name in (RuleName.ALL, *found):
                table = tables.get(name)
                if table is not None:
                    named = found if name is RuleName.ALL else (name,)
                    found |= {one: found[one].under(table) for one in named}
        return cls(found)
