"""Planted bugs: each takes one thing away that the engine relies on, and must be caught.

Every bug names the configuration that must catch it: one defence can hide the absence of
another, so the others are weakened where needed. A bug nobody catches means that the simulation
is not finished.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from unittest.mock import patch

from adapters.base import Found
from adapters.errors import UnknownOutcome
from adapters.github import answers
from adapters.github import project as github_project
from adapters.metis import workspace
from adapters.metis.connection import MetisProject
from mappings import github, metis, metis_edit
from mappings.item import Item
from mappings.vocabulary import Phase, Side
from sync.decide import diff, flags, plan, resolve, tokens
from sync.effect import adopt, apply, bulk, cycle, observe, recover
from sync.store import disputes, journal, linkage, observations, schedule, store
from tests.simulation.world import Rates


@dataclass(frozen=True)
class Bug:
    """``plant`` yields the patches; ``rates`` is the world that must show it."""

    name: str
    plant: Callable
    rates: dict = field(default_factory=dict)
    policy: dict = field(default_factory=dict)
    page: int | None = None


BUGS: list[Bug] = []


def bug(name, policy=None, page=None, **rates):
    """Register a planted bug."""

    def register(plant):
        BUGS.append(Bug(name, plant, rates, policy or {}, page))
        return plant

    return register


@contextmanager
def planted(one: Bug) -> Iterator[None]:
    """The engine with this bug in it."""
    with ExitStack() as stack:
        for change in one.plant():
            stack.enter_context(change)
        yield


def rates_of(one: Bug) -> Rates:
    """The world that must catch it."""
    return Rates(**{"people": 0.9, **one.rates})


def over(target, name, new):
    """One patch."""
    return patch.object(target, name, new)


# --- exactly-once creation -----------------------------------------------------------------


@bug("a lost creation is sent again at once", lost_reply=0.3)
def _blind_retry():
    original = github_project.GitHubProject.create

    def create(self, draft):
        try:
            return original(self, draft)
        except UnknownOutcome:
            return original(self, draft)

    return [over(github_project.GitHubProject, "create", create)]


@bug("intents are not looked at after a restart", lost_reply=0.3, lost_request=0.3)
def _no_journal():
    return [over(recover.journal, "unsettled", lambda tx, pair: [])]


@bug("items bearing our marker are not adopted", crash=0.05, lost_reply=0.2)
def _no_adoption():
    def newcomers(tx, pair, us, now):
        return {
            side: tuple(adopt.Newcomer(i) for i in observations.newcomers(tx, pair.name, side))
            for side in Side
        }

    gone = lambda self, marker, since, hint: Found((), conclusive=True)  # noqa: E731
    return [
        over(adopt, "newcomers", newcomers),
        over(github_project.GitHubProject, "find", gone),
    ]


@bug("not found at the first look means not created", lost_reply=0.3, list_lag=600)
def _presumed_absent():
    def find(self, marker, since, hint):
        page = self._client.server.listed()
        mine = [self._read(raw) for raw in page if marker in (raw["body"] or "")]
        return Found(tuple(mine), conclusive=True)

    return [over(github_project.GitHubProject, "find", find)]


@bug("proved absent once is proved", lost_reply=0.3, hidden=0.3, list_lag=600)
def _absent_once():
    return [over(recover, "proved_absent", lambda tx, intent, found, now: found.conclusive)]


@bug("an edit made before a lost creation was found is taken for agreement", lost_reply=0.4)
def _baseline_of_found():
    def remembered(intent, item):
        source = {plan.Field(n): raw for n, raw in intent.payload["source"].items()}
        return {intent.side: tokens.tokens(item), intent.side.other: source}

    return [over(adopt, "_remembered", remembered)]


@bug("one operation is carried out twice")
def _twice():
    original = cycle.carry_out
    return [
        over(cycle, "carry_out", lambda run, ops, sides: original(run, (*ops[:1], *ops), sides))
    ]


@bug("the intent is written after the effect", crash=0.08, list_lag=600)
def _late_intent():
    send = apply._send

    def sent(run, operation, intent):
        done = send(run, operation, intent)
        run.seams.clock.point("between effect and record")
        return done

    forget = lambda tx, intent: None  # noqa: E731
    return [
        over(apply, "_send", sent),
        over(journal, "intend", forget),
        over(linkage, "make", _linked_late(linkage.make)),
    ]


def _linked_late(make):
    def made(tx, pair, ids, now):
        return make(tx, pair, {}, now)

    return made


# --- conflicts and lost edits ----------------------------------------------------------------


@bug("the losing value of a conflict is not kept")
def _no_record():
    return [over(disputes, "record_loss", lambda *a: None)]


@bug("the losing value is recorded only after the write", crash=0.08)
def _late_record():
    original = apply.finish

    def finish(run, operation, intent, stored):
        with run.store.writing() as tx:
            keep(tx, run, operation)
        return original(run, operation, intent, stored)

    keep = apply._keep_lost
    return [over(apply, "_keep_lost", lambda *a: None), over(apply, "finish", finish)]


@bug("a conflict is settled as if only one side had moved")
def _last_writer():
    table = {**diff.TRUTH_TABLE, (True, True, False): diff.Verdict.LEFT}
    return [over(diff, "TRUTH_TABLE", table)]


@bug("the tracker is written without looking whether it changed")
def _no_expect():
    original = github_project.GitHubProject.update
    changed = lambda self, ref, patch_, expect: original(self, ref, patch_, None)  # noqa: E731
    return [over(github_project.GitHubProject, "update", changed)]


@bug("a document is replaced without looking whether it changed", raced_file=0.5)
def _no_recheck():
    original = workspace.Workspace.write

    def write(self, path, data, expect, mode):
        class Blind:
            def __eq__(self, other):
                return True

            def __ne__(self, other):
                return False

            __hash__ = None

        return original(self, path, data, Blind(), mode)

    return [over(workspace.Workspace, "write", write)]


@bug("a stale row of a list is taken for a person's undo", list_lag=400)
def _stale_rows():
    return [over(observations, "_older", lambda item, row: False)]


@bug(
    "saying nothing for the first time counts as clearing",
    lost_reply=0.4,
    dropped=0.1,
    policy={"fields": {name: {"authority": "documents"} for name in ("priority", "severity")}},
)
def _clearing():
    def moved(base, name, value):
        return value is not tokens.UNSET and base.get(name, "?") != tokens.token(name, value)

    return [over(diff, "moved", moved), over(apply, "moved", moved)]


# --- baselines and echo -----------------------------------------------------------------------


@bug("baselines stay where they were after a write")
def _no_rebase():
    original = linkage.rebase

    def rebase(tx, link, changes, now, *, dirty):
        return original(tx, link, {}, now, dirty=dirty)

    return [over(apply.linkage, "rebase", rebase)]


@bug("the source's baseline is forgotten")
def _half_rebase():
    original = linkage.rebase

    def rebase(tx, link, changes, now, *, dirty):
        kept = {side: raw for side, raw in changes.items() if side is Side.RIGHT}
        return original(tx, link, kept, now, dirty=dirty)

    return [over(linkage, "rebase", rebase)]


@bug("a half-made creation is taken for a reopening", crash=0.05, lost_reply=0.2)
def _reopened():
    original = adopt._remembered

    def remembered(intent, item):
        kept = original(replace(intent, payload={**intent.payload, "values": {}}), item)
        return {intent.side: {}, intent.side.other: kept[intent.side.other]}

    return [
        over(apply, "_half_made", lambda operation, stored: False),
        over(adopt, "_remembered", remembered),
    ]


@bug("the resolution may come from the other side than the phase")
def _torn_status():
    return [
        over(resolve, "_resolution_verdict", lambda one, status: one.verdict),
        over(resolve, "_decides", lambda status: False),
        over(plan, "differences", _swapped_phase),
    ]


def _swapped_phase(view, homes, counterparts):
    found = diff.differences(view, homes, counterparts)
    return [
        replace(one, verdict=diff.Verdict.LEFT)
        if one.field is plan.Field.PHASE and one.verdict is diff.Verdict.RIGHT
        else one
        for one in found
    ]


# --- reading ----------------------------------------------------------------------------------


@bug(
    "the cursor moves although the reading was cut short",
    server_error=0.2,
    policy={"sweep_hours": 10_000},
)
def _cursor_runs_ahead():
    original = observe.record

    def record(tx, pair, reading, now):
        found = original(tx, pair, reading, now)
        if not reading.complete and reading.side is Side.RIGHT:
            place = pair.projects[Side.RIGHT]
            del place
            moment = now.strftime("%Y-%m-%dT%H:%M:%SZ")
            cursor = _cursor_at(tx, pair, moment)
            if cursor:
                schedule.move(tx, pair.name, reading.side, cursor, now, swept=True)
        return found

    return [over(observe, "record", record)]


def _cursor_at(tx, pair, moment):
    import json

    kept = schedule.position(tx, pair.name, Side.RIGHT).cursor
    if not kept:
        return None
    place = json.loads(kept)
    return json.dumps({**place, "since": moment, "etag": ""})


@bug("lists are read without an overlap", policy={"sweep_hours": 10_000}, page=4, list_lag=600)
def _no_overlap():
    from tests.simulation import run

    return [over(run, "OVERLAP", 0.0)]


@bug("an item that failed is not looked at again", server_error=0.2, disk_full=0.3)
def _no_dirty_set():
    original = linkage.set_dirty

    def set_dirty(tx, link, *, dirty):
        return original(tx, link, dirty=False)

    rebase = linkage.rebase

    def clean(tx, link, changes, now, *, dirty):
        return rebase(tx, link, changes, now, dirty=False)

    return [over(linkage, "set_dirty", set_dirty), over(linkage, "rebase", clean)]


@bug("a reading that failed counts as an empty one", half_file=0.0, outage=0.2, server_error=0.2)
def _failure_is_empty():
    original = observe._read_side

    def read_side(side, project, cursor, progress):
        reading = original(side, project, cursor, progress)
        if reading.problem:
            reading.problem, reading.complete, reading.sweep = None, True, True
            reading.items = []
        return reading

    def confirm(reading, pair, kept):
        with kept.reading() as tx:
            for row in observations.known_ids(tx, pair.name, reading.side).values():
                if row.link is not None and not reading.items:
                    item = observations.get(tx, pair.name, reading.side, row.id)
                    reading.items.append(replace(item, phase=Phase.COMPLETED))

    return [over(observe, "_read_side", read_side), over(observe, "_confirm_lost", confirm)]


@bug("a document out of sight is taken for completed", vanish=1.0)
def _absent_is_done():
    original = observe._record_absence

    def record_absence(tx, pair, side, present):
        known = observations.known_ids(tx, pair, side)
        original(tx, pair, side, present)
        for row in known.values():
            if row.link is not None and row.id not in present:
                item = observations.get(tx, pair, side, row.id)
                gone = replace(item, phase=Phase.COMPLETED, revision="gone")
                observations.put(tx, pair, side, gone, _now(item), row.link)
                linkage.set_dirty(tx, row.link, dirty=True)

    return [over(observe, "_record_absence", record_absence)]


def _now(item: Item):
    return item.created_at


@bug(
    "one unreadable document stops the others",
    policy={"sweep_hours": 10_000.0},
    broken_file=1.0,
    people=0.95,
)
def _one_stops_all():
    original = MetisProject.changed

    def changed(self, cursor):
        for page in original(self, cursor):
            yield replace(page, items=() if page.broken else page.items, cursor=page.cursor)

    return [over(MetisProject, "changed", changed)]


# --- other processes --------------------------------------------------------------------------


@bug("a run that was overtaken goes on writing", second_daemon=0.3)
def _no_fence():
    return [over(store, "_stand_behind", lambda connection, pair, fence: None)]


@bug("a proof of absence is believed while another process is at work", second_daemon=0.3)
def _always_alone():
    from tests.simulation import run

    return [over(run.SimStore, "alone", True), over(store, "_stand_behind", lambda *a: None)]


@bug("the silence a tracker asked for is forgotten at a restart", limited=0.2)
def _no_silence():
    return [over(schedule, "block", lambda *a: None)]


@bug("the code of a lost document is given to a new one", vanish=1.0, people=0.95)
def _reused_code():
    return [over(apply.observations, "taken_ids", lambda tx, pair, side: ())]


@bug(
    "a walk cut short is taken for a person's choice",
    crash=0.1,
    disk_full=0.2,
    policy={"fields": {"phase": {"authority": "documents"}}},
)
def _no_forgiveness():
    return [
        over(recover, "_forgive_steps", lambda *a: None),
    ]


# --- text and bounds --------------------------------------------------------------------------


@bug("mentions go out as they are")
def _loud():
    from mappings import mirror

    return [
        over(module, "neutralise", lambda text, tracker: text)
        for module in (github, mirror, github_project)
        if hasattr(module, "neutralise")
    ]


@bug("people's own text in an issue is rewritten")
def _greedy():
    original = github.changed_issue

    def changed_issue(raw, change, profile):
        payload = original(raw, change, profile)
        if "body" in payload:
            payload["body"] = payload["body"].replace("Also", "ALSO").replace("Words", "WORDS")
        elif raw["body"]:
            payload["body"] = raw["body"].replace("Words", "WORDS")
        return payload

    return [over(github, "changed_issue", changed_issue)]


@bug("a phase change rewrites other lines of the document")
def _reserialise():
    original = metis_edit.with_phase

    def with_phase(document, word, now):
        changed = original(document, word, now)
        return changed.with_line(changed.entries["id"].line, "id: rewritten")

    return [over(metis_edit, "with_phase", with_phase)]


@bug("a title loses what the other home cannot hold")
def _mangled():
    return [over(metis, "sanitise", lambda title: title.split("(")[0].strip())]


@bug("something is done that the plan does not show")
def _hidden():
    original = cycle.make_plan

    def make_plan(world, policy, homes):
        found = original(world, policy, homes)
        _hidden.rest = found.operations[1:]
        return found

    def carry_out(run, operations, sides):
        from adapters.base import Project

        done = bulk.carry_out(run, operations, sides)
        right: Project = run.pair.projects[Side.RIGHT]
        for number, stored in list(right._client.server.issues.items())[:1]:
            if not stored.fate and stored.now["state"] == "open":
                right._client.write(
                    "PATCH",
                    f"/repositories/1/issues/{number}",
                    {"state": "closed", "state_reason": "completed"},
                    {200},
                )
        return done

    return [over(cycle, "make_plan", make_plan), over(cycle, "carry_out", carry_out)]


@bug("a rule's label stays when the rule is met", people=0.9)
def _stays_up():
    original = flags._label

    def label(rule, found, was, labels):
        return original(rule, found, was, labels) if found else None

    return [over(flags, "_label", label)]


@bug("a note is written anew instead of edited in place", people=0.9)
def _new_note():
    def note(self, ref, key, text):
        path = f"{self._issues}/{ref.id}/comments"
        self._client.write("POST", path, {"body": text}, {201}, creates=True)

    return [over(github_project.GitHubProject, "note", note)]


@bug("an error's words are kept as they came", refused=0.2)
def _told_as_it_came():
    return [over(answers, "clean", lambda text, *secrets: text)]


@bug("a bug in an adapter ends the cycle", refused=0.2)
def _one_bug_ends_all():
    original = apply._put_aside

    def put_aside(run, operation, problem, error=None, *more):
        if isinstance(error, RuntimeError):
            raise error
        return original(run, operation, problem, error, *more)

    return [over(apply, "_put_aside", put_aside)]
