"""Start and stop a sandbox: in a thread for tests, in the foreground for the command line."""

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from adapters.sandbox.core.access import Token
from adapters.sandbox.core.clock import SandboxClock
from adapters.sandbox.core.faults import Faults, load_script
from adapters.sandbox.core.limits import Limits
from adapters.sandbox.core.log import RequestLog
from adapters.sandbox.core.server import SandboxServer
from adapters.sandbox.core.service import Service
from adapters.sandbox.core.tracker import Tracker, Wanted
from adapters.sandbox.github import build as github
from adapters.sandbox.gitlab import build as gitlab
from adapters.sandbox.jira import build as jira
from adapters.seams import Clock
from mappings.problem import Problem, ProblemError

#: How each kind of tracker is made; another kind is a folder beside github/ and a line here.
KINDS: Final[dict[str, Callable[[Wanted], Tracker]]] = {
    "github": github.build,
    "gitlab": gitlab.build,
    "jira": jira.build,
}

#: The project a tracker begins with when none is named; "acme/payments" for other kinds.
_FIRST_PROJECT: Final = {"jira": "PAY"}


class Sandbox:
    """A tracker on a loopback port, in a thread of its own. A context manager.

    ``kind`` is a key of :data:`KINDS`, ``flavour`` one of its products (Jira: "cloud" or
    "datacenter"), "" the first. ``projects`` exist from the start. ``token`` may do
    everything, as a bot; ``tokens`` are further ones. ``lag`` (seconds) delays lists.
    ``clock`` is wrapped so that ``sandbox.clock.advance`` works. ``setup`` is given each new
    state, also after a reset. Port 0 takes any free port. Raises ProblemError (E201) for an
    unknown kind or a bad script, ValueError for a bad project or host, OSError for a port
    that is taken.
    """

    def __init__(
        self,
        kind: str = "github",
        *,
        projects: Sequence[str] | None = None,
        token: str = "sandbox-token",  # noqa: S107  opens nothing but this
        tokens: Iterable[Token] = (),
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Path | None = None,
        lag: float = 0.0,
        limits: Limits | None = None,
        clock: Clock | None = None,
        setup: Callable[[Any], None] | None = None,
        flavour: str = "",
    ) -> None:
        if kind not in KINDS:
            known = ", ".join(sorted(KINDS))
            raise ProblemError(Problem("E201", f'no sandbox "{kind}".', remedy=f"Known: {known}."))
        if projects is None:
            projects = (_FIRST_PROJECT.get(kind, "acme/payments"),)
        script = load_script(faults) if faults else None
        self.token = token
        self.clock = SandboxClock(clock)
        self.faults = Faults(script.fault, script.seed) if script else Faults()
        self._stopping = threading.Event()
        self.tracker = KINDS[kind](
            Wanted(
                clock=self.clock,
                projects=tuple(projects),
                token=token,
                tokens=tuple(tokens),
                lag=lag,
                limits=limits or Limits(),
                setup=setup,
                flavour=flavour,
            )
        )
        self.service = Service(self.tracker, self.faults, self.clock, self._stopping.wait)
        self._server = SandboxServer(host, port, self.service)
        self._thread = threading.Thread(target=self._serve, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """Where the API and the page are, without a slash at the end."""
        return self._server.url

    @property
    def state(self) -> Any:  # noqa: ANN401  each kind has a state of its own
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

    @property
    def requests(self) -> RequestLog:
        """What was asked so far."""
        return self.service.log

    def person(self, login: str, project: str | None = None) -> Any:  # noqa: ANN401  see state
        """Somebody at a browser, in the first project unless another is named."""
        return self.tracker.person(login, project)

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
        self._server.serve_forever(poll_interval=0.02)


def serve(
    kind: str,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    projects: Sequence[str] | None,
    token: str,
    flavour: str = "",
    faults: Path | None = None,
    lag: float = 0.0,
    limits: Limits | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then return; must be called in the main thread.

    ``ready`` is given the address once requests are answered; without it the address is
    printed as one line. Raises ProblemError (E201) for a bad script, project, host or port.
    """
    over = threading.Event()
    before = {
        number: signal.signal(number, lambda _number, _frame: over.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        with Sandbox(
            kind,
            projects=projects,
            token=token,
            flavour=flavour,
            host=host,
            port=port,
            faults=faults,
            lag=lag,
            limits=limits,
        ) as sandbox:
            (ready or _print)(sandbox.url)
            over.wait()
    except ValueError as error:
        raise ProblemError(Problem("E201", f"{error}.")) from None
    except OSError as error:
        place = f"{host}:{port}"
        raise ProblemError(Problem("E201", f"cannot listen: {error.strerror}.", place)) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
