"""Small incidents, postmortems and actions, all about one moment: noon of the first of March."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Phase, Priority, Severity, Side
from sync.rules.model import ActionFacts, Event, EventKind, IncidentFacts, PostmortemFacts, State
from sync.rules.terms import Section

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    """A section of a reading."""

    kind: str
    line: int = 1
    template: bool = False


@dataclass(frozen=True)
class Blame:
    line: int
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What the rules ask of a postmortem's reading."""

    sections: tuple = tuple(Part(one) for one in Section)
    actions: tuple = ("an action",)
    severity: Severity | None = None
    day: date | None = None
    started: datetime | None = None
    resolved: datetime | None = None
    services: tuple = ()
    incident: str = ""
    incidents: tuple = ()
    root_cause: str = "The index was rebuilt at noon."
    blames: tuple = ()
    problems: tuple = ()
    template: bool = False


class Make:
    """Builds facts; everything not said is in order."""

    noon = NOON
    Part, Blame = Part, Blame

    def item(self, number=1, **values):
        given = {
            "title": f"Payments down {number}",
            "phase": Phase.COMPLETED,
            "priority": Priority.P0,
            "severity": Severity.SEV1,
            "owners": ("ann",),
            "created_at": NOON - timedelta(hours=2),
            "closed_at": NOON,
        }
        return Item(
            ref=Ref(str(number), f"acme/payments#{number}", f"https://x.test/{number}"),
            kind=Kind.INCIDENT,
            **{**given, **values},
        )

    def reading(self, **values):
        return Reading(**values)

    def postmortem(self, name="pm-1", **values):
        given = {"place": f"{name}.md", "reading": Reading(), "written_at": NOON}
        return PostmortemFacts(name=name, **{**given, **values})

    def action(self, title="Add an alarm", **values):
        given = {
            "owner": "ann",
            "due": date(2026, 3, 20),
            "place": "pm-1.md:40",
            "document": "pm-1",
            "issue": self.issue(),
        }
        return ActionFacts(title=title, **{**given, **values})

    def issue(self, number=50, **values):
        given = {"phase": Phase.TODO, "owners": ("ann",), "created_at": NOON, "updated_at": NOON}
        return replace(
            self.item(number, priority=None, severity=None, closed_at=None), kind=Kind.ACTION,
            **{**given, **values},
        )  # fmt: skip

    def incident(self, item=None, **values):
        given = {
            "pair": "payments",
            "side": Side.RIGHT,
            "item": item or self.item(),
            "recorded": True,
            "postmortems": (self.postmortem(),),
        }
        return IncidentFacts(**{**given, **values})

    def running(self, phase=Phase.DOING, **values):
        """An open incident; its facts' keys and its item's may be mixed."""
        number = {"number": values.pop("number")} if "number" in values else {}
        own = {key: values.pop(key) for key in list(values) if hasattr(Item, key)}
        item = self.item(**{"phase": phase, "closed_at": None, **own, **number})
        return self.incident(item, postmortems=(), **values)

    def state(self, *incidents, **values):
        return State(pair="payments", incidents=incidents, **values)

    def event(self, kind, hours=0.0, phase=None, resolution=None):
        return Event(NOON + timedelta(hours=hours), EventKind(kind), phase, resolution)


@pytest.fixture(scope="session")
def make():
    return Make()
