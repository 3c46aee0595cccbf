"""Markdown and wiki markup, there and back, and the section of a description that is ours."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.item import UNSET, Draft, Patch, Ref
from mappings.jira_markdown import to_markdown
from mappings.jira_text import (
    BEGIN,
    END,
    SECTION_LIMIT,
    changed_description,
    held,
    new_description,
    peoples,
    read_description,
)
from mappings.jira_wiki import to_wiki

SAME_BOTH_WAYS = {
    "## Impact\n\nNobody could pay.": "h2. Impact\n\nNobody could pay.",
    "**bold** and *soft* and ~~gone~~": "*bold* and _soft_ and -gone-",
    "`a{b}` and `x_y`": "{{a\\{b\\}}} and {{x_y}}",
    "- one\n  - two\n- three": "* one\n** two\n* three",
    "1. one\n1. two": "# one\n# two",
    "- [ ] open\n- [x] done": "* \\[ \\] open\n* \\[x\\] done",
    "[site](https://x.example/a_b)": "[site|https://x.example/a_b]",
    "```python\nx = {1}\n\n  y\n```": "{code:python}\nx = {1}\n\n  y\n{code}",
    "```\n*as it is*\n```": "{noformat}\n*as it is*\n{noformat}",
    "> said\n>\n> twice": "{quote}\nsaid\n\ntwice\n{quote}",
    "| a | b |\n| --- | --- |\n| 1 | x \\| y |": "||a||b||\n|1|x \\| y|",
    "one\\\ntwo": "one\\\\ two",
    "---": "----",
    "snake_case and 2 * 3 - 1": "snake_case and 2 * 3 - 1",
    "{braces} and \\*stars\\*": "\\{braces\\} and \\*stars*",
    "C:\\temp\\new": "C:\\temp\\new",
    "un**frigging**real": "un{*}frigging{*}real",
}
WRITTEN_BY_PEOPLE = {
    "h1. Title\r\nText": "# Title\n\nText",
    "bq. quoted": "> quoted",
    "{color:red}red{color} +new+ ^up^ ~down~ ??who??": "red new up down who",
    "{panel:title=Note}\nInside\n{panel}": "Inside",
    "{code:title=a.py|borderStyle=solid|python}\nx\n{code}": "```python\nx\n```",
    "!shot.png|thumbnail! [~bob] [^file.txt]": "!shot.png! bob [^file.txt]",
    "|a|b|\n|1|2|": "| | |\n| --- | --- |\n| a | b |\n| 1 | 2 |",
    "- dash\n- list": "- dash\n- list",
    "See {{a}} {{b c}}.": "See `a` `b c`.",
    "{code}\nnever closed": "{code}\nnever closed",
    "1. not a list": "1\\. not a list",
    "a <b> & &lt;b": "a \\<b> & \\<b",
    "#hash and # hash": "#hash and # hash",
    "{quote}a{quote}\nb": "> a\n\nb",
    "{quote}never closed": "> never closed",
    "https://x.example/a-b-c_d_e": "https://x.example/a-b-c_d_e",
}
_PIECES = st.sampled_from(
    ["*", "_", "-", "+", "^", "~", "!", "|", "\\", "\\\\", "{", "}", "{{", "}}", "[", "]", "(",
     "||", ")", "`", "```", "#", "##", ">", "<",
     "&", "&amp;", "??", "----", "h1. ", "{code}",
     "bq. ", "{noformat}", "{quote}", "{color:red}", "{*}", "\n", "\n\n", " ", "  ", "    ",
     "\t", "a", "b",
     "word", "1.", "- ", "* ", "1. ", "| a |\n|---|\n", "[a](https://x.example)", "<br>", "<!--",
     "-->", "=", "é", "🔥", "\u2060", "@you", "PAY-1", "[~you]", "_Follows x_\n", BEGIN, END, "\r"]
)  # fmt: skip
TEXTS = st.lists(_PIECES, max_size=24).map("".join) | st.text(max_size=60)


@pytest.mark.parametrize("markdown", SAME_BOTH_WAYS)
def test_markdown_becomes_wiki_markup_and_comes_back(markdown):
    assert to_wiki(markdown) == SAME_BOTH_WAYS[markdown]
    assert to_markdown(to_wiki(markdown)) == markdown


@pytest.mark.parametrize("wiki", WRITTEN_BY_PEOPLE)
def test_what_people_wrote_in_jira_becomes_markdown(wiki):
    assert to_markdown(wiki) == WRITTEN_BY_PEOPLE[wiki]


def test_what_wiki_markup_cannot_say_is_said_as_text():
    assert to_wiki("[run](docs/run.md) ![x](a.png)") == "run ({{docs/run.md}}) x ({{a.png}})"
    assert to_wiki("a <b>c</b><br>d <!-- hidden -->") == "a <b>c</b>\\\\ d"
    assert to_wiki("- a\n\n  ```\n  x\n  ```\n- b") == "* a\n\n{noformat}\nx\n{noformat}\n\n* b"
    assert to_wiki("> a\n> > b") == "{quote}\na\n\nb\n{quote}"


@given(TEXTS)
@example(f"h1. \n {BEGIN}")
@example(f"h1. \n\t{END}\nand more")
def test_what_is_held_is_held_again_and_is_what_is_read_back(text):
    once = held(text)
    assert held(once or "") == once
    wiki = changed_description("People's own.", Patch(body=text, origin=Ref("1", "PAY-T-0001")))
    body, outside = read_description(wiki)
    assert outside == "People's own."
    assert (body or None) == (once if wiki != "People's own." else None)


@given(TEXTS, TEXTS, TEXTS)
def test_text_outside_the_section_stays_byte_for_byte(before, first, second):
    if BEGIN in before or END in before:
        return
    wiki = changed_description(before, Patch(body=f"x{first}"))
    assert wiki.startswith(before)
    again = changed_description(wiki, Patch(body=f"y{second}"))
    assert again.startswith(before)
    assert peoples(again) == before.strip()
    assert changed_description(again, Patch(body=f"y{second}")) == again


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_section_is_replaced_and_emptied_where_it_stands(newline):
    own = f"First.  {newline}{newline}* a\t"
    wiki = changed_description(own, Patch(body="One", origin=Ref("1", "PAY-T-1", ".metis/a.md")))
    assert "_Follows {{PAY-T-1}} ({{.metis/a.md}})._" in wiki
    wiki += f"{newline}{newline}After."
    two = changed_description(wiki, Patch(body="Two"))
    assert read_description(two)[0] == "Two"
    assert "PAY-T-1" in two
    assert two.startswith(own)
    assert two.endswith(f"{newline}{newline}After.")
    gone = changed_description(two, Patch(body=None))
    assert read_description(gone)[0] is None
    assert gone.startswith(own)
    assert gone.endswith(f"{newline}{newline}After.")


def test_without_a_section_there_is_no_opinion():
    assert read_description("Only people's") == (UNSET, "Only people's")
    assert changed_description("Only people's", Patch(body=None)) == "Only people's"
    assert changed_description("Only people's", Patch(title="x")) == "Only people's"
    assert new_description(Draft(title="x")) == ""


def test_a_long_document_is_cut_and_says_so():
    text = "A *line* of [some] length.\n\n" * 4000
    wiki = new_description(Draft(body=text))
    assert len(wiki) <= SECTION_LIMIT + 200
    assert "too long to be mirrored whole" in wiki
    assert held(held(text)) == held(text)


def test_mentions_and_keys_are_made_inert():
    wiki = new_description(Draft(body="Ask @ann, [~bob] about PAY-12."))
    assert "[~bob]" not in wiki
    assert "PAY-12" not in wiki
    assert "@ann" not in wiki


@pytest.mark.parametrize("piece", ["{code:a}", "*a", "[a", "{{a", "{quote}", "-a ", "!a", "{*}a"])
def test_markup_that_never_ends_is_text(piece):
    assert "end" in to_markdown(piece * 500 + "end")
