"""The invariants of failures.md §5.1, as far as one pair can show them. Each says what broke."""

import re

from sqlalchemy import select

from mappings.inert import neutralise
from mappings.item import UNSET
from mappings.markers import find_marker, read_marker
from mappings.text import read_section
from mappings.vocabulary import Field, Side
from sync.decide.plan import OpKind
from sync.decide.tokens import token
from sync.decide.world import Presence
from sync.rules.model import Flag
from sync.store import findings, journal, linkage, schema, setaside
from tests.simulation.canaries import leaks
from tests.simulation.people import WATCHED
from tests.simulation.world import KEY

#: What people here set and never take away, but for a category that an issue's label loses.
LEVELS = frozenset({Field.PRIORITY, Field.SEVERITY})
_LINKS = linkage.links.select().where(linkage.links.c.pair == "sim")

#: What may make our own write look like a person's.
DISTURBING = (
    "lost_reply",
    "lost_request",
    "server_error",
    "truncated",
    "limited",
    "unauthorised",
    "hidden",
    "outage",
    "list_lag",
    "throttled",
    "dropped",
    "raced_file",
    "half_file",
    "database_busy",
    "database_lost",
    "second_daemon",
)


def check_cycle(sim, report, before):
    """After each cycle: nothing was done that the plan did not show (7)."""
    found = []
    planned = [one.kind for one in report.plan.operations if one.side is Side.RIGHT]
    creates = [one for one in sim.server.writes[before[0] :] if one[0] == "create"]
    if not sim.met_another and len(creates) > planned.count(OpKind.CREATE):
        found.append(f"7 the plan shows all: {len(creates)} creations, planned {planned}")
    early = [one for one in sim.server.writes[before[0] :] if one[0] == "too early"]
    rates = sim.world.rates
    # What was heard cannot be remembered by a process that is killed, that finds its database
    # busy, or that is not the one that heard it.
    if early and not (rates.crash or rates.database_busy or rates.second_daemon):
        found.append("10 obey limits: a request was sent before the tracker allowed it")
    return found


def check_calm(sim):
    """At the end, when everything must be in step."""
    return [
        *_one_effect(sim),
        *_bounds(sim),
        *_converged(sim),
        *_no_lost_edit(sim),
        *_no_false_conflict(sim),
        *_no_guessed_close(sim),
        *_no_guessed_clearing(sim),
        *_quiet(sim),
        *_nothing_open(sim),
        *_flags(sim),
        *leaks(sim),
    ]


def _flags(sim):
    """One note for each rule and issue; its label stands there while, and only while, it is unmet.

    What a lost database had put up is nobody's to take down.
    """
    if sim.rules is None:
        return
    for number, told in sim.server.comments.items():
        if len(told) > 1:
            yield f"one note for each rule and issue: #{number} has {len(told)}"
    with sim.store.reading() as tx:
        found = findings.open_now(tx, "sim")
        aside = {one.id for one in setaside.listed(tx, "sim") if one.side is Side.RIGHT}
        seen = {
            row.id
            for row in tx.execute(schema.observations.select())
            if row.side == Side.RIGHT and row.presence == Presence.PRESENT
        }
    asked = {one.item.id for one in found if Flag.LABEL in one.flags and one.side is Side.RIGHT}
    rates = sim.world.rates
    for number, stored in sim.server.issues.items():
        name = str(number)
        if stored.fate or name not in seen or name in aside or name in sim.untagged:
            continue
        on = "postmortem-missing" in {one["name"] for one in stored.now["labels"]}
        if name in asked and not on and not rates.dropped:
            yield f"a label for each finding: #{name} has none"
        if on and name not in asked and not rates.database_lost:
            yield f"a label is taken off when its rule is met: #{name} has it still"


def _one_effect(sim):
    """2, 3: one issue per document, one effect per intent."""
    for marker, count in sim.server.created.items():
        if count > 1:
            yield f"3 one effect per intent: {count} creations with {marker}"
    origins = {}
    for number, stored in sim.server.issues.items():
        marker = read_marker(find_marker(stored.now["body"] or ""), KEY)
        if marker and stored.now["user"]["login"] == "octo-bot":
            origins.setdefault(marker.origin, []).append(number)
    for origin, numbers in origins.items():
        alive = [n for n in numbers if not sim.server.issues[n].fate]
        if len(alive) > 1:
            yield f"2 one issue per document: {origin} has {numbers}"
    sources = {}
    for path, data in sim.files.files.items():
        marker = read_marker(find_marker(data.decode("utf-8", "replace")), KEY)
        if marker:
            sources.setdefault(marker.origin, []).append(path)
    # A document that was away when the database was lost: nobody can know that there is one.
    unknowable = sim.world.rates.database_lost and sim.world.rates.vanish
    for origin, paths in sources.items():
        if len(paths) > 1 and not unknowable:
            yield f"2 one document per issue: #{origin} has {paths}"


def _bounds(sim):
    """8: bytes that are not ours are the same before and after."""
    for where in sim.people.touched_outside:
        yield f"8 stay in bounds: {where}"


def _ends(sim):
    """Every linked pair of items that can be seen, as they are now."""
    left_project, right_project = (sim.pair().projects[side] for side in Side)
    (page,) = left_project.changed(None)
    documents = {item.ref.id: item for item in page.items}
    with sim.store.reading() as tx:
        rows = tx.execute(_LINKS).all()
    with sim.store.reading() as tx:
        frozen = {
            (Side(row.side), row.id)
            for row in tx.execute(schema.observations.select())
            if row.presence != Presence.PRESENT
        }
    for row in rows:
        if {(Side.LEFT, row.left_id), (Side.RIGHT, row.right_id)} & frozen:
            continue
        stored = sim.server.issues.get(int(row.right_id)) if row.right_id else None
        if row.left_id in documents and stored and not stored.fate:
            yield row, documents[row.left_id], sim.people.read_issue(stored.now)


def _homes(sim):
    return sim.pair().projects


def _converged(sim):
    """1: both sides agree on every field, or show the same open conflict."""
    homes = _homes(sim)
    with sim.store.reading() as tx:
        open_ones = {(one.link, one.field) for one in _open_conflicts(tx)}
        aside = {(one.side, one.id) for one in setaside.listed(tx, "sim")}
    linked = set()
    for row, document, issue in _ends(sim):
        linked |= {(Side.LEFT, document.ref.id), (Side.RIGHT, issue.ref.id)}
        if {(Side.LEFT, document.ref.id), (Side.RIGHT, issue.ref.id)} & aside:
            continue
        for field in WATCHED:
            if (row.id, field) in open_ones or sim.world.rates.dropped:
                continue
            if not _agree(homes, field, document, issue):
                said = document.get(field), issue.get(field)
                yield f"1 converge: {document.ref.id}/#{issue.ref.id} {field}: {said}"
    yield from _unlinked(sim, linked, aside)


def _unlinked(sim, linked, aside):
    """1: whatever can be mirrored is mirrored."""
    with sim.store.reading() as tx:
        known = {row.left_id for row in tx.execute(_LINKS)}
    (page,) = _homes(sim)[Side.LEFT].changed(None)
    for item in page.items:
        here = (Side.LEFT, item.ref.id)
        waits = here in linked or here in aside or item.archived or item.ref.id in known
        # One that was imported from an issue that is gone is not given a second one.
        if not waits and not item.marker:
            yield f"1 converge: {item.ref.id} has no issue"


def _open_conflicts(tx):
    from sync.store import disputes

    return disputes.listed(tx, "sim", limit=10_000)


def _agree(homes, field, document, issue):
    left = homes[Side.RIGHT].canonical(document).get(field)
    right = homes[Side.LEFT].canonical(issue).get(field)
    if left is not UNSET and token(field, left) == _token(field, issue):
        return True
    return right is not UNSET and token(field, right) == _token(field, document)


def _token(field, item):
    value = item.get(field)
    return object() if value is UNSET else token(field, value)


def _no_lost_edit(sim):
    """4: a person's word that the machine replaced stood on the other side, or is on record."""
    kept, pairs = {}, pairs_of(sim)
    for one in sim.conflicts():
        for value in (one.left, one.right):
            if value is not UNSET:
                kept.setdefault(one.field, set()).add(spelled(token(one.field, value)))
    for word in sim.people.overwritten:
        if spelled(word.value) in kept.get(word.field, set()) or word.value in {None, ()}:
            continue
        if (word.side, word.item) in sim.followed_beside():
            continue
        # Without its link, lost with the database, nobody knows where the value stood.
        unknown = sim.world.rates.database_lost and (word.side, word.item) not in pairs
        if not unknown and not _stood_there(sim, word, pairs):
            yield f"4 no lost edit: {word.side} {word.item} {word.field} {word.value!r}"


def _no_false_conflict(sim):
    """4: a conflict needs two people; one whose word was carried over already has no part in it.

    Where nothing disturbs: a write whose record was lost may rightly look like a person's.
    """
    if any(getattr(sim.world.rates, name) for name in DISTURBING):
        return
    ends = _links(sim)
    for one in sim.conflicts():
        # A resolution goes with its phase, whoever said what of it.
        if one.link in ends and "both sides changed" in one.how and one.field != "resolution":
            last = [_last_word(sim, side, ends[one.link][side], one) for side in Side]
            if None in last or _carried_between(sim, *sorted(last), one.field):
                yield f"4 a conflict where nobody disagreed: {one.item} {one.field}"


def _last_word(sim, side, item, conflict):
    """When a person last set the field before the conflict: index, side and item; or None."""
    mine = (side, item, conflict.field)
    for number, entry in reversed(list(enumerate(sim.people.history))):
        if entry[1:4] == mine and entry[5] and entry[0] <= conflict.opened_at:
            return number, side, item
    return None


def _carried_between(sim, first, second, field):
    """Whether the machine wrote the first word on the second side before the second was said."""
    value = sim.people.history[first[0]][4]
    carried = (*second[1:], field, value, False)
    between = sim.people.history[first[0] : second[0]]
    return any(entry[1:] == carried for entry in between)


def _links(sim):
    with sim.store.reading() as tx:
        return {
            row.id: {Side.LEFT: row.left_id, Side.RIGHT: row.right_id} for row in tx.execute(_LINKS)
        }


def spelled(text):
    """Documents cannot hold double quotes and backslashes in a title."""
    return re.sub(r"[\"'\\\\/]", "'", str(text))


def _stood_there(sim, word, pairs):
    """Whether the counterpart ever held this value: then it was carried over, not lost.

    A person who changes a value and back again writes what the other side holds already.
    """
    other = pairs.get((word.side, word.item))
    held = sim.people.held
    homes = [other]
    if sim.world.rates.database_lost:  # its counterpart may have been another one before
        homes = [
            item for side, item, field in held if (side, field) == (word.side.other, word.field)
        ]
    values = set().union(*(held.get((word.side.other, item, word.field), ()) for item in homes))
    return any(spelled(value) == spelled(word.value) for _, value in values)


def pairs_of(sim):
    """Each linked item's counterpart, both ways."""
    pairs = {}
    with sim.store.reading() as tx:
        for row in tx.execute(_LINKS):
            pairs[Side.LEFT, row.left_id] = row.right_id
            pairs[Side.RIGHT, row.right_id] = row.left_id
    return pairs


def _no_guessed_close(sim):
    """6: the machine completes an item only if a person completed its counterpart."""
    closed = set(sim.people.closed_by_people)
    known = [pairs_of(sim), *sim.former_pairs]
    for side, item, mark in sim.people.closed_by_machine:
        others = {pairs[side, item] for pairs in known if (side, item) in pairs}
        # A person may write a document in the moment in which its code is given to a new one. The
        # new one stands for what its mark says; the link may be the other's.
        made = read_marker(mark, KEY)
        stands_for = others | {made.origin} if made else others
        if others and not any((side.other, other) in closed for other in stands_for):
            told = " and ".join(sorted(map(str, others)))
            yield f"6 never close on uncertainty: {side} {item} was completed, {told} was not"
        elif sim.former_pairs:
            # What follows it once the state was lost (its issue was transferred, say, and another
            # one is made) is completed with good reason.
            closed.add((side, item))


def _no_guessed_clearing(sim):
    """6, for values: the machine takes a level away only where a person took it away."""
    pairs = pairs_of(sim)
    for side, item, field in sim.people.cleared_by_machine:
        other = pairs.get((side, item))
        cleared = (side.other, other, field) in sim.people.cleared_by_people
        if other is not None and field in LEVELS and not cleared:
            yield f"6 never clear on uncertainty: {side} {item} lost its {field}"


def _quiet(sim):
    """12: no mention or cross-reference leaves in what we write."""
    for number, stored in sim.server.issues.items():
        section, _ = read_section(stored.now["body"] or "")
        if section and neutralise(section, "github") != section:
            yield f"12 quiet: #{number} carries something that acts: {section[:80]!r}"
        if section and re.search(r"(?<![\w`])@maria", section):
            yield f"12 quiet: #{number} mentions somebody"


def _twins(sim):
    """Whether two documents carry one code: both are frozen until a person changes one."""
    (page,) = _homes(sim)[Side.LEFT].changed(None)
    return any(broken.problem.code == "E110" for broken in page.broken)


def _nothing_open(sim):
    """13: after a restart no intent is left in doubt, unless the tracker itself hides the item."""
    open_states = [state.value for state in journal.OPEN]
    with sim.store.reading() as tx:
        rows = tx.execute(select(schema.journal).where(schema.journal.c.state.in_(open_states)))
        frozen = _twins(sim)
        for row in rows:
            if not frozen:
                yield f"13 restart anywhere: an intent is still open: {row.kind} {row.item}"
        if not sim.world.rates.database_lost:
            for one in _open_conflicts(tx):
                yield f"1 converge: {one.item} {one.field} is left to people, who were not asked"
