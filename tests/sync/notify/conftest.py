"""Findings to be told, and channels that keep what they were sent."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from mappings.item import Ref
from sync.notify.deliver import Notifier
from sync.notify.sender import NotSentError
from sync.notify.settings import ChannelSettings
from sync.rules.model import Finding, Flag, Level
from sync.store import Store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)  # a Wednesday


class Clock:
    """Moves when it is told to."""

    def __init__(self):
        self.at = NOON

    def now(self):
        return self.at

    def monotonic(self):
        return self.at.timestamp()

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)

    def advance(self, **span):
        self.at += timedelta(**span)


@dataclass
class Post:
    """Takes messages, or refuses them while it is ``broken``, or those to what it ``refuses``."""

    taken: list = field(default_factory=list)
    broken: str = ""
    refuses: str = "nobody"
    crash: bool = False

    def __call__(self, url, message):
        if self.crash:
            raise KeyboardInterrupt
        if self.broken or self.refuses in url.get_secret_value():
            raise NotSentError(self.broken or "its service did not take the message")
        self.taken.append((url.get_secret_value(), message))

    @property
    def titles(self):
        return [message.title for _, message in self.taken]


class Office:
    """One store, one clock, one post; what is open, by pair."""

    def __init__(self, folder):
        self.folder = folder
        self.clock = Clock()
        self.store = Store.memory(self.clock)
        self.post = Post()
        self.open = {"payments": [], "orders": []}
        self.channels = {}

    def channel(self, name="ops", **keys):
        file = self.folder / name
        file.write_text(f"json://{name}.test/{name}-s3cret")
        given = {"digest": "off", **keys, "url": {"file": str(file)}}
        self.channels[name] = ChannelSettings.model_validate(given)

    def tell(self, pair="payments"):
        notifier = Notifier(
            channels=self.channels,
            pairs=list(self.open),
            store=self.store,
            clock=self.clock,
            send=self.post,
            findings=self.open.__getitem__,
        )
        return notifier.tell(pair)

    @property
    def titles(self):
        return self.post.titles


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def finding():
    number = count(1)

    def make(**values):
        n = next(number)
        given = {
            "rule": "postmortem-missing",
            "pair": "payments",
            "key": f"payments/postmortem-missing/{n}",
            "level": Level.DUE,
            "since": NOON,
            "until": NOON + timedelta(days=2),
            "title": f"Incident {n}",
            "text": f'"Incident {n}" was closed and no postmortem belongs to it.',
            "remedy": "Write it.",
            "item": Ref(str(n), f"acme/payments#{n}", f"https://x.test/{n}"),
            "flags": frozenset({Flag.NOTIFY}),
        }
        return Finding(**{**given, **values})

    return make
