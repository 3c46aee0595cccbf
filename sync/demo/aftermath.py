"""What follows an incident: it is closed, its postmortem is written, its actions are done."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Final, Protocol

from mappings.item import Item, Ref
from mappings.vocabulary import Kind, Resolution, Side
from sync.demo.team import Person
from sync.effect import facts
from sync.effect.cycle import Report
from sync.effect.pair import Pair
from sync.report import text
from sync.report.build import report as build
from sync.rules.model import Flag
from sync.rules.terms import RuleName
from sync.store import Store, findings

#: The folder of the postmortems, beside the settings.
FOLDER: Final = "postmortems"
NAME: Final = "webhooks-are-dropped.md"
_DOCUMENT: Final = """\
# Postmortem: webhooks of the second acquirer were dropped

**Incident:** {incident}
**Severity:** SEV1
**Date:** {day}
**Duration:** 1 h 20 min

## Summary

For eighty minutes no webhook of the second acquirer was taken in. Payments stayed pending.

## Impact

412 customers saw a pending payment; nobody was charged twice.

## Timeline

- 10:12 the acquirer's certificate was renewed
- 10:31 first customer writes
- 11:32 the new certificate is trusted, webhooks arrive

## Root cause

The acquirer's certificate was pinned, and its renewal was announced to a mailbox nobody reads.

## Contributing factors

No alert tells that webhooks stay away.

## Action items

- [ ] [P1] Alert when no webhook arrives for ten minutes, due {soon}
- [ ] [P2] Trust the acquirer's authority instead of one certificate, due {later}
- [ ] [P2] Send the acquirer's announcements to the person on call, due {later}

## Prevention

Certificates of partners are listed with the day on which they end.
"""
_WINDOW: Final = timedelta(days=90)
_FLAGGED: Final = {
    (Flag.NOTE, True): "a comment says so, once, on",
    (Flag.LABEL, True): f"label {RuleName.POSTMORTEM_MISSING} put on",
    (Flag.NOTE, False): "that comment now says that it is met, on",
    (Flag.LABEL, False): f"label {RuleName.POSTMORTEM_MISSING} taken off",
}


class Told(Protocol):
    """Where the story is told."""

    def chapter(self, title: str) -> None:
        """What comes now."""
        ...

    def says(self, text: str) -> None:
        """One line."""
        ...

    def report(self, report: Report) -> None:
        """What was done of a plan."""
        ...


class Aftermath:
    """The chapters after the first afternoon. ``sync`` runs one pair for real."""

    def __init__(
        self,
        folder: Path,
        pairs: tuple[Pair, Pair],
        store: Store,
        told: Told,
        sync: Callable[[Pair], Report],
    ) -> None:
        self._file = folder / NAME
        self._main, self._actions = pairs
        self._store = store
        self._told = told
        self._sync = sync
        self.wrong: list[str] = []

    def play(self, maria: Person, title: str, today: date) -> None:
        """From the closing of the incident called ``title`` to the report."""
        incident = next(one for one in maria.issues() if title in one.title)
        self._told.chapter("The incident is closed, and nobody wrote a postmortem")
        maria.finish(incident.number, Resolution.DONE)
        self._told.says(f"maria closes {incident.name}")
        self._findings(self._sync(self._main), title, expected=True)
        self._told.chapter("The postmortem is written; its action items become issues")
        self._write(incident.name, today)
        self._findings(self._sync(self._main), title, expected=False)
        self._told.report(self._sync(self._actions))
        self._show(maria, title)
        self._told.chapter("One is done in the tracker, and its box is ticked")
        alert = next(one for one in maria.issues() if "no webhook arrives" in one.title)
        maria.finish(alert.number, Resolution.DONE)
        self._told.says(f"maria closes {alert.name}")
        self._told.report(self._sync(self._actions))
        self._lines()
        self._told.chapter("The report")
        self._sync(self._main)
        self._report()

    def _write(self, incident: str, today: date) -> None:
        soon, later = today + timedelta(days=14), today + timedelta(days=60)
        document = _DOCUMENT.format(incident=incident, day=today, soon=soon, later=later)
        self._file.write_text(document, "utf-8")
        self._told.says(f"devon writes {self._file}")

    def _findings(self, report: Report, title: str, *, expected: bool) -> None:
        """Whether the missing postmortem is told."""
        missing = [one for one in report.findings if one.rule == RuleName.POSTMORTEM_MISSING]
        found = [one for one in missing if title.endswith(one.title)]
        for one in found:
            self._told.says(f"  {one.level}  {one.rule}  {one.text}")
        if not expected and not found:
            self._told.says("  the incident is without its postmortem no more")
        if bool(found) is not expected:
            self.wrong.append(f"{RuleName.POSTMORTEM_MISSING} was told: {bool(found)}")
        self._flags(report, title, up=expected)

    def _flags(self, report: Report, title: str, *, up: bool) -> None:
        """What was put on the incident's issue for it, or taken off."""
        flagged = [
            (one.mark.kind, one.item)
            for one in report.plan.operations
            if one.mark is not None
            and one.mark.rule == RuleName.POSTMORTEM_MISSING
            and one.mark.on is up
            and one.target is not None
            and title.endswith(str(one.target.title))
        ]
        for kind, name in flagged:
            self._told.says(f"  {_FLAGGED[kind, up]} {name}")
        if {kind for kind, _name in flagged} != {Flag.NOTE, Flag.LABEL}:
            self.wrong.append(f"{RuleName.POSTMORTEM_MISSING} has not its label and its note")

    def _show(self, maria: Person, title: str) -> None:
        """The new issues, and that each stands under its incident."""
        project = self._actions.projects[Side.RIGHT]
        items = [item for page in project.changed(None) for item in page.items]
        incident = next(one for one in items if _same(one, title))
        under = {one.ref.id for one in items if one.parent == Ref(incident.ref.id)}
        names = {str(one.number): one.name for one in maria.issues()}
        for one in items:
            if one.kind is Kind.ACTION:
                name = names.get(one.ref.id, one.ref.key)
                self._told.says(f"  {name}  due {one.due}  {one.title}")
                if one.ref.id not in under:
                    self.wrong.append(f"{one.ref.key} is not under {incident.ref.key}")
        if not under:
            self.wrong.append("no action item became an issue")

    def _lines(self) -> None:
        lines = [one for one in self._file.read_text("utf-8").splitlines() if "- [" in one]
        for line in lines:
            self._told.says(f"  {line}")
        if [line[:5] for line in lines] != ["- [x]", "- [ ]", "- [ ]"]:
            self.wrong.append("not exactly the first box is ticked")

    def _report(self) -> None:
        with self._store.reading() as tx:
            now = self._store.clock.now()
            name = self._main.name
            state = facts.state_of(tx, name, facts.remembered(tx, name), now, back=_WINDOW)
            unmet = findings.open_now(tx, name)
        for line in text.write(build([state], unmet, now, _WINDOW)).splitlines():
            self._told.says(line)


def _same(item: Item, title: str) -> bool:
    return isinstance(item.title, str) and title.endswith(item.title) and bool(item.title)
