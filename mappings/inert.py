"""Outbound text made inert: it mails nobody, links nothing and commands nothing.

Trackers act on text: ``@name`` sends mail, ``#12`` leaves a lasting entry in another issue's
history, a line ``/close`` closes. Each of these is broken by one WORD JOINER (U+2060), with which
the text reads as before, in code and out of it. Neither backslashes nor HTML entities would do:
trackers look for mentions after they have rendered them away. For the same reason an entity that
stands for ``@`` or ``#`` is followed by one too.

URLs and e-mail addresses stay whole. The address of an issue, which trackers take for a
reference, is changed so that it still leads there: github.com has ``redirect.github.com`` for
this purpose, elsewhere the number's first digit is %-encoded (RFC 3986 §2.1: ``12`` and ``%312``
are the same path).
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

#: Shown as nothing, but ends a word: U+2060 WORD JOINER does not allow a line break either.
INERT: Final = "\u2060"

# GitLab runs a command that begins a line and is followed by a blank or the line's end; its
# own test for code has had holes (comments, multi-line code spans), so code is no shelter.
# Robots on GitHub read the same form. "/usr/bin" is a path and stays.
_COMMAND: Final = r"(?<![^\r\n])[ \t]*+(?=/[A-Za-z][\w-]*+(?!\S))"
# A host with a dot in it, as autolinks need; ends before anything that can end a link.
_URL: Final = r"(?P<url>(?i:https?)://[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)+[^\s<>()\[\]\"'`|*\\]*+)"
_ENTITY: Final = r"(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31});)"
# After a letter or digit it is an e-mail address.
_MENTION: Final = r"(?<![A-Za-z0-9])@(?=[^\s\u2060])"
# "](#" begins a link to a place in the same page.
_NUMBER: Final = r"(?<!\]\()\#(?=[0-9]|&\#)"
_GH: Final = r"(?<![A-Za-z0-9])(?i:gh)-(?=[0-9])"
_MERGE_REQUEST_OR_EPIC: Final = r"[!&](?=[0-9]|&\#)"
_SPELLED_OUT: Final = r"\[(?:issue|work_item|epic|merge_request):(?=[^\s\u2060])"
# Two letters at least, as Jira demands; so Metis' PAY-T-0001 is none.
_KEY: Final = r"(?<![A-Za-z0-9_-])[A-Z][A-Z0-9_]++-(?=[0-9])"
_JIRA_USER: Final = r"\[(?=~)"

_BOTH: Final = (_COMMAND, _URL, _ENTITY, _MENTION, _NUMBER)
_RULES: Final = {
    "github": (*_BOTH, _GH),
    "gitlab": (*_BOTH, _MERGE_REQUEST_OR_EPIC, _SPELLED_OUT, _KEY),
    "jira": (_COMMAND, _URL.replace("<url>", "<kept>"), _MENTION, _KEY, _JIRA_USER),
}
_EVERYTHING: Final = (*_BOTH, _GH, _MERGE_REQUEST_OR_EPIC, _SPELLED_OUT, _KEY, _JIRA_USER)

_GITHUB_ISSUE = re.compile(r"(?P<host>[^/]+)/[^/]+/[^/]+/(?:issues|pulls?|discussions)/[0-9]")
_GITLAB_ISSUE = re.compile(
    r"(?P<host>[^/]+)/.*?/(?:issues|incidents|work_items|merge_requests|epics)/[0-9]"
)
_NUMBERED: Final = re.compile(
    "|".join(
        f"(?<=/{name}/)(?=[0-9])"
        for name in (
            *("issues", "incidents", "work_items", "merge_requests", "epics"),
            *("pull", "pulls", "discussions"),
        )
    )
)
_GITHUB_HOSTS: Final = {"github.com", "www.github.com"}
# Characters an entity may stand for, and what must follow for a tracker to act on them.
_ACTS_BEFORE: Final = {
    "@": re.compile(r"[^\s\u2060]"),
    "#": re.compile(r"[0-9]|&#"),
    "!": re.compile(r"[0-9]|&#"),
    "&": re.compile(r"[0-9]|&#"),
}


def _quiet_url(url: str) -> str:
    """The same place by an address that trackers do not take for a reference."""
    scheme, rest = url.split("://", 1)
    match = _GITHUB_ISSUE.match(rest) or _GITLAB_ISSUE.match(rest)
    if match is None:
        return url
    if match["host"].lower() in _GITHUB_HOSTS:
        return f"{scheme}://redirect.github.com{rest[match.end('host') :]}"
    if match["host"].lower() == "redirect.github.com":
        return url
    # All of them: one address may hold another.
    return f"{scheme}://{_NUMBERED.sub('%3', rest)}"


def _quiet(match: re.Match[str]) -> str:
    """What stands in the place of one match: itself and, mostly, a word joiner."""
    found = match[0]
    kind = match.lastgroup
    if kind == "kept":
        return found
    if kind == "url":
        return _quiet_url(found)
    if kind == "entity":
        acts = _ACTS_BEFORE.get(unescape(found))
        if acts is None or not acts.match(match.string, match.end()):
            return found
    return found + INERT


_COMPILED: Final = {name: re.compile("|".join(rules)) for name, rules in _RULES.items()}
_STRICTEST: Final = re.compile("|".join(_EVERYTHING))
_COMMAND_ONLY: Final = re.compile(_COMMAND)

_OPENS = re.compile(r"(?:(`{3,})[^`]*|(~{3,}).*)\Z", re.DOTALL)
# A fence inside a list or quotation, or raw HTML: from here on Markdown's own rules for
# what is code are beyond this reading.
_UNSURE = re.compile(r"[\s>*+0-9.)-]*(?:```|~~~|<[A-Za-z!?/])")


def _fences(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces of whole lines, each with whether it surely is a fenced code block.

    Sure is a block that begins at the left edge, is closed, and stands before any raw HTML and
    any fence that does not. The pieces joined are the text.
    """
    kept: list[str] = []
    lines = text.split("\n")
    lines[:-1] = [line + "\n" for line in lines[:-1]]
    fence: list[str] = []
    closes: re.Pattern[str] | None = None
    for place, line in enumerate(lines):
        if closes is not None:
            fence.append(line)
            if closes.match(line):
                yield "".join(kept), False
                yield "".join(fence), True
                kept, fence, closes = [], [], None
        elif opens := _OPENS.match(line):
            run = opens[1] or opens[2]
            closes = re.compile(rf" {{0,3}}{run[0]}{{{len(run)},}}[ \t]*\r?\n?\Z")
            fence = [line]
        elif _UNSURE.match(line):
            kept += lines[place:]
            break
        else:
            kept.append(line)
    yield "".join(kept + fence), False


def neutralise(text: str, tracker: str) -> str:
    """``text`` as it may be written to ``tracker``: "github", "gitlab" or "jira".

    Any other name gets the strictest reading of all. Mentions, references to issues and
    merge requests (so that closing words close nothing), quick actions and issue URLs are made
    inert; see the top of this module. Fenced code blocks keep their exact characters except
    for lines that are quick actions, so that what is copied from them runs; not for Jira, which
    has no such fences. Idempotent, in linear time.
    """
    rules = _COMPILED.get(tracker, _STRICTEST)
    fenced = tracker in {"github", "gitlab"} and ("```" in text or "~~~" in text)
    if not fenced or re.search(r"\r(?!\n)", text):
        return rules.sub(_quiet, text)
    return "".join(
        (_COMMAND_ONLY if code else rules).sub(_quiet, piece) for piece, code in _fences(text)
    )
