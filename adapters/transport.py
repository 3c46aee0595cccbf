"""What every HTTP adapter needs besides its client library: one retry policy, limits, pacing.

The libraries' own retries are off (they repeat writes): a write is sent once, and a failure after
which nobody can say whether it happened is an :class:`UnknownOutcome`, never a retry. Waiting
goes through the clock seam; a wait that is cut short ends the call.
"""

import email.utils
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, TypeVar

import requests
import tenacity
from pydantic_core import from_json
from urllib3 import exceptions as urllib3_errors

from adapters.base import Budget
from adapters.errors import AdapterError, AuthFailed, RateLimited, Transient, UnknownOutcome
from adapters.seams import Clock
from adapters.wire import Barred
from mappings.problem import Problem

#: Longest wait inside a call, all its waits together; a longer one goes back to the scheduler.
LONGEST_WAIT: Final = 120.0
ATTEMPTS: Final = 5
#: Without any word from the server: "wait at least a minute", then longer each time
#: (docs.github.com, best practices for the REST API).
DEFAULT_WAIT: Final = 60.0
LONGEST_SILENCE: Final = 3600.0
#: How often an absolute value is sent again after its answer was lost, and the pauses (seconds).
INSIST_AFTER: Final = (1.0, 3.0)
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
#: A sleep that lasted less than this share of what was asked was cut short.
_CUT_SHORT: Final = 0.9
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


def read_json(text: str | bytes) -> object:
    """What a JSON text says. Raises ValueError if it is none, or nested beyond all bounds.

    pydantic's parser takes half the time of Python's. What it refuses and Python takes (half of a
    surrogate pair, which trackers do send where a text was cut) is left to Python's.
    """
    try:
        return from_json(text, cache_strings="keys")
    except ValueError:
        try:
            return json.loads(text)
        except RecursionError:
            msg = "nested too deeply"
            raise ValueError(msg) from None


def parse_http_date(text: str) -> datetime | None:
    """An HTTP date, or None."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def wait_named(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the server names them: Retry-After (seconds or a date), then resets.

    Measured from the server's own clock where it sent one; our clock may be wrong.
    """
    server = parse_http_date(headers.get("date", "")) or now
    after = headers.get("retry-after", "").strip()
    if after.replace(".", "", 1).isdecimal():
        return float(after)
    if after and (moment := parse_http_date(after)):
        return max(0.0, (moment - server).total_seconds())
    for name in ("x-ratelimit-reset", "ratelimit-reset"):
        moment = reset_time(headers.get(name, "").strip())
        if moment is not None:
            return max(0.0, (moment - server).total_seconds()) + 1
    return None


def reset_time(value: str) -> datetime | None:
    """A reset header: epoch seconds, or ISO 8601 (Jira Cloud). UTC; None if it is neither."""
    try:
        if value.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(value), UTC)
        return datetime.fromisoformat(value).astimezone(UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def never_sent(error: requests.RequestException) -> bool:
    """Whether the request provably never left this machine."""
    before = (
        requests.exceptions.ConnectTimeout,
        requests.exceptions.SSLError,
        requests.exceptions.InvalidURL,
        requests.exceptions.InvalidSchema,
        requests.exceptions.MissingSchema,
        requests.exceptions.InvalidHeader,
    )
    if isinstance(error, before):
        return True
    if isinstance(error, requests.exceptions.ConnectionError) and error.args:
        cause = error.args[0]
        return isinstance(getattr(cause, "reason", cause), _NEVER_SENT)
    return False


def broken_connection(error: requests.RequestException, host: str, *, write: bool) -> AdapterError:
    """What a failure below HTTP means: nothing happened, or nobody knows.

    Only the error's kind is told: its text may hold the address with a query, or a proxy's user.
    """
    what = type(error).__name__
    if isinstance(error, Barred):
        text = f"base_url: {host} leads to an address that is refused (link-local, metadata)."
        remedy = "Check base_url and who answers for this name. Nothing was sent."
        return AuthFailed(Problem("E202", text, remedy=remedy))
    if write and not never_sent(error):
        text = f"no answer from {host} ({what}); the change may have been made."
        return UnknownOutcome(Problem("E213", text))
    remedy = "The next run tries again; if it stays, check base_url, the network and any proxy."
    if what == "SSLError":
        remedy = "Check `ca` and the host's certificate."
    return Transient(Problem("E206", f"cannot reach {host} ({what}).", remedy=remedy))


class Interrupted(Transient):
    """Somebody asked us to stop while we waited. Nothing was sent."""


def wait(clock: Clock, seconds: float) -> None:
    """Sleep through the seam. Raises Interrupted if the sleep was cut short."""
    began = clock.monotonic()
    clock.sleep(seconds)
    if clock.monotonic() - began < seconds * _CUT_SHORT:
        raise Interrupted(Problem("E411", "stopped while waiting; the next run goes on."))


@dataclass(frozen=True, slots=True)
class _Standing:
    """What one kind of request may still do. ``reset`` is by our own clock, UTC."""

    limit: int
    remaining: int
    reset: datetime


@dataclass
class Limits:
    """What one credential may still send. Shared by threads.

    ``reserve`` is the share of each limit that is left for people who use the same account.
    """

    clock: Clock
    reserve: float = 0.1
    blocked_until: datetime | None = None
    requests: int = 0
    _standings: dict[str, _Standing] = field(default_factory=dict)
    _strikes: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, headers: Mapping[str, str]) -> None:
        """Remember what an answer said."""
        said = headers.get("x-ratelimit-remaining", "")
        allowed = headers.get("x-ratelimit-limit", "")
        reset = reset_time(headers.get("x-ratelimit-reset", "").strip())
        now = self.clock.now()
        server = parse_http_date(headers.get("date", "")) or now
        with self._lock:
            self.requests += 1
            if said.isdecimal() and allowed.isdecimal() and reset is not None:
                resource = headers.get("x-ratelimit-resource", "core")
                ours = now + max(timedelta(0), reset - server)
                self._standings[resource] = _Standing(int(allowed), int(said), ours)

    def well(self) -> None:
        """A request was served: earlier refusals are forgiven."""
        with self._lock:
            self._strikes = 0

    def block(self, seconds: float | None) -> datetime:
        """The server asked for silence; None: without saying how long. Returns until when."""
        with self._lock:
            if seconds is None:
                seconds = min(DEFAULT_WAIT * 2**self._strikes, LONGEST_SILENCE)
            self._strikes += 1
            self.blocked_until = self.clock.now() + timedelta(seconds=seconds)
            return self.blocked_until

    def require(self, resource: str = "core") -> None:
        """Raise RateLimited while blocked, or when only people's reserve is left."""
        now = self.clock.now()
        with self._lock:
            if self.blocked_until and now < self.blocked_until:
                text = f"asked to wait until {self.blocked_until:%H:%M:%S} UTC."
                raise RateLimited(Problem("E207", text), self.blocked_until)
            standing = self._standings.get(resource)
            if standing is None or now >= standing.reset:
                return
            if standing.remaining <= standing.limit * self.reserve:
                text = (
                    f"{standing.remaining} of {standing.limit} requests left; the last "
                    f"{self.reserve:.0%} are people's. Waiting until {standing.reset:%H:%M:%S} UTC."
                )
                raise RateLimited(Problem("E207", text), standing.reset)

    def budget(self) -> Budget:
        """As a value; of the ordinary requests."""
        with self._lock:
            core = self._standings.get("core")
            if core is None:
                return Budget(requests=self.requests, blocked_until=self.blocked_until)
            return Budget(
                limit=core.limit,
                remaining=core.remaining,
                reset=core.reset,
                blocked_until=self.blocked_until,
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

    def turn(self) -> None:
        """Wait until a write may be sent, so that nothing is waited for between a look and the
        write after it. Raises Interrupted if told to stop.
        """
        with self._lock:
            due = 0.0 if self._last is None else self._last + self.interval
            seconds = due - self.clock.monotonic()
            if self._last is not None and seconds > 0:
                wait(self.clock, seconds)

    def before_write(self, *, creates: bool) -> None:
        """Wait for this write's turn; others wait behind it.

        Raises RateLimited where the wait is longer than we wait, Interrupted if told to stop.
        """
        with self._lock:
            now = self.clock.monotonic()
            seconds = 0.0 if self._last is None else self._last + self.interval - now
            if creates:
                seconds = max(seconds, self._room(now))
            if seconds > LONGEST_WAIT:
                until = self.clock.now() + timedelta(seconds=seconds)
                raise RateLimited(Problem("E207", "enough was created for this hour."), until)
            if seconds > 0:
                wait(self.clock, seconds)
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


def retrying(clock: Clock, random: Random, call: Callable[[], _T]) -> _T:
    """The one retry policy: passing faults after which nothing can have changed.

    UnknownOutcome is no Transient, so a write that may have happened is never repeated.
    """

    def pause(state: tenacity.RetryCallState) -> float:
        backoff = min(_FIRST_PAUSE * 2.0 ** (state.attempt_number - 1), _LONGEST_PAUSE)
        return max(_asked(state), backoff) + random.uniform(0, _FIRST_PAUSE)

    def again(state: tenacity.RetryCallState) -> bool:
        error = _error(state)
        passing = isinstance(error, Transient) and not isinstance(error, Interrupted)
        return passing and state.idle_for + _asked(state) <= LONGEST_WAIT

    def _asked(state: tenacity.RetryCallState) -> float:
        error = _error(state)
        if isinstance(error, RateLimited):
            return max(0.0, (error.until - clock.now()).total_seconds())
        return (error.retry_after or 0.0) if isinstance(error, Transient) else 0.0

    policy = tenacity.Retrying(
        retry=again,
        wait=pause,
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        sleep=lambda seconds: wait(clock, float(seconds)),
        reraise=True,
    )
    return policy(call)


def insist(clock: Clock, call: Callable[[], _T]) -> _T:
    """Send again what may be sent twice: it sets a value, whatever that was before.

    Once an answer was lost nothing but success ends the doubt, a later refusal neither: raises
    the UnknownOutcome then.
    """
    try:
        return call()
    except UnknownOutcome as error:
        lost = error
    for pause in INSIST_AFTER:
        wait(clock, pause)
        try:
            return call()
        except UnknownOutcome:
            continue
        except AdapterError:
            break
    raise lost


def _error(state: tenacity.RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None
