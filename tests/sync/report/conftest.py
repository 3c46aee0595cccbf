"""Incidents, follow-ups and work around noon of the first of March, and reports on them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Phase, Priority, Resolution, Severity, Side
from sync.report.build import report
from sync.rules.judge import judge
from sync.rules.model import (
    ActionFacts,
    Event,
    EventKind,
    IncidentFacts,
    PostmortemFacts,
    State,
    WorkFacts,
)

#: A Sunday.
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


class Build:
    """Builds facts; everything not said is in order and over."""

    noon = NOON

    def item(self, number, kind=Kind.INCIDENT, **values):
        given = {
            "title": f"Payments down {number}",
            "phase": Phase.COMPLETED,
            "resolution": Resolution.DONE,
            "priority": Priority.P0,
            "owners": ("ann",),
        }
        ref = Ref(str(number), f"acme/payments#{number}", f"https://x.test/{number}")
        return Item(ref=ref, kind=kind, **{**given, **values})

    def life(self, opened, doing=None, closed=None, resolution=Resolution.DONE):
        """Events at these times; those that are None did not happen."""
        found = [Event(opened, EventKind.OPENED)]
        if doing:
            found.append(Event(doing, EventKind.PHASE, Phase.DOING))
        if closed:
            found.append(Event(closed, EventKind.CLOSED, Phase.COMPLETED, resolution))
        return tuple(found)

    def incident(self, number=1, opened=NOON - 10 * DAY, took=2 * HOUR, **values):
        """One that was answered after ten minutes and closed after ``took``."""
        item = values.pop("item", {})
        doing, closed = opened + timedelta(minutes=10), opened + took
        given = {
            "pair": "payments",
            "side": Side.RIGHT,
            "item": self.item(number, created_at=opened, closed_at=closed, **item),
            "recorded": True,
            "events": self.life(opened, doing, closed),
        }
        return IncidentFacts(**{**given, **values})

    def postmortem(self, name="pm-1", written=NOON - 9 * DAY, **values):
        return PostmortemFacts(
            name=name, place=f"{name}.md", linked_only=True, written_at=written, **values
        )

    def action(self, number=50, opened=NOON - 9 * DAY, closed=None, **values):
        own = {key: values.pop(key) for key in ("priority", "owners") if key in values}
        resolution = values.pop("resolution", Resolution.DONE if closed else None)
        issue = self.item(
            number,
            Kind.ACTION,
            title=f"Add alarm {number}",
            phase=Phase.COMPLETED if closed else Phase.TODO,
            resolution=resolution,
            created_at=opened,
            updated_at=closed or opened,
            closed_at=closed,
            **{"priority": None, **own},
        )
        given = {
            "title": f"Add alarm {number}",
            "owner": "ann",
            "due": date(2026, 3, 20),
            "place": f"pm-1.md:{number}",
            "document": "pm-1",
            "issue": issue,
            "events": self.life(opened, None, closed),
        }
        return ActionFacts(**{**given, **values})

    def bare(self, title="Write it down", **values):
        """A follow-up without an issue."""
        return replace(self.action(), title=title, issue=None, events=(), **values)

    def work(self, at, number, *, incident=False):
        return WorkFacts(at, incident, Ref(str(number)))

    def state(self, *incidents, pair="payments", **values):
        return State(pair=pair, incidents=incidents, **values)

    def report(self, *states, window=90 * DAY, now=NOON):
        """The report with the findings that the rules' defaults give."""
        findings = [one for state in states for one in judge(state, now)]
        return report(states, findings, now, window)

    def busy(self):
        """A state with something for every part of a report."""
        late = self.action(51, due=date(2026, 2, 25), owners=("bob",), priority=Priority.P1)
        done = self.action(52, closed=NOON - 5 * DAY, due=date(2026, 2, 26))
        first = self.incident(
            1,
            opened=NOON - 40 * DAY,
            postmortems=(self.postmortem(written=NOON - 38 * DAY),),
            actions=(late, done, self.bare(due=None, owner="")),
            services=("payments",),
            item={"severity": Severity.SEV1},
        )
        second = self.incident(2, opened=NOON - 4 * DAY, took=30 * HOUR, services=("Payments",))
        work = [self.work(NOON - number * DAY, number) for number in range(1, 30, 3)]
        return self.state(
            first,
            second,
            work=(*work, self.work(NOON - 3 * DAY, 2, incident=True)),
        )


@pytest.fixture(scope="session")
def build():
    return Build()
