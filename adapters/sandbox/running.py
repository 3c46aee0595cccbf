"""Start and stop a sandbox: in a thread for tests, in the foreground for the command line."""

import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

from adapters.sandbox.core.access import Access, Token
from adapters.sandbox.core.clock import SandboxClock
from adapters.sandbox.core.faults import Faults, load_script
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.core.log import RequestLog
from adapters.sandbox.core.server import SandboxServer
from adapters.sandbox.core.service import Service
from adapters.sandbox.github.model import Habits
from adapters.sandbox.github.people import Person
from adapters.sandbox.github.state import GitHubState
from adapters.sandbox.github.tracker import GitHubTracker
from adapters.seams import Clock
from mappings.problem import Problem, ProblemError

#: The login behind the token a sandbox is given.
BOT: Final = "octo-bot"

#: People who exist in every sandbox and may be assigned.
PEOPLE: Final = ("maria", "devon", "zoe", BOT)


class Sandbox:
    """A tracker on a loopback port, in a thread of its own. A context manager.

    ``kind`` is "github". ``projects`` exist from the start. ``token`` may do everything as
    ``octo-bot``; ``tokens`` are further ones. ``lag`` (seconds) delays lists. ``clock`` is
    wrapped so that ``sandbox.clock.advance`` works. Port 0 takes any free port.
    """

    def __init__(
        self,
        kind: str = "github",
        *,
        projects: Sequence[str] = ("acme/payments",),
        token: str = "sandbox-token",  # noqa: S107  opens nothing but this
        tokens: Iterable[Token] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Path | None = None,
        lag: float = 0.0,
        limits: Limits | None = None,
        clock: Clock | None = None,
        setup: Callable[[GitHubState], None] | None = None,
    ) -> None:
        if kind != "github":
            raise ProblemError(Problem("E201", f'no sandbox "{kind}"', remedy="Known: github."))
        script = load_script(faults) if faults else None
        self.token = token
        self.clock = SandboxClock(clock)
        self.faults = Faults(script.fault, script.seed) if script else Faults()
        self._stopping = threading.Event()
        extra = tuple(tokens)

        def build() -> GitHubState:
            return _github(self.clock, projects, (Token(token, BOT), *extra), lag, setup)

        self.tracker = GitHubTracker(build, limits or Limits())
        self.service = Service(self.tracker, self.faults, self.clock, self._stopping.wait)
        self._server = SandboxServer(host, port, self.service)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """Where the API and the page are, without a slash at the end."""
        return self._server.url

    @property
    def state(self) -> GitHubState:
        """The tracker's state; hold :attr:`lock` while requests may be under way."""
        return self.tracker.state

    @property
    def lock(self) -> threading.RLock:
        """What keeps requests and direct changes of the state apart."""
        return self.service.lock

    @property
    def failures(self) -> list[str]:
        """Tracebacks of bugs in the sandbox itself; empty unless it has any."""
        return self.service.failures

    def person(self, login: str, project: str | None = None) -> Person:
        """Somebody at a browser, in the first project unless another is named."""
        homes = self.state.repositories
        home = self.state.repository(project) if project else homes[min(homes)]
        return Person(home, login)

    @property
    def requests(self) -> RequestLog:
        """What was asked so far."""
        return self.service.log

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer no more and give back the port."""
        self._stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)


def _github(
    clock: Clock,
    projects: Sequence[str],
    tokens: Iterable[Token],
    lag: float,
    setup: Callable[[GitHubState], None] | None,
) -> GitHubState:
    state = GitHubState(clock, Habits(lag=timedelta(seconds=lag)))
    for name in PEOPLE:
        state.user(name, name.capitalize() if name != BOT else "")
    for token in tokens:
        state.add_token(token)
    for project in projects:
        repository = state.add_repository(project)
        repository.people |= dict.fromkeys(PEOPLE, Access.WRITE)
    if setup is not None:
        setup(state)
    return state


def serve(
    kind: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    projects: Sequence[str],
    token: str,
    faults: Path | None = None,
    lag: float = 0.0,
    ready: Callable[[str], None] = print,
) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is given the one line with the address.

    Raises ProblemError for a bad script, ValueError for a bad project or host, OSError when
    the port is taken.
    """
    sandbox = Sandbox(
        kind, projects=projects, token=token, host=host, port=port, faults=faults, lag=lag
    )
    over = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        over.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with sandbox:
        ready(sandbox.url)
        over.wait()
