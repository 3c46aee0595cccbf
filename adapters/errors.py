"""Errors named by what happens next.

    AdapterError
    ├── Transient          try again later; nothing was changed
    │   └── RateLimited    not before ``until``
    ├── UnknownOutcome     a write may or may not have happened: look, never repeat
    ├── Rejected           this value will not be taken; a person must change something
    ├── PreconditionFailed the item moved under us: read again and plan again
    ├── Missing            not to be seen here: deleted, moved or no access; no conclusion
    ├── Moved              it lives elsewhere now; a person moves it back, or unlinks it
    ├── AuthFailed         the credential is refused: pause the connection
    └── Unsupported        this home cannot do that; the plan should not have asked

Anything else an adapter raises is a bug: that item is set aside with its traceback.
"""

from datetime import datetime

from mappings.item import Ref
from mappings.problem import Problem
from mappings.vocabulary import Field


class AdapterError(Exception):
    """Base of all errors an adapter may raise. The text never holds a secret."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


class Transient(AdapterError):
    """A passing fault, nothing changed. ``retry_after`` in seconds, if the server said."""

    def __init__(self, problem: Problem, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


class RateLimited(Transient):
    """A limit was reached, or our reserve for people would be touched. ``until`` is UTC."""

    def __init__(self, problem: Problem, until: datetime) -> None:
        super().__init__(problem)
        self.until = until


class UnknownOutcome(AdapterError):
    """A write was sent and its answer lost. It must not be sent again before ``find`` looked."""


class Rejected(AdapterError):
    """The home refuses a value. ``field`` is the offending field where known."""

    def __init__(self, problem: Problem, field: Field | None = None) -> None:
        super().__init__(problem)
        self.field = field


class PreconditionFailed(AdapterError):
    """The item is no longer what ``expect`` said."""


class Missing(AdapterError):
    """Not visible. May be deletion, a move or a lost permission; proves nothing."""


class Moved(AdapterError):
    """The item lives elsewhere. ``to`` is its new place as far as it is known."""

    def __init__(self, problem: Problem, to: Ref | None = None) -> None:
        super().__init__(problem)
        self.to = to


class AuthFailed(AdapterError):
    """The credential is missing, expired, of too small a scope, or blocked by SSO."""


class Unsupported(AdapterError):
    """The home has no such thing."""
