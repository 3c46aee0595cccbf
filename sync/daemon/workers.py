"""A few threads, each running one pair; they may be left behind when the process must end."""

import threading
from collections.abc import Callable
from typing import Protocol


class Workers(Protocol):
    """Who runs tasks. Tests run them in place."""

    def free(self) -> bool:
        """Whether another task may start."""
        ...

    def start(self, name: str, task: Callable[[], None], ended: Callable[[], None]) -> None:
        """Run ``task``, then call ``ended``; ``name`` is what it is called while it runs."""
        ...

    def running(self) -> frozenset[str]:
        """The names of tasks that have not ended."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait until none runs; false if some still do after ``seconds``."""
        ...


class Threads:
    """Workers in threads, ``limit`` at most.

    Daemon threads, because an executor's are joined at exit however long a request may take; an
    operation cut off so is in the journal and is settled by the next run.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._running: set[str] = set()

    def free(self) -> bool:
        """Whether another task may start."""
        return len(self.running()) < self._limit

    def start(self, name: str, task: Callable[[], None], ended: Callable[[], None]) -> None:
        """Run ``task`` in a thread of its own."""
        with self._changed:
            self._running.add(name)
        given = (name, task, ended)
        threading.Thread(target=self._run, args=given, name=name, daemon=True).start()

    def running(self) -> frozenset[str]:
        """The names of tasks that have not ended."""
        with self._changed:
            return frozenset(self._running)

    def wait(self, seconds: float) -> bool:
        """Wait until none runs."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, seconds)

    def _run(self, name: str, task: Callable[[], None], ended: Callable[[], None]) -> None:
        try:
            task()
        finally:
            with self._changed:
                self._running.discard(name)
                self._changed.notify_all()
            ended()
