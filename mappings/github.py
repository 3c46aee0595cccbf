"""GitHub issues to items and back, both directions side by side. Pure.

An issue's priority may stand in a label, in the title's prefix, or in both: all that are present
are kept saying the same. Text outside our managed section is never changed.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from mappings.inert import neutralise
from mappings.item import UNSET, Draft, Fields, Item, Patch, Ref, Unset
from mappings.markers import find_marker
from mappings.problem import Problem
from mappings.profile import Profile, settle
from mappings.text import fit, read_due, read_section, write_due, write_section
from mappings.titles import Title, read_title, write_title
from mappings.vocabulary import Category, Field, Kind, Phase, Priority, Resolution, Severity

#: docs.github.com and failures.md §1.5: the smaller of all known readings.
TITLE_LIMIT: Final = 256
BODY_LIMIT: Final = 65_536
LABEL_LIMIT: Final = 50
#: Room that a section leaves for the people's own text, the marker and the due line.
SECTION_LIMIT: Final = 60_000
MORE: Final = "*The document goes on; it is too long to be mirrored whole.*"

_REASONS: Final = {
    None: Resolution.DONE,
    "completed": Resolution.DONE,
    "not_planned": Resolution.NOT_PLANNED,
    "duplicate": Resolution.DUPLICATE,
}
_REASON_OF: Final = {
    Resolution.DONE: "completed",
    Resolution.NOT_PLANNED: "not_planned",
    Resolution.DUPLICATE: "duplicate",
}
_FOLLOWS: Final = re.compile(r"\A_Follows [^\n]*_\n*")
_LEVELS: Final = (Field.PRIORITY, Field.SEVERITY, Field.CATEGORY)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What labels, issue type and title prefixes say together; few combinations, many issues."""

    kind: Kind
    priority: Priority | None
    severity: Severity | None
    category: Category | None
    phase: Phase
    labels: frozenset[str]
    disagreements: tuple[Problem, ...]


class IssueReader:
    """Reads a repository's issues into items. ``key`` is what people call it ("acme/payments").

    Reading ten thousand issues must not cost more than parsing their JSON, so what a combination
    of labels means is worked out once.
    """

    def __init__(self, profile: Profile, key: str) -> None:
        self._profile = profile
        self._key = key
        self._spoken: dict[tuple[object, ...], _Spoken] = {}

    def __call__(self, raw: Mapping[str, Any]) -> Item:
        """The item an issue's JSON is. Raises KeyError, TypeError or ValueError if it is none."""
        names = tuple([label["name"] for label in raw["labels"]])
        title = read_title(raw["title"])
        kind_type = raw.get("type")
        type_name = kind_type["name"] if kind_type else ""
        said = self._meaning(names, type_name, title)
        place = f"{self._key}#{raw['number']}"
        closed = raw["state"] == "closed"
        body = raw["body"] or ""
        section, text = read_section(body)
        user, ended = raw["user"], raw.get("closed_at")
        reason = raw.get("state_reason")
        return Item(
            ref=Ref(str(raw["number"]), place, raw["html_url"], str(raw["id"])),
            kind=said.kind,
            title=title.text,
            phase=Phase.COMPLETED if closed else said.phase,
            resolution=_REASONS.get(reason, Resolution.DONE) if closed else None,
            priority=said.priority,
            severity=said.severity,
            category=said.category,
            owners=_owners(raw, self._profile),
            due=read_due(section) if section else None,
            parent=_parent(raw),
            body=UNSET if section is None else _mirrored(section),
            text=text,
            revision=revision(raw, names),
            marker=find_marker(body),
            author=user["login"] if user else "",
            labels=said.labels,
            created_at=_moment(raw["created_at"]),
            updated_at=_moment(raw["updated_at"]),
            closed_at=_moment(ended) if ended else None,
            notices=tuple(replace(one, place=place) for one in said.disagreements),
        )

    def _meaning(self, names: tuple[str, ...], type_name: str, title: Title) -> _Spoken:
        key = (names, type_name, title.priority, title.severity, title.incident)
        found = self._spoken.get(key)
        if found is None:
            found = self._spoken[key] = self._work_out(names, type_name, title)
        return found

    def _work_out(self, names: tuple[str, ...], type_name: str, title: Title) -> _Spoken:
        profile = self._profile
        said = profile.read_labels(names)
        priority, one = settle(
            Field.PRIORITY,
            profile.priority.authority,
            {"label": said.priorities[0] if said.priorities else None, "title": title.priority},
        )
        severity, two = settle(
            Field.SEVERITY,
            profile.severity.authority,
            {"label": said.severities[0] if said.severities else None, "title": title.severity},
        )
        by_type = profile.category_of_type(type_name) if type_name else None
        phases = [phase for phase in said.phases if phase is not Phase.COMPLETED]
        return _Spoken(
            kind=profile.kind_of(names, (type_name,) if type_name else (), title),
            priority=priority,
            severity=severity,
            category=by_type or (said.categories[0] if said.categories else None),
            phase=phases[0] if phases else profile.phase.open,
            labels=frozenset(names),
            disagreements=tuple(notice for notice in (one, two) if notice),
        )


def revision(raw: Mapping[str, Any], names: Iterable[str]) -> str:
    """Differs whenever something we could overwrite differs; comments alone do not count."""
    people = raw.get("assignees")
    kind_type = raw.get("type")
    parts = (
        raw["title"],
        raw["body"],
        raw["state"],
        raw.get("state_reason"),
        sorted(names),
        sorted([user["login"] for user in people]) if people else (),
        kind_type["name"] if kind_type else "",
        raw.get("parent_issue_url"),
    )
    return hashlib.md5(repr(parts).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _owners(raw: Mapping[str, Any], profile: Profile) -> tuple[str, ...] | Unset:
    """Mapped people only; somebody unmapped alone is no opinion, nobody at all is "nobody"."""
    assignees = raw.get("assignees") or ()
    if not assignees:
        return ()
    names = sorted(name for user in assignees if (name := profile.person(user["login"])))
    return tuple(names) or UNSET


def _parent(raw: Mapping[str, Any]) -> Ref | None | Unset:
    """Lists may leave the parent out: then there is no opinion."""
    if "parent_issue_url" not in raw:
        return UNSET
    url = raw["parent_issue_url"]
    return Ref(url.rsplit("/", 1)[1]) if url else None


def _mirrored(section: str) -> str:
    """The document's text in a section: without our first line and the due line."""
    return _FOLLOWS.sub("", write_due(_FOLLOWS.sub("", section), None)).strip("\n")


# --- writing ------------------------------------------------------------------------------


def new_issue(draft: Draft, profile: Profile) -> dict[str, Any]:
    """The JSON of a create call. The marker stands in the body; an issue is born open."""
    payload: dict[str, Any] = {
        "title": _title(draft.title if isinstance(draft.title, str) else "", draft, profile),
        "body": _new_body(draft),
        "labels": sorted(_labels((), draft, profile)),
    }
    if isinstance(draft.owners, tuple) and draft.owners:
        payload["assignees"] = _logins(draft.owners, profile)
    if isinstance(draft.category, Category) and draft.category in profile.category.types:
        payload["type"] = profile.category.types[draft.category]
    if isinstance(draft.parent, Ref) and draft.parent.birth:
        payload["parent_issue_id"] = int(draft.parent.birth)
    return payload


def closing(fields: Fields) -> dict[str, Any]:
    """The JSON that closes an issue with the reason, or opens it again."""
    if fields.phase is Phase.COMPLETED:
        reason = fields.resolution if isinstance(fields.resolution, Resolution) else Resolution.DONE
        return {"state": "closed", "state_reason": _REASON_OF[reason]}
    if isinstance(fields.phase, Phase):
        return {"state": "open"}
    if isinstance(fields.resolution, Resolution):
        return {"state": "closed", "state_reason": _REASON_OF[fields.resolution]}
    return {}


def changed_issue(raw: Mapping[str, Any], patch: Patch, profile: Profile) -> dict[str, Any]:
    """The JSON of an update call: only what differs from ``raw``, as it is right now."""
    payload: dict[str, Any] = {}
    title = _title(raw["title"], patch, profile)
    if title != raw["title"]:
        payload["title"] = title
    before = [label["name"] for label in raw["labels"]]
    labels = _labels(before, patch, profile)
    if set(labels) != set(before):
        payload["labels"] = sorted(labels)
    state = closing(patch)
    if state and (state["state"], state.get("state_reason")) != (
        raw["state"],
        raw.get("state_reason") if raw["state"] == "closed" else None,
    ):
        payload |= state if state["state"] != raw["state"] or len(state) > 1 else {}
    if patch.owners is not UNSET:
        people = _assignees(raw, patch.owners, profile)
        if people is not None:
            payload["assignees"] = people
    if isinstance(patch.category, Category) and patch.category in profile.category.types:
        payload["type"] = profile.category.types[patch.category]
    body = raw["body"] or ""
    fresh = _changed_body(body, patch)
    if fresh != body:
        payload["body"] = fresh
    return payload


def _title(raw: str, fields: Fields, profile: Profile) -> str:
    """The title with its prefixes in step: written where the profile or the issue has them."""
    now = read_title(raw)
    priority = fields.priority
    if not (profile.priority.title or now.priority):
        priority = UNSET
    severity = fields.severity
    if not (profile.severity.title or now.severity):
        severity = UNSET
    incident: bool | Unset = UNSET
    if isinstance(fields, Draft) and fields.kind is Kind.INCIDENT:
        would = read_title(write_title("", priority=priority, severity=severity))
        labels = profile.kinds[Kind.INCIDENT].labels if Kind.INCIDENT in profile.kinds else ()
        if not labels and profile.kind_of((), (), would) is not Kind.INCIDENT:
            incident = True
    text = fields.title if isinstance(fields.title, str) and fields.title != now.text else UNSET
    return write_title(raw, text=text, priority=priority, severity=severity, incident=incident)


def _labels(before: Iterable[str], fields: Fields, profile: Profile) -> list[str]:
    """All labels after the change: the vocabulary's are replaced, everybody else's stay."""
    labels = list(dict.fromkeys(before))
    words: dict[Field, Mapping[Any, str]] = {
        Field.PRIORITY: profile.priority.labels,
        Field.SEVERITY: profile.severity.labels,
        Field.CATEGORY: profile.category.labels,
    }
    for field in _LEVELS:
        value = fields.get(field)
        if value is not UNSET:
            _replace(labels, profile.vocabulary_labels(field), words[field].get(value))
    if isinstance(fields.phase, Phase):
        # A closed issue says "completed" by being closed; a stale phase label would lie.
        spoken = profile.phase.labels.get(fields.phase)
        _replace(labels, profile.vocabulary_labels(Field.PHASE), spoken)
    if isinstance(fields, Draft) and fields.kind in profile.kinds:
        marks = profile.kinds[fields.kind].labels
        if marks and not {mark.lower() for mark in marks} & {one.lower() for one in labels}:
            labels.append(marks[0])
    return labels


def _replace(labels: list[str], family: frozenset[str], wanted: str | None) -> None:
    """Of one family of labels only ``wanted`` stays; spelled as it already stands, if it does."""
    keep = wanted.lower() if wanted else None
    present = any(label.lower() == keep for label in labels)
    labels[:] = [one for one in labels if one.lower() not in family or one.lower() == keep]
    if wanted and not present:
        labels.append(wanted)


def _logins(owners: Iterable[str], profile: Profile) -> list[str]:
    return sorted(profile.people[name] for name in owners if name in profile.people)


def _assignees(
    raw: Mapping[str, Any], owners: tuple[str, ...] | Unset, profile: Profile
) -> list[str] | None:
    """The new assignees: unmapped people stay. None when nothing changes."""
    before = [user["login"] for user in raw.get("assignees") or ()]
    strangers = [login for login in before if profile.person(login) is None]
    after = sorted({*strangers, *_logins(owners if isinstance(owners, tuple) else (), profile)})
    return None if {one.lower() for one in after} == {one.lower() for one in before} else after


def _new_body(draft: Draft) -> str:
    body = write_section("", _section(draft, draft.origin))
    return f"{body}\n\n{draft.marker}" if draft.marker else body


def _changed_body(body: str, patch: Patch) -> str:
    if patch.body is UNSET and patch.due is UNSET:
        return body
    section, _ = read_section(body)
    old = section or ""
    text = (patch.body or "") if not isinstance(patch.body, Unset) else _mirrored(old)
    due = read_due(old) if patch.due is UNSET else patch.due
    head = match[0].strip() if (match := _FOLLOWS.match(old)) else ""
    if patch.origin and not head:
        head = _follows(patch.origin)
    return write_section(body, _compose(head, due, text))


def _section(fields: Fields, origin: Ref | None) -> str:
    due = None if fields.due is UNSET else fields.due
    text = fields.body if isinstance(fields.body, str) else ""
    return _compose(_follows(origin) if origin else "", due, text)


def _compose(head: str, due: Any, text: str) -> str:  # noqa: ANN401  a date or nothing
    rest = write_due(text, due) if due else text
    return "\n\n".join(part for part in (head, rest) if part)


def _follows(origin: Ref) -> str:
    where = f" (`{origin.url}`)" if origin.url.startswith(".") else ""
    return f"_Follows `{origin.key or origin.id}`{where}._"


def canonical(item: Item, profile: Profile) -> Item:
    """What GitHub would give back after taking the item over."""
    phase = item.phase
    if isinstance(phase, Phase) and phase is not Phase.COMPLETED and not profile.phase.board:
        phase = phase if phase in profile.phase.labels else profile.phase.open
    resolution = item.resolution
    if phase is not Phase.COMPLETED and resolution is not UNSET:
        resolution = None
    elif phase is Phase.COMPLETED and resolution is None:
        resolution = Resolution.DONE
    body = item.body
    if isinstance(body, str):
        body = fit(neutralise(body.strip("\n"), "github"), SECTION_LIMIT, MORE)[0]
    owners = item.owners
    if owners is not UNSET:
        known = tuple(sorted(name for name in owners if name in profile.people))
        owners = known if known or not owners else UNSET
    return replace(
        item,
        title=" ".join(item.title.split()) if isinstance(item.title, str) else UNSET,
        phase=phase,
        resolution=resolution,
        priority=_held(item.priority, profile.priority.labels, title=profile.priority.title),
        severity=_held(item.severity, profile.severity.labels, title=profile.severity.title),
        category=_category(item.category, profile),
        owners=owners,
        body=body,
    )


def _held(value: Any, labels: Mapping[Any, str], *, title: bool) -> Any:  # noqa: ANN401  any level
    return value if value is None or title or value in labels else UNSET


def _category(value: Category | None | Unset, profile: Profile) -> Category | None | Unset:
    known = value in profile.category.labels or value in profile.category.types
    return value if value is None or known else UNSET


def wanted_labels(fields: Fields, profile: Profile) -> list[str]:
    """The labels of the vocabulary that a change would put on an issue."""
    return _labels((), fields, profile)


def too_long(payload: Mapping[str, Any]) -> tuple[Problem, Field] | None:
    """What GitHub would refuse, said before it is sent."""
    title = payload.get("title")
    if title is not None and len(title) > TITLE_LIMIT:
        text = f"title is {len(title)} characters; GitHub takes {TITLE_LIMIT}."
        return Problem("E120", text, remedy="Shorten it."), Field.TITLE
    if title is not None and not title.strip():
        return Problem("E120", "title is empty; GitHub wants one."), Field.TITLE
    body = payload.get("body")
    if body is not None and len(body) > BODY_LIMIT:
        text = f"body is {len(body)} characters; GitHub takes {BODY_LIMIT}."
        return Problem("E120", text, remedy="Shorten the issue's own text."), Field.BODY
    return None
