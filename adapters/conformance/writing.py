"""Creations and changes: what is stored, what is found again, and what is left alone."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.conformance.acts import (
    STATUS,
    Reader,
    agrees,
    another,
    claimed,
    create,
    draft_of,
    edit,
    fetch,
    fields_of,
    held,
    patch_for,
    plain,
    prepare,
    refusal,
    said,
    samples,
    says,
    update,
    values_for,
)
from adapters.conformance.bench import Workbench
from adapters.errors import Missing, PreconditionFailed
from mappings.item import Item, Patch, Ref, Value
from mappings.vocabulary import Field, Phase

FOREIGN = "team: payments"


class WritingTests:
    """``create()``, ``update()`` and ``find()``."""

    def test_a_create_returns_what_is_stored_under_its_ref(self, bench: Workbench) -> None:
        draft = draft_of(bench, title="Checkout is down")
        item = bench.project.create(draft)
        assert item.ref.id
        assert item.title == "Checkout is down"
        assert item.marker == draft.marker
        assert said(fetch(bench, item.ref)) == said(item)

    def test_a_created_item_is_found_by_its_marker_and_no_other(self, bench: Workbench) -> None:
        since = bench.clock.now()
        Reader(bench.project).read()
        hint = bench.project.hint()
        first, second = draft_of(bench), draft_of(bench)
        made = [bench.project.create(first), bench.project.create(second)]
        bench.settle()
        for project in (bench.project, bench.reopen()):
            for draft, item in zip((first, second), made, strict=True):
                found = project.find(draft.marker, since, hint)
                assert [one.ref.id for one in found.items] == [item.ref.id]
                assert said(found.items[0]) == said(fetch(bench, item.ref))
        assert bench.project.find(bench.marker(), since, hint).items == ()

    def test_a_created_item_is_read_with_its_marker(self, bench: Workbench) -> None:
        draft = draft_of(bench)
        item = bench.project.create(draft)
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        reader.is_current(bench, item.ref)
        assert reader.known[item.ref.id].marker == draft.marker

    def test_a_claimed_field_can_be_given_at_birth(
        self, bench: Workbench, claimed_field: Field
    ) -> None:
        for value in held(bench, claimed_field):
            values = values_for(claimed_field, value)
            item = create(bench, **_named(values))
            assert plain(claimed_field, item.get(claimed_field)) == plain(claimed_field, value)
            assert said(fetch(bench, item.ref)) == said(item)

    def test_an_id_that_was_lost_is_not_given_out_again(self, bench: Workbench) -> None:
        lost = create(bench).ref
        bench.delete_outside(lost)
        assert create(bench, avoid=(lost.id,)).ref.id != lost.id

    def test_an_update_returns_what_is_stored(self, bench: Workbench) -> None:
        for ref in (bench.make_outside("By hand", "Some text."), create(bench).ref):
            patch = edit(bench, "Changed by us", fetch(bench, ref))
            item = update(bench, ref, patch)
            assert says(item, patch)
            assert said(fetch(bench, ref)) == said(item)

    def test_an_update_touches_only_its_fields(
        self, bench: Workbench, claimed_field: Field
    ) -> None:
        before = _full(bench)
        value = another(bench, claimed_field, before)
        after = update(bench, before.ref, patch_for(claimed_field, value))
        for item in (after, fetch(bench, before.ref)):
            assert _besides(claimed_field, item) == _besides(claimed_field, before)

    def test_an_update_that_says_nothing_writes_nothing(self, bench: Workbench) -> None:
        before = _full(bench)
        store = bench.everything()
        assert said(bench.project.update(before.ref, Patch(), before.revision)) == said(before)
        assert bench.everything() == store

    def test_a_wrong_expectation_changes_nothing(self, bench: Workbench) -> None:
        item = create(bench)
        bench.edit_outside(item.ref, title="Edited meanwhile")
        patch = edit(bench, "Planned before that", item)
        store = bench.everything()
        with refusal(bench, PreconditionFailed):
            bench.project.update(item.ref, patch, item.revision)
        assert bench.everything() == store

    def test_a_right_expectation_is_enough_again_and_again(self, bench: Workbench) -> None:
        item = create(bench)
        for title in ("First", "Second", "Third"):
            patch = edit(bench, title, item)
            item = update(bench, item.ref, patch, item.revision)
            assert says(item, patch)

    def test_all_fields_can_be_changed_at_once(self, bench: Workbench) -> None:
        before = _full(bench)
        names = [name for name in _all_claimed(bench) if name is not Field.RESOLUTION]
        values: dict[Field, Value] = {name: another(bench, name, before) for name in names}
        form = bench.project.canonical(replace(before, **_named(values)))
        after = update(bench, before.ref, Patch.of(values), before.revision)
        for item in (after, fetch(bench, before.ref)):
            agrees(item, form, frozenset(names))

    def test_another_process_goes_on_with_an_item(self, bench: Workbench) -> None:
        before = _full(bench)
        patch = edit(bench, "Changed by another process", before)
        after = bench.reopen().update(before.ref, patch, before.revision)
        assert says(after, patch)
        assert said(after) == said(fetch(bench, before.ref))
        name = next(iter(patch.values()))
        assert _besides(name, after) == _besides(name, before)

    def test_changing_what_is_not_there_is_missing(self, bench: Workbench) -> None:
        store = bench.everything()
        with refusal(bench, Missing):
            bench.project.update(bench.never, edit(bench, "Nobody"), None)
        assert bench.everything() == store

    def test_labels_of_others_stay(self, bench: Workbench) -> None:
        ref = bench.make_outside("Labelled")
        bench.label_outside(ref, FOREIGN)
        for name in _all_claimed(bench):
            for value in held(bench, name):
                update(bench, ref, patch_for(name, value))
                assert FOREIGN in fetch(bench, ref).labels, f"lost when {name} was written"

    def test_people_whom_nobody_mapped_stay(self, bench: Workbench) -> None:
        if not claimed(bench, Field.OWNERS):
            pytest.skip("owners are not claimed")
        ref = bench.make_outside("Assigned")
        bench.assign_stranger(ref)
        strangers = bench.assigned(ref)
        assert strangers
        assert not fetch(bench, ref).get(Field.OWNERS), "a stranger is no opinion, not an owner"
        for owners in (*samples(bench, Field.OWNERS), ()):
            update(bench, ref, Patch.of({Field.OWNERS: owners}))
            assert strangers <= bench.assigned(ref)


def _all_claimed(bench: Workbench) -> list[Field]:
    return [name for name in Field if claimed(bench, name)]


def _named(values: Mapping[Field, Value]) -> dict[str, Any]:
    """Values by the names that constructors take."""
    return {name.value: value for name, value in values.items()}


def _full(bench: Workbench) -> Item:
    """An item that says something in every field this home has."""
    values = {name: held(bench, name)[0] for name in _all_claimed(bench) if name not in STATUS}
    if claimed(bench, Field.PHASE):
        values[Field.PHASE] = (
            Phase.TODO if Phase.TODO in held(bench, Field.PHASE) else Phase.BACKLOG
        )
    draft = draft_of(bench, **_named(values))
    prepare(bench.project, draft)
    ref: Ref = bench.project.create(draft).ref
    return fetch(bench, ref)


def _besides(name: Field, item: Item) -> dict[str, object]:
    """What an item says besides one field, and besides what goes with it."""
    moves = STATUS if name in STATUS else {name}
    rest = {key: value for key, value in fields_of(item).items() if key not in moves}
    return rest | {
        "ref": (item.ref.id, item.ref.birth),
        "text": item.text,
        "marker": item.marker,
        "author": item.author,
        "created_at": item.created_at,
    }
