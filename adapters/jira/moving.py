"""Moving an issue through its workflow to a phase.

What was learned of the workflow is remembered by issue type, and only believed: a transition that
is refused is looked up again from where the issue stands. Nothing is begun that is known to end
at a field nobody can fill.
"""

from collections.abc import Sequence
from typing import Final

from adapters.errors import AdapterError, Missing, Rejected
from adapters.jira.client import Client
from adapters.jira.home import Home, need_of
from adapters.jira.reading import Question, Raw, pages
from mappings.jira import status_of
from mappings.jira_words import goals, phase_said, resolution_among, resolution_name
from mappings.jira_workflow import (
    STEPS_AT_MOST,
    Need,
    Status,
    Transition,
    Workflow,
    filled,
    lacking,
)
from mappings.problem import Problem
from mappings.vocabulary import Field, Phase, Resolution

_RESOLUTION: Final = "resolution"
_ORDER: Final = tuple(Phase)
_REOPENED: Final = (Phase.TODO, Phase.DOING, Phase.BACKLOG)


class Mover:
    """Moves issues of one project."""

    def __init__(self, client: Client, home: Home) -> None:
        self._client = client
        self._home = home

    def move(self, raw: Raw, phase: Phase, why: Resolution | None) -> bool:
        """Take every transition to the phase, and set the resolution on the way.

        Returns whether anything was written. Raises Rejected (E122) naming what is missing.
        """
        issue, kind = str(raw["id"]), str((raw["fields"].get("issuetype") or {}).get("id"))
        walk = _Walk(self._client, self._home, issue, kind, phase, why)
        return walk.go(status_of(raw["fields"]["status"]))

    def require(self, kind: str, status: Status, phase: Phase) -> None:
        """Raise Rejected (E122) if it is known that no way leads from ``status`` to ``phase``."""
        self._home.statuses.setdefault(status.id, status)
        walk = _Walk(self._client, self._home, "", kind, phase, None)
        walk.require(status)

    def bare_step(
        self, issue: str, kind: str, status: Status, phase: Phase, why: Resolution | None
    ) -> Transition | None:
        """The next step towards the phase; None where there is none, or it asks for a field.

        Asks where nothing is known of the status.
        """
        return _Walk(self._client, self._home, issue, kind, phase, why).bare_step(status)

    def reopen(self, raw: Raw) -> None:
        """Out of what is completed, by the first phase that can be reached.

        Raises Rejected (E122) if none can.
        """
        refusal = None
        for phase in _REOPENED:
            try:
                self.move(raw, phase, None)
            except Rejected as error:
                refusal = refusal or error
            else:
                return
        assert refusal is not None, "there are phases to try"
        raise refusal

    def ways(self, issue: str, kind: str, status: Status) -> tuple[Transition, ...]:
        """The transitions out of a status, learned from one issue that stands there."""
        self._home.statuses.setdefault(status.id, status)
        return look(self._client, self._home, issue, self._home.flow(kind), status)


def look(
    client: Client, home: Home, issue: str, flow: Workflow, status: Status
) -> tuple[Transition, ...]:
    """Ask for an issue's transitions, and remember them."""
    path = f"/api/2/issue/{issue}/transitions"
    data = client.get(path, {"expand": "transitions.fields"}).data
    rows = data.get("transitions") if isinstance(data, dict) else None
    steps = []
    for row in rows or ():
        there = status_of(row["to"])
        home.statuses[there.id] = there
        needs = tuple(need_of(name, one) for name, one in (row.get("fields") or {}).items())
        steps.append(Transition(str(row["id"]), str(row["name"]), there.id, needs))
    flow.learn(status.id, steps)
    return tuple(steps)


def standing(home: Home, kind: str, status: Status) -> Raw | None:
    """Any issue of the type that stands in the status."""
    also = f"issuetype = {kind} AND status = {status.id}"
    asked = Question([home.id], None, ("status", "issuetype"), also=also)
    for page in pages(home.client, asked):
        for row in page.rows:
            if status_of(row["fields"]["status"]).id == status.id:
                return row
        return None
    return None


class _Walk:
    """One issue on its way."""

    def __init__(
        self,
        client: Client,
        home: Home,
        issue: str,
        kind: str,
        phase: Phase,
        why: Resolution | None,
    ) -> None:
        self._client = client
        self._home = home
        self._issue = issue
        self._kind = kind
        self._flow = home.flow(kind)
        self._phase = phase
        self._why = why
        self._settled = {_RESOLUTION: resolution_name(why, home.profile), **home.site.settled}
        self._fresh: set[str] = set()
        self._at = ""

    def go(self, start: Status) -> bool:
        """From ``start`` on. Returns whether anything was written. Where the way ended before the
        phase, the issue is put back: nobody asked for it to stand somewhere between.
        """
        try:
            return self._go(start)
        except Rejected:
            self._put_back(start)
            raise

    def _put_back(self, start: Status) -> None:
        """Back to where it stood, if a way leads there; else it stays, and is read again."""
        for step in self._flow.way(self._at, {start.id}, self._settled, self._ended()) or ():
            try:
                if lacking(step, self._settled) or not self._take(
                    self._home.statuses[self._at], step, last=False
                ):
                    return
            except AdapterError:
                return
            self._at = step.to

    def _go(self, start: Status) -> bool:
        status, moved = start, False
        self._at = start.id
        self._home.statuses.setdefault(start.id, start)
        for _ in range(3 * STEPS_AT_MOST):
            ends = self._ends()
            if status.id in ends:
                if moved and status.id not in self._flow.known:
                    self._look(status)  # once for each status, so that plans know the ways on
                return moved
            step = self._next(status, ends)
            if step is None or lacking(step, self._settled):
                if status.id in self._fresh:
                    raise Rejected(self._stuck(start, status, step), Field.PHASE)
                self._look(status)
                continue
            if self._take(status, step, last=step.to in ends):
                status, moved = self._home.statuses[step.to], True
                self._at = step.to
                self._fresh.clear()
        raise Rejected(self._stuck(start, status, None), Field.PHASE)

    def require(self, status: Status) -> None:
        """Raise Rejected (E122) where all is known and nothing leads there."""
        ends = self._ends()
        if status.id in ends or not self._flow.known.get(status.id):
            return  # nowhere to go at all is a matter of rights, which may be given any time
        step = self._next(status, ends)
        if step is None:
            raise Rejected(self._stuck(status, status, step), Field.PHASE)

    def bare_step(self, status: Status) -> Transition | None:
        """The next step, if there is one and it asks for no field."""
        self._home.statuses.setdefault(status.id, status)
        if status.id in self._ends():
            return None
        if status.id not in self._flow.known:
            self._look(status)
        step = self._next(status, self._ends())
        return None if step is None or step.needs else step

    def _ends(self) -> frozenset[str]:
        return goals(self._phase, self._why, self._home.statuses, self._home.profile)

    def _look(self, status: Status) -> None:
        look(self._client, self._home, self._issue, self._flow, status)
        self._fresh.add(status.id)

    def _next(self, status: Status, ends: frozenset[str]) -> Transition | None:
        """The first step of the way. A step of it that cannot be taken is given instead."""
        way = self._way(status, ends)
        if way is None and self._issue and self._look_elsewhere(status):
            ends = self._ends()
            way = self._way(status, ends)
        if way:
            return next((step for step in way if lacking(step, self._settled)), way[0])
        return self._towards(status)

    def _way(self, status: Status, ends: frozenset[str]) -> tuple[Transition, ...] | None:
        return self._flow.way(status.id, ends, self._settled, self._ended()) if ends else None

    def _look_elsewhere(self, status: Status) -> bool:
        """Learn from other issues what leads on from where nobody looked, before going there."""
        learned = False
        for unseen in self._flow.unseen(status.id):
            place = (self._kind, unseen)
            if place in self._home.asked or self._phase_of(unseen) is Phase.COMPLETED:
                continue
            self._home.asked.add(place)
            there = self._home.statuses[unseen]
            other = standing(self._home, self._kind, there)
            if other is not None:
                look(self._client, self._home, str(other["id"]), self._flow, there)
                learned = True
        return learned

    def _towards(self, status: Status) -> Transition | None:
        """A step to where nobody looked from yet, if that is on the way as far as phases tell."""
        here = self._phase_of(status.id)
        for unseen in self._flow.unseen(status.id):
            there = self._phase_of(unseen)
            if there is None or not _between(here, there, self._phase):
                continue
            way = self._flow.way(status.id, {unseen}, self._settled, self._ended()) or ()
            if way and not any(lacking(step, self._settled) for step in way):
                return way[0]
        return None

    def _ended(self) -> frozenset[str]:
        """Statuses that end an issue: nothing is ended only to pass through."""
        there = self._home.statuses
        return frozenset(one for one in there if self._phase_of(one) is Phase.COMPLETED)

    def _phase_of(self, number: str) -> Phase | None:
        return phase_said(self._home.statuses[number], self._home.profile)[0]

    def _take(self, status: Status, step: Transition, *, last: bool) -> bool:
        """One transition; False if what was remembered of it is not so."""
        fields = self._values(step)
        if last and self._phase is Phase.COMPLETED and step.takes(_RESOLUTION):
            only = [need for need in step.needs if need.id == _RESOLUTION]
            fields |= self._filled(only, all_of=True)
        path = f"/api/2/issue/{self._issue}/transitions"
        body = {"transition": {"id": step.id}, **({"fields": fields} if fields else {})}
        try:
            self._client.write("POST", path, body, {204})
        except (Rejected, Missing) as error:
            if status.id not in self._fresh:
                self._look(status)
                return False
            said = error.problem.message
            if _RESOLUTION in said.lower() and _RESOLUTION not in fields:
                # Screens do not tell of what a validator wants.
                body["fields"] = fields | {_RESOLUTION: {"name": self._settled[_RESOLUTION]}}
                self._client.write("POST", path, body, {204})
                return True
            text = f'"{step.name}" cannot be taken from "{status.name}": {said}'
            remedy = (
                "Give the account the permission Transition issues, or settle the field under "
                '[options] of the profile: "field:NAME" = "…".'
            )
            raise Rejected(Problem("E122", text, remedy=remedy), Field.PHASE) from None
        return True

    def _values(self, step: Transition) -> Raw:
        return self._filled(step.needs, all_of=False)

    def _filled(self, needs: Sequence[Need], *, all_of: bool) -> Raw:
        settled = dict(self._settled)
        screen = next((need for need in needs if need.id == _RESOLUTION), None)
        if screen is not None and _RESOLUTION not in self._home.site.settled:
            settled[_RESOLUTION] = resolution_among(screen, self._why, self._home.profile)
        try:
            return filled(needs, settled, all_of=all_of)
        except ValueError as error:
            remedy = "Settle it otherwise: [resolution.values] or [options] of the profile."
            raise Rejected(Problem("E122", f"{error}.", remedy=remedy), Field.PHASE) from None

    def _stuck(self, start: Status, status: Status, step: Transition | None) -> Problem:
        steps = self._flow.known.get(status.id, ())
        ways = ", ".join(one.name for one in steps) or "none"
        text = f'{self._phase} is not reachable from "{start.name}"; available: {ways}.'
        if status.id != start.id:
            text = f'{text} It got as far as "{status.name}".'
        remedy = "Give the account the permission Transition issues, or name the status meant."
        if step is not None:
            absent = ", ".join(need.name for need in lacking(step, self._settled))
            text = f"{text} Missing field: {absent}."
            remedy = f'Settle it under [options] of the profile: "field:{absent}" = "…".'
        elif steps:
            remedy = "Name a status that can be reached under [phase.statuses] of the profile."
        return Problem("E122", text, remedy=remedy)


def _between(here: Phase | None, there: Phase, end: Phase) -> bool:
    """Whether a phase is passed on the way. Whoever reopens may have to begin anywhere."""
    if here is None or here is Phase.COMPLETED:
        return there is not Phase.COMPLETED
    low, high = sorted((_ORDER.index(here), _ORDER.index(end)))
    return low <= _ORDER.index(there) <= high and there is not Phase.COMPLETED
