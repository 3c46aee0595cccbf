"""A home that holds nothing: the documents' end of a pair that keeps no documents."""

from collections.abc import Iterator
from datetime import datetime

from adapters.base import (
    Capabilities,
    Connection,
    Cursor,
    Description,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.errors import Missing, Unsupported
from mappings.item import Draft, Item, Patch, Ref
from mappings.problem import Problem
from mappings.profile import Profile

_CAPABILITIES = Capabilities(writes=frozenset(), absence_visible=True)


class Nothing(Project):
    """Nothing is in it, and nothing can be put there."""

    capabilities = _CAPABILITIES

    def describe(self) -> ProjectInfo:
        return ProjectInfo(id="", key="")

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        del cursor
        yield Page(last=True, sweep=True, present=frozenset())

    def fetch(self, ref: Ref) -> Item | None:
        raise Missing(Problem("E210", f"cannot see {ref.key or ref.id}: no documents are kept."))

    def create(self, draft: Draft) -> Item:
        raise Unsupported(Problem("E128", "no documents are kept for this pair."))

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        raise Unsupported(Problem("E128", "no documents are kept for this pair."))

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        return Found(conclusive=True)

    def canonical(self, item: Item) -> Item:
        return Item(ref=item.ref, kind=item.kind)


class Nowhere(Connection):
    """Opens nothing but :class:`Nothing`."""

    capabilities = _CAPABILITIES

    def describe(self) -> Description:
        return Description(adapter="nothing")

    def open(self, project: str, profile: Profile) -> Project:
        return Nothing()
