"""Looking for an issue by its number: lists lag, and numbers are given out in order.

Issues and pull requests share the numbers of a repository, and so do discussions, which the issues
API does not know.
"""

from collections.abc import Callable
from typing import Any, Final

#: So many numbers in a row that do not exist end an enumeration. Two, as one could be a stale
#: replica's.
ENDS_AFTER: Final = 2
ENDS_AFTER_WITH_DISCUSSIONS: Final = 10
AT_MOST: Final = 200

Raw = dict[str, Any]


def given_since(
    number: int, highest: int, look: Callable[[int], Raw | None], *, discussions: bool
) -> tuple[list[Raw], bool]:
    """What has a number after this one, and whether that is all there is.

    ``highest`` is known to have been given out; ``look`` gives None for an unknown number. It is
    not all when one is unknown and a later one is not: a replica may not have it yet. Where
    discussions have numbers, too, that says nothing.
    """
    ends_after = ENDS_AFTER_WITH_DISCUSSIONS if discussions else ENDS_AFTER
    found: list[Raw] = []
    unknown, gap = 0, False
    for one in range(number + 1, number + 1 + AT_MOST):
        raw = look(one)
        if raw is not None:
            gap, unknown = gap or unknown > 0, 0
            found.append(raw)
            continue
        unknown += 1
        if unknown >= ends_after and one >= highest:
            return found, discussions or not gap
    return found, False
