"""Whatever people and other programs wrote: every reader takes it, and no writer moves what is not
its own. What a reader cannot take it refuses with a Problem; nothing else is ever raised.
"""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from mappings import github, gitlab, metis, metis_edit, postmortems
from mappings.frontmatter import decode, parse
from mappings.gitlab_words import read_parent, write_parent
from mappings.item import UNSET, Patch, Ref
from mappings.jira import IssueReader as JiraReader
from mappings.jira_edit import changed_issue
from mappings.jira_markdown import to_markdown
from mappings.jira_text import peoples
from mappings.jira_wiki import to_wiki
from mappings.jira_words import Site
from mappings.markers import (
    Marker,
    find_marker,
    find_note,
    read_marker,
    strip_markers,
    write_marker,
)
from mappings.mirror import read_mirror
from mappings.naming import ending, is_change, names
from mappings.postmortem.model import ActionItem, Shape
from mappings.problem import ProblemError
from mappings.profile import Profile
from mappings.template import meaningful
from mappings.text import canonical, one_line, read_section, write_section
from mappings.titles import read_title, write_title
from mappings.vocabulary import Category, Phase, Priority, Severity
from mappings.waivers import read_waiver, waiver_lines

PROFILES = Path(__file__).parents[2] / "mappings" / "profiles"
LABELS = Profile.model_validate(tomllib.loads((PROFILES / "github-labels.toml").read_text("utf-8")))
KEY = b"k" * 32
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MARKER = write_marker(Marker("0" * 32, "1" * 8, "PAY-T-0001"), KEY)
PIECES = st.sampled_from(
    ["---", "---\n", "\n", "\r\n", "\r", " ", "  - ", "\t", "title: ", '"', "'", "#", "# ", "## ",
     "tags:\n", '  - "#phase/todo"\n', "short_code: ", "[", "]", "{", "}", "&a ", "*a", "!!x ",
     ": ", "|\n", ">-\n", "```", "~~~", "<!--", "-->", "<!-- followthrough:begin -->",
     "<!-- followthrough:end -->", "<!-- followthrough:1:", MARKER, "[P0] ", "[SEV1]",
     "[INCIDENT]", "[p1", "**Due:** 2026-03-01", "**Due:** ", "_Follows `x`._", "@maria ", "#12 ",
     "PAY-1 ", "- [x] **P0**", "- [ ] ", "waive: ", "because ", " until 2026-01-01", " by ",
     "/close\n", "closes #1", "https://github.com/a/b/issues/3", "h1. ", "{code}", "{noformat}",
     "{quote}", "||a||", "[~bob]", "[a|http://x]", "\\", "\\\\", "*b*", "_i_", "|a|b|\n",
     "/relate #3", "<details>", "\x00", "\u2028", "\ufeff", "\u200b", "🧨", "é", "\ud800", "1.",
     "word "]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=40).map("".join))
#: As trackers can hold it: no halves of surrogate pairs.
SOUND = TEXTS.map(lambda text: text.encode("utf-8", "replace").decode())


def taken_or_refused(call):
    """Run it; if it is refused, then in words."""
    try:
        call()
    except ProblemError as error:
        said = error.problem
    else:
        return
    assert said.code.startswith("E")
    assert said.message


# --- documents ------------------------------------------------------------------------------

FRONT = """level: task
title: "x"
short_code: "PAY-T-0001"
created_at: 2026-03-01T12:00:00+00:00
updated_at: 2026-03-01T12:00:00+00:00
"""


@given(st.binary(max_size=80) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_text_or_refused(data):
    def taken():
        assert decode(data, "a.md").encode() == data

    taken_or_refused(taken)


@given(TEXTS, TEXTS)
@example("a: " + "[" * 30, "")
def test_any_document_is_an_item_or_refused(lines, text):
    for whole in (lines, f"---\n{FRONT}{lines}\ntags: []\n---\n{text}"):

        def taken(whole=whole):
            document = parse(whole, "a.md")
            assert document.text == whole
            item = metis.read_document(document, "a.md", LABELS)
            assert all(notice.code for notice in item.notices)

        taken_or_refused(taken)


@given(SOUND, st.sampled_from([None, *Category]), st.sampled_from(["todo", "active", "completed"]))
def test_an_edit_of_a_documents_front_leaves_its_text_alone(text, category, phase):
    whole = f'---\n{FRONT}tags:\n  - "#phase/todo"\n---\n{text}'
    document = parse(whole, "a.md")
    for changed in (
        metis_edit.with_phase(document, phase, NOW),
        metis_edit.with_category(document, category),
        metis_edit.with_archived(document, archived=True),
    ):
        assert changed.body == document.body
        assert changed.text.endswith(f"---\n{text}")
        assert parse(changed.text, "a.md").get("short_code") == "PAY-T-0001"
    done = metis.read_document(metis_edit.with_phase(document, phase, NOW), "a.md", LABELS)
    assert (done.phase is Phase.COMPLETED) == (phase == "completed")


@given(TEXTS)
@example("## a" + " " * 60_000 + "x\n" + "text")
def test_nothing_is_made_up_when_a_documents_text_is_read(text):
    words = {line.strip() for line in meaningful(text).split("\n")}
    said = {line.strip() for line in text.replace("\r\n", "\n").split("\n")}
    assert all(line in said or line.startswith("#") for line in words - {""})


# --- titles, markers, sections ---------------------------------------------------------------


@given(TEXTS, st.sampled_from([None, *Priority]), st.sampled_from([None, *Severity]))
def test_a_title_takes_any_text_and_gives_back_what_was_written(raw, priority, severity):
    text = read_title(raw).text
    written = write_title(raw, priority=priority, severity=severity)
    again = read_title(written)
    assert (again.priority, again.severity) == (priority, severity)
    assert again.text == text
    assert write_title(written, priority=priority, severity=severity) == written


@given(TEXTS)
def test_a_line_is_one_whatever_was_in_the_text(text):
    assert not set(one_line(text)) & set("\r\n\t\x00")


@given(TEXTS)
def test_no_text_is_taken_for_a_marker_of_ours(text):
    text = text.replace(MARKER, "")
    found = find_marker(text)
    assert found in text
    assert read_marker(found, KEY) is None
    assert read_marker(text, KEY) is None
    assert not find_note(text, "rule", KEY)
    assert len(strip_markers(text)) <= len(text)


@given(TEXTS, TEXTS)
def test_a_marker_is_found_behind_any_text(before, after):
    before, after = (part.replace(MARKER, "").replace("<!--", "") for part in (before, after))
    body = f"{before}\n\n{MARKER}\n{after}"
    assert read_marker(find_marker(body), KEY) == Marker("0" * 32, "1" * 8, "PAY-T-0001")


@given(TEXTS)
def test_no_section_no_opinion_and_else_what_stands_there(body):
    section, outside = read_section(body)
    assert len(outside) + len(section or "") <= len(body)
    text, due = read_mirror(section)
    assert (text is UNSET) == (due is UNSET) == (section is None)
    assert not text or text in section


@given(SOUND, SOUND)
def test_a_section_goes_in_and_out_and_leaves_the_rest_byte_for_byte(body, text):
    before, outside = read_section(body)
    written = write_section(body, text)
    section, left = read_section(written)
    assert canonical(section) == canonical(text.strip("\r\n"))
    assert left == outside or (before is None and left.strip() == outside.strip())
    if before is None and MARKER not in body:
        assert written.startswith(body)
    assert write_section(written, text) == written


# --- trackers -------------------------------------------------------------------------------


def issue(title, body, label):
    home = "https://api.github.com/repos/acme/payments"
    return {
        "id": 9,
        "number": 9,
        "url": f"{home}/issues/9",
        "repository_url": home,
        "html_url": "https://github.com/acme/payments/issues/9",
        "title": title,
        "body": body,
        "state": "open",
        "state_reason": None,
        "labels": [{"name": label}],
        "assignees": [],
        "user": {"login": "maria"},
        "type": None,
        "sub_issues_summary": {"total": 0},
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        "closed_at": None,
    }


def gitlab_issue(title, body, label):
    return {
        "id": 9,
        "iid": 9,
        "project_id": 1,
        "title": title,
        "description": body,
        "state": "opened",
        "labels": [label],
        "assignees": [],
        "author": {"username": "maria"},
        "issue_type": "issue",
        "due_date": None,
        "web_url": "https://gitlab.example/acme/payments/-/issues/9",
        "references": {"full": "acme/payments#9"},
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T11:00:00Z",
        "closed_at": None,
    }


def jira_issue(title, body, label):
    named = {"id": "3", "name": "In Progress", "statusCategory": {"key": "x"}}
    times = dict.fromkeys(("created", "updated"), "2026-03-01T10:00:00.000+0000")
    told = {"summary": title, "description": body, "labels": [label], "status": named}
    told |= {"issuetype": {"name": "Task"}} | times
    return {"id": "10010", "key": "PAY-7", "fields": told}


SITE = Site(Profile.model_validate({}), cloud=True, severity="customfield_9")
PATCH = Patch(body="Ours", title="New", priority=Priority.P0, due=date(2026, 4, 1))


@given(TEXTS, st.none() | TEXTS, TEXTS)
def test_any_issue_of_github_is_read_and_a_change_leaves_peoples_text(title, body, label):
    read = github.IssueReader(LABELS, "acme/payments")
    raw = issue(title, body, label)
    item = read(raw)
    assert item.marker in (body or "")
    changed = read(raw | {"body": github.changed_issue(raw, PATCH, LABELS)["body"]})
    assert changed.text.strip() == item.text.strip()
    assert changed.due == date(2026, 4, 1)
    assert canonical(changed.body) == "Ours"


@given(TEXTS, st.none() | TEXTS, TEXTS)
def test_any_issue_of_gitlab_is_read_and_a_change_leaves_peoples_text(title, body, label):
    read = gitlab.IssueReader(LABELS, "acme/payments")
    raw = gitlab_issue(title, body, label)
    item = read(raw)
    payload = gitlab.changed_issue(raw, Patch(body="Ours"), LABELS, None)
    changed = read(raw | payload)
    assert changed.text.strip() == item.text.strip()
    assert canonical(changed.body) == "Ours"


@given(SOUND, st.integers(1, 10**9))
def test_a_parent_goes_into_any_text_of_gitlab_and_out_again(body, number):
    before = read_parent(body)[1]
    written = write_parent(body, Ref(str(number)))
    assert read_parent(written)[0] == Ref(str(number))
    assert canonical(read_parent(written)[1]) == canonical(before)


@given(TEXTS, st.none() | TEXTS, TEXTS)
def test_any_issue_of_jira_is_read_and_a_change_leaves_peoples_text(title, body, label):
    read = JiraReader(SITE, "https://x.example")
    raw = jira_issue(title, body, label)
    assert read(raw).ref.key == "PAY-7"
    payload = changed_issue(raw, Patch(body="Ours"), SITE)["fields"]
    assert peoples(payload["description"]) == peoples(body or "")
    assert canonical(read(raw | {"fields": raw["fields"] | payload}).body) == "Ours"


@given(TEXTS)
@example("a" + "\t" * 30_000 + "x")
def test_any_markup_is_markdown_and_any_markdown_markup(text):
    for made in (to_markdown(text), to_wiki(text), to_markdown(to_wiki(text))):
        assert "\r" not in made


# --- waivers, references, action items ---------------------------------------------------------


@given(TEXTS)
@example("waive: late" + " " * 60_000 + "x\n- x" + "\t" * 60_000 + "y")
def test_any_text_has_waivers_or_none_within_its_lines(text):
    last = len(text.splitlines())
    for one in waiver_lines(text):
        assert 1 <= one.line <= last
        assert not set(one.rule) & set(" \t\r\n")
    assert read_waiver(text).line == 1


@given(st.from_regex(r"[a-z][a-z-]{0,12}", fullmatch=True), st.dates(), st.text(max_size=30))
@example("late", date(2026, 3, 1), "")
def test_a_waiver_says_what_was_written(rule, until, reason):
    reason = " ".join(reason.split())
    (one,) = waiver_lines(f"text\n\nwaive: {rule} until {until} by Maria because {reason}\n")
    assert (one.rule, one.until, one.by, one.line) == (rule, until, "Maria", 3)
    assert one.reason == reason


@given(TEXTS, SOUND)
def test_any_text_is_a_reference_or_none(reference, key):
    ref = Ref("7", key, "https://github.com/acme/payments/issues/7")
    assert names(ref.url, ref)
    if key.strip() == key and key and "://" not in key:
        assert names(key, ref)
    assert isinstance(names(reference, ref), bool)
    assert isinstance(is_change(reference), bool)
    assert "/" not in ending(reference)


@given(
    st.lists(st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1), max_size=4),
    st.from_regex(r"[a-z/-]{1,30}\.md", fullmatch=True),
)
def test_what_tells_an_incident_comes_back(incidents, path):
    incidents = tuple(one for one in incidents if postmortems.FILE_CLUE not in one)
    whence = postmortems.Whence(path, "Down", incidents, date(2026, 3, 1))
    told, back = postmortems.read_clues(postmortems.clues(whence))
    assert set(told) <= set(incidents)
    assert back in {path, ""}


@given(SOUND, SOUND, SOUND, st.sampled_from([None, True, False]))
def test_any_action_item_is_an_item(title, owner, due, done):
    action = ActionItem(
        title=title,
        owner=owner,
        due_text=due,
        done=done,
        line=3,
        end_line=3,
        shape=Shape.BULLET,
        confidence=1.0,
    )
    whence = postmortems.Whence("a.md", title, (owner,), date(2026, 3, 1))
    item = postmortems.to_item(action, "a", "- x", whence, LABELS)
    assert (item.title, item.ref.key) == (title, "a.md:3")
    form = postmortems.canonical(item)
    assert form.phase is {None: UNSET, True: Phase.COMPLETED, False: Phase.TODO}[done]
    assert postmortems.canonical(form) == form


# --- settings -------------------------------------------------------------------------------

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["labels", "values", "also", "P0", "field", "x"]), inner,
                      max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*Profile.model_fields, "unknown"]), _VALUES, max_size=4))
def test_any_profile_is_understood_or_refused(said):
    try:
        profile = Profile.model_validate(said)
    except (ValidationError, ProblemError):
        return
    assert Profile.model_validate(said) == profile
