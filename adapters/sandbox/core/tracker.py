"""What a tracker's sandbox gives to the common parts."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from werkzeug.wrappers import Request

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.limits import Limits
from adapters.seams import Clock

#: Which of the two kinds of limit refuses a request.
LimitKind: TypeAlias = Literal["primary", "secondary"]


class Refused(Exception):  # noqa: N818  named by what happens
    """The tracker says no. ``status`` is the HTTP status it says it with.

    ``details`` are the entries a body lists besides the message; ``headers`` go with it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        details: tuple[Mapping[str, object], ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {message}")
        self.status = status
        self.message = message
        self.details = details
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a sandbox asks of a new tracker.

    ``token`` may do everything, ``tokens`` what each says. ``lag`` in seconds. ``setup`` is
    given the state once it is made. ``flavour`` chooses among a kind's products, "" its first.
    """

    clock: Clock
    projects: tuple[str, ...]
    token: str = field(repr=False)
    tokens: tuple[Token, ...] = ()
    lag: float = 0.0
    limits: Limits
    setup: Callable[[Any], None] | None = None
    flavour: str = ""


class Tracker(ABC):
    """One kind of tracker behind the common server. Called under a lock, one request at a time."""

    kind: str
    state: Any

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Do what was asked and say what the real tracker would say. Raises nothing."""

    @abstractmethod
    def page(self, request: Request) -> Answer:
        """What a browser is shown, or what its form did. Raises nothing."""

    @abstractmethod
    def limited(self, request: Request, kind: LimitKind, *, headers: bool) -> Answer:
        """The refusal for reaching a limit; ``headers`` says whether it tells how long."""

    @abstractmethod
    def refusal(self, request: Request, status: int, message: str) -> Answer:
        """An error in the tracker's own shape."""

    @abstractmethod
    def caller(self, request: Request) -> str:
        """Login behind the request's credential, "" if there is none; for the log."""

    @abstractmethod
    def dump(self) -> dict[str, object]:
        """The whole state as JSON values, without credentials."""

    @abstractmethod
    def act(self, person: str, action: str, values: Mapping[str, object]) -> object:
        """Do something as a person at a browser would. Raises Refused."""

    @abstractmethod
    def person(self, login: str, project: str | None) -> Any:  # noqa: ANN401  each kind its own
        """Somebody at a browser in a project, the first one unless named."""

    @abstractmethod
    def reset(self) -> None:
        """Go back to how it all began."""
