"""Text: the canonical form, our managed section, and size limits.

All functions are pure and run in time linear in the text.

The managed section is the part of a tracker item's body that is ours:

    <!-- followthrough:begin -->
    …
    <!-- followthrough:end -->

A delimiter counts on a line of its own. The section is the *last* begin that has an end after
it and no other begin between. People damage delimiters, and their text is never eaten for it: a
begin without an end, an end without a begin, the first of two begins and any earlier complete
section are text that stays where it is; where no section is whole, a new one is added at the end.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.inert import INERT, neutralise
from mappings.markers import find_marker, strip_markers

__all__ = [
    "BEGIN",
    "END",
    "INERT",
    "canonical",
    "fingerprint",
    "fit",
    "neutralise",
    "one_line",
    "read_due",
    "read_section",
    "write_due",
    "write_section",
]

BEGIN: Final = "<!-- followthrough:begin -->"
END: Final = "<!-- followthrough:end -->"
_OURS: Final = "<!-- followthrough:"
_DELIMITER: Final = re.compile(r"<!-- followthrough:(begin|end) -->[ \t]*+(?=\r?(?:\n|\Z))")
# A document may speak of delimiters and markers: such text takes one backslash on its way into
# the section and loses it on its way out, so that no document ends its own section.
_GUARD: Final = re.compile(r"(<!-- followthrough\\*+):")
_GUARDED: Final = re.compile(r"(<!-- followthrough\\*)\\:")
_TWO_BREAKS: Final = re.compile(r"\A[ \t]*+(?:\r?\n){0,2}")
_LAST_BREAKS: Final = re.compile(r"(?:\r\n|(?<!\r)\n){1,2}[ ]{0,3}\Z")

# Only the first line of a section, or the one after a line in italics (what the item follows):
# further down it would be the document's own.
_DUE: Final = re.compile(
    r"(?P<head>(?:_[^\n]*_\n+)?)\*\*Due:\*\*[ \t]*(?P<day>\S*)[ \t]*(?:\n|\Z)\n*"
)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FENCE: Final = re.compile(r" {0,3}(`{3,}(?=[^`]*\Z)|~{3,})(.*)", re.DOTALL)
_FENCE_RUN: Final = re.compile(r"`{3,}|~{3,}")
# C0 and C1 controls, DEL, and Unicode's line and paragraph separators.
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


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
    """SHA-256 of the canonical form, in hex. Lone surrogates, which JSON can carry, are taken."""
    return hashlib.sha256(canonical(text).encode("utf-8", "surrogatepass")).hexdigest()


def read_section(body: str) -> tuple[str | None, str]:
    """Our managed section's content (None if there is none), and the text outside.

    The content has LF line ends. The text outside keeps its own, is without our markers, and
    what stood before and after the section is joined by a blank line.
    """
    if _OURS not in body:
        return None, body
    span = _section(body)
    if span is None:
        return None, strip_markers(body)
    before = strip_markers(body[: span.start]).strip("\r\n")
    after = strip_markers(body[span.end :]).strip("\r\n")
    return _content(body, span), "\n\n".join(part for part in (before, after) if part)


def write_section(body: str, section: str | None) -> str:
    """``body`` with our section replaced, added or (None) removed; all else byte for byte.

    A new section goes after the text and before our marker, which stays last, set off by one
    blank line; removing it takes that blank line away again. Line ends follow the body's own. A
    section that already says ``section`` is left as it is.
    """
    span = _section(body) if _OURS in body else None
    if section is None:
        return body if span is None else _cut(body, span)
    wanted = _lf(section).strip("\n")
    if span is not None and _content(body, span) == wanted:
        return body
    newline = "\r\n" if "\r\n" in body else "\n"
    block = f"{BEGIN}\n{_GUARD.sub(_more, wanted)}\n{END}".replace("\n", newline)
    if span is not None:
        return body[: span.start] + block + body[span.end :]
    marker = find_marker(body)
    at = body.rfind(marker) if marker and body.rstrip().endswith(marker) else len(body)
    before, after = body[:at], body[at:]
    blank = newline * 2
    ready = not before or (after and before.endswith("\n"))
    return before + ("" if ready else blank) + block + (blank + after if after else "")


@dataclass(frozen=True, slots=True)
class _Span:
    """Offsets in a body: the section with its delimiters, and what stands between them."""

    start: int
    inner_start: int
    inner_end: int
    end: int


def _section(body: str) -> _Span | None:
    """The last begin that has an end after it and no other begin between."""
    begin: re.Match[str] | None = None
    found: _Span | None = None
    for match in _DELIMITER.finditer(body):
        line = body.rfind("\n", 0, match.start()) + 1
        if body[line : match.start()] not in {"", " ", "  ", "   "}:
            continue
        if match[1] == "begin":
            begin = match
        elif begin is not None:
            found = _Span(begin.start(), begin.end(), match.start(), match.end())
            begin = None
    return found


def _content(body: str, span: _Span) -> str:
    inner = _lf(body[span.inner_start : span.inner_end]).rstrip(" ").strip("\n")
    return _GUARDED.sub(_fewer, inner)


def _cut(body: str, span: _Span) -> str:
    before, after = body[: span.start], body[span.end :]
    if after.strip():
        return before + _TWO_BREAKS.sub("", after, count=1)
    return _LAST_BREAKS.sub("", before) + after


def _more(match: re.Match[str]) -> str:
    return f"{match[1]}\\:"


def _fewer(match: re.Match[str]) -> str:
    return f"{match[1]}:"


def _lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def read_due(section: str) -> date | None:
    """The day in the line ``**Due:** YYYY-MM-DD`` that opens a section, if it names a real one.

    One line in italics may stand before it.
    """
    match = _DUE.match(section)
    if match is None or not _DAY.fullmatch(match["day"]):
        return None
    try:
        return date.fromisoformat(match["day"])
    except ValueError:
        return None


def write_due(section: str, due: date | None) -> str:
    """The section with the due line that opens it set, changed or (None) removed.

    A due line of one word that is no date is replaced too: it was meant as one.
    """
    match = _DUE.match(section)
    head, rest = (match["head"], section[match.end() :]) if match else ("", section)
    if due is None:
        return head + rest
    line = f"{head}**Due:** {due.isoformat()}"
    return f"{line}\n\n{rest}" if rest else line


def fit(text: str, limit: int, more: str) -> tuple[str, bool]:
    """``text`` cut at a line end so that it fits ``limit`` characters with ``more`` after it.

    Returns the text and whether it was cut. A fence or comment left open by the cut is closed,
    so that ``more`` can be read.
    """
    if len(text) <= limit:
        return text, False
    fence = max((len(run) for run in _FENCE_RUN.findall(text)), default=0)
    room = limit - len(more) - len("\n\n") - max(len("\n-->"), len("\n") + fence)
    if room <= 0:
        return more[:limit], True
    head = text[:room]
    head = head[: head.rfind("\n")] if "\n" in head else head
    head = head.rstrip()
    return f"{head}{_closing(head)}\n\n{more}", True


def _closing(head: str) -> str:
    """What closes the fence or the comment that is open at the end of ``head``."""
    fence = ""
    for line in head.split("\n"):
        match = _FENCE.match(line)
        if match and not fence:
            fence = match[1]
        elif match and match[1].startswith(fence) and not match[2].strip():
            fence = ""
    if fence:
        return f"\n{fence}"
    return "\n-->" if head.rfind("<!--") > head.rfind("-->") else ""


def one_line(text: str, limit: int | None = None) -> str:
    """A title on one line: line breaks, tabs and control characters become one blank.

    Blanks people typed within the line stay. Raises ValueError that names the length when it is
    over ``limit`` characters: a title is refused, never cut silently.
    """
    parts = (part.strip() for part in _CONTROLS.split(text))
    line = " ".join(part for part in parts if part)
    if limit is not None and len(line) > limit:
        msg = f"is {len(line)} characters; at most {limit} are taken"
        raise ValueError(msg)
    return line
