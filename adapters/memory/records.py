"""Records to items and back, both directions side by side. Pure."""

from dataclasses import replace
from typing import Final

from adapters.memory.home import Record
from mappings.item import UNSET, Draft, Fields, Item, Patch, Ref, Unset
from mappings.markers import find_marker, strip_markers
from mappings.mirror import Mirror, read_mirror
from mappings.profile import Profile
from mappings.text import one_line, read_section
from mappings.titles import read_title, write_title
from mappings.vocabulary import Category, Kind, Phase, Priority, Resolution, Severity

#: How a document is shown within the text of an item that is people's own.
MIRROR: Final = Mirror("memory", 20_000)


def read_record(record: Record, profile: Profile, *, documents: bool) -> Item:
    """The item a record is. Raises ValueError for one that makes no sense."""
    section, text = read_section(record.text)
    body, due = read_mirror(section)
    if documents:
        text = strip_markers(record.text).strip("\n")
        body, due = text, UNSET
    return Item(
        ref=Ref(record.id, f"memory#{record.id}", birth=record.created.isoformat()),
        kind=Kind(record.kind),
        title=read_title(record.title).text,
        phase=Phase(record.status),
        resolution=_resolution(record),
        priority=Priority(record.priority) if record.priority else None,
        severity=Severity(record.severity) if record.severity else None,
        category=Category(record.category) if record.category else None,
        owners=_owners(record.people, profile),
        due=due,
        parent=Ref(record.parent) if record.parent else None,
        body=body,
        text=text,
        revision=str(record.version),
        marker=find_marker(record.text),
        author=record.author,
        labels=record.labels,
        created_at=record.created,
        updated_at=record.updated,
        closed_at=record.closed,
    )


def _resolution(record: Record) -> Resolution | None:
    """Why it ended; somebody who completes an item without a word has done it."""
    return Resolution(record.reason or "done") if record.status == Phase.COMPLETED else None


def _owners(people: tuple[str, ...], profile: Profile) -> tuple[str, ...] | Unset:
    """Mapped people; strangers alone are no opinion, nobody at all is nobody."""
    names = sorted(name for name in map(profile.person, people) if name)
    return tuple(names) if names or not people else UNSET


def new_record(draft: Draft, profile: Profile, *, documents: bool) -> Record:
    """The record of a new item, its marker last in its text."""
    text = MIRROR.new(draft)
    if documents:
        text = "\n\n".join(part for part in (draft.text.strip("\n"), draft.marker) if part)
    return _with_fields(Record(id="", kind=draft.kind, text=text), draft, profile)


def changed_record(record: Record, patch: Patch, profile: Profile) -> Record:
    """The record with the fields of the patch changed, and nothing else."""
    return _with_fields(replace(record, text=MIRROR.changed(record.text, patch)), patch, profile)


def _with_fields(record: Record, fields: Fields, profile: Profile) -> Record:
    record = replace(
        record,
        priority=_word(fields.priority, record.priority),
        severity=_word(fields.severity, record.severity),
        category=_word(fields.category, record.category),
    )
    if isinstance(fields.title, str):
        record = replace(record, title=write_title(record.title, text=one_line(fields.title)))
    if not isinstance(fields.parent, Unset):
        record = replace(record, parent=fields.parent.id if fields.parent else "")
    if isinstance(fields.owners, tuple):
        strangers = [login for login in record.people if profile.person(login) is None]
        known = [profile.people[name] for name in fields.owners if name in profile.people]
        record = replace(record, people=tuple(strangers + known))
    phase = fields.phase if isinstance(fields.phase, Phase) else Phase(record.status)
    reason = record.reason if isinstance(fields.resolution, Unset) else fields.resolution
    ended = (reason or Resolution.DONE) if phase is Phase.COMPLETED else ""
    return replace(record, status=str(phase), reason=str(ended))


def _word(value: Priority | Severity | Category | None | Unset, before: str) -> str:
    return before if isinstance(value, Unset) else str(value or "")


def canonical(item: Item, profile: Profile, *, documents: bool) -> Item:
    """What the home would give back after taking the item over."""
    resolution, owners = item.resolution, item.owners
    if isinstance(item.phase, Phase):
        given = resolution if isinstance(resolution, Resolution) else Resolution.DONE
        resolution = given if item.phase is Phase.COMPLETED else None
    if isinstance(owners, tuple):
        known = tuple(sorted(name for name in owners if name in profile.people))
        owners = known if known or not owners else UNSET
    return replace(
        item,
        title=read_title(one_line(item.title)).text if isinstance(item.title, str) else UNSET,
        resolution=resolution,
        owners=owners,
        due=UNSET if documents else item.due,
        body=UNSET if documents else _held(item.body),
    )


def _held(body: str | None | Unset) -> str | None | Unset:
    return MIRROR.held(body) if isinstance(body, str) else body
