"""What the operating system asks for: stop, stop at once, read the settings again."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Final

from adapters.errors import RateLimited
from adapters.seams import Clock
from mappings.problem import Problem

_STOPS: Final = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """What was asked for so far. ``pause`` takes wishes in; ``stop`` and ``reload`` tell them.

    A handler may run in the middle of anything the main thread does, so it only puts its wish into
    a queue that allows that (docs.python.org, queue.SimpleQueue.put: "reentrant").
    """

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.reload = threading.Event()
        self._wishes: SimpleQueue[threading.Event] = SimpleQueue()
        self.asked_to_stop = False

    def ask_to_stop(self) -> None:
        """Finish the current operation, start no new one."""
        self.asked_to_stop = True
        self._wishes.put(self.stop)

    def ask_to_reload(self) -> None:
        """Read the settings again."""
        self._wishes.put(self.reload)

    def ring(self) -> None:
        """End the pause: something changed that the loop should look at."""
        self._wishes.put(threading.Event())

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than until somebody asks for something or rings."""
        try:
            self._wishes.get(timeout=seconds).set()
            while True:
                self._wishes.get_nowait().set()
        except Empty:
            return

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Listen to the operating system; the former handlers return afterwards.

        The second SIGTERM or SIGINT ends the process at once. It is not left to the default
        handler, which the first process of a container does not have.
        """

        def stop(number: int, _frame: FrameType | None) -> None:
            if self.asked_to_stop:
                os._exit(128 + number)
            self.ask_to_stop()

        def reload(_number: int, _frame: FrameType | None) -> None:
            self.ask_to_reload()

        before = {number: signal.signal(number, stop) for number in _STOPS}
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, reload)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class StoppableClock:
    """A clock whose sleepers are woken when the daemon stops.

    A sleeper has sent nothing: it waits for a limit to end, or to keep its distance from its last
    request. So it is woken with RateLimited, and neither repeats nor goes on.
    """

    def __init__(self, clock: Clock, stop: threading.Event) -> None:
        self._stop = stop
        self.now = clock.now
        self.monotonic = clock.monotonic

    def sleep(self, seconds: float) -> None:
        """Sleep. Raises RateLimited when the daemon is asked to stop."""
        if self._stop.wait(seconds):
            problem = Problem("E411", "stopped while waiting; the next run goes on from here.")
            raise RateLimited(problem, self.now())
