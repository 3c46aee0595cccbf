"""What the tests do again and again: create, read as the engine reads, compare, refuse."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta
from typing import Any, Final

import pytest

from adapters.base import Broken, Cursor, Page, Project
from adapters.conformance.bench import Workbench
from adapters.errors import AdapterError, RateLimited
from mappings.item import UNSET, Draft, Item, Patch, Ref, Unset, Value
from mappings.text import canonical
from mappings.vocabulary import Category, Field, Phase, Priority, Resolution, Severity

#: Values a field can be given; people and parents depend on the bench.
SAMPLES: Final[dict[Field, tuple[Value, ...]]] = {
    Field.TITLE: ("Payments fail at checkout", "Payments fail again"),
    Field.PHASE: tuple(Phase),
    Field.RESOLUTION: tuple(Resolution),
    Field.PRIORITY: tuple(Priority),
    Field.SEVERITY: tuple(Severity),
    Field.CATEGORY: tuple(Category),
    Field.DUE: (date(2026, 4, 1), date(2028, 2, 29)),
    Field.BODY: ("## Impact\n\nNobody could pay.", "- [ ] look at the *pool*\n- [x] restart"),
}
#: What clears a field, where a field can be cleared.
NOTHING: Final[dict[Field, Value]] = {
    Field.PRIORITY: None,
    Field.SEVERITY: None,
    Field.CATEGORY: None,
    Field.OWNERS: (),
    Field.DUE: None,
    Field.PARENT: None,
    Field.BODY: None,
}
#: A resolution belongs to a phase; to change either may change the other.
STATUS: Final = frozenset({Field.PHASE, Field.RESOLUTION})


def samples(bench: Workbench, name: Field) -> tuple[Value, ...]:
    """Values to write into a field of this home, two at least if it holds two."""
    if name is Field.OWNERS:
        assert len(bench.people) > 1, "the bench's profile must map two people"
        # A home with room for one person holds two of these.
        return (bench.people[:1], bench.people[1:2], bench.people[:2])
    if name is Field.PARENT:
        return (bench.make_parent(), bench.make_parent())
    return SAMPLES[name]


def values_for(name: Field, value: Value) -> dict[Field, Value]:
    """The fields that say one value: a resolution is said of what is completed."""
    if name is Field.RESOLUTION:
        return {Field.PHASE: Phase.COMPLETED, name: value}
    return {name: value}


def patch_for(name: Field, value: Value) -> Patch:
    """The change that sets one field."""
    return Patch.of(values_for(name, value))


def held(bench: Workbench, name: Field) -> list[Value]:
    """The samples this home says it can hold as they are. A claimed field holds one at least."""
    found = [value for value in samples(bench, name) if _kept(bench.project, name, value)]
    assert found, f"{name} is claimed, and canonical() keeps none of the values there are"
    return found


def _kept(project: Project, name: Field, value: Value) -> bool:
    given: dict[str, Any] = {key.value: one for key, one in values_for(name, value).items()}
    form = project.canonical(Item(ref=Ref("1"), **given))
    return plain(name, form.get(name)) == plain(name, value)


def claimed(bench: Workbench, name: Field) -> bool:
    """Whether the home says that it can store a field."""
    return name in bench.project.capabilities.writes


def another(bench: Workbench, name: Field, item: Item) -> Value:
    """A value this home can hold that the item does not say yet."""
    now = plain(name, item.get(name))
    return next(value for value in held(bench, name) if plain(name, value) != now)


def create(bench: Workbench, **fields: Any) -> Item:  # noqa: ANN401  values of every field
    """An item of our own, and what was said to be stored. Where people alone make items, one of
    theirs with our changes.
    """
    draft = draft_of(bench, **fields)
    if not bench.project.capabilities.creates:
        ref = bench.make_outside(str(draft.title))
        wanted = {name: value for name, value in draft.values().items() if name in fields}
        wanted.pop(Field.TITLE, None)
        return bench.project.update(ref, Patch.of(wanted), None) if wanted else fetch(bench, ref)
    prepare(bench.project, draft)
    return bench.project.create(draft)


def draft_of(bench: Workbench, **fields: Any) -> Draft:  # noqa: ANN401  values of every field
    """A draft with a title and a marker, unless given."""
    return Draft(**({"title": "Checkout is down", "marker": bench.marker()} | fields))


def prepare(project: Project, change: Draft | Patch) -> None:
    """Make what must be there before a change can be stored."""
    for name in project.lacks([change]):
        project.prepare(name)


def update(bench: Workbench, ref: Ref, patch: Patch, expect: str | None = None) -> Item:
    """Change an item of the bench's project."""
    prepare(bench.project, patch)
    return bench.project.update(ref, patch, expect)


def edit(bench: Workbench, title: str, item: Item | None = None) -> Patch:
    """A change that this home can take: another title, else another phase than the item's."""
    if claimed(bench, Field.TITLE):
        return Patch(title=title)
    return patch_for(Field.PHASE, another(bench, Field.PHASE, item or Item(ref=bench.never)))


def says(item: Item, patch: Patch) -> bool:
    """Whether an item says what a change asked for."""
    return all(
        plain(name, item.get(name)) == plain(name, value) for name, value in patch.values().items()
    )


def fetch(bench: Workbench, ref: Ref) -> Item:
    """The item as it is now; it must be there."""
    item = bench.project.fetch(ref)
    assert item is not None, f"{ref.id} is there, and fetch() says that it was deleted"
    return item


def plain(name: Field, value: Value | Unset) -> object:
    """A value in a form that compares: texts in canonical form, a parent by its id."""
    if name is Field.BODY and (value is None or isinstance(value, str)):
        return canonical(value or "") or None
    if isinstance(value, tuple):
        return sorted(value)
    return value.id if isinstance(value, Ref) else value


def fields_of(item: Item) -> dict[str, object]:
    """Every field that is set."""
    return {name.value: plain(name, value) for name, value in item.values().items()}


def said(item: Item) -> dict[str, object]:
    """Everything an item says that two readings of it must agree on."""
    return {
        "ref": (item.ref.id, item.ref.birth),
        "kind": item.kind,
        "text": canonical(item.text),
        "revision": item.revision,
        "marker": item.marker,
        "author": item.author,
        "labels": item.labels,
        "archived": item.archived,
        "created_at": item.created_at,
        **fields_of(item),
    }


def agrees(stored: Item, form: Item, names: frozenset[Field]) -> None:
    """What was stored is what canonical() said, field by field."""
    for name in sorted(names):
        wanted = form.get(name)
        if wanted is not UNSET:
            found = plain(name, stored.get(name))
            assert found == plain(name, wanted), f"{name}: canonical() said {wanted!r}"


@contextmanager
def refusal(bench: Workbench, *kinds: type[AdapterError]) -> Iterator[None]:
    """The block must raise one of ``kinds``, well said and without the secret."""
    with pytest.raises(kinds or AdapterError) as caught:
        yield
    well_said(bench, caught.value)


def well_said(bench: Workbench, error: AdapterError) -> None:
    """An error has a code, a sentence, UTC times, and tells no secret anywhere."""
    assert re.fullmatch(r"E\d{3}", error.problem.code), "a Problem has a code like E120"
    assert error.problem.message, "a Problem says what is wrong"
    if isinstance(error, RateLimited):
        assert error.until.utcoffset() == timedelta(0), "RateLimited.until is aware and UTC"
    tells_no_secret(bench, "".join(traceback.format_exception(error)))


def tells_no_secret(bench: Workbench, *texts: object) -> None:
    """None of the texts holds the credential."""
    for text in texts:
        for shown in (str(text), repr(text)):
            assert not bench.secret or bench.secret not in shown, "the credential is told"


def is_utc(moment: object) -> bool:
    """Whether a time is aware and in UTC."""
    return getattr(moment, "tzinfo", None) is UTC or (
        getattr(moment, "tzinfo", None) is not None
        and getattr(moment, "utcoffset")() == timedelta(0)  # noqa: B009  of any object
    )


@dataclass
class Reader:
    """Reads as the engine does: remembers what it was told, and moves its cursor only after a
    complete pass.
    """

    project: Project
    cursor: Cursor | None = None
    known: dict[str, Item] = field(default_factory=dict)
    broken: dict[str, Broken] = field(default_factory=dict)

    def read(self) -> list[Page]:
        """One complete pass."""
        pages = []
        for page in self.project.changed(self.cursor):
            self.take(page)
            pages.append(page)
        self.end(pages)
        return pages

    def take(self, page: Page) -> None:
        """Remember one page."""
        self.known.update({item.ref.id: item for item in page.items})
        self.broken.update({one.id: one for one in page.broken})

    def end(self, pages: list[Page]) -> None:
        """A pass is complete when its last page says so, and no other does."""
        assert pages, "a reading has a page, if an empty one"
        assert [page.last for page in pages] == [False] * (len(pages) - 1) + [True]
        assert isinstance(pages[-1].cursor, str), "a complete reading has a cursor"
        self.cursor = pages[-1].cursor

    def knows(self, *refs: Ref) -> None:
        """All of these were told."""
        missed = sorted({ref.id for ref in refs} - set(self.known))
        assert not missed, f"never read: {', '.join(missed)}"

    def is_current(self, bench: Workbench, *refs: Ref) -> None:
        """What was told last of these is what each says now."""
        self.knows(*refs)
        for ref in refs:
            assert said(self.known[ref.id]) == said(fetch(bench, ref)), f"{ref.id} was missed"
