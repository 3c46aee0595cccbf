"""10,000 incidents judged, a third of them with something to be said of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from bench.figures import Figure, processor_time
from mappings.item import Item, Ref
from mappings.postmortem.model import ActionItem, Postmortem, Section, SectionKind
from mappings.vocabulary import Kind, Phase, Priority, Severity, Side
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

TOPIC = "Rules and postmortems"
COUNT = 10_000
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def measure(count: int = COUNT) -> Iterator[Figure]:
    state = history(count)
    judge(state, NOW)
    with processor_time() as spent:
        found = judge(state, NOW)
    if not found:
        msg = "nothing was found, so nothing can have been judged"
        raise RuntimeError(msg)
    what = f"rules judged over {count:,} incidents, {len(found):,} findings"
    yield Figure(TOPIC, what, spent.seconds, 1.0, "s of CPU")


def history(count: int) -> State:
    """Incidents of some years: most in order, one in ten open, one in five without a postmortem."""
    incidents = tuple(_incident(number) for number in range(count))
    work = tuple(
        WorkFacts(NOW - timedelta(hours=number), number % 7 == 0, Ref(str(number)))
        for number in range(count)
    )
    return State(pair="bench", incidents=incidents, work=work)


def _incident(number: int) -> IncidentFacts:
    opened = NOW - timedelta(hours=1 + number)
    running = number % 10 == 0
    item = Item(
        ref=Ref(str(number), f"acme/payments#{number}"),
        kind=Kind.INCIDENT,
        title=f"Incident number {number}",
        phase=Phase.DOING if running else Phase.COMPLETED,
        priority=list(Priority)[number % 4],
        severity=list(Severity)[number % 4],
        owners=("ann",),
        created_at=opened,
        updated_at=opened + timedelta(minutes=50),
        closed_at=None if running else opened + timedelta(minutes=50),
    )
    steps = [(0, EventKind.OPENED, None), (5, EventKind.PHASE, Phase.DOING)]
    steps += [(20, EventKind.NOTED, None), (35, EventKind.NOTED, None)]
    steps += [] if running else [(50, EventKind.CLOSED, None)]
    return IncidentFacts(
        pair="bench",
        side=Side.RIGHT,
        item=item,
        recorded=True,
        events=tuple(Event(opened + timedelta(minutes=at), kind, to) for at, kind, to in steps),
        postmortems=(_postmortem(number, opened),) if number % 5 else (),
        actions=tuple(_action(number, each, item) for each in range(3)),
        services=(f"service {number % 40}",),
    )


def _postmortem(number: int, opened: datetime) -> PostmortemFacts:
    """Whole, but for one in eleven, which lacks its last two sections."""
    kinds = list(SectionKind)[: -2 if number % 11 == 0 else None]
    sections = tuple(
        Section(kind=kind, title=kind, line=line, end_line=line) for line, kind in enumerate(kinds)
    )
    action = ActionItem(title="Add an alarm", line=40, end_line=40, shape="bullet", confidence=0.9)
    reading = Postmortem(sections=sections, actions=(action,), root_cause="The disk was full.")
    name = f"pm-{number}"
    return PostmortemFacts(
        name=name, place=f"{name}.md", written_at=opened + timedelta(days=1), reading=reading
    )


def _action(number: int, each: int, incident: Item) -> ActionFacts:
    is_open = number % 20 == each
    issue = Item(
        ref=Ref(f"{number}-{each}"),
        kind=Kind.ACTION,
        title=f"Action {each} of {number}",
        phase=Phase.TODO if is_open else Phase.COMPLETED,
        owners=("bob",),
        created_at=incident.created_at,
        updated_at=incident.updated_at,
    )
    return ActionFacts(
        title=f"Action {each} of {number}",
        owner="bob",
        due=date(2026, 2, 20),
        done=not is_open,
        place=f"pm-{number}.md:{40 + each}",
        issue=issue,
        incident=incident.ref,
        document=f"pm-{number}",
    )
