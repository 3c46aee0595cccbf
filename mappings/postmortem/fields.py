"""One action item's line: its title, and what else it says of owner, date, level, state, issue."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from mappings.postmortem import dates, labels, people
from mappings.postmortem.inline import addresses, norm, plain, struck
from mappings.postmortem.labels import Role
from mappings.postmortem.prompts import blank
from mappings.postmortem.references import references_in, tidy
from mappings.titles import read_title
from mappings.vocabulary import Category, Priority

#: A title is cut at the end of a sentence so that trackers take it (GitHub: 256, Jira: 255).
LONGEST_TITLE: Final = 250

_BOX: Final = re.compile(
    r"\s*(?:\[([ xX~/-]?)\](?![(\[])|([\u2610\u2b1c\U0001f532])|([\u2611\u2705\u2714]\ufe0f?))(?:\s+|\Z)"
)
_GENERIC_LINK: Final = re.compile(
    r"\[(?:issue|ticket|link|pr|pull request|card|jira|github|here|url|tracking(?: issue)?|story|details|mr)\s*\]"
    r"(?=\(|\[)(?:\([^()\s]*\)|\[[^\[\]]*\])",
    re.IGNORECASE,
)
_LEVEL_FIRST: Final = re.compile(
    r"[(\[]?([pP][0-3])[)\]]?(?:\s*[:\uff1a]\s*|\s+[-\u2013\u2014]\s+|(?<=[)\]])\s+)(?=\S)"
)
_ROW_ID: Final = re.compile(
    r"(?:(?:AI|ACT|ACTION|ITEM|TASK|A|R|CA|PA)[ -]?\d{1,3}|[A-Z]-?\d{1,3}|\d{1,2})\s*(?:[:.)]|[-\u2013\u2014](?=\s))\s+",
)
_ORDINAL: Final = re.compile(
    r"(?:(?:action(?: item)?|task|item|step)\s*#?)?\d{1,2}\s*[.):\uff1a-]\s+", re.IGNORECASE
)
_LEAD_LABEL: Final = re.compile(
    r"(?:action items?|actions?|todo|to-do|follow-?ups?|task|ai|new|next)\s*(?:\(\w+\))?\s*[:\uff1a]\s*",
    re.IGNORECASE,
)
_CATEGORY: Final = re.compile(r"[\[(]\s*([A-Za-z -]{3,16})\s*[\])]\s*")
_TYPES: Final = frozenset(
    [
        "detect",
        "prevent",
        "mitigate",
        "process",
        "repair",
        "respond",
        "investigate",
        "other",
        "detection",
        "prevention",
        "mitigation",
    ]
)
_GROUP: Final = re.compile(r"\s*[(\[\uff08]([^()\[\]\uff08\uff09]{1,90})[)\]\uff09]\s*\.?\s*\Z")
_TAIL: Final = re.compile(
    r"(?:\s+(?:[\u2014\u2013|\u2192\u00b7]|--?>?|=>)\s+|\s*[\u2014\u2013]\s*(?=@))([^\u2014\u2013|\u2192]{1,80})\Z"
)
_SPLIT: Final = re.compile(r"\s*[,;|/\u00b7\u2022\u3001\uff0c]\s*|\s+[-\u2013\u2014]\s+")
_FIELD: Final = re.compile(
    r"(?:^|(?<=[\s(\[|,;.\u2014\u2013\u3002\uff08]))\**(owners?|assignees?|assigned to|responsible|dri|due(?: date| by| on)?"
    r"|deadline|eta|target(?: date)?|priority|prio|status|ticket|issue|jira|type|category|verantwortlich\w*|zust\u00e4ndig"
    r"|f\u00e4llig(?: am)?|frist|bis zum|bis|status|priorit\u00e4t|responsable|\u00e9ch\u00e9ance|pour le|avant le|priorit\u00e9|encargado"
    r"|fecha l\u00edmite|vence|plazo|prioridad|respons\u00e1vel|prazo|prioridade|responsabile|scadenza|priorit\u00e0|eigenaar|担当者?"
    r"|期限|期日|優先度|状態|负责人|截止日期|优先级|담당자?|기한|ответственный|срок)\**\s*[:\uff1a=]\s*\**\s*"
    r"(.+?)(?=\s*(?:[;|)\]\uff09\n]|,\s|\.\s|\.?\Z|\s[\u2014\u2013]\s|\s-\s"
    r"|\s\**(?:owners?|assignees?|due|deadline|eta|priority|status|期限|担当)\**\s?[:\uff1a]))",
    re.IGNORECASE,
)
_BY: Final = re.compile(
    r"(?:^|[\s,;(])(?:due(?: by| on| date)?|by|before|until|no later than|eta|deadline|target|fällig(?: am)?"
    r"|bis(?: zum)?|avant le|d'ici le|pour le|antes del?|para el|hasta el|até|entro(?: il)?|voor|до)"
    r"\s*[:\uff1a]?\s+(?:the )?",
    re.IGNORECASE,
)
_STATES: Final = re.compile(
    r"(?:\A\s*(?:\*\*)?[\[(]?(done|completed|fixed|in progress|wip|todo|closed|完了|erledigt|fait|hecho)(?:[\])]|[:\uff1a]|\s[-\u2013\u2014]\s)"
    r"(?:\*\*)?\s*)|(?:\s*[\[(](done|completed|fixed|in progress|wip|todo|closed|完了|erledigt|fait|hecho)!?[\])]\s*\.?\s*\Z)",
    re.IGNORECASE,
)
_ISSUE_END: Final = re.compile(
    r"(?:[\s:,(]+(?i:(?:tracking |github |gitlab )?(?:issues?|tickets?|prs?|mrs?|jira|bug|card|see"
    r"|tracked in|fixed (?:in|by)|in)))?[\s:,]+"
    r"(<?https?://\S+|[#!]\d+|[\w.-]+/[\w.-]+#\d+|[A-Z][A-Z0-9]+-(?:[A-Z]-)?\d+)\Z"
)
_SENTENCE: Final = re.compile(r"(?<=[.!?\u3002])\s+")
_ASK: Final = re.compile(
    r"(?:re)?(?:add|adjust|adopt|agree|alert|allow|analy[sz]e|announce|apply|archive|ask|assess|assign|audit"
    r"|automate|back ?up|ban|benchmark|bind|block|break|bring|build|bump|cache|calibrate|call|change|check|clarify"
    r"|clean|close|collect|come up|communicate|complete|conduct|configure|confirm|consider|consolidate|contact"
    r"|convert|coordinate|correct|cover|create|cut|decide|decommission|define|delete|deploy|deprecate|design|destroy"
    r"|determine|develop|disable|discuss|distribute|do|document|drop|educate|eliminate|emphasi[sz]e|enable|encourage"
    r"|enforce|enhance|ensure|establish|estimate|evaluate|examine|expand|explore|export|expose|extend|extract|find"
    r"|finish|fix|follow|formali[sz]e|get|give|go through|handle|harden|have|help|hire|hold|identify|implement|import"
    r"|improve|include|increase|inform|install|instrument|integrate|introduce|investigate|isolate|issue|keep|launch"
    r"|learn|limit|link|list|load|lock|log|look|lower|maintain|make|mandate|map|measure|merge|migrate|minimi[sz]e"
    r"|mitigate|modify|monitor|move|notify|open|optimi[sz]e|organi[sz]e|pair|patch|perform|pin|plan|post|practice"
    r"|prepare|present|prevent|prioriti[sz]e|propose|protect|prove|provide|provision|publish|pull|purge|push|put"
    r"|raise|re-?\w+|read|rebuild|record|reduce|refactor|refine|reject|release|remind|remove|rename|reorgani[sz]e"
    r"|repair|replace|report|request|require|research|resize|resolve|restart|restore|restrict|retire|retry|revert"
    r"|review|revise|revisit|rewrite|roll|rotate|run|scale|schedule|scope|secure|send|separate|set|share|ship"
    r"|shorten|show|simplify|simulate|sort|specify|split|standardi[sz]e|start|stop|store|streamline|strengthen"
    r"|stringify|switch|sync|take|talk|teach|tell|test|think|throttle|tighten|trace|track|train|trigger|trim|try|tune"
    r"|turn|unify|update|upgrade|use|validate|verify|version|visit|wait|warn|watch|work|wrap|write)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """What a document knows that an item's line is read with."""

    named: Mapping[str, str] = field(default_factory=dict)
    order: dates.Order = ""
    near: date | None = None
    known: frozenset[str] = frozenset()
    text: str = ""
    trust: bool = False  # the list's lines end with names, line after line


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one line, cell or label says. Empty values: it does not say."""

    title: str = ""
    owner: str = ""
    due: date | None = None
    due_text: str = ""
    priority: Priority | None = None
    category: Category | None = None
    done: bool | None = None
    references: tuple[str, ...] = ()
    boxed: bool = False
    struck: bool = False

    def over(self, other: "Said") -> "Said":
        """This, and what only the other says; references of both. The title is this one's."""
        return replace(
            self,
            owner=self.owner or other.owner,
            due=self.due if self.due_text else other.due,
            due_text=self.due_text or other.due_text,
            priority=self.priority or other.priority,
            category=self.category or other.category,
            done=other.done if self.done is None else self.done,
            boxed=self.boxed or other.boxed,
            struck=self.struck or other.struck,
            references=tidy((*self.references, *other.references)),
        )


def is_order(text: str) -> bool:
    """Whether a text begins with what is to be done ("Add …", "We should …")."""
    return bool(
        _ASK.match(text)
        or re.match(
            r"(?:we|i|the team|team|\w+ team|it|this|they)\b.{0,40}?\b(?:will|should|must|need|needs|plan|are going"
            r"|could|have to|want)\b|(?:need|plan|want|continue|try|agree) to\b|better\b|more\b|no longer\b",
            text,
            re.IGNORECASE,
        )
    )


VERBS: Final = _ASK


def box_of(raw: str) -> tuple[bool | None, str]:
    """The state of the box a text begins with (None: there is none), and the text behind it."""
    match = _BOX.match(raw)
    if match is None:
        return None, raw
    done = match[1] in {"x", "X"} if match[1] is not None else match[3] is not None
    return done, raw[match.end() :]


def due_from(raw: str, setting: Setting) -> Said:
    """A due date's cell or the text behind "Due:"."""
    text = plain(raw, setting.named).strip(" .,;*_")
    if blank(raw, text) or re.fullmatch(r"\W*(?:YYYY|XX).*", text, re.IGNORECASE):
        return Said()
    found = list(dates.days_in(text, setting.order, setting.near))
    several = len(found) > 1 and re.search(
        r"->|\u2192|\bto\b|\bnow\b", text
    )  # moved: the last holds
    day = found[-1].day if several else found[0].day if found else None
    return Said(due=day, due_text=text)


def of_field(role: Role, raw: str, setting: Setting) -> Said:
    """What the text behind a label, or in a column of that role, says."""
    words = plain(raw, setting.named)
    if role is Role.OWNER:
        return Said(owner=people.owner_of(raw))
    if role is Role.DUE:
        return due_from(raw, setting)
    if role is Role.PRIORITY:
        return Said(priority=labels.priority_of(words))
    if role is Role.CATEGORY:
        return Said(category=labels.category_of(words))
    if role is Role.STATUS:
        return Said(
            done=labels.done_of(words) or False, references=references_in(raw, setting.named)
        )
    if role is Role.REFERENCE:
        return Said(references=references_in(raw, setting.named, column=True))
    return Said()


def read_line(raw: str, setting: Setting, *, bare: bool = False) -> Said:
    """All that an item's own text says. ``bare``: owner and date have places of their own."""
    crossed = struck(raw)
    done, text = box_of(raw)
    said = Said(
        done=done,
        boxed=done is not None and not labels.ticked(raw[:3]),
        struck=crossed,
        references=references_in(text, setting.named),
    )
    words = plain(_GENERIC_LINK.sub("", text), setting.named) or plain(text, setting.named)
    said, words = _leading(said, words)
    said, words = _state(said, words)
    if not bare:
        said, words = _labelled(said, words, setting)
        said, words = _trailing(said, words, setting)
        said = _in_prose(said, words, setting)
    return replace(said, title=_title(words, text, setting))


def _leading(said: Said, words: str) -> tuple[Said, str]:
    """What stands before the text: row ids, levels, categories, "Action item:"."""
    words = _LEAD_LABEL.sub("", words, count=1) if _LEAD_LABEL.match(words) else words
    if not _LEVEL_FIRST.match(words):
        words = _ROW_ID.sub("", words, count=1) if _ROW_ID.match(words) else words
    title = read_title(words)
    said = replace(said, priority=said.priority or title.priority)
    if title.priority or title.severity:
        words = title.text
    level = _LEVEL_FIRST.match(words)
    if level:
        said = replace(said, priority=said.priority or Priority(level[1].upper()))
        words = words[level.end() :]
    sort = _CATEGORY.match(words)
    if sort and labels.category_of(sort[1]):
        said = replace(said, category=labels.category_of(sort[1]))
        words = words[sort.end() :]
    owned = re.match(r"((?:@[\w./-]+[\s,&+]*(?:and )?)+?)\s*[:\uff1a\u2013\u2014-]\s+(?=\S)", words)
    if owned:
        said = replace(said, owner=people.handles_only(owned[1]))
        words = words[owned.end() :]
    return said, words


def _state(said: Said, words: str) -> tuple[Said, str]:
    """A tick or "(done)" at either end."""
    match = _STATES.search(words)
    if match:
        done = labels.done_of(match[1] or match[2])
        words = words[: match.start()] + words[match.end() :]
        said = replace(said, done=said.done or done)
    if labels.ticked(words[:3]) or labels.ticked(words[-3:]):
        said = replace(said, done=True)
        words = re.sub(
            r"^[\s\u2705\u2714\u2611\u2713\ufe0f]+|[\s\u2705\u2714\u2611\u2713\ufe0f]+$", "", words
        )
    return said, words


def _labelled(said: Said, words: str, setting: Setting) -> tuple[Said, str]:
    """``Owner: ana``, ``Due: 2024-05-01`` anywhere in the line."""
    if ":" not in words and "\uff1a" not in words and "=" not in words:
        return said, words
    for match in reversed(list(_FIELD.finditer(words))):
        role = labels.field_of(match[1]) or (
            Role.DUE if match[1].lower().startswith(("bis", "avant", "pour")) else None
        )
        if role is None:
            continue
        found = of_field(role, match[2], setting)
        if found == Said() and not blank(match[2], match[2]):
            continue
        said = found.over(said) if role is not Role.STATUS else said.over(found)
        words = f"{words[: match.start()].rstrip()} {words[match.end() :].lstrip(' ,;|')}".strip()
    return said, re.sub(r"[(\[\uff08]\s*[,;|]*\s*[)\]\uff09]", "", words).rstrip(
        " ,;|(\uff08\u2014\u2013-"
    )


def _trailing(said: Said, words: str, setting: Setting) -> tuple[Said, str]:
    """What stands behind the text, after dashes or in parentheses, taken off while it is known."""
    for _ in range(6):
        group, tail = _GROUP.search(words), _TAIL.search(words)
        match = group or tail
        if match is None:
            short = _short_tail(said, words, setting)
            if short is None:
                return said, words
            said, words = short
            continue
        named = setting.trust or (
            match is tail and words[match.start() :].strip()[:1] in "\u2014\u2013|\u2192"
        )
        round_ = match is group and match[0].strip()[:1] in "(\uff08"
        found = _parts(
            match[1], replace(setting, trust=(named and not round_) or (round_ and setting.trust))
        )
        if found is None and match is group and words[match.start() :].strip()[:1] == "[":
            found = _bracketed_name(match[1])
        if found is None:
            return said, words
        said, words = found.over(said), words[: match.start()].rstrip(" ,;")
    return said, words


def _bracketed_name(text: str) -> Said | None:
    if text.strip().lower() in _TYPES:
        return Said()
    fits = re.fullmatch(r"[A-Z][\w'-]+(?: [A-Z][\w'-]+)?", text.strip()) and people.like_name(text)
    return Said(owner=text.strip()) if fits else None


def _parts(text: str, setting: Setting) -> Said | None:
    """What a few words after a dash or in parentheses say; None if any of them is plain text."""
    whole = _part(text, setting)
    if whole is not None:
        return whole
    pieces = [one for one in _SPLIT.split(text) if one.strip()]
    found: list[Said] = []
    unsure: list[str] = []
    for piece in pieces if len(pieces) > 1 else ():
        one = _part(piece, setting)
        if one is None:
            unsure.append(piece)
        else:
            found.append(one)
    if not found or any(not people.like_name(one, setting.known) for one in unsure):
        return None
    said = Said(owner=", ".join(one.strip() for one in unsure))
    for one in found:
        if said.owner and one.owner:
            said = replace(said, owner=f"{said.owner}, {one.owner}")
        said = said.over(one)
    return said


def _part(text: str, setting: Setting) -> Said | None:
    """What one piece says, if it is wholly a date, a person, a level, a state or an issue."""
    text = text.strip(" .")
    label = re.fullmatch(r"([^:\uff1a=]{1,30})[:\uff1a=]\s*(.+)", text)
    if (
        label
        and (role := labels.field_of(label[1]))
        and role not in {Role.TITLE, Role.NOTES, Role.TIME}
    ):
        return of_field(role, label[2], setting)
    if owner := people.handles_only(text):
        return Said(owner=owner)
    if (priority := labels.priority_of(text)) and (
        labels.is_level(text) or re.search("prio", text, re.IGNORECASE)
    ):
        return Said(priority=priority)
    if text.strip().lower() in _TYPES:
        return Said()
    if labels.is_state(text):
        return Said(done=labels.done_of(text))
    if category := labels.category_of(text):
        return Said(category=category)
    if due := _whole_due(text, setting):
        return due
    if _only_reference(text):
        return Said(references=references_in(text, column=True))
    assigned = re.fullmatch(r"(?:owned by|assigned to|owner|assignee)\s+(.+)", text, re.IGNORECASE)
    if assigned and (owner := people.owner_of(assigned[1])):
        return Said(owner=owner)
    if people.surely_name(text, setting.known) or (setting.trust and people.like_name(text)):
        return Said(owner=people.owner_of(text))
    return None


def _whole_due(text: str, setting: Setting) -> Said | None:
    by = _BY.match(text)
    rest = text[by.end() :] if by else text
    found = next(dates.days_in(rest, setting.order, setting.near), None)
    if found and not re.sub(
        r"[\W_]|\b(?:at|on|the|EOD|end of)\b", "", rest[: found.start] + rest[found.end :]
    ):
        return Said(due=found.day, due_text=rest.strip())
    return Said(due_text=rest.strip()) if dates.loosely_due(rest) and not rest.isdigit() else None


def _only_reference(text: str) -> bool:
    bare = re.sub(
        r"(?i)\b(?:issue|ticket|pr|mr|see|tracked (?:in|by)|tracking|jira|bug|fix(?:ed|es)? (?:in|by)?|in|via|closes)\b",
        "",
        text,
    )
    bare = re.sub(r"https?://\S+|[\w./-]*[#!]\d+|[A-Z][A-Z0-9]+-(?:[A-Z]-)?\d+", "", bare)
    return not re.sub(r"[\W_]", "", bare) and bool(re.search(r"[#!]\d|://|-\d", text))


def _short_tail(said: Said, words: str, setting: Setting) -> tuple[Said, str] | None:
    """``… @ana``, ``… #12``, ``… PAY-12``, ``… due 2 May`` at the end, with no separator."""
    handle = re.search(r"[\s,;]+((?:@[\w./-]+[\s,&]*(?:and )?)+)\.?\Z", words)
    if handle and (owner := people.handles_only(handle[1])):
        before = words[: handle.start()].rstrip(" ,;:-\u2013\u2014")
        joined = re.search(r"\b(?:with|by|from|to|and|ask|for|of|as|via|cc)\Z", before)
        if not joined:
            return replace(said, owner=said.owner or owner), before
    by = list(_BY.finditer(words))
    for one in reversed(by):
        due = _whole_due(words[one.end() :].rstrip(" .)"), setting)
        if due and one.start():
            return due.over(said), words[: one.start()].rstrip(" ,;(\u2014\u2013-")
    issue = _ISSUE_END.search(words)
    if issue and issue.start() and _counts(said, issue[1].strip("<>")):
        return said, words[: issue.start()].rstrip(" ,;:-\u2013\u2014(")
    return None


def _counts(said: Said, token: str) -> bool:
    """Whether what ends a line is one of its references, or leads where one of them does."""
    end = "/" + re.split(r"[#!]", token)[-1]
    return any(one == token or one.rstrip("/").endswith(end) for one in said.references)


def _in_prose(said: Said, words: str, setting: Setting) -> Said:
    """Who and when, where only the sentence tells it."""
    if not said.owner:
        named = people.mentions(words)
        owner = named[0] if len(named) == 1 or (named and words.startswith("@")) else ""
        said = replace(said, owner=owner or people.doer(words, setting.text, _ASK))
    if not said.due_text:
        for one in _BY.finditer(words):
            found = next(dates.days_in(words[one.end() :][:30], setting.order, setting.near), None)
            if found and found.start <= 1:
                at = words[one.end() :]
                return replace(said, due=found.day, due_text=at[found.start : found.end].strip())
    return said


def _title(words: str, raw: str, setting: Setting) -> str:
    """The words left, on one line, cut at a sentence if trackers would not take them."""
    words = re.sub(r"\s*[(\[]\s*[)\]]", "", words)
    words = re.sub(r"\s+([.,;])(?=\s|\Z)", r"\1", words).strip(" \u2014\u2013-|:;,\u2192")
    words = words or plain(raw, setting.named) or next(addresses(raw, setting.named), "")
    if len(words) <= LONGEST_TITLE:
        return words
    kept = ""
    for sentence in _sentences(words):
        if len(kept) + len(sentence) + 1 > LONGEST_TITLE:
            break
        kept = f"{kept} {sentence}".strip()
    return kept or words[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "\u2026"


def _sentences(words: str) -> Iterator[str]:
    yield from _SENTENCE.split(words)


def heading_line(raw: str) -> str:
    """A heading that is an item, without its number."""
    return _ORDINAL.sub("", raw.strip(), count=1)


def same(one: str, other: str) -> bool:
    """Whether two titles are the same words."""
    return norm(one) == norm(other)
