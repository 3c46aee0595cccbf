"""Whether a document is a form nobody has filled in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mappings.postmortem.blocks import Block, Sort
from mappings.postmortem.facts import Facts
from mappings.postmortem.inline import label, norm, plain
from mappings.postmortem.naming import folder_and_stem
from mappings.postmortem.outline import texts
from mappings.postmortem.prompts import partial, undecided, unfilled

_NAMED: Final = re.compile(
    r"template|vorlage|modele|plantilla|modelo|テンプレート|雛形|模板|템플릿|шаблон|szablon|mall\b"
    r"|sjabloon",
    re.IGNORECASE,
)
#: A title that ends with a place for one, or names what belongs there: "Postmortem: [Title]".
_PLACE: Final = re.compile(r"\[[^\[\]]{3,60}\]\s*\Z|<[^<>]{3,60}>\s*\Z")
_CALLED: Final = re.compile(
    r"(?:name|title|titel|titre|nom|nome|nombre|titulo|titolo) (?:of (?:the )?|de l |des |do |del "
    r"|de |dell |du )?(?:incident\w*|vorfalls?|vorfall)\Z"
)
#: A document with so small a share of real text is a form; less is asked of one that is called so.
_REAL_SHARE: Final = 0.3
_NAMED_SHARE: Final = 0.85
#: Of one that says nowhere when it happened; those that are filled in have a day, or more text.
_UNDATED_SHARE: Final = 0.7
#: With so many blanks and prompts; a note of a few lines may leave one or two.
_MANY: Final = 5
#: So many labels at the top, none of them filled in, are a form's.
_LABELS: Final = 3
#: What stands behind a label is a value up to this length, else a text.
_VALUE: Final = 80
_HEAD: Final = ("day", "started", "severity", "duration", "period", "incident", "people")


def is_form(
    front: Mapping[str, Sequence[str]],
    blocks: Sequence[Block],
    known: Facts,
    title: str,
    name: str,
    named: Mapping[str, str],
    *,
    dated: bool,
) -> bool:
    """By its name, by how much of it is more than prompts, blanks and examples, and by its head.

    ``dated``: the document names a day.
    """
    if "about" in front and "name" in front:  # a form for new issues
        return True
    called = [*folder_and_stem(name), title]
    if any(_NAMED.search(norm(one)) for one in called[:2]) or _unsaid(known, title):
        return True
    real, blank = _counts(blocks, named)
    share = real / (real + blank) if real + blank else 0.0
    if _is_place(title) or _NAMED.search(norm(title)):
        return share < _NAMED_SHARE
    undated = not dated and blank >= _MANY
    return share < (_UNDATED_SHARE if undated else _REAL_SHARE)


def _is_place(title: str) -> bool:
    return (
        partial(title)
        or _PLACE.search(title) is not None
        or _CALLED.search(norm(title)) is not None
    )


def _unsaid(known: Facts, title: str) -> bool:
    """Whether every label at the top waits for its value: nobody writes on and leaves them all."""
    values = [one for what in _HEAD for one in known.said.get(what, ())]
    if any(not unfilled(one, plain(one)) and not undecided(one) for one in values):
        return False
    return len(values) >= _LABELS or (len(values) > 0 and _is_place(title))


def _counts(blocks: Sequence[Block], named: Mapping[str, str]) -> tuple[int, int]:
    """How many texts say something, and how many are blanks, prompts or examples."""
    units = list(_units(blocks))
    blank = sum(unfilled(raw, plain(raw, named)) for raw in units)
    return len(units) - blank, blank


def _units(blocks: Sequence[Block]) -> Iterator[str]:
    """What a person could have written, text by text; labels without a value count as blank."""
    for block in blocks:
        if block.sort is Sort.CODE:
            continue
        if block.sort is Sort.TABLE and block.rows and len(block.rows[0].cells) == 2:  # noqa: PLR2004  name, value
            yield from (row.cells[1] for row in block.rows[1:] if len(row.cells) == 2)  # noqa: PLR2004  the same
            continue
        for raw in texts(block):
            lines = raw.split("\n") if block.sort is Sort.PARAGRAPH and ":" in raw else (raw,)
            for line in lines:
                yield _value(line)


def _value(line: str) -> str:
    """What stands behind a label; a text without a label as it is."""
    match = re.match(
        r"\s*(?:\*\*|__)?[^:\n*_]{1,40}(?:[:\uff1a](?:\*\*|__)?(?=\s|\Z)|\uff1a)\s*(.*)",
        line,
        re.DOTALL,
    )
    if match:
        return match[1] if len(match[1]) < _VALUE else line
    told = label(line)
    return told[1] if told and told[2] and len(told[1]) < _VALUE else line
