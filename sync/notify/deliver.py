"""After a cycle: tell every channel what is new for it. Nothing that goes wrong here stops a cycle.

What is told is written down before it is sent, so that a crash in between never tells it twice; if
the channel refuses, that is taken back, and the channel is left alone for a while.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from adapters.seams import Clock
from mappings.problem import Problem, ProblemError
from sync.notify import messages
from sync.notify.choose import Telling, digest_due, heard, new, tellings
from sync.notify.sender import NotSentError, Sender
from sync.notify.settings import ChannelSettings
from sync.rules.model import Finding
from sync.settings.model import Settings
from sync.store import Store, findings, told
from sync.store.told import Channel, fingerprint


@dataclass(frozen=True, kw_only=True)
class Notifier:
    """Everything that telling needs. ``findings`` gives the open findings of a pair.

    ``pairs`` are all there are, for digests.
    """

    channels: Mapping[str, ChannelSettings]
    pairs: Sequence[str]
    store: Store
    clock: Clock
    send: Sender
    findings: Callable[[str], Sequence[Finding]]

    @classmethod
    def of(cls, settings: Settings, store: Store, clock: Clock, send: Sender) -> Self:
        """For all pairs of some settings, with the findings that are in the store."""

        def open_ones(pair: str) -> Sequence[Finding]:
            with store.reading() as tx:
                return findings.open_now(tx, pair)

        return cls(
            channels=settings.notify,
            pairs=tuple(settings.pairs),
            store=store,
            clock=clock,
            send=send,
            findings=open_ones,
        )

    def tell(self, pair: str) -> list[Problem]:
        """Tell what is new in ``pair``, and send the digests whose hour has come.

        Raises nothing but what the store raises; a channel that fails is a problem (E504).
        """
        problems = []
        found = self.findings(pair) if self.channels else ()
        for name, settings in self.channels.items():
            if not settings.pairs or pair in settings.pairs:
                problem = self._channel(name, settings, pair, found)
                problems += [problem] if problem else []
        return problems

    def _channel(
        self, name: str, settings: ChannelSettings, pair: str, found: Sequence[Finding]
    ) -> Problem | None:
        now = self.clock.now()
        with self.store.writing() as tx:
            at = told.channel(tx, name, now)
            if at.retry_at is not None and at.retry_at > now:
                return None
            before = told.levels(tx, name, pair)
            told.forget(tx, name, pair, {fingerprint(one.key) for one in found}, now)
        left = settings.per_hour - len(at.sent)
        try:
            if settings.each:
                for one in tellings(settings, new(heard(settings, found), before), left):
                    at = self._each(at, settings, pair, one, before)
            if digest_due(settings, at.digest_at, now):
                self._digest(at, settings)
        except (NotSentError, ProblemError) as error:
            with self.store.writing() as tx:
                told.failed(tx, at, now)
            return _problem(name, error)
        return None

    def _each(
        self,
        at: Channel,
        settings: ChannelSettings,
        pair: str,
        one: Telling,
        before: Mapping[str, str],
    ) -> Channel:
        with self.store.writing() as tx:
            told.claim(tx, at, pair, one.tells, self.clock.now())
        try:
            self.send(settings.url.read(), one.message)
        except (NotSentError, ProblemError):
            with self.store.writing() as tx:
                told.give_back(tx, at, pair, before, one.tells)
            raise
        with self.store.writing() as tx:
            return told.went_out(tx, at, self.clock.now())

    def _digest(self, at: Channel, settings: ChannelSettings) -> None:
        """One message of all that is open; a digest of nothing is not sent."""
        everything = [one for pair in self.pairs for one in self.findings(pair)]
        mine = heard(settings, everything)
        now = self.clock.now()
        wanted = any(not one.waived for one in mine)
        if wanted:
            self.send(settings.url.read(), messages.digest(mine, now))
        with self.store.writing() as tx:
            if wanted:
                told.went_out(tx, at, now)
            told.digested(tx, at, now)


def _problem(name: str, error: NotSentError | ProblemError) -> Problem:
    """What is said of a channel that failed: its name, never its address."""
    if isinstance(error, ProblemError):
        return error.problem
    remedy = "It is tried again later; everything else goes on."
    return Problem("E504", f"a notification was not sent: {error}.", f"notify.{name}", remedy)
