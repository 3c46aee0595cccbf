"""What an item says besides its text: labelled, in parentheses, behind dashes, in the sentence."""

import re
from dataclasses import replace
from typing import Final

from mappings.postmortem import dates, labels, people
from mappings.postmortem.labels import Role
from mappings.postmortem.orders import VERBS
from mappings.postmortem.prompts import blank
from mappings.postmortem.references import references_in
from mappings.postmortem.said import Said, Setting, of_field

_NO_FIELDS: Final = frozenset({Role.TITLE, Role.NOTES, Role.TIME, Role.ROW_ID})
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
    r"(?:\s+(?:[\u2014\u2013|\u2192\u00b7]|--?>?|=>)\s+|\s*\u2014\u2014\s*"
    r"|\s*[\u2014\u2013]\s*(?=@))([^\u2014\u2013|\u2192]{1,80})\Z"
)

#: A table's or a setting's name rather than a person's, where several are listed.
_IDENTIFIER: Final = re.compile(r"[a-z]+(?:_[a-z0-9]+)+")

#: Done, and when or by what: "completed 2026-04-01", "fixed in #12".
_DONE_WHEN: Final = re.compile(
    r"(?:done|completed?|closed|fixed|merged|deployed|resolved|shipped|released|implemented)\s+"
    r"(?:on |in |by |via |with |as of )?(?:(?:pr|mr|issue) )?"
    r"(?:\d{4}-\d\d-\d\d|[#!]\d+|https?://\S+|[A-Z]{2,9}-\d+|\d{1,2}[ ./]\w+[ ./]?(?:\d{4})?"
    r"|[A-Z][a-z]{2,8} \d{1,2}(?:, \d{4})?)",
    re.IGNORECASE,
)

_SPLIT: Final = re.compile(r"\s*[,;|/\u00b7\u2022\u3001\uff0c]\s*|\s+[-\u2013\u2014]\s+")

_FIELD: Final = re.compile(
    r"(?:^|(?<=[\s(\[|,;.\u2014\u2013\u3002\uff08]))\**(owners?|assignees?|assigned to|responsible"
    r"|dri|due(?: date| by| on)?"
    r"|deadline|eta|target(?: date)?|priority|prio|status|ticket|issue|jira|type|category"
    r"|verantwortlich\w*|zust\u00e4ndig"
    r"|f\u00e4llig(?: am)?|frist|bis zum|bis|status|priorit\u00e4t|responsable|\u00e9ch\u00e9ance"
    r"|pour le|avant le|priorit\u00e9|encargado"
    r"|fecha l\u00edmite|vence|plazo|prioridad|respons\u00e1vel|prazo|prioridade|responsabile"
    r"|scadenza|priorit\u00e0|eigenaar|担当者?"
    r"|期限|期日|優先度|状態|负责人|截止日期|优先级|담당자?|기한|ответственный"
    r"|срок)\**\s*[:\uff1a=]\s*\**\s*"
    r"(.+?)(?=\s*(?:[;|)\]\uff09\n\u3001\uff0c\u3002]|,\s|\.\s|\.?\Z|\s[\u2014\u2013]\s|\s-\s"
    r"|\s\**(?:owners?|assignees?|due|deadline|eta|priority|status|期限|担当)\**\s?[:\uff1a]))",
    re.IGNORECASE,
)

_BY: Final = re.compile(
    r"(?:^|[\s,;(])(?:due(?: by| on| date)?|by|before|until|no later than|eta|deadline|target"
    r"|fällig(?: am)?"
    r"|bis(?: zum)?|avant le|d'ici le|pour le|antes del?|para el|hasta el|até|entro(?: il)?|voor"
    r"|до)"
    r"\s*[:\uff1a]?\s+(?:the )?",
    re.IGNORECASE,
)

_ISSUE_END: Final = re.compile(
    r"(?:(?<![\s:,(])[\s:,(]+"  # from where the run begins, and nowhere within it
    r"(?i:(?:tracking |github |gitlab )?(?:issues?|tickets?|prs?|mrs?|jira|bug|card|see"
    r"|tracked in|fixed (?:in|by)|in)))?(?<![\s:,])[\s:,]+"
    r"(<?https?://\S+|[#!]\d+|[\w.-]+/[\w.-]+#\d+|[A-Z][A-Z0-9]+-(?:[A-Z]-)?\d+)\Z"
)


_AND: Final = re.compile(r"\s+(?:and|und|et|y|e|&|\+|и)\s+|\s*[&+]\s*|(?<=\w)と(?=\w)")
_EMAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def labelled(said: Said, words: str, setting: Setting) -> tuple[Said, str]:
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


def trailing(said: Said, words: str, setting: Setting) -> tuple[Said, str]:
    """What stands behind the text, taken off piece by piece while it is known."""
    step = _set_off(said, words, setting) or _short_tail(said, words, setting)
    while step is not None and re.search(r"\w", step[1]):  # something must be left to do
        said, words = step
        step = _set_off(said, words, setting) or _short_tail(said, words, setting)
    return said, words


def _set_off(said: Said, words: str, setting: Setting) -> tuple[Said, str] | None:
    """What is set off at the end: in parentheses or brackets, or behind a dash or a bar."""
    group = _GROUP.search(words)
    match = group or _TAIL.search(words)
    if match is None or not match.start():
        return None
    sign = match[0].strip()[:1]
    # Names in parentheses and behind a hyphen are common words too: there the list must tell.
    trust = setting.trust or sign in "\u2014\u2013|\u2192" or match[0].strip()[:2] == "--"
    found = _parts(match[1], replace(setting, trust=trust))
    if found is None and sign == "[":
        found = _bracketed_name(match[1])
    if found is None:
        return None
    return found.over(said), words[: match.start()].rstrip(" ,;")


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
    if len(pieces) > 1 and any(_IDENTIFIER.fullmatch(one.strip(" .")) for one in pieces):
        return None  # tables and settings, not people
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
    role = labels.field_of(label[1]) if label else None
    if label and role and role not in _NO_FIELDS:
        return of_field(role, label[2], setting)
    if text.lower() in _TYPES:
        return Said()
    said = _word(text) or _whole_due(text, setting)
    if said is None and _only_reference(text):
        said = Said(references=references_in(text, column=True))
    return said or _person(text, setting)


def _word(text: str) -> Said | None:
    """What a level, a state or a category says."""
    priority = labels.priority_of(text)
    if priority and (labels.is_level(text) or labels.plain_priority(text)):
        return Said(priority=priority)
    if labels.is_state(text):
        return Said(done=labels.done_of(text))
    if _DONE_WHEN.fullmatch(text):
        return Said(done=True, references=references_in(text, column=True))
    category = labels.category_of(text)
    return Said(category=category) if category else None


def _person(text: str, setting: Setting) -> Said | None:
    """Handles, "assigned to …", and names as far as the list can be trusted to end with them."""
    owner = people.handles_only(text)
    assigned = re.fullmatch(
        r"(?:owned by|assigned to|owners?|assignees?)\s+([^,;|]+)", text, re.IGNORECASE
    )
    if assigned and not owner:
        owner = people.owner_of(assigned[1])
    several = [one for one in _AND.split(text) if one]
    likely = setting.trust and all(people.like_name(one) for one in several)
    sure = all(people.surely_name(one, setting.known) for one in several)
    if not owner and (likely or sure or _EMAIL.fullmatch(text)):
        owner = people.owner_of(text)
    return Said(owner=owner) if owner else None


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
        r"(?i)\b(?:issue|ticket|pr|mr|see|tracked (?:in|by)|tracking|jira|bug|fix(?:ed|es)? (?:in"
        r"|by)?|in|via|closes)\b",
        "",
        text,
    )
    bare = re.sub(r"https?://\S+|[\w./-]*[#!]\d+|[A-Z][A-Z0-9]+-(?:[A-Z]-)?\d+", "", bare)
    return not re.sub(r"[\W_]", "", bare) and bool(re.search(r"[#!]\d|://|-\d", text))


def _short_tail(said: Said, words: str, setting: Setting) -> tuple[Said, str] | None:
    """``… @ana``, ``… #12``, ``… PAY-12``, ``… due 2 May`` at the end, with no separator."""
    dated = re.search(r"(?<=\w)[\s,;]+(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})\Z", words)
    if dated and re.search(r"[\s,;]@[\w./-]+\Z", words[: dated.start()]):  # "… @ana 2026-05-01"
        due = _whole_due(dated[1], setting)
        return (due.over(said), words[: dated.start()]) if due else None
    handle = re.search(r"(?<![\s,;])[\s,;]+((?:@[\w./-]+[\s,&]*(?:and )?)+)\.?\Z", words)
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


def in_prose(said: Said, words: str, raw: str, setting: Setting) -> Said:
    """Who and when, where only the sentence tells it."""
    if not said.owner:
        coded = " ".join(re.findall(r"`[^`]+`", raw))  # "`@cached`" in code is nobody
        named = [one for one in people.mentions(words) if f"@{one}" not in coded]
        owner = named[0] if len(named) == 1 or (named and words.startswith("@")) else ""
        said = replace(said, owner=owner or people.doer(words, setting.text, VERBS))
    if not said.due_text:
        for one in _BY.finditer(words):
            found = next(dates.days_in(words[one.end() :][:30], setting.order, setting.near), None)
            if found and found.start <= 1:
                at = words[one.end() :]
                return replace(said, due=found.day, due_text=at[found.start : found.end].strip())
    return said
