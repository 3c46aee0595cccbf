"""Markers: what we leave in an item so that it can be recognised.

``<!-- followthrough:1:<instance>:<op>:<origin>:<signature> -->``: the instance that wrote it, the
operation that made the item, the item on the other side, and an HMAC-SHA256 over the three, cut
to 32 hex digits (128 bits), so that nobody can claim a link with a comment.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

_MARKER: Final = re.compile(
    r"<!-- followthrough:1:([0-9a-f]{8}):([0-9a-f]{32}):([\w.%~]{0,400}):([0-9a-f]{32}) -->"
)
_NOTE: Final = re.compile(r"<!-- followthrough:note:([\w.%~]{1,200}):([0-9a-f]{32}) -->")
_ANY: Final = re.compile(r"(?:\r?\n)*(?:<!-- followthrough:(?:1|note):[^<>]{1,600} -->)[ \t]*(?:\r?\n)?")
_OURS: Final = "<!-- followthrough:"


@dataclass(frozen=True, slots=True)
class Marker:
    """``op``: 32 hex digits; ``instance``: 8 hex digits; ``origin``: a ref id."""

    op: str
    instance: str
    origin: str


def write_marker(marker: Marker, key: bytes) -> str:
    """The marker as an HTML comment of one line; the same text every time."""
    origin = _plain(marker.origin)
    signed = f"1:{marker.instance}:{marker.op}:{origin}"
    return f"<!-- followthrough:{signed}:{_sign(signed, key)} -->"


def read_marker(text: str, key: bytes) -> Marker | None:
    """The marker if ``key`` signed it; None for a forged or garbled one."""
    match = _MARKER.fullmatch(text.strip())
    if match is None:
        return None
    instance, op, origin, signature = match.groups()
    if not hmac.compare_digest(_sign(f"1:{instance}:{op}:{origin}", key), signature):
        return None
    return Marker(op, instance, unquote(origin))


def find_marker(body: str) -> str:
    """The last well-formed marker in a body, not verified; "" if there is none."""
    if _OURS not in body:
        return ""
    found = ""
    for match in _MARKER.finditer(body):
        found = match[0]
    return found


def strip_markers(body: str) -> str:
    """The body without any marker or note of ours."""
    return _ANY.sub("", body) if _OURS in body else body


def note_marker(key: str, secret: bytes) -> str:
    """The marker of a comment that stands for ``key``."""
    name = _plain(key)
    return f"<!-- followthrough:note:{name}:{_sign(f'note:{name}', secret)} -->"


def find_note(body: str, key: str, secret: bytes) -> bool:
    """Whether a comment is ours and stands for ``key``."""
    return note_marker(key, secret) in body


def _plain(text: str) -> str:
    """Only letters, digits, ``_``, ``.``, ``~`` and ``%``: no ``--`` or ``>`` can end a comment."""
    return quote(text, safe="").replace("-", "%2D")


def _sign(signed: str, key: bytes) -> str:
    return hmac.new(key, signed.encode(), hashlib.sha256).hexdigest()[:32]
