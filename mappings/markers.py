"""Markers: what we leave in an item so that it can be recognised.

``<!-- followthrough:1:<instance>:<op>:<origin>:<signature> -->``: the instance that wrote it, the
operation that made the item, the item on the other side, and an HMAC-SHA256 over the three, cut
to 32 hex digits (128 bits; RFC 2104 §5 asks for half of the hash at least), so that nobody can
claim a link with a comment. Nothing in a marker is secret.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

# A file's path is the longest origin there is: %-encoding triples it. The bound keeps the
# patterns' time linear; a longer origin is refused when written.
_LIMIT: Final = 2000
_WORD: Final = rf"[A-Za-z0-9_.%~]{{0,{_LIMIT}}}"
_MARKER: Final = re.compile(
    rf"<!-- followthrough:1:([0-9a-f]{{8}}):([0-9a-f]{{32}}):({_WORD}):([0-9a-f]{{32}}) -->"
)
_NOTE: Final = re.compile(rf"<!-- followthrough:note:{_WORD}:[0-9a-f]{{32}} -->")
_ANY: Final = re.compile(rf"(?:\r?\n){{0,2}}(?:{_MARKER.pattern}|{_NOTE.pattern})")
_OP: Final = re.compile(r"[0-9a-f]{32}")
_INSTANCE: Final = re.compile(r"[0-9a-f]{8}")
_OURS: Final = "<!-- followthrough:"
#: What the marks of notes are signed with: no secret, as whose a comment is tells its author.
NOTE_SECRET: Final = b"followthrough"


@dataclass(frozen=True, slots=True)
class Marker:
    """What a marker says.

    ``op`` is the operation that made the item (32 hex digits), ``instance`` the state that ran
    it (8 hex digits), ``origin`` the id of the item on the other side, "" where it has none.
    """

    op: str
    instance: str
    origin: str


def write_marker(marker: Marker, key: bytes) -> str:
    """The marker as an HTML comment of one line; the same text every time.

    Raises ValueError for an ``op`` or ``instance`` of another shape, and for an origin of more
    than 2,000 characters once encoded: what could not be read back is not written.
    """
    if not _OP.fullmatch(marker.op) or not _INSTANCE.fullmatch(marker.instance):
        message = f"not 32 and 8 hex digits: {marker.op!r}, {marker.instance!r}"
        raise ValueError(message)
    origin = _plain(marker.origin)
    signed = f"1:{marker.instance}:{marker.op}:{origin}"
    return f"<!-- followthrough:{signed}:{_sign(signed, key)} -->"


def read_marker(text: str, key: bytes) -> Marker | None:
    """The marker if ``key`` signed it, compared in constant time; None for a forged or garbled one.

    ``text`` is a marker and nothing else, as :func:`find_marker` found it.
    """
    match = _MARKER.fullmatch(text.strip())
    if match is None:
        return None
    instance, op, origin, signature = match.groups()
    if not hmac.compare_digest(_sign(f"1:{instance}:{op}:{origin}", key), signature):
        return None
    return Marker(op, instance, unquote(origin))


def find_marker(body: str) -> str:
    """The last well-formed marker in a body, not verified; "" if there is none.

    The last, because ours is written at the end and quoted ones stand above it.
    """
    if _OURS not in body:
        return ""
    found = ""
    for match in _MARKER.finditer(body):
        found = match[0]
    return found


def strip_markers(body: str) -> str:
    """The body without any well-formed marker, of items or notes, and the blank line before it."""
    return _ANY.sub("", body) if _OURS in body else body


def note_marker(key: str, secret: bytes) -> str:
    """The marker of the comment that stands for ``key``.

    Raises ValueError for a key of more than 2,000 characters once encoded.
    """
    name = _plain(key)
    return f"<!-- followthrough:note:{name}:{_sign(f'note:{name}', secret)} -->"


def find_note(body: str, key: str, secret: bytes) -> bool:
    """Whether a comment is ours and stands for ``key``; compared in constant time."""
    if _OURS not in body:
        return False
    expected = note_marker(key, secret)
    return any(hmac.compare_digest(found[0], expected) for found in _NOTE.finditer(body))


def note_for(text: str, key: str) -> bool:
    """Whether a comment is worded as the note that stands for ``key``, on whichever tracker: by a
    hidden mark, or by the grey line at the end where text cannot be hidden. Whose it is tells its
    author.
    """
    if "followthrough" not in text:
        return False
    line = f"followthrough note {hashlib.sha256(key.encode()).hexdigest()[:16]}/"
    return note_marker(key, NOTE_SECRET) in text or line in text


def _plain(text: str) -> str:
    """Only letters, digits, ``_``, ``.``, ``~`` and ``%``: no ``--`` or ``>`` can end a comment."""
    plain = quote(text, safe="").replace("-", "%2D")
    if len(plain) > _LIMIT:
        message = f"{len(plain)} characters do not fit a marker"
        raise ValueError(message)
    return plain


def _sign(signed: str, key: bytes) -> str:
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()[:32]
