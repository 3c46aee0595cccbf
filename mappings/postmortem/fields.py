"""One action item's line: its title, and what else it says of owner, date, level, state, issue."""

import re
from dataclasses import replace
from typing import Final

from mappings.postmortem import labels, people
from mappings.postmortem.inline import addresses, norm, plain, struck
from mappings.postmortem.references import references_in
from mappings.postmortem.said import Said, Setting
from mappings.postmortem.tails import in_prose, labelled, trailing
from mappings.titles import read_title
from mappings.vocabulary import Priority

#: A title is cut at the end of a sentence so that trackers take it (GitHub: 256, Jira: 255).
LONGEST_TITLE: Final = 250

_BOX: Final = re.compile(
    r"\s*(?:\[([ xX~/-]?)\](?![(\[])|([\u2610\u2b1c\U0001f532])"
    r"|([\u2611\u2705\u2714]\ufe0f?))(?:\s+|\Z)"
)

_GENERIC_LINK: Final = re.compile(
    r"\[(?:issue|ticket|link|pr|pull request|card|jira|github|here|url|tracking(?: issue)?|story"
    r"|details|mr)\s*\]"
    r"(?=\(|\[)(?:\([^()\s]*\)|\[[^\[\]]*\])",
    re.IGNORECASE,
)

_LEVEL_FIRST: Final = re.compile(
    r"[(\[]?([pP][0-3])[)\]]?(?:\s*[:\uff1a]\s*|\s+[-\u2013\u2014]\s+|(?<=[)\]])\s+)(?=\S)"
)

#: A level marked up before the text needs no sign behind it: "**P1** Renew …", "`P2` Watch …".
_LEVEL_MARKED: Final = re.compile(r"\s*(?:\*\*|__|`|\*|_)\s*[(\[]?[pP][0-3][)\]]?[:.]?\s*[*_`]")
_LEVEL_BARE: Final = re.compile(r"[(\[]?([pP][0-3])[)\]]?[:.]?\s+(?=\S)")
#: A level in words before the text: "[High] …", "(low) …", "Medium: …", "High priority - …".
_LEVEL_WORD: Final = re.compile(
    r"(?:[(\[]\s*([^\W\d][^()\[\]]{1,20}?)\s*[)\]]\s*[:\u2013\u2014-]?"
    r"|([^\W\d]\w{0,9}(?: (?:priority|prio))?)\s*(?:[:\uff1a]|\s[\u2013\u2014-]))\s+(?=\S)",
    re.IGNORECASE,
)

_HANDLES_FIRST: Final = re.compile(
    r"[(\[]\s*((?:@[\w./-]+[\s,&/+]*(?:and )?)+)[)\]]\s*[:\u2013\u2014-]?\s*(?=\w)"
)

_ROW_ID: Final = re.compile(
    r"(?:(?:AI|ACT|ACTION|ITEM|TASK|A|R|CA|PA)[ -]?\d{1,3}|[A-Z]-?\d{1,3}|\d{1,2})\s*(?:[:.)]"
    r"|[-\u2013\u2014](?=\s))\s+",
)

_ORDINAL: Final = re.compile(
    r"(?:(?:action(?: item)?|task|item|step)\s*#?)?\d{1,2}\s*[.):\uff1a-]\s+", re.IGNORECASE
)

_LEAD_LABEL: Final = re.compile(
    r"(?:(?:action items?|actions?|todo|to-do|follow-?ups?|task|ai|new"
    r"|next)\s*(?:\(@?([\w.-]+)\))?\s*[:\uff1a]|\[(?:action|todo|ai)\])\s*",
    re.IGNORECASE,
)

_CATEGORY: Final = re.compile(r"[\[(]\s*([A-Za-z -]{3,16})\s*[\])]\s*")

_NAMED: Final = re.compile(r"([^\W\d_][\w .'-]{1,38}?)\s*[:\uff1a]\s+(?=\S)")
_KEY_FIRST: Final = re.compile(
    r"([A-Z][A-Z0-9]+-(?:[A-Z]-)?\d+|[#!]\d+)\s*(?:[:\uff1a]|[-\u2013\u2014](?=\s))\s*(?=\S)"
)
_STATES: Final = re.compile(
    r"(?:\A\s*(?:\*\*)?[\[(]?(done|completed|fixed|in progress|wip|todo|closed|完了|erledigt|fait"
    r"|hecho)(?:[\])]|[:\uff1a]|\s[-\u2013\u2014]\s)"
    r"(?:\*\*)?\s*)|(?:\s*[\[(](done|completed|fixed|in progress|wip|todo|closed|完了|erledigt|fait"
    r"|hecho)!?[\])]\s*\.?\s*\Z)"
    r"|(?:\s*[:\uff1a]\s*(?:\*\*)?(done|completed|fixed|in progress|wip|完了|erledigt|fait|hecho"
    r"|feito|已完成|完成|완료|готово|выполнено)!?(?:\*\*)?\.?\s*\Z)",
    re.IGNORECASE,
)
#: A state at the end that only its markup sets off: "Renew certificates **Done**".
_STATE_MARKED: Final = re.compile(
    r"\s(?:\*\*|__|`|\*|_)\(?(done|completed|fixed|in progress|wip|todo|not started)[!.]?\)?"
    r"(?:\*\*|__|`|\*|_)\s*\Z",
    re.IGNORECASE,
)

_SENTENCE: Final = re.compile(r"(?<=[.!?\u3002])\s+")


def box_of(raw: str) -> tuple[bool | None, str]:
    """The state of the box a text begins with (None: there is none), and the text behind it."""
    match = _BOX.match(raw)
    if match is None:
        return None, raw
    done = match[1] in {"x", "X"} if match[1] is not None else match[3] is not None
    return done, raw[match.end() :]


def read_line(raw: str, setting: Setting, *, bare: bool = False) -> Said:
    """All that an item's own text says. ``bare``: owner and date have places of their own."""
    crossed = struck(raw)
    done, text = box_of(raw)
    said = Said(
        done=done,
        boxed=done is not None,
        struck=crossed,
        references=references_in(text, setting.named),
    )
    words = plain(_GENERIC_LINK.sub("", text), setting.named) or plain(text, setting.named)
    said, words = _leading(said, words, setting.known, marked=_LEVEL_MARKED.match(text) is not None)
    said, words = _state(said, words, text)
    if not bare:
        said, words = labelled(said, words, setting)
        said, words = trailing(said, words, setting)
        said = in_prose(said, words, raw, setting)
    return replace(said, title=_title(words, text, setting))


def _leading(
    said: Said, words: str, known: frozenset[str], *, marked: bool = False
) -> tuple[Said, str]:
    """What stands before the text: row ids, levels, categories, "Action item:"."""
    labelled_with = _LEAD_LABEL.match(words)
    if labelled_with:
        said = replace(said, owner=people.owner_of(labelled_with[1] or ""))
        words = words[labelled_with.end() :]
    if not _LEVEL_FIRST.match(words):
        words = _ROW_ID.sub("", words, count=1) if _ROW_ID.match(words) else words
    title = read_title(words)
    said = replace(said, priority=said.priority or title.priority)
    if title.priority or title.severity:
        words = title.text
    said, words = _level(said, words, marked=marked)
    handles = _HANDLES_FIRST.match(words)
    if handles and not said.owner:
        said = replace(said, owner=people.handles_only(handles[1]))
        words = words[handles.end() :]
    sort = _CATEGORY.match(words)
    if sort and labels.category_of(sort[1]):
        said = replace(said, category=labels.category_of(sort[1]))
        words = words[sort.end() :]
    owned = re.match(r"((?:@[\w./-]+[\s,&+]*(?:and )?)+?)\s*[:\uff1a\u2013\u2014-]\s+(?=\S)", words)
    if owned:
        said = replace(said, owner=people.handles_only(owned[1]))
        words = words[owned.end() :]
    named = _NAMED.match(words)
    if named and not said.owner and norm(named[1]) in known:
        said = replace(said, owner=named[1])
        words = words[named.end() :]
    key = _KEY_FIRST.match(words)
    if key and any(key[1] in one for one in said.references):
        words = words[key.end() :]
    return said, words


def _level(said: Said, words: str, *, marked: bool) -> tuple[Said, str]:
    """A priority before the text, as a level or in words."""
    level = _LEVEL_FIRST.match(words) or (_LEVEL_BARE.match(words) if marked else None)
    if level:
        said = replace(said, priority=said.priority or Priority(level[1].upper()))
        return said, words[level.end() :]
    word = _LEVEL_WORD.match(words)
    if word and (priority := labels.plain_priority(word[1] or word[2])):
        return replace(said, priority=said.priority or priority), words[word.end() :]
    return said, words


def _state(said: Said, words: str, raw: str) -> tuple[Said, str]:
    """A tick, a cross or "(done)" at either end."""
    match = _STATES.search(words)
    if match is None and (marked := _STATE_MARKED.search(raw)):
        match = re.search(rf"\s*\(?({re.escape(marked[1])})[!.]?\)?\s*\Z", words)
    if match:
        done = labels.done_of(next(one for one in match.groups() if one))
        words = words[: match.start()] + words[match.end() :]
        said = replace(said, done=said.done or done)
    if labels.crossed(words[:2]):
        said = replace(said, done=bool(said.done))
        words = words[1:].lstrip("\ufe0f ")
    if labels.ticked(words[:3]) or labels.ticked(words[-3:]):
        said = replace(said, done=True)
        words = re.sub(
            r"^[\s\u2705\u2714\u2611\u2713\ufe0f]+|[\s\u2705\u2714\u2611\u2713\ufe0f]+$", "", words
        )
    return said, words


def _title(words: str, raw: str, setting: Setting) -> str:
    """The words left, on one line, cut at a sentence if trackers would not take them."""
    words = re.sub(r"\s*[(\[]\s*[)\]]", "", words)
    words = re.sub(r"\s+([.,;])(?=\s|\Z)", r"\1", words)
    words = words.strip(" \u2014\u2013-|:;,\u2192")
    if ".." not in raw:  # what stood between two full stops was taken out
        words = re.sub(r"\.{2,}\Z", ".", words)
    words = words or plain(raw, setting.named) or next(addresses(raw, setting.named), "")
    if len(words) <= LONGEST_TITLE:
        return words
    kept = ""
    for sentence in _SENTENCE.split(words):
        if len(kept) + len(sentence) + 1 > LONGEST_TITLE:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or words[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "\u2026"


def heading_line(raw: str) -> str:
    """A heading that is an item, without its number."""
    return _ORDINAL.sub("", raw.strip(), count=1)
