"""What the process ends with (design §10)."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; they never change their meaning."""

    DONE = 0
    FAILED = 1  # something failed, and was named
    USAGE = 2  # wrong usage or settings; nothing was started
    REFUSED = 3  # the guard refused the plan; nothing was written
    FINDINGS = 4  # rules are not met
