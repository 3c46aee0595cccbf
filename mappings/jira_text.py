"""A document's text in a Jira description: our managed section, and what people wrote. Pure.

    h6. followthrough: this part follows a document        both lines are shown to people; wiki
    _Follows {{PAY-T-0001}} ({{.metis/…/PAY-T-0001.md}})._  markup has no comments

    the document's text

    h6. followthrough: end of this part

The marker is not here but in an entity property. Text outside the section is never changed.
"""

import re
from typing import Final
from urllib.parse import quote

from mappings.inert import INERT, neutralise
from mappings.item import UNSET, Draft, Patch, Ref, Unset
from mappings.jira_markdown import to_markdown
from mappings.jira_wiki import to_wiki, verbatim
from mappings.mirror import MORE
from mappings.text import fit

#: support.atlassian.com, "jira.text.field.character.limit": 32,767 characters unless changed.
DESCRIPTION_LIMIT: Final = 32_767
#: A section leaves room for people's own text.
SECTION_LIMIT: Final = 28_000
BEGIN: Final = "h6. followthrough: this part follows a document"
END: Final = "h6. followthrough: end of this part"

_SECTION: Final = re.compile(
    rf"(?m)^[ \t]*{re.escape(BEGIN)}[ \t]*\r?$\n?"
    rf"(?P<inner>(?:(?!^[ \t]*{re.escape(BEGIN)})[^\n]*\n)*?)"
    rf"[ \t]*{re.escape(END)}[ \t]*(?=\r?$)"
)
_OURS: Final = re.compile(r"(?m)^([ \t]*h6\. )(?=followthrough: )")
#: What would end a link in wiki markup, or break the line.
_UNSAFE: Final = re.compile(r"[\s\[\]{}|_*^!\\]")
_FOLLOWS: Final = re.compile(r"\A_Follows [^\n]*_[ \t]*(?:\n+|\Z)")


def read_description(wiki: str) -> tuple[str | None | Unset, str]:
    """What stands in our section, as Markdown (None: nothing; UNSET: there is no section), and
    what people wrote, as Markdown.
    """
    found = _SECTION.search(wiki) if BEGIN in wiki else None
    if found is None:
        return UNSET, to_markdown(wiki)
    inner = found["inner"].replace("\r\n", "\n").strip("\n")
    outside = [part.strip() for part in (wiki[: found.start()], wiki[found.end() :])]
    text = to_markdown(_FOLLOWS.sub("", inner)) or None
    return text, to_markdown("\n\n".join(part for part in outside if part))


def peoples(wiki: str) -> str:
    """What stands outside our section, as it is."""
    return _SECTION.sub("", wiki, count=1).strip()


def held(text: str) -> str | None:
    """A document's text as the section gives it back; None when nothing is left of it."""
    return to_markdown(_section_of(text)) or None


def new_description(draft: Draft) -> str:
    """The description of an issue to be created; "" for none."""
    section = _composed(draft.origin, "", draft.body if isinstance(draft.body, str) else "")
    return _written("", section) if section else ""


def changed_description(wiki: str, patch: Patch) -> str:
    """The description with the section changed as ``patch`` says; all else byte for byte."""
    if isinstance(patch.body, Unset):
        return wiki
    found = _SECTION.search(wiki) if BEGIN in wiki else None
    if found is None and not patch.body:
        return wiki
    inner = found["inner"].replace("\r\n", "\n").strip("\n") if found else ""
    head = match[0].strip() if (match := _FOLLOWS.match(inner)) else ""
    section = _composed(patch.origin, head, patch.body or "")
    return wiki if found and section == inner else _written(wiki, section)


def too_long(wiki: str) -> bool:
    """Whether Jira would refuse the description."""
    return len(wiki) > DESCRIPTION_LIMIT


def _composed(origin: Ref | None, head: str, text: str) -> str:
    head = head or (_follows(origin) if origin else "")
    return "\n\n".join(part for part in (head, _section_of(text) if text else "") if part)


def _written(wiki: str, section: str) -> str:
    found = _SECTION.search(wiki) if BEGIN in wiki else None
    newline = "\r\n" if "\r\n" in wiki else "\n"
    block = "\n\n".join(part for part in (BEGIN, section, END) if part).replace("\n", newline)
    if found:
        return wiki[: found.start()] + block + wiki[found.end() :]
    return f"{wiki}{newline * 2 if wiki else ''}{block}"


def _section_of(text: str) -> str:
    """The text inert, in wiki markup, within bounds, and such that it reads back the same
    however often it is written; a text of which that is not so is shown as it is, unformatted.
    """
    quiet = neutralise(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"), "jira")
    quiet = INERT + quiet if quiet.startswith("_Follows ") else quiet
    limit = min(SECTION_LIMIT, len(quiet))
    while len(wiki := _stable(fit(quiet, limit, MORE)[0])) > SECTION_LIMIT:
        limit -= max(1000, len(wiki) - SECTION_LIMIT)
    return wiki


def _stable(text: str) -> str:
    wiki = _safe(to_wiki(text))
    read = to_markdown(wiki)
    again = _safe(to_wiki(read))
    return wiki if neutralise(read, "jira") == read and to_markdown(again) == read else _raw(text)


def _raw(text: str) -> str:
    return _safe(verbatim("\n".join(line.rstrip() for line in text.split("\n")).strip("\n")))


def _safe(wiki: str) -> str:
    """Nothing in it is taken for the lines that begin and end the section."""
    return _OURS.sub(lambda match: match[1] + INERT, wiki)


def _follows(origin: Ref) -> str:
    where = f" ({{{{{origin.url}}}}})" if origin.url.startswith(".") else ""
    if origin.url.startswith(("https://", "http://")):
        where = f" ([{_UNSAFE.sub(lambda found: quote(found[0]), origin.url)}])"
    return f"_Follows {{{{{origin.key or origin.id}}}}}{where}._"
