"""Who led an incident, where a text says so on a labelled line: "Incident commander: @ana"."""

import re
from collections.abc import Iterator
from typing import Final

from mappings.postmortem.blocks import LINE_END
from mappings.postmortem.front import split_front
from mappings.postmortem.inline import label, norm, plain
from mappings.postmortem.people import owner_of

_WORDS: Final = (
    "incident commander|commander|ic|incident lead|incident leader|incident manager"
    "|incident coordinator|einsatzleiter|einsatzleiterin|einsatzleitung|vorfallleiter"
    "|vorfallmanager|responsable de lincident|responsable dincident"
    "|pilote de lincident|comandante del incidente|comandante de incidentes"
    "|responsable del incidente|comandante do incidente|responsavel pelo incidente"
    "|comandante dellincidente|responsabile dellincidente|incidentcommander|incidentmanager"
    "|インシデントコマンダー|インシデント指揮官|指揮官|事件指挥官|事故指挥官|事故指挥|指挥官"
    "|인시던트 커맨더|지휘관|координатор инцидента|руководитель инцидента|командир инцидента"
)
_LABELS: Final = frozenset(norm(one) for one in _WORDS.split("|"))
#: In front matter, where a word is a field's name, this too means nothing else.
_FRONT: Final = _LABELS | {"lead", "led by"}
#: Most texts hold none of these, and are not looked at line by line.
_SIGNS: Final = (
    *("commander", "comandante", "incident lead", "incident manager", "incident coordinator"),
    *("incident_", "incidentm", "einsatzleit", "vorfallleiter", "vorfallmanager", "responsab"),
    *("responsav", "responsáv", "pilote", "ic:", "ic*", "| ic", "# ic"),
    *("コマンダー", "指揮", "指挥", "커맨더", "지휘관", "инцидента"),
)
_FENCE: Final = re.compile(r" {0,3}(?:`{3}|~{3})")
_HEADING: Final = re.compile(r" {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
_LIST: Final = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?=\S)")
#: What the forms of trackers put where nothing was given.
_EMPTY: Final = frozenset({"no response", "not given"})


def commander_in(text: str) -> str:
    """The first commander that a document or an issue names on a line, in a table's row, under a
    heading or in its front matter, as written without ``@``; "" for nobody. Quotations and code do
    not count.
    """
    small = text.lower()
    if not text.startswith("---") and not any(one in small for one in _SIGNS):
        return ""
    front, body = split_front(text)
    for key, values in front.items():
        if norm(key.replace("_", " ")) in _FRONT and (found := _named(", ".join(values))):
            return found
    return next((found for raw in _values(body) if (found := _named(raw))), "")


def _values(body: str) -> Iterator[str]:
    """What stands behind a label for the commander, place by place."""
    fenced = headed = False
    for line in LINE_END.split(body):
        if _FENCE.match(line):
            fenced = not fenced
        if fenced or line.startswith("    ") or line.lstrip().startswith(">"):
            continue
        heading = _HEADING.match(line)
        if headed and line.strip() and heading is None:
            yield _LIST.sub("", line)
            headed = False
        elif heading is not None:
            headed = norm(plain(heading[1])) in _LABELS
        yield from _behind(line)


def _behind(line: str) -> Iterator[str]:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if line.lstrip().startswith("|"):
        if len(cells) > 1 and norm(plain(cells[0]).strip(" :")) in _LABELS:
            yield cells[1]
        return
    for piece in cells:  # several in one line: "**IC:** ana | **Severity:** …"
        named = label(_LIST.sub("", piece))
        if named and norm(named[0]) in _LABELS:
            yield named[1]


def _named(raw: str) -> str:
    found = owner_of(raw)
    return "" if norm(found) in _EMPTY else found
