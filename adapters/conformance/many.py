"""Several items by one call: each comes to what it would have come to alone."""

import pytest

from adapters.base import Change
from adapters.conformance.acts import (
    another,
    claimed,
    draft_of,
    edit,
    fetch,
    patch_for,
    prepare,
    said,
    says,
    well_said,
)
from adapters.conformance.bench import Workbench
from adapters.errors import AdapterError, PreconditionFailed
from mappings.item import Item
from mappings.vocabulary import Field

#: More than any home thinks few.
SEVERAL = 6


class ManyTests:
    """``create_many()`` and ``update_many()``."""

    def test_many_are_made_in_their_order_each_as_it_is_stored(self, bench: Workbench) -> None:
        if not bench.project.capabilities.creates:
            pytest.skip("people alone make its items")
        drafts = [draft_of(bench, title=f"Work {number}") for number in range(SEVERAL)]
        prepare(bench.project, drafts[0])
        made = bench.project.create_many(drafts)
        assert len({one.ref.id for one in made if isinstance(one, Item)}) == len(drafts)
        for draft, item in zip(drafts, made, strict=True):
            assert isinstance(item, Item), f"refused: {item}"
            assert (item.title, item.marker) == (draft.title, draft.marker)
            assert said(fetch(bench, item.ref)) == said(item)

    def test_many_are_changed_each_unless_it_changed_meanwhile(self, bench: Workbench) -> None:
        items = [fetch(bench, bench.make_outside(f"Work {n}")) for n in range(SEVERAL)]
        patches = [
            patch_for(Field.PHASE, another(bench, Field.PHASE, item))
            if claimed(bench, Field.PHASE)
            else edit(bench, f"Other work {number}", item)
            for number, item in enumerate(items)
        ]
        bench.edit_outside(items[1].ref, title="Edited meanwhile")
        before = fetch(bench, items[1].ref)
        prepare(bench.project, patches[0])
        changes = [
            Change(item.ref, patch, item.revision)
            for item, patch in zip(items, patches, strict=True)
        ]
        ends = bench.project.update_many(changes)
        assert len(ends) == len(items)
        for place, (item, patch, end) in enumerate(zip(items, patches, ends, strict=True)):
            if place == 1:
                assert isinstance(end, PreconditionFailed), "a stale change is no change"
                well_said(bench, end)
                assert said(fetch(bench, item.ref)) == said(before)
                continue
            assert not isinstance(end, AdapterError), f"refused: {end}"
            assert end.ref.id == item.ref.id
            assert says(end, patch)
            assert said(fetch(bench, item.ref)) == said(end)
