import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mappings.inert import INERT, neutralise

TRACKERS = ["github", "gitlab", "jira"]
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "postmortems"


def shown(text, tracker):
    """The neutralised text with the invisible character made visible."""
    return neutralise(text, tracker).replace(INERT, "·")


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ask @zoe", "ask @·zoe"),
        ("@acme/payments: look", "@·acme/payments: look"),
        ("(@zoe)", "(@·zoe)"),
        ("_@zoe_ *@zoe* -@zoe .@zoe /@zoe", "_@·zoe_ *@·zoe* -@·zoe .@·zoe /@·zoe"),
        ("`@zoe` and an odd ` @zoe", "`@·zoe` and an odd ` @·zoe"),
        ("é@zoe", "é@·zoe"),
        ("@<!-- -->zoe", "@·<!-- -->zoe"),
        ("\\@zoe", "\\@·zoe"),
    ],
)
def test_nobody_is_mentioned(tracker, text, expected):
    assert shown(text, tracker) == expected


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(
    "text",
    [
        "write to zoe@example.com or zoe.b+x@example.com",
        "meet @ noon, @",
        "https://medium.example.com/@zoe/post#12?a=1&3",
        "<https://x.example.com/a!12>, (https://x.example.com/b/c#12).",
        "[up](#1-summary) PAY-T-0001 and T-0001",
        "1 &lt; 2 &amp; 3, C# 8",
        "/usr/bin/env is gone",
        "either/or\n- /close in a list",
        "https://github.com/acme/payments/commit/1234567",
        "https://redirect.github.com/acme/payments/issues/12",
    ],
)
def test_ordinary_text_addresses_and_links_stay_whole(tracker, text):
    assert neutralise(text, tracker) == text


@pytest.mark.parametrize(
    ("tracker", "text", "expected"),
    [
        ("github", "fixes #12, closes: #13", "fixes #·12, closes: #·13"),
        ("github", "acme/payments#12 and zoe#12", "acme/payments#·12 and zoe#·12"),
        ("github", "GH-12 gh-12", "GH-·12 gh-·12"),
        (
            "github",
            "&#64;zoe &commat;zoe &num;12 &#x23;12",
            "&#64;·zoe &commat;·zoe &num;·12 &#x23;·12",
        ),
        ("github", "#&#49;2 &#12 x", "#·&#49;2 &#·12 x"),
        ("github", "&commat; alone, &#64;", "&commat; alone, &#64;"),
        (
            "gitlab",
            "#12 !12 &3 acme/payments!12 group&3",
            "#·12 !·12 &·3 acme/payments!·12 group&·3",
        ),
        ("gitlab", "PAY-12 GL-12 &amp;3", "PAY-·12 GL-·12 &amp;·3"),
        ("gitlab", "[issue:12] [epic:a&3]", "[issue:·12] [epic:·a&·3]"),
        ("jira", "PAY-12 (OPS2-7)", "PAY-·12 (OPS2-·7)"),
        ("jira", "[~zoe] [~accountid:5b1]", "[·~zoe] [·~accountid:5b1]"),
    ],
)
def test_no_other_issue_hears_of_it(tracker, text, expected):
    assert shown(text, tracker) == expected


@pytest.mark.parametrize(
    ("tracker", "url", "expected"),
    [
        (
            "github",
            "https://github.com/acme/payments/issues/12#issuecomment-3",
            "https://redirect.github.com/acme/payments/issues/12#issuecomment-3",
        ),
        ("github", "http://www.GitHub.com/a/b/pull/9", "http://redirect.github.com/a/b/pull/9"),
        (
            "github",
            "[it](https://git.example.com/acme/payments/issues/12)",
            "[it](https://git.example.com/acme/payments/issues/%312)",
        ),
        (
            "gitlab",
            "https://gitlab.example.com/acme/sub/payments/-/issues/12",
            "https://gitlab.example.com/acme/sub/payments/-/issues/%312",
        ),
        (
            "gitlab",
            "https://gitlab.example.com/a/b/-/merge_requests/4.",
            "https://gitlab.example.com/a/b/-/merge_requests/%34.",
        ),
        ("jira", "https://github.com/a/b/issues/1", "https://github.com/a/b/issues/1"),
    ],
)
def test_an_issues_address_still_leads_there_and_is_no_reference(tracker, url, expected):
    assert neutralise(url, tracker) == expected


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/close", "·/close"),
        ("/Close\r\n", "·/Close\r\n"),
        ("a\r\n  /assign me\nb", "a\r\n  ·/assign me\nb"),
        ("<!--\n/close\n-->", "<!--\n·/close\n-->"),
        ("`\n/label ~bug\n`", "`\n·/label ~bug\n`"),
        ("```\n/close\n```", "```\n·/close\n```"),
        ("a\r/close", "a\r·/close"),
        ("/remove-lifecycle stale", "·/remove-lifecycle stale"),
    ],
)
def test_no_line_is_a_command_even_within_code_and_comments(tracker, text, expected):
    assert shown(text, tracker) == expected


@pytest.mark.parametrize("tracker", ["github", "gitlab"])
@pytest.mark.parametrize(
    "text",
    [
        "Run\n\n```python\n@app.route\ndef x(): ... #1\n```\nthen",
        "```\r\n@zoe #12\r\n```\r\n",
        "~~~~\n@zoe\n```\n~~~\n~~~~~",
        "```\n<b>@zoe\n  ```",
    ],
)
def test_fenced_code_keeps_its_characters(tracker, text):
    assert neutralise(text, tracker) == text


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(
    "text",
    [
        "```\n@zoe",
        "- ```\n  x\n  ```\n@zoe\n```\n",
        "> ```\n@zoe\n```",
        "   ```\n@zoe\n   ```",
        "<div>\n```\n@zoe\n```\n</div>",
        "<!--\n-->\n```\n@zoe\n```",
        "```a`b\n@zoe\n```\n",
        "x\r```\n@zoe\n```\n",
        "\u2028```\n@zoe\n```\n",
        "````\n```\n````\n@zoe\n```\n",
    ],
)
def test_what_is_not_surely_code_is_text(tracker, text):
    assert "@·zoe" in shown(text, tracker)


def test_jira_knows_no_fences():
    assert shown("```\n[~zoe] PAY-1\n```", "jira") == "```\n[·~zoe] PAY-·1\n```"


def test_an_unknown_tracker_gets_the_strictest_reading():
    assert shown("@a #1 GH-1 !1 PAY-1 [~a]", "redmine") == "@·a #·1 GH-·1 !·1 PAY-·1 [·~a]"


_SNIPPETS = st.lists(
    st.sampled_from(
        [
            *"@#!&~`[]()<>/\\\n\r .,-:;_a1Z",
            INERT,
            "```",
            "~~~",
            "\n```\n",
            "\n/close\n",
            "GH-1",
            "PAY-12",
            "&#64;",
            "&amp;",
            "https://",
            "github.com/a/b/issues/12",
            "x.example/g/-/issues/7",
            "[issue:",
            "<!--",
            "é",
        ]
    ),
    max_size=14,
).map("".join)


@pytest.mark.parametrize("tracker", [*TRACKERS, "redmine"])
@given(text=_SNIPPETS)
@example(text="https://x.example/g/-/issues/7github.com/a/b/issues/12")
def test_neutralising_twice_is_neutralising_once(tracker, text):
    once = neutralise(text, tracker)
    assert neutralise(once, tracker) == once


@given(_SNIPPETS)
def test_nothing_is_lost_but_the_host_and_digit_of_issue_addresses(text):
    quiet = neutralise(text, "github").replace(INERT, "")
    quiet = quiet.replace("redirect.github.com", "github.com")
    assert re.sub("%3([0-9])", r"\1", quiet) == text.replace(INERT, "")


@pytest.mark.parametrize("tracker", TRACKERS)
@pytest.mark.parametrize(
    "piece", ["`", "~", "\n```", "\n~~~", " ", "A_", "http://", "a.", "&#", "[", "@"]
)
def test_long_runs_are_read_in_one_pass(tracker, piece):
    text = piece * 100_000
    assert neutralise(text, tracker).replace(INERT, "") == text


@pytest.mark.parametrize("tracker", TRACKERS)
def test_real_postmortems_stay_readable_and_mention_nobody(tracker):
    files = sorted(CORPUS.rglob("*.md"))
    if not files:
        pytest.skip("no corpus beside the repository")
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        quiet = neutralise(text, tracker)
        assert neutralise(quiet, tracker) == quiet
        assert not re.search(r"(?m)^/[a-z]+(?: |$)", quiet)
