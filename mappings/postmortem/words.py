"""What a heading heads: a section, a group of action items, something beside them."""

import re
from functools import lru_cache
from typing import Final

from mappings.postmortem.inline import norm
from mappings.postmortem.model import SectionKind
from mappings.postmortem.phrases import WHOLE, WITHIN

_K = SectionKind


#: Headings that say so only where no other word stands beside them: "Incident analysis" is no
#: root cause, it is the title of many a document.
_BARE: Final = {"analysis": _K.ROOT_CAUSE, "diagnosis": _K.ROOT_CAUSE, "reason": _K.ROOT_CAUSE,
                "reasons": _K.ROOT_CAUSE}  # fmt: skip
#: Headings that are sentences: what we will do, and how it is kept from coming back.
_WE: Final = r"(?:we are|we will|we shall|we plan to|we intend to|were|well|we)"
_DO: Final = (
    r"(?:going to |planning to )?(?:doing|do|changing|change|making|make|taking|take|fixing|fix"
    r"|improving|improve|addressing|address)"
)
_PLANS: Final = re.compile(
    rf"(?:what|how|changes|steps|improvements|measures|actions|things) {_WE} {_DO}\b.*"
    rf"|(?:what|how) (?:are|will|shall) we {_DO}\b.*"
)
_KEEPS_OFF: Final = re.compile(
    r"how (?:do|can|will|could|should|to|are|we|were|we will|well|we can|we are)\b(?: we| you)?"
    r"(?: going to)?(?: keep| stop\w*| prevent\w*| avoid\w*)\b.*"
)
#: What must not be done is no work.
_NEGATED: Final = re.compile(
    r"\b(?:not|dont|never|avoid|nicht|ne pas|no hay que|nao)\b.*"
    r"\b(?:do|doing|tun|faire|hacer|fazer)\b"
)

#: Headings that group action items by when; they stand for an action section by themselves.
HORIZON: Final = re.compile(
    r"(?:quick (?:wins?|fix(?:es)?)|immediate(?:ly)?|short(?:er)? term|medium term|mid term"
    r"|long(?:er)? term|near term|right away|within \d+ \w+|this (?:week|sprint|month|quarter)"
    r"|next (?:week|sprint|month|quarter)|kurzfristig\w*|mittelfristig\w*|langfristig\w*|sofort"
    r"\w*|(?:a )?(?:court|moyen|long) terme|(?:a )?(?:corto|medio|mediano|largo) plazo"
    r"|(?:a )?(?:curto|medio|longo) prazo|breve termine|lungo termine|短期\w*|中期\w*|長期\w*"
    r"|长期\w*"
    r"|단기\w*|장기\w*|即時\w*)"
    r"(?: (?:actions?|items?|action items?|improvements?|fix(?:es)?|tasks?|follow ups?|measures?"
    r"|remediations?|work|goals?|massnahmen|term))?(?: (?:\d|q\d|by|within|next|less|more|over"
    r"|weeks?"
    r"|months?|days?|hours?|to|from|the|and|a|in).{0,30})?"
)
#: Other headings that group action items, but only within an action section.
GROUPING: Final = re.compile(
    r"(?:investigations?|prevent\w*|detect\w*|mitigat\w*|process\w*|respon[ds]\w*|repair\w*"
    r"|improve\w*|monitoring"
    r"|alerting|observability|documentation|docs|testing|tests?|tooling|technical|organi[sz]ational"
    r"|operations?|people|infra\w*|training|communications?|bugs?|features?|tech(?:nical)? debt"
    r"|done|completed?|open|in progress|ongoing|planned|backlog|new|others?|misc\w*|general"
    r"|(?:critical|high|medium|low|p\s?\d|priority)(?: \d| priority| prio)?|must(?: have)?"
    r"|should(?: have)?|nice to have|could(?: have)?|予防|検知|緩和|プロセス|検出|恒久対応|暫定対応"
    r"|prozess"
    r"|erkennung|技术|流程)(?: .{0,30})?"
)
#: Headings within an action section whose lists are no actions.
_ASIDE: Final = re.compile(
    r"(?:.* )?(?:background|context|discussions?|rationale|participants?|responders?"
    r"|attendees|invitees|contacts?|references?|referenz\w*|links?|appendix|appendices|resources?"
    r"|related|glossary|legend|instructions?|guidance|guidelines?|definitions?|sign off|approvals?"
    r"|approved by|reviewers?|reviewed by|out of scope|not doing|wont do|wont fix|rejected|declined"
    r"|considered|dropped|discarded|cancell?ed|supersed\w*|obsolete|outdated|deprecated"
    r"|no longer|replaced by|archived?|previous|former|old|original|supporting|acknowledge?ments?"
    r"|thanks|questions?|faq|examples?|how to|checklists?|runbook|steps to"
    r"|taken|performed|beteiligte|teilnehmer|anhang|participantes|annexe|関連|参考|参加者|補足|附录"
    r"|参考资料"
    r"|참고|approval|template|definition of done|notes?|severity|verworfen\w*|überholt|veraltet"
    r"|abandonn\w*|remplace\w*|obsolet\w*|descartad\w*|却下|廃止|旧|废弃)(?: .*)?"
)
#: Headings elsewhere whose boxes are ticked off in the course of something, not work to do.
PROCEDURE: Final = re.compile(
    r"(?:.* )?(?:releas\w*|deploy\w*|checklists?|check list|runbook|playbook|procedure|steps"
    r"|sign off"
    r"|before you|prerequisites|severity|priority|type of|options?|definition|criteria|rollout"
    r"|rollback|onboarding|template|meeting|agenda|review|status|communications?)(?: .*)?"
)
#: Headings that tell what was done in the incident, not what is to be done.
REPORTED: Final = re.compile(
    r"\b(?:resolutions?|resolved|mitigations?|mitigated|recovery|response|workarounds?|containment"
    r"|fix(?:es)? applied|applied|investigation|detection|resolucion|solucion|resolucao|solucao"
    r"|retablissement|behebung|wiederherstellung|risoluzione)\b|対応内容|復旧|处置|处理|恢复|해결"
    r"|решение|исправление"
)
#: What turns "actions" into a report of what was done in the incident.
_DURING: Final = re.compile(
    r"\b(?:taken|performed|executed|during|immediate response|response actions|prises"
    r"|ergriffene?n?|tomadas|realizadas|intraprese|genomen)\b|実施済|対応履歴"
)
_STILL: Final = re.compile(
    r"\b(?:item|items|follow|next|corrective|preventi?ve|preventative|plan)\b"
)
_JOINED: Final = re.compile(r"[&/,+]|\b(?:and|und|et|y|e|en)\b", re.IGNORECASE)
_CLOCK: Final = re.compile(r"\W*(?:\d{1,2}[:.h]\d{2}|\d{4}-\d{2}-\d{2}|\[?t[+-]\d)", re.IGNORECASE)
_NUMBERING: Final = re.compile(
    r"\s*(?:(?:step|section|part)\s+)?(?:\d{1,2}(?:\.\d{1,2}){0,3}\s*[.):\u3001\uff0e-]"
    r"|\d{1,2}\s(?=[A-Z])"
    r"|[ivxIVX]{1,4}[.)]|[A-Za-z][.)]|\d{1,2}(?:\.\d{1,2}){1,3})\s+",
)
_ASIDES: Final = re.compile(r"[(\uff08\[][^()\uff08\uff09\[\]]*[)\uff09\]]")
#: Where what a heading says of itself ends and more of it begins.
_ASIDE_SIGN: Final = re.compile(r"\s*[:\uff1a(\uff08\[]|\s[\u2013\u2014-]\s")
_PLURAL: Final = re.compile(r"\((?:s|es|n|en)\)")
_LOGOGRAPHIC: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
#: A heading may hold so many words besides the phrase that tells what it heads.
_BESIDES: Final = 4


def _any(phrases: str) -> re.Pattern[str]:
    words = sorted(set(norm_phrases(phrases)), key=len, reverse=True)
    parts = [
        re.escape(one) if _LOGOGRAPHIC.search(one) else rf"\b{re.escape(one)}\b" for one in words
    ]
    return re.compile("|".join(parts))


def norm_phrases(phrases: str) -> list[str]:
    """A list written with bars, each phrase in the form for comparing."""
    return [norm(one) for one in phrases.split("|")]


_WITHIN_ANY: Final = {kind: _any(phrases) for kind, phrases in WITHIN.items()}
_EXACT: Final = {
    phrase: kind
    for table in (WITHIN, WHOLE)
    for kind, phrases in table.items()
    for phrase in norm_phrases(phrases)
}
_FILLERS: Final = re.compile(
    r"\b(?:the|a|an|our|of|incident|outage|postmortem|post mortem|blameless|and|s|de|la|le|les|der"
    r"|die|das|el|o|review|issue|detailed|full|initial|short|brief|final|customer|user|business)\b"
)


@lru_cache(maxsize=512)
def heading_words(text: str) -> str:
    """A heading's words for comparing: no numbering, no asides in parentheses, no emoji."""
    text = _PLURAL.sub("s", text)
    bare = _ASIDES.sub(" ", text)
    return norm(_NUMBERING.sub("", bare if norm(bare) else text, count=1))


def is_aside(text: str) -> bool:
    """Whether what stands under a heading is beside the work: references, what must not be done."""
    words = heading_words(text)
    return bool(_ASIDE.fullmatch(words) or _NEGATED.search(words))


def groups(text: str) -> bool:
    """Whether a heading or a line groups action items: by when, or by what they are for."""
    words = heading_words(text)
    return bool(HORIZON.fullmatch(words) or GROUPING.fullmatch(words))


@lru_cache(maxsize=1024)
def kinds_of(text: str, *, exact: bool = False) -> tuple[SectionKind, ...]:
    """What a heading heads; several for "Lessons and'action items", none for most headings.

    ``exact``: the heading must be the phrase, give or take words like "incident".
    """
    if _CLOCK.match(text):
        return ()
    words = heading_words(text)
    found = _exactly(words)
    if found or exact:
        return found
    before = _ASIDE_SIGN.split(text, maxsplit=1)[0]
    if before != text and norm(before) and (found := _exactly(heading_words(before))):
        return found  # "Timeline (all times UTC), 3 to 5 May", "Impact: nobody could pay"
    kinds = [kind for kind, pattern in _WITHIN_ANY.items() if _heads(pattern, words)]
    reported = _DURING.search(words) and not _STILL.search(words)
    if SectionKind.ACTIONS in kinds and (reported or _NEGATED.search(words)):
        kinds.remove(SectionKind.ACTIONS)
    if len(kinds) > 1 and SectionKind.SUMMARY in kinds and not _JOINED.search(text):
        kinds.remove(SectionKind.SUMMARY)  # "Timeline summary" is a timeline
    return tuple(kinds)


def _exactly(words: str) -> tuple[SectionKind, ...]:
    if words in _BARE:
        return (_BARE[words],)
    if _KEEPS_OFF.fullmatch(words):
        return (SectionKind.PREVENTION,)
    if _PLANS.fullmatch(words):
        return (SectionKind.ACTIONS,)
    for one in (words, " ".join(_FILLERS.sub(" ", words).split())):
        kind = _EXACT.get(one)
        if kind is not None:
            prevents = kind is SectionKind.ACTIONS and _WITHIN_ANY[SectionKind.PREVENTION]
            also = prevents and prevents.search(one)
            return (kind, SectionKind.PREVENTION) if also else (kind,)
    return ()


def _heads(pattern: re.Pattern[str], words: str) -> bool:
    match = pattern.search(words)
    if match is None:
        return False
    besides = f"{words[: match.start()]} {words[match.end() :]}"
    if _LOGOGRAPHIC.search(match[0]):
        return len(besides.strip()) <= 3 * _BESIDES
    return len(_FILLERS.sub(" ", besides).split()) <= _BESIDES
