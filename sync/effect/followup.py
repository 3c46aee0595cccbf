"""A task that a finding asks for: made once on the tracker, under its incident, with our mark.

It follows no document, so its mark names none. If the answer to its creation is lost it is looked
for by that mark, and made again only when its absence is proved.
"""

from typing import Any

from adapters.errors import AdapterError
from mappings.item import Draft, Item
from mappings.vocabulary import Field, Kind, Phase
from sync.decide.plan import Operation
from sync.effect.pair import Run
from sync.effect.recover import keep_silence, marker_of, proved_absent, sent_by_now
from sync.rules.model import Flag
from sync.store import flags, journal, observations
from sync.store.journal import Intent, State


def make(run: Run, operation: Operation, intent: Intent, incident: Item) -> Item:
    """The one creation; what its labels need is made first."""
    project = run.pair.projects[operation.side]
    holds = project.capabilities.writes
    values: dict[str, Any] = {
        name.value: value for name, value in operation.values.items() if name in holds
    }
    if Field.PHASE in holds:
        values["phase"] = Phase.TODO
    if Field.PARENT in holds:
        values["parent"] = incident.ref
    draft = Draft(kind=Kind.TASK, marker=marker_of(run.store, run.pair, intent), **values)
    for name in project.lacks([draft]):
        project.prepare(name)
    return project.create(draft)


def settle(run: Run, intent: Intent) -> None:
    """Look for a task in doubt. Found, it is there; proved absent, it is planned again; else it
    stays in doubt, and no second one is made.
    """
    project, now = run.pair.projects[intent.side], run.seams.clock.now()
    since = intent.server_time or intent.intended_at
    try:
        found = project.find(marker_of(run.store, run.pair, intent), since, intent.hint)
    except AdapterError as error:
        keep_silence(run, intent.side, error)
        return
    over = sent_by_now(run, intent, now)
    mark = intent.payload["mark"]
    with run.store.writing(run.pair.name, run.fence) as tx:
        if found.items:
            name, (item, *_) = run.pair.name, found.items
            observations.record(tx, name, intent.side, [item], now, direct=True)
            place = (intent.side, intent.target_id or "", mark["rule"], Flag(mark["kind"]))
            flags.put(tx, name, place, mark["text"], now, on=True)
            journal.end(tx, intent.op, State.DONE, now, f"found as {item.ref.key}")
        elif over and proved_absent(tx, intent, found, now):
            journal.end(tx, intent.op, State.ABSENT, now, "proved not created; planned again")
