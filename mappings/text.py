"""Text: the canonical form, our managed section, text made inert, and size limits.

All functions are pure and run in time linear in the text.
"""

import hashlib
import re
import unicodedata
from datetime import date
from typing import Final

from mappings.markers import strip_markers

BEGIN: Final = "<!-- followthrough:begin -->"
END: Final = "<!-- followthrough:end -->"
_OURS: Final = "<!-- followthrough:"
#: Shown as nothing, but ends a word: U+2060 WORD JOINER does not allow a line break either.
INERT: Final = "\u2060"

_DUE = re.compile(r"^\*\*Due:\*\* (\d{4}-\d{2}-\d{2})[ \t]*\r?\n?(?:\r?\n)?", re.MULTILINE)


def canonical(text: str) -> str:
    """The form in which two texts are compared: LF, NFC, no blanks at line ends, none around.

    Never written anywhere: a person's bytes stay as they are.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def fingerprint(text: str) -> str:
    """SHA-256 of the canonical form, in hex."""
    return hashlib.sha256(canonical(text).encode("utf-8", "surrogatepass")).hexdigest()


def read_section(body: str) -> tuple[str | None, str]:
    """Our managed section's content (None if there is none), and the text outside.

    A begin without an end, or an end before its begin, is damage by a person: there is no
    section then, and everything stays theirs. Of several sections the first counts; the others
    are text. The text outside is returned without our markers.
    """
    if _OURS not in body:
        return None, body
    span = _section(body)
    if span is None:
        return None, strip_markers(body)
    start, end = span
    content = body[start + len(BEGIN) : end - len(END)].replace("\r\n", "\n").strip("\n")
    return content, strip_markers(body[:start] + body[end:])


def write_section(body: str, section: str | None) -> str:
    """``body`` with our section replaced, added or (None) removed; all else byte for byte.

    A new section goes after the text and before our marker, which stays last. Line ends follow
    the body's own.
    """
    newline = "\r\n" if "\r\n" in body else "\n"
    span = _section(body)
    if section is None:
        if span is None:
            return body
        start, end = span
        before = body[:start]
        return before.removesuffix(newline).removesuffix(newline) + body[end:]
    block = f"{BEGIN}\n{section.strip(chr(10))}\n{END}".replace("\r\n", "\n").replace("\n", newline)
    if span is not None:
        start, end = span
        return body[:start] + block + body[end:]
    at = body.rfind(_OURS)
    tail = body[at:] if at >= 0 and body[at:].rstrip().endswith("-->") else ""
    if tail and (BEGIN in tail or END in tail or tail.count("<!--") > 1):
        tail = ""
    head = body[: len(body) - len(tail)].rstrip("\r\n") if tail else body
    parts = [part for part in (head.removesuffix(newline) if head else "", block, tail) if part]
    if not tail and head.endswith(newline):
        parts[0] = head.removesuffix(newline)
    return (newline * 2).join(parts)


def _section(body: str) -> tuple[int, int] | None:
    start = body.find(BEGIN)
    if start < 0:
        return None
    end = body.find(END, start)
    return None if end < 0 else (start, end + len(END))


def read_due(section: str) -> date | None:
    """The ``**Due:** YYYY-MM-DD`` line of a section, if it names a real day."""
    match = _DUE.search(section)
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def write_due(section: str, due: date | None) -> str:
    """The section with its due line set, changed or (None) removed."""
    rest = _DUE.sub("", section, count=1).lstrip("\n")
    if due is None:
        return rest
    line = f"**Due:** {due.isoformat()}"
    return f"{line}\n\n{rest}" if rest else line


# What a tracker acts upon when it reads text (failures.md §0.7, §1.5). A word joiner put behind
# the sign that triggers it keeps the text readable and searchable and stops the action. Code
# stays as it is: trackers do not act inside it, except GitLab with quick actions, which are
# therefore taken out of force everywhere.
_MENTION = r"(?<![\w`@/.-])@(?=[A-Za-z0-9_])"
_GITHUB: Final = re.compile(
    rf"(?P<mention>{_MENTION})"
    r"|(?P<repo>(?<![\w/])[\w.-]{1,39}/[\w.-]{1,100}#(?=\d))"
    r"|(?P<number>(?<![\w&/])#(?=\d))"
    r"|(?P<gh>\bGH-(?=\d))"
    r"|(?P<url>https?://github\.com/(?=[\w.-]{1,39}/[\w.-]{1,100}/(?:issues|pull|discussions)/\d))"
)
_GITLAB: Final = re.compile(
    rf"(?P<mention>{_MENTION})"
    r"|(?P<number>(?<![&])[#!&%$~](?=\d))"
    r"|(?P<word>(?<![\w&])[~%](?=[\w\"]))"
    r"|(?P<gl>\bGL-(?=\d))"
)
_JIRA: Final = re.compile(
    r"(?P<mention>\[~(?=[\w:.@-]))"
    rf"|(?P<at>{_MENTION})"
    r"|(?P<key>\b[A-Z][A-Z0-9_]{1,9}-(?=\d))"
)
_TRIGGERS: Final = {"github": _GITHUB, "gitlab": _GITLAB, "jira": _JIRA}
_QUICK: Final = re.compile(r"^([ \t>]*(?:<!--[ \t]*)?`*)/(?=[a-z_]+\b)", re.MULTILINE)
_CODE: Final = re.compile(r"(^```.*?^```|^~~~.*?^~~~|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def neutralise(text: str, tracker: str) -> str:
    """Text that makes nothing happen on ``tracker``: no mail, no cross-reference, no action.

    Idempotent. ``tracker`` is "github", "gitlab" or "jira"; any other is treated as GitHub.
    Code spans and fences are left as they are, but for GitLab's quick actions.
    """
    pattern = _TRIGGERS.get(tracker, _GITHUB)
    parts = _CODE.split(text)
    parts[::2] = [pattern.sub(_inert, part) for part in parts[::2]]
    text = "".join(parts)
    return _QUICK.sub(rf"\1{INERT}/", text) if tracker == "gitlab" else text


def _inert(match: re.Match[str]) -> str:
    # A link that works and leaves no trace in the issue it points to: GitHub's redirect host.
    if match.lastgroup == "url":
        return "https://redirect.github.com/"
    return match[0] + INERT


def fit(text: str, limit: int, more: str) -> tuple[str, bool]:
    """``text`` cut at a line end so that it fits ``limit`` characters with ``more`` after it.

    Returns the text and whether it was cut. A fence left open by the cut is closed.
    """
    if len(text) <= limit:
        return text, False
    room = limit - len(more) - len("\n```\n\n")
    if room <= 0:
        return more[:limit], True
    head = text[:room]
    head = head[: head.rfind("\n")] if "\n" in head else head
    if head.count("\n```") % 2 != head.startswith("```"):
        head += "\n```"
    return f"{head}\n\n{more}", True


def one_line(text: str, limit: int | None = None) -> str:
    """A title on one line. Raises ValueError that names the length when it is over ``limit``."""
    line = " ".join(text.split()) if re.search(r"[\r\n\t\v\f\u2028\u2029\x85]", text) else text
    if limit is not None and len(line) > limit:
        msg = f"is {len(line)} characters; at most {limit} are taken"
        raise ValueError(msg)
    return line
