"""Which issues' comments are read, and what is kept of them: waivers, links to postmortems, and our
own notes on an issue that bears a rule's label although nothing is known of its being put up.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from adapters.base import Comment
from adapters.errors import AdapterError
from mappings.item import Item, Ref
from mappings.markers import note_for
from mappings.problem import Problem
from mappings.vocabulary import Phase, Side
from sync.decide.flags import Place, Standing
from sync.effect.children import whole_state
from sync.effect.facts import Library
from sync.effect.pair import Pair
from sync.rules import notes
from sync.rules.model import Event, Flag, IncidentFacts, State
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName
from sync.rules.waivers import WAIVED
from sync.store import flags, observations, remarks
from sync.store.remarks import Heard, Remark

#: So many items' comments are read in one cycle; the others' in the next ones.
LISTEN_AT_MOST: Final = 20
#: Not every comment moves its item's time (GitLab's, within a minute), so they are read again.
LISTEN_AGAIN: Final = timedelta(hours=1)
#: What a comment must hold to be worth keeping.
_TELLING: Final = ("waive:", "http", "](")


def listen(
    tx: Connection, pair: Pair, library: Library, now: datetime
) -> list[tuple[Ref, datetime]]:
    """The issues whose comments are to be read, as they moved since they were last read: a waiver's
    label is on them, or a rule's that we do not know to be ours; or they are closed incidents, and
    only a comment may still link to their postmortem.
    """
    rules = pair.rules
    if rules is None or not pair.projects[Side.RIGHT].capabilities.notes:
        return []
    state = whole_state(tx, pair.name, library, now, documents=pair.policy.documents)
    heard = remarks.heard(tx, pair.name, Side.RIGHT)
    ours = _labels(rules)
    standing = {(item_id, rule) for _side, item_id, rule, kind in flags.known(tx, pair.name)
                if kind is Flag.LABEL}  # fmt: skip
    wanted = []
    for item, events, unmet in _issues(state, rules):
        labels = {label.lower() for label in item.labels}
        strange = any(
            name.lower() in labels and (item.ref.id, rule) not in standing
            for rule, name in ours.items()
        )
        if not unmet and not strange and WAIVED not in labels:
            continue
        moved = max((event.at for event in events), default=item.updated_at or now)
        moved = max(moved, item.updated_at or moved)
        known = heard.get(item.ref.id)
        if known is None or known.moved_at < moved or now - known.read_at >= LISTEN_AGAIN:
            wanted.append((item.ref, moved))
    return wanted[:LISTEN_AT_MOST]


def read_comments(
    pair: Pair, wanted: Iterable[tuple[Ref, datetime]], now: datetime
) -> tuple[dict[str, Heard], Problem | None]:
    """What was said there that counts; ends at the first home that does not answer."""
    told: dict[str, Heard] = {}
    for ref, moved in wanted:
        try:
            said = list(pair.projects[Side.RIGHT].comments(ref))
            ours = _our_notes(pair, said)
        except AdapterError as error:
            return told, error.problem
        kept = tuple(
            Remark(one.by, one.text, one.url)
            for one in said
            if any(word in one.text for word in _TELLING) and not _stands_for(one.text)
        )
        told[ref.id] = Heard(moved, now, kept, ours)
    return told, None


def recognised(tx: Connection, pair: Pair, heard: Mapping[str, Heard]) -> dict[Place, Standing]:
    """Flags that are ours by what the tracker shows, whatever the store knows: a rule's label, and
    our own note of that rule beside it.
    """
    found: dict[Place, Standing] = {}
    names = _labels(pair.rules) if pair.rules is not None else {}
    for item_id, told in heard.items():
        item = observations.get(tx, pair.name, Side.RIGHT, item_id) if told.ours else None
        labels = {label.lower() for label in item.labels} if item is not None else set()
        for rule, text in told.ours.items():
            name = names.get(rule, "")
            if name and name.lower() in labels:
                up = Standing(value=name, on=True)
                found[Side.RIGHT, item_id, rule, Flag.LABEL] = up
                said = Standing(value=text, on=not notes.says_met(text))
                found[Side.RIGHT, item_id, rule, Flag.NOTE] = said
    return found


def _issues(state: State, rules: RuleSettings) -> Iterator[tuple[Item, tuple[Event, ...], bool]]:
    """Every issue that is judged, with its events; and whether it lacks a postmortem."""
    for one in state.incidents:
        if one.side is Side.RIGHT:
            yield one.item, one.events, _unmet(one, state, rules)
    for facts in (*(each for one in state.incidents for each in one.actions), *state.actions):
        if facts.issue is not None:
            yield facts.issue, facts.events, False


def _unmet(one: IncidentFacts, state: State, rules: RuleSettings) -> bool:
    """Whether it was closed while it was followed, and needs a postmortem that is not there."""
    item, terms = one.item, rules.terms[RuleName.POSTMORTEM_MISSING]
    if item.phase is not Phase.COMPLETED or one.postmortems:
        return False
    ended = item.closed_at or item.updated_at
    late = state.bound_at is None or ended is None or ended >= state.bound_at
    return late and terms.due.of(item.priority or None, item.severity or None) is not None


def _labels(rules: RuleSettings) -> dict[str, str]:
    """The label of every rule."""
    return {rule.value: terms.label or rule.value for rule, terms in rules.terms.items()}


def _our_notes(pair: Pair, said: Iterable[Comment]) -> dict[str, str]:
    """The notes of ours among comments, by rule; anybody may quote one, so its author counts."""
    found: dict[str, str] = {}
    us = ""
    for one in said:
        rule = _stands_for(one.text)
        if rule:
            us = us or pair.connections[Side.RIGHT].describe().user.lower()
            if one.by.lower() == us:
                found[rule] = one.text
    return found


def _stands_for(text: str) -> str:
    """The rule whose note a comment is; "" for one that is none."""
    return next((rule.value for rule in RuleName if note_for(text, rule.value)), "")
