"""What every HTTP adapter needs besides its client library: one retry policy, limits, pacing.

The libraries' own retries are off (clients.md §0): a write is sent once, and a failure after
which nobody can say whether it happened is an :class:`UnknownOutcome`, never a retry.
"""

import email.utils
import ipaddress
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
from urllib3 import exceptions as urllib3_errors

from adapters.base import Budget
from adapters.errors import AdapterError, RateLimited, Transient, UnknownOutcome
from adapters.seams import Clock
from mappings.problem import Problem, ProblemError

#: Longest wait inside a call; a longer one goes back to the scheduler (clients.md §5.3).
LONGEST_WAIT: Final = 120.0
ATTEMPTS: Final = 5
#: Without any word from the server: "wait at least a minute" (docs.github.com best practices).
DEFAULT_WAIT: Final = 60.0
_T = TypeVar("_T")

_NEVER_SENT: Final = (
    urllib3_errors.NewConnectionError,
    urllib3_errors.ConnectTimeoutError,
    urllib3_errors.NameResolutionError,
    urllib3_errors.ProxyError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer. Header names are lower case; ``data`` is parsed JSON, or the raw text."""

    status: int
    headers: Mapping[str, str]
    data: object
    json: bool = True

    def date(self) -> datetime | None:
        """The server's clock, UTC."""
        return parse_http_date(self.headers.get("date", ""))


def parse_http_date(text: str) -> datetime | None:
    """An HTTP date, or None."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError):
        return None


def wait_named(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the server names them: Retry-After (seconds or a date), then resets.

    Measured from the server's own clock where it sent one; our clock may be wrong.
    """
    server = parse_http_date(headers.get("date", "")) or now
    after = headers.get("retry-after", "").strip()
    if after.replace(".", "", 1).isdigit():
        return float(after)
    if after and (moment := parse_http_date(after)):
        return max(0.0, (moment - server).total_seconds())
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        moment = _reset(headers.get(name, "").strip())
        if moment is not None:
            return max(0.0, (moment - server).total_seconds()) + 1
    return None


def _reset(value: str) -> datetime | None:
    """A reset header: epoch seconds, or ISO 8601 (Jira Cloud)."""
    try:
        if value.replace(".", "", 1).isdigit():
            return datetime.fromtimestamp(float(value), UTC)
        return datetime.fromisoformat(value).astimezone(UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def never_sent(error: requests.RequestException) -> bool:
    """Whether the request provably never left this machine."""
    if isinstance(error, requests.exceptions.ConnectTimeout | requests.exceptions.SSLError):
        return True
    if isinstance(error, requests.exceptions.ConnectionError) and error.args:
        cause = error.args[0]
        return isinstance(getattr(cause, "reason", cause), _NEVER_SENT)
    return False


def broken_connection(error: requests.RequestException, host: str, *, write: bool) -> AdapterError:
    """What a failure below HTTP means: nothing happened, or nobody knows."""
    what = type(error).__name__
    if write and not never_sent(error):
        text = f"no answer from {host} ({what}); the change may have been made."
        return UnknownOutcome(Problem("E213", text))
    return Transient(Problem("E206", f"cannot reach {host} ({what})."))


@dataclass
class Limits:
    """What one credential may still send. Shared by threads; ``reserve`` is left for people."""

    clock: Clock
    reserve: float = 0.1
    limit: int | None = None
    remaining: int | None = None
    reset: datetime | None = None
    blocked_until: datetime | None = None
    requests: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer said."""
        with self._lock:
            self.requests += 1
            if headers.get("x-ratelimit-resource", "core") not in {"core", "graphql"}:
                return
            said = headers.get("x-ratelimit-remaining", "")
            allowed = headers.get("x-ratelimit-limit", "")
            if said.isdigit() and allowed.isdigit():
                self.remaining, self.limit = int(said), int(allowed)
                self.reset = _reset(headers.get("x-ratelimit-reset", ""))

    def block(self, seconds: float) -> datetime:
        """The server asked for silence."""
        with self._lock:
            self.blocked_until = self.clock.now() + timedelta(seconds=seconds)
            return self.blocked_until

    def require(self) -> None:
        """Raise RateLimited while blocked, or when only people's reserve is left."""
        now = self.clock.now()
        with self._lock:
            if self.blocked_until and now < self.blocked_until:
                text = f"asked to wait until {self.blocked_until:%H:%M:%S} UTC."
                raise RateLimited(Problem("E207", text), self.blocked_until)
            if self.remaining is None or self.limit is None or self.reset is None:
                return
            if self.remaining <= self.limit * self.reserve and now < self.reset:
                text = (
                    f"{self.remaining} of {self.limit} requests left; the last "
                    f"{self.reserve:.0%} are people's. Waiting until {self.reset:%H:%M:%S} UTC."
                )
                raise RateLimited(Problem("E207", text), self.reset)

    def budget(self) -> Budget:
        """As a value."""
        with self._lock:
            return Budget(
                limit=self.limit,
                remaining=self.remaining,
                reset=self.reset,
                requests=self.requests,
            )


@dataclass
class Pace:
    """Spacing of writes. ``interval`` in seconds; ``per_minute``/``per_hour`` count creations."""

    clock: Clock
    interval: float
    per_minute: int | None = None
    per_hour: int | None = None
    _last: float | None = None
    _made: deque[float] = field(default_factory=deque)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before_write(self, *, creates: bool) -> None:
        """Wait for this write's turn. Raises RateLimited where that is longer than we wait."""
        with self._lock:
            now = self.clock.monotonic()
            wait = 0.0 if self._last is None else self._last + self.interval - now
            if creates:
                wait = max(wait, self._room(now))
            if wait > LONGEST_WAIT:
                until = self.clock.now() + timedelta(seconds=wait)
                raise RateLimited(Problem("E207", "enough was created for this hour."), until)
            if wait > 0:
                self.clock.sleep(wait)
            self._last = self.clock.monotonic()
            if creates:
                self._made.append(self._last)

    def _room(self, now: float) -> float:
        while self._made and self._made[0] <= now - 3600:
            self._made.popleft()
        waits = [0.0]
        for span, most in ((60.0, self.per_minute), (3600.0, self.per_hour)):
            if most is not None:
                within = [moment for moment in self._made if moment > now - span]
                if len(within) >= most:
                    waits.append(within[-most] + span - now)
        return max(waits)


def retrying(clock: Clock, call: Callable[[], _T]) -> _T:
    """The one retry policy: passing faults after which nothing can have changed.

    UnknownOutcome is no Transient, so a write that may have happened is never repeated.
    """
    jitter = tenacity.wait_exponential_jitter(initial=0.5, max=30, jitter=0.5)

    def wait(state: tenacity.RetryCallState) -> float:
        return max(_asked(state), jitter(state))

    def again(state: tenacity.RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        return isinstance(error, Transient) and _asked(state) <= LONGEST_WAIT

    def _asked(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited):
            return (error.until - clock.now()).total_seconds()
        return getattr(error, "retry_after", None) or 0.0

    policy = tenacity.Retrying(
        retry=again,
        wait=wait,
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        sleep=clock.sleep,
        reraise=True,
    )
    return policy(call)


def checked_base_url(url: str, place: str) -> str:
    """The URL without a slash at its end. Raises ProblemError (E202) for an unsafe one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.username or parts.password:
        _refuse(place, "must not hold user:password; give the token by environment or file.")
    if parts.query or parts.fragment:
        _refuse(place, "must not hold a query or fragment.")
    loopback = is_loopback(host)
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        _refuse(place, "must be https (plain http only for this machine).")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if not host or (address and (address.is_link_local or address.is_unspecified)):
        _refuse(place, f'"{host}" is refused as a host.')
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse(place: str, text: str) -> None:
    raise ProblemError(Problem("E202", f"base_url {text}", place))
