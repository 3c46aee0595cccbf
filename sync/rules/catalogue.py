"""Every rule there is, in the order in which they are listed."""

from types import MappingProxyType
from typing import Final

from sync.rules.actions import ACTIONS
from sync.rules.incidents import INCIDENTS
from sync.rules.patterns import PATTERNS
from sync.rules.postmortems import POSTMORTEMS
from sync.rules.waivers import WAIVERS

RULES: Final = MappingProxyType(
    {rule.name: rule for rule in (*POSTMORTEMS, *ACTIONS, *INCIDENTS, *PATTERNS, *WAIVERS)}
)
