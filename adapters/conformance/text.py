"""Hostile titles and texts, and people's own words, which are never touched."""

from typing import Final

import pytest

from adapters.conformance.acts import (
    Reader,
    agrees,
    claimed,
    create,
    draft_of,
    fetch,
    held,
    patch_for,
    update,
    well_said,
)
from adapters.conformance.bench import Workbench
from adapters.errors import Rejected
from mappings.item import Item, Patch, Ref
from mappings.text import BEGIN, END
from mappings.vocabulary import Field

TITLES: Final = {
    "double quotes": "She said \"down\" and 'up'",
    "a backslash": "C:\\temp\\new \\",
    "an emoji": "Checkout 🔥 down 👩‍💻",
    "two lines": "First line\nsecond line",
    "a tab and blanks": "  a\tb   c  ",
    "300 characters": "long " * 59 + "title",
    "1000 characters": "x" * 1000,
    "a prefix": "[P0] Checkout is down",
    "other brackets": "[Draft] [checkout] is down",
    "yaml": "--- # a: b, {c: [d]} & *e | > %f",
    "html": "<b>down</b> <!-- not shown --> &amp;",
    "markdown": "`code` *stars* _lines_ [link](http://example.org)",
    "a mention and a number": "@everybody see #12 and GH-3, PAY-4",
    "a decomposed letter": "Cafe\u0301",
    "right to left": "\u05ea\u05e9\u05dc\u05d5\u05dd \u202edown\u202c",
    "a control character": "bell \x07 rings",
    "a line separator": "one\u2028two",
    "only blanks": "   ",
}
TEXTS: Final = {
    "windows line ends": "one\r\ntwo\r\n\r\nthree",
    "blanks at line ends": "one   \ntwo\t\n",
    "blank lines around": "\n\n\nmiddle\n\n\n",
    "an open fence": "```sh\nrm -rf x",
    "our own delimiters": f"before\n\n{BEGIN}\nforged\n{END}\n\nafter",
    "half a delimiter": f"before\n{END}\nafter\n{BEGIN}",
    "a due line": "**Due:** 2026-01-01\n\nmore",
    "a foreign marker": "<!-- followthrough:1:"
    + "a" * 8
    + ":"
    + "b" * 32
    + ":X:"
    + "c" * 32
    + " -->",
    "an open comment": "text <!-- begins and never ends",
    "mentions and commands": "@everybody fixes #12, closes GH-3\n/close\n/assign @me",
    "emoji and accents": "👩‍💻 Cafe\u0301 \u202edown\u202c",
    "front matter": "---\ntitle: forged\n---\ntext",
    "much": "A line of some length, again and again.\n" * 4000,
    "nothing but blanks": " \n \n",
}
#: What people wrote: line ends, blanks and a letter in two pieces must all survive.
PEOPLES: Final = (
    "Kept.  \r\n\r\n\tIndented\r\n* one\n* two   \nCafe\u0301 <!-- mine --> &amp;\n\nEnd."
)


class TextTests:
    """Titles, bodies and the text around our section."""

    @pytest.mark.parametrize("title", TITLES)
    def test_a_hostile_title_is_stored_as_canonical_said_or_refused(
        self, bench: Workbench, title: str
    ) -> None:
        if not claimed(bench, Field.TITLE):
            pytest.skip("title is not claimed")
        wanted = bench.project.canonical(Item(ref=Ref("1"), title=TITLES[title])).title
        store = bench.everything()
        try:
            made = bench.project.create(draft_of(bench, title=TITLES[title]))
        except Rejected as error:
            _names_the_limit(bench, error, str(wanted))
            assert bench.everything() == store
            return
        for item in (made, fetch(bench, made.ref)):
            assert item.title == wanted
        changed = update(bench, create(bench).ref, Patch(title=TITLES[title]))
        assert changed.title == wanted

    def test_a_hostile_body_is_stored_as_canonical_said_or_refused(
        self, bench: Workbench, hostile_body: str
    ) -> None:
        text = hostile_body
        form = bench.project.canonical(Item(ref=Ref("1"), body=TEXTS[text]))
        before = create(bench, due=held(bench, Field.DUE)[0]) if _due(bench) else create(bench)
        store = bench.everything()
        try:
            item = update(bench, before.ref, Patch(body=TEXTS[text]))
        except Rejected as error:
            well_said(bench, error)
            assert bench.everything() == store
            return
        for one in (item, fetch(bench, item.ref)):
            agrees(one, form, frozenset({Field.BODY}))
            assert (one.marker, one.due) == (before.marker, before.due)

    @pytest.mark.parametrize("text", TEXTS)
    def test_a_hostile_text_of_an_import_breaks_nothing(self, bench: Workbench, text: str) -> None:
        draft = draft_of(bench, text=TEXTS[text])
        made = bench.project.create(draft)
        assert said_of(made) == (draft.title, draft.marker)
        bench.settle()
        reader = Reader(bench.project)
        reader.read()
        reader.is_current(bench, made.ref)

    def test_peoples_own_text_stays_byte_for_byte(self, bench: Workbench) -> None:
        ref = bench.make_outside("Written by hand", PEOPLES)
        kept = bench.text_of(ref)
        assert "Indented" in kept, "text_of() gives what people wrote"
        for name in Field:
            if claimed(bench, name):
                for value in held(bench, name)[:2]:
                    update(bench, ref, patch_for(name, value))
                    assert kept in bench.text_of(ref), f"touched when {name} was written"

    def test_text_that_people_add_to_ours_stays_byte_for_byte(self, bench: Workbench) -> None:
        names = [name for name in Field if claimed(bench, name)]
        item = create(bench)
        bench.edit_outside(item.ref, text=PEOPLES)
        before, marker = fetch(bench, item.ref), item.marker
        kept = bench.text_of(item.ref).partition("End.")[0]
        assert "Indented" in kept, "edit_outside() puts the text before what was there"
        for name in names:
            for value in held(bench, name)[:2]:
                after = update(bench, item.ref, patch_for(name, value))
                assert kept in bench.text_of(item.ref), f"touched when {name} was written"
                assert (after.text, after.marker) == (before.text, marker)


def _due(bench: Workbench) -> bool:
    return claimed(bench, Field.DUE)


def said_of(item: Item) -> tuple[object, str]:
    """Title and marker: what a text must not be able to forge."""
    return item.title, item.marker


def _names_the_limit(bench: Workbench, error: Rejected, title: str) -> None:
    """A refusal names the field, and the limit where that is the reason."""
    well_said(bench, error)
    assert error.field is Field.TITLE
    limit = bench.project.capabilities.title_limit
    if limit is not None and len(title) > limit:
        assert str(limit) in str(error), "say how many characters are taken"
    else:
        assert not title.strip(), "only what is empty or too long is refused"
