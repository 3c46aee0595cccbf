"""What must be true of the derived pair when everything is in step. Each line says what broke."""

from mappings.markers import find_marker, read_marker
from mappings.vocabulary import Field, Phase, Side
from sync.store import disputes, linkage, setaside
from tests.simulation.check import _agree, spelled
from tests.simulation.team import ISSUE
from tests.simulation.world import KEY

CARRIED = (Field.TITLE, Field.PRIORITY, Field.DUE, Field.OWNERS)


def check_actions(sim):
    """At the end."""
    return [
        *_one_issue(sim),
        *_named(sim),
        *_converged(sim),
        *_no_lost_box(sim),
        *_no_lost_word(sim),
        *_no_guess(sim),
        *_no_copy(sim),
        *_under_its_incident(sim),
    ]


def _lines(sim):
    """Every line that stands in a document now: tag -> action."""
    found = {}
    for path, data in sim.papers.files.items():
        found |= sim.people.sheet(data, path)
    return found


def _number(action):
    """The issue a line names; None where it names none."""
    numbers = [ISSUE.search(one) for one in action.references]
    return next((int(one[1]) for one in numbers if one), None)


def _one_issue(sim):
    """2: one issue for each line that was ever written."""
    if sim.world.rates.database_lost:
        return  # a line that was reworded before its issue was named cannot be known again
    # Renamed, found empty and reworded before its issue was named in it: nobody can know it again.
    lost = sim.people.moved_unnamed if sim.world.rates.half_file else set()
    for tag, numbers in sim.people.made.items():
        lines = sum(key.partition(".")[0] == tag for key, field in sim.people.said
                    if field is Field.PHASE)  # fmt: skip
        alive = [number for number in numbers if not sim.server.issues[number].fate]
        if len(alive) > lines and tag not in lost:
            yield f"2 one issue per action: {tag} has {numbers}"


def _named(sim):
    """A line that is to be done names its own issue, and no two name one."""
    with sim.store.reading() as tx:
        aside = {one.id for one in setaside.listed(tx, "sim/actions") if one.side is Side.LEFT}
    linked = {row.left_id for row in sim.action_links().values()}
    taken = {}
    for tag, action in _lines(sim).items():
        number = _number(action)
        if number is None:
            gone = [n for n in sim.people.made.get(tag.partition(".")[0], ())
                    if sim.server.issues[n].fate]  # fmt: skip
            if not action.done and not gone:
                yield f"1 converge: {tag} names no issue (aside {aside}, linked {linked})"
            continue
        if sim.people.tag_of.get(number) != tag.partition(".")[0]:
            yield f"2 one issue per action: {tag} names #{number}, another's"
        if number in taken:
            yield f"2 one issue per action: {tag} and {taken[number]} name #{number}"
        taken[number] = tag


def _items(sim):
    """Each line as its adapter reads it, by the issue that it names."""
    folder = sim.both()[1].projects[Side.LEFT]
    (page,) = folder.changed(None)
    found = {}
    for item in page.items:
        numbers = [ISSUE.search(one) for one in item.references]
        found |= {int(one[1]): item for one in numbers if one}
    return found


def _converged(sim):
    """1: box and state agree; what a line said last stands in its issue."""
    homes = sim.both()[1].projects
    links = sim.action_links()
    with sim.store.reading() as tx:
        conflicts = disputes.listed(tx, "sim/actions", limit=10_000)
        aside = {one.id for one in setaside.listed(tx, "sim/actions")}
    asked = {(links[one.link].right_id, one.field) for one in conflicts if one.link in links}
    items, lines = _items(sim), {_number(one): tag for tag, one in _lines(sim).items()}
    for number, item in items.items():
        stored = sim.server.issues.get(number)
        if stored is None or stored.fate or {item.ref.id, str(number)} & aside:
            continue
        issue, tag = sim.people.item(number), lines.get(number)
        done = item.phase is Phase.COMPLETED, issue.phase is Phase.COMPLETED
        if done[0] != done[1] and (str(number), Field.PHASE) not in asked:
            yield f"1 converge: {tag}/#{number} phase: {item.phase} {issue.phase}"
        for field in CARRIED:
            theirs = sim.people.spoke.get((Side.RIGHT, str(number), field), 0)
            rates = sim.world.rates  # a lost state makes what differs by then people's own
            last = sim.people.spoke.get((tag, field), 0)
            if theirs > last or rates.dropped or rates.database_lost:
                continue  # a document cannot take it over
            if (str(number), field) not in asked and not _agree(homes, field, item, issue):
                said = item.get(field), issue.get(field)
                yield f"1 converge: {tag}/#{number} {field}: {said}"


def _kept(sim):
    """Every value on record in the derived pair's conflicts."""
    found = {}
    for one in sim.conflicts("sim/actions"):
        for value in (one.left, one.right):
            found.setdefault(one.field, set()).add(spelled(value))
    return found


def _no_lost_box(sim):
    """4: a box that the machine turned back had stood as the issue's state, or is on record."""
    kept, held = _kept(sim).get(Field.PHASE, set()), sim.people.held
    for tag, phase in sim.people.boxes_lost:
        numbers = sim.people.made.get(tag.partition(".")[0], ())
        stood = {
            value == Phase.COMPLETED
            for number in numbers
            for _, value in held.get((Side.RIGHT, str(number), Field.PHASE), ())
        }
        if (phase == Phase.COMPLETED) not in stood and phase not in kept:
            yield f"4 no lost edit: {tag} was {phase}"


def _no_lost_word(sim):
    """4: a person's word in an issue that the machine replaced stood in the line, or is kept."""
    kept, people = _kept(sim), sim.people
    for word in people.overwritten:
        tag = people.tag_of.get(int(word.item)) if word.side is Side.RIGHT else None
        if tag is None or word.value in {None, ()}:
            continue
        said = {spelled(one) for one in people.said.get((tag, word.field), ())}
        value = spelled(word.value)
        if word.field is Field.PHASE and value != Phase.COMPLETED:
            value = str(Phase.TODO)  # a box knows no more
        if value not in said | kept.get(word.field, set()):
            yield f"4 no lost edit: {tag}/#{word.item} {word.field} {word.value!r}"


def _no_guess(sim):
    """6: the machine closes what a person ticked, and ticks what a person closed."""
    people = sim.people
    closed = {int(item) for side, item in people.closed_by_people if side is Side.RIGHT}
    for side, item, _ in people.closed_by_machine:
        tag = people.tag_of.get(int(item)) if side is Side.RIGHT else None
        if tag and not any(one.partition(".")[0] == tag for one in people.ticked):
            yield f"6 never close on uncertainty: #{item} was closed, {tag} was not done"
    for tag in people.ticked_by_machine:
        if not closed & set(people.made.get(tag.partition(".")[0], ())):
            yield f"6 never close on uncertainty: {tag} was ticked, its issue was not closed"


def _no_copy(sim):
    """No document is made of an action item's issue."""
    for path, data in sim.files.files.items():
        marker = read_marker(find_marker(data.decode("utf-8", "replace")), KEY)
        if marker and int(marker.origin) in sim.people.tag_of:
            yield f"2 an action is no document: {path} was made of #{marker.origin}"


def _under_its_incident(sim):
    """1: an action's issue stands under its incident's."""
    incidents = {}
    with sim.store.reading() as tx:
        for row in tx.execute(linkage.links.select()):
            if row.pair == "sim" and row.right_id:
                incidents[row.left_id] = row.right_id
    for number, item in _items(sim).items():
        stored, above = sim.server.issues.get(number), incidents.get(item.parent.key)
        if stored is None or stored.fate or above is None or sim.server.issues[int(above)].fate:
            continue
        told = stored.now["parent_issue_url"] or ""
        if told.rpartition("/")[2] != above:
            yield f"1 converge: #{number} is under {told!r}, not under #{above}"
