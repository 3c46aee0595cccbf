"""What only a person can say: whether a creation in doubt happened, and that a link ends.

``recover`` looks for it as long as looking can help. After that the intent stays open, is shown,
and is settled here, by somebody who looked at the tracker.
"""

from mappings.item import Ref
from mappings.markers import Marker
from mappings.problem import Problem, ProblemError
from mappings.vocabulary import Field, Side
from sync.decide.plan import OpKind
from sync.decide.world import Presence
from sync.effect.adopt import adopt
from sync.effect.pair import Pair
from sync.store import Store, disputes, journal, linkage, observations, setaside
from sync.store.journal import OPEN, Intent, State


def say_absent(store: Store, pair: Pair, op: str) -> Intent:
    """It was not created: the next run plans it again. Raises ProblemError (E407)."""
    now = store.clock.now()
    with store.writing() as tx:
        intent = _open_create(journal.get(tx, op), pair, op)
        journal.end(tx, intent.op, State.ABSENT, now, "a person said that it was not created")
        if intent.link is not None:
            linkage.dissolve(tx, pair.name, intent.link)
    return intent


def say_created(store: Store, pair: Pair, op: str, item_id: str) -> Intent:
    """It is the item ``item_id`` of its home: the two are linked.

    Raises ProblemError (E407) for an intent that is not in doubt or an item that is linked already,
    and whatever the adapter raises when the item cannot be read.
    """
    with store.reading() as tx:
        intent = _open_create(journal.get(tx, op), pair, op)
    item = pair.projects[intent.side].fetch(Ref(item_id))
    if item is None:
        raise ProblemError(Problem("E407", f"{item_id} was deleted."))
    now = store.clock.now()
    mark = Marker(op=intent.op, instance="", origin=intent.source_id or "")
    with store.writing() as tx:
        if linkage.find(tx, pair.name, intent.side, item.ref.id) is not None:
            raise ProblemError(Problem("E407", f"{item_id} is linked with another item."))
        observations.record(tx, pair.name, intent.side, [item], now, direct=True)
        if not adopt(tx, pair, intent.side, item, mark, now):
            raise ProblemError(Problem("E407", f"{intent.item} is no longer here to link with."))
    return intent


def say_unlinked(store: Store, pair: str, side: Side, item_id: str) -> tuple[str, str]:
    """A linked item and its counterpart are not followed any more; nothing outside changes.

    Both keep their marks, so neither is mirrored anew. Returns what people call the two. Raises
    ProblemError (E406) for an item that is not linked.
    """
    with store.writing() as tx:
        link = linkage.find(tx, pair, side, item_id)
        if link is None or link.left_id is None or link.right_id is None:
            raise ProblemError(Problem("E406", f"{item_id} is not linked with anything."))
        names = []
        for end, one in ((Side.LEFT, link.left_id), (Side.RIGHT, link.right_id)):
            item = observations.get(tx, pair, end, one)
            names.append((item.ref.key or one) if item else one)
            observations.mark(tx, pair, end, one, Presence.UNLINKED)
            setaside.clear(tx, pair, end, one)
        disputes.close(tx, pair, link.id, set(Field), "unlinked", store.clock.now())
        linkage.set_dirty(tx, link.id, dirty=False)
    return names[0], names[1]


def _open_create(intent: Intent | None, pair: Pair, op: str) -> Intent:
    known = intent is not None and intent.pair == pair.name
    if intent is None or not known or intent.state not in OPEN or intent.kind != OpKind.CREATE:
        raise ProblemError(Problem("E407", f"no creation in doubt is called {op}."))
    return intent
