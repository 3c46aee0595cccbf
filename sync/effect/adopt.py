"""An unlinked item bearing our verified marker is adopted, never copied.

This is how a create whose answer was lost is found again at no cost, and how links return after
the state was lost.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from mappings.item import Item
from mappings.markers import Marker, read_marker
from mappings.vocabulary import Field, Phase, Side
from sync.decide.tokens import Baseline, tokens
from sync.decide.world import Claim, Newcomer, Presence
from sync.effect import tracked
from sync.effect.pair import Pair
from sync.store import disputes, journal, linkage, lost, observations, setaside
from sync.store.journal import Intent, State


def newcomers(
    tx: Connection, pair: Pair, us: Mapping[Side, str], now: datetime
) -> dict[Side, tuple[Newcomer, ...]]:
    """Adopt what is ours; returns the rest with what each item's marker claims.

    ``us`` is the account our writes carry on each side, where it is known.
    """
    marks = _marks(tx, pair)
    # All adoptions first: what is adopted from one side is no newcomer on the other either.
    taken = {
        (side, item_id)
        for (side, item_id), (item, marker) in marks.items()
        if not _half_made(journal.get(tx, marker.op), item)
        and adopt(tx, pair, side, item, marker, now)
    }
    found: dict[Side, tuple[Newcomer, ...]] = {}
    for side in Side:
        rest: list[Newcomer] = []
        refers = side is Side.LEFT and pair.projects[side].capabilities.refers
        for item in list(observations.newcomers(tx, pair.name, side)):
            here = (side, item.ref.id)
            origin = marks[here][1].origin if here in marks else ""
            if refers and item.references:
                named = tracked.adopt_named(tx, pair, item, now)
                rest += [named] if named else []
            elif side is Side.RIGHT and tracked.followed_beside(tx, pair, item, origin):
                rest.append(Newcomer(item, Claim.BESIDE))
            elif here in marks and not origin:
                rest.append(Newcomer(item))  # a rule asked for it: it follows no document
            elif here in marks and here not in taken:
                rest.append(Newcomer(item, Claim.OURS, origin))
            elif item.marker and item.author and item.author == us.get(side):
                rest.append(Newcomer(item, Claim.FOREIGN))
            else:
                rest.append(Newcomer(item))
        found[side] = tuple(sorted(rest, key=tracked.in_document) if refers else rest)
    return found


def _marks(tx: Connection, pair: Pair) -> dict[tuple[Side, str], tuple[Item, Marker]]:
    """Newcomers with a marker that we signed."""
    found = {}
    for side in Side:
        for item in observations.newcomers(tx, pair.name, side):
            marker = read_marker(item.marker, pair.key) if item.marker else None
            if marker is not None:
                found[side, item.ref.id] = (item, marker)
    return found


def adopt(
    tx: Connection, pair: Pair, side: Side, item: Item, marker: Marker, now: datetime
) -> bool:
    """Link ``item`` with the item its marker names. False if that one is taken or not here."""
    link = linkage.find(tx, pair.name, side.other, marker.origin)
    mine = "left_id" if side is Side.LEFT else "right_id"
    if link is not None and (bound := getattr(link, mine)) is not None:
        return _brought_back(tx, pair, side, item, int(link.id), bound)
    if observations.get(tx, pair.name, side.other, marker.origin) is None:
        return False
    if linkage.find(tx, pair.name, side, item.ref.id) is not None:
        return False  # two documents with one code: whose link it is cannot be told
    if link is not None:
        number = int(link.id)
        linkage.attach(tx, pair.name, number, side, item.ref.id)
    else:
        ends = {side: item.ref.id, side.other: marker.origin}
        number = linkage.make(tx, pair.name, ends, now)
    intent = journal.get(tx, marker.op)
    if intent is not None:
        linkage.rebase(tx, number, _remembered(intent, item), now, dirty=True)
        _keep_dropped(tx, pair, number, intent, item, now)
        text = f"found as {item.ref.key or item.ref.id}"
        journal.end(tx, intent.op, State.DONE, now, text, item.ref.id)
    else:
        linkage.set_dirty(tx, number, dirty=True)
    observations.children_dirty(tx, pair.name, side.other, marker.origin)
    return True


def _brought_back(
    tx: Connection, pair: Pair, side: Side, item: Item, link: int, bound: str
) -> bool:
    """Follow an item that was moved away and is here again under another number. What both sides
    last agreed on stays so.
    """
    if lost.presence(tx, pair.name, side, bound) is not Presence.MOVED:
        return False
    lost.release(tx, pair.name, side, bound)
    setaside.clear(tx, pair.name, side, bound)
    linkage.attach(tx, pair.name, link, side, item.ref.id)
    linkage.set_dirty(tx, link, dirty=True)
    return True


def _remembered(intent: Intent, item: Item) -> dict[Side, Baseline]:
    """What both sides agreed on when the create was sent.

    An item nobody touched since is as its home stored it, dropped values included. In one that
    was touched, a field that is not what was sent and may have been dropped has no baseline on
    either side: if both sides say something, that is a conflict, and whichever gives way is kept
    on record.
    """
    said = tokens(item)
    sent = {Field(name): raw for name, raw in intent.payload["values"].items()}
    source = {Field(name): raw for name, raw in intent.payload["source"].items()}
    half_made = born_open(intent, item) or "later" in intent.payload
    kept = dict(said)
    if not _untouched(item):
        for name, raw in said.items():
            if raw == sent.get(name) or (name not in sent and raw == []):
                continue
            if name in sent and _by_hand(name, item):
                kept[name] = sent[name]
            else:
                del kept[name]
                source.pop(name, None)
    if half_made:
        # Made, and the request that moves it was lost or never sent: nobody moved it back.
        for name in (Field.PHASE, Field.RESOLUTION):
            source.pop(name, None)
            kept |= {name: said[name]} if name in said else {}
    if sent.get(Field.PARENT) and item.parent is None:
        source.pop(Field.PARENT, None)  # the same of the request that puts it under its parent
    return {intent.side: kept, intent.side.other: source}


def _by_hand(name: Field, item: Item) -> bool:
    """What no home drops: another title, or an item that is closed, is a person's word."""
    return name is Field.TITLE or (name is Field.PHASE and item.phase is Phase.COMPLETED)


def born_open(intent: Intent, item: Item) -> bool:
    """To be born closed, and open: the second request that closes it was not served, or not seen
    by whoever told us of the item.
    """
    sent = intent.payload["values"].get(Field.PHASE)
    return sent == Phase.COMPLETED and item.phase is not Phase.COMPLETED


def _half_made(intent: Intent | None, item: Item) -> bool:
    """Left to the settling of open intents, which reads the item itself: a row of a list may be
    older than the closing, and an own closing would be taken for a person's.
    """
    return intent is not None and intent.state in journal.OPEN and born_open(intent, item)


def _keep_dropped(
    tx: Connection, pair: Pair, link: int, intent: Intent, item: Item, now: datetime
) -> None:
    """What the source said and the home did not keep stays readable for ever."""
    source = observations.get(tx, pair.name, intent.side.other, intent.source_id or "")
    said, sent = tokens(item), intent.payload["values"] | intent.payload.get("later", {})
    for name in (Field(raw) for raw in sent):
        if source is not None and said.get(name) != sent[name]:
            values = {intent.side: item.get(name), intent.side.other: source.get(name)}
            how = f"{name}: not kept when it was written"
            disputes.record_loss(tx, pair.name, link, intent.item, name, values, how, now)


def _untouched(item: Item) -> bool:
    """Whether nothing happened to an item since it was made, as far as its home tells.

    Times are whole seconds, so a label that stands there speaks against it: a home that drops
    labels drops them all.
    """
    made, changed = item.created_at, item.updated_at
    if made is None or changed is None or item.labels:
        return False
    return changed <= made
