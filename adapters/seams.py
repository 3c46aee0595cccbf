"""Time, chance and the names of hosts as seams: passed in, never patched."""

import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Protocol, TypeAlias

#: Host and port to IP addresses, the one to try first first. Raises socket.gaierror.
Resolve: TypeAlias = Callable[[str, int], Sequence[str]]


def addresses_of(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a host, each once. Raises socket.gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class Clock(Protocol):
    """Now (UTC), a monotonic reading in seconds, and a sleep that may be cut short."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Seams:
    """What a connection is given of the world besides its settings."""

    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
    resolve: Resolve = addresses_of
