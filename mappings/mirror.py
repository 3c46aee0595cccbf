"""A document mirrored in a tracker item's managed section, read and written. Pure.

    _Follows `PAY-T-0001` (`.metis/…/PAY-T-0001.md`)._      whose mirror this is, for people

    **Due:** 2026-03-01                                     where the tracker has no such field

    the document's text, made inert

Text outside the section is never touched; see :mod:`mappings.text`.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from mappings.inert import INERT, neutralise
from mappings.item import UNSET, Draft, Patch, Ref, Unset
from mappings.text import fit, read_due, read_section, write_due, write_section

#: Stands at the end of a text that was cut.
MORE: Final = "*The document goes on; it is too long to be mirrored whole.*"
_FOLLOWS: Final = re.compile(r"\A_Follows [^\n]*_(?:\n+|\Z)")


@dataclass(frozen=True, slots=True)
class Mirror:
    """How one tracker's sections are written: its name for :func:`neutralise`, and how many
    characters of text a section takes.
    """

    tracker: str
    limit: int

    def held(self, text: str) -> str | None:
        """A document's text as the section gives it back; None when nothing is left of it.

        Inert and within bounds. What would be taken for the lines that open a section begins
        with a character that is not shown.
        """
        quiet = neutralise(text.strip("\n"), self.tracker)
        if _FOLLOWS.match(quiet) or write_due(quiet, None) != quiet:
            quiet = INERT + quiet
        return fit(quiet, self.limit, MORE)[0] or None

    def new(self, draft: Draft) -> str:
        """The body of an item to be created, its marker last."""
        due = None if isinstance(draft.due, Unset) else draft.due
        text = draft.body if isinstance(draft.body, str) else ""
        section = self._compose(_follows(draft.origin) if draft.origin else "", due, text)
        body = write_section("", section) if section else ""
        return "\n\n".join(part for part in (body, draft.marker) if part)

    def changed(self, body: str, patch: Patch) -> str:
        """The body with the section changed as ``patch`` says; the same body if it says nothing."""
        if patch.body is UNSET and patch.due is UNSET:
            return body
        section, _ = read_section(body)
        if section is None and not patch.body and not patch.due:
            return body
        old = section or ""
        head = match[0].strip() if (match := _FOLLOWS.match(old)) else ""
        rest = _FOLLOWS.sub("", old)
        text = write_due(rest, None) if isinstance(patch.body, Unset) else patch.body or ""
        due = read_due(rest) if isinstance(patch.due, Unset) else patch.due
        if patch.origin and not head:
            head = _follows(patch.origin)
        return write_section(body, self._compose(head, due, text))

    def _compose(self, head: str, due: date | None, text: str) -> str:
        rest = write_due(self.held(text) or "", due)
        return "\n\n".join(part for part in (head, rest) if part)


def read_mirror(section: str | None) -> tuple[str | None | Unset, date | None | Unset]:
    """Text and due date in a section. Without a section there is no opinion on either: somebody
    who removed it did not clear the date.
    """
    if section is None:
        return UNSET, UNSET
    rest = _FOLLOWS.sub("", section)
    return write_due(rest, None).strip("\n") or None, read_due(rest)


def _follows(origin: Ref) -> str:
    where = f" (`{origin.url}`)" if origin.url.startswith(".") else ""
    return f"_Follows `{origin.key or origin.id}`{where}._"
