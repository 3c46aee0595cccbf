"""Small incidents, postmortems and actions, all about one moment: noon of the first of March."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mappings.item import Item, Ref
from mappings.postmortem.model import ActionItem, Postmortem, Section, SectionKind
from mappings.vocabulary import Kind, Phase, Priority, Severity, Side
from sync.rules.model import ActionFacts, Event, EventKind, IncidentFacts, PostmortemFacts, State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Make:
    """Builds facts; everything not said is in order."""

    noon = NOON

    def part(self, kind, line=1, *, template=False):
        return Section(kind=kind, title=kind, line=line, end_line=line, template=template)

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
        action = ActionItem(
            title="Add an alarm", line=40, end_line=40, shape="check-box", confidence=0.9
        )
        given = {
            "sections": tuple(self.part(one) for one in SectionKind),
            "actions": (action,),
            "root_cause": "The index was rebuilt at noon.",
        }
        return Postmortem(**{**given, **values})

    def postmortem(self, name="pm-1", **values):
        given = {"place": f"{name}.md", "reading": self.reading(), "written_at": NOON}
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
