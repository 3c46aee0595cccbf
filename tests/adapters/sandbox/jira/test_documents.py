"""Texts come through both spellings with their words."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.jira import adf

LINES = st.sampled_from(
    ["", "text", "  indented", "h1. Head", "h3. Sub", "* a", "- b", "# n", "{code}", "{code:py}",
     "x = 1", "*bold* and _more_", "----", "[link|http://127.0.0.1]", "{quote}"]
)  # fmt: skip


@given(st.lists(LINES, max_size=12).map("\n".join) | st.text(max_size=40))
def test_a_text_that_was_reflowed_once_stays_as_it_is(text):
    once = adf.reflowed(text).wiki
    assert adf.reflowed(once).wiki == once


@given(st.lists(LINES, max_size=12).map("\n".join))
def test_no_word_is_lost(text):
    def words(wiki):
        return [word for word in wiki.split() if word.isalnum()]

    assert words(adf.reflowed(text).wiki) == words(text)


def test_nodes_are_written_as_wiki_markup():
    def text(word, *marks):
        return {"type": "text", "text": word, "marks": list(marks)}

    def block(kind, *content, **attrs):
        return {"type": kind, "content": list(content), "attrs": attrs}

    link = {"type": "link", "attrs": {"href": "http://127.0.0.1"}}
    inner = block("bulletList", block("listItem", block("paragraph", text("b"))))
    document = block(
        "doc",
        block("heading", text("Head"), level=2),
        block(
            "paragraph",
            text("bold", {"type": "strong"}),
            {"type": "hardBreak"},
            text("code", {"type": "code"}),
            text("place", link),
            {"type": "emoji", "attrs": {"shortName": ":ok:"}},
            {"type": "inlineCard", "attrs": {"url": "http://127.0.0.1"}},
        ),
        block("bulletList", block("listItem", block("paragraph", text("a")), inner)),
        block("orderedList", block("listItem", block("paragraph", text("n")))),
        block("blockquote", block("paragraph", text("said"))),
        {"type": "rule"},
        block("expand", block("paragraph", text("kept"))),
    )
    assert adf.to_wiki(document).split("\n\n") == [
        "h2. Head",
        "*bold*\n{{code}}[place|http://127.0.0.1]:ok:[http://127.0.0.1]",
        "* a\n** b",
        "# n",
        "{quote}\nsaid\n{quote}",
        "----",
        "kept",
    ]
