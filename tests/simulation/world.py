"""The simulated world's ground: time, chance, the trace, and the points where things go wrong.

One seed, one trace. Nothing in a simulation reads the machine's clock, sleeps, or draws chance
from anywhere but :attr:`World.random`.
"""

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from random import Random

#: Seconds; longer than the longest lag of a list, 600 s.
OVERLAP = 700.0
#: What signs the marks of the pair under simulation.
KEY = b"s" * 32


class Crash(BaseException):
    """The process is killed here."""


@dataclass
class Rates:
    """Chance of each fault per opportunity; 0 switches it off. Lags in seconds."""

    lost_reply: float = 0.0  # the effect happened, the answer did not arrive
    lost_request: float = 0.0  # nothing happened, and nobody can tell
    server_error: float = 0.0  # HTML with a 5xx
    truncated: float = 0.0
    limited: float = 0.0  # 429 or 403, with or without headers
    unauthorised: float = 0.0
    hidden: float = 0.0  # 404 for some seconds for something that exists
    outage: float = 0.0  # the whole project cannot be seen for a while
    list_lag: float = 0.0  # longest time until a change shows in lists
    throttled: float = 0.0  # an edit does not touch updated_at
    dropped: float = 0.0  # labels silently not stored
    skew: float = 0.0  # the server's clock is off by so many seconds
    transfer: float = 0.0
    deletion: float = 0.0
    raced_file: float = 0.0  # somebody edits between our reading and replacing
    half_file: float = 0.0  # a file is found empty, being written
    disk_full: float = 0.0
    broken_file: float = 0.0
    vanish: float = 0.0  # a document is moved away and comes back
    database_busy: float = 0.0
    database_lost: float = 0.0
    crash: float = 0.0
    second_daemon: float = 0.0
    people: float = 0.6  # chance that somebody does something, per opportunity
    bot: float = 0.0  # another program reformats bodies
    refused: float = 0.0  # 422 or 403: this value is not taken

    @classmethod
    def swarm(cls, random: Random) -> "Rates":
        """Each fault class on or off, with a magnitude of its own."""
        rates = cls()
        for one in fields(cls):
            if one.name in {"people", "database_lost", "refused"} or random.random() < 0.5:
                continue
            span = {"list_lag": 600.0, "skew": 120.0}.get(one.name)
            value = random.choice([0.01, 0.05, 0.2]) if span is None else random.uniform(1, span)
            setattr(rates, one.name, value)
        rates.people = random.choice([0.3, 0.6, 0.9])
        if random.random() < 0.05:
            rates.database_lost = 0.1
        return rates


@dataclass
class World:
    """One seed's world."""

    seed: int
    rates: Rates
    random: Random = field(init=False)
    trace: list[str] = field(default_factory=list)
    at: datetime = datetime(2026, 3, 1, 12, tzinfo=UTC)
    calm: bool = False
    points: int = 0
    crash_at: frozenset[int] = frozenset()
    at_point: list = field(default_factory=list)
    once: str = ""
    page: int = 100
    overlap: float = OVERLAP

    def __post_init__(self):
        self.random = Random(self.seed)

    # --- the clock -----------------------------------------------------------------------

    def now(self):
        return self.at

    def monotonic(self):
        return (self.at - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)

    # --- chance and mishap ---------------------------------------------------------------

    def say(self, text):
        self.trace.append(f"{self.at:%H:%M:%S} {text}")

    def chance(self, name):
        """Whether a fault of this kind strikes now; never while it is calm."""
        if name == self.once and not self.calm:
            self.once = ""
            return True
        rate = getattr(self.rates, name)
        return rate > 0 and not self.calm and self.random.random() < rate

    def point(self, name):
        """A place where the process may be killed, or something else may happen meanwhile."""
        self.points += 1
        self.at += timedelta(milliseconds=50)
        if self.points in self.crash_at or self.chance("crash"):
            self.say(f"the process is killed at {name}")
            raise Crash(name)
        for happening in tuple(self.at_point):
            happening(name)
