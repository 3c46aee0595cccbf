"""Owners as written, and whether a few words can be a person or a team."""

import re
from collections.abc import Iterable
from typing import Final

from mappings.postmortem.inline import norm, plain

#: ``@name``, ``@org/team``, also with dots and dashes; not within an address.
MENTION: Final = re.compile(r"(?<![\w@/.])@([A-Za-z0-9][\w-]*(?:[./][\w-]+)*)(?!@)")
_NAME: Final = r"[A-Z\u00c0-\u00de\u0391-\u042f][\w\u2019'.-]*"
_NAMES: Final = re.compile(
    rf"{_NAME}(?: (?:de|da|van|von|der|den|el|al|bin|di|du|la|{_NAME})){{0,3}}"
)
_TOKEN: Final = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*")
_TEAM: Final = re.compile(
    r"(?:[\w&/-]+ ){0,3}(?:team|squad|guild|group|crew|ops|on-?call|sre|sres|platform|infra"
    r"|security|devops"
    r"|backend|frontend|dba|dbas|qa|support|engineering|チーム|担当者?)",
    re.IGNORECASE,
)
_LOGOGRAPHIC: Final = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af ]{2,10}(?:さん|チーム|氏)?"
)
#: Words that end a line after a dash and are nobody's name.
NO_NAMES: Final = frozenset(
    [
        "done",
        "wip",
        "todo",
        "maybe",
        "later",
        "asap",
        "optional",
        "blocked",
        "urgent",
        "now",
        "soon",
        "ongoing",
        "pending",
        "tbd",
        "tba",
        "tbc",
        "none",
        "open",
        "closed",
        "complete",
        "completed",
        "fixed",
        "merged",
        "shipped",
        "deployed",
        "resolved",
        "high",
        "medium",
        "low",
        "critical",
        "high-priority",
        "important",
        "new",
        "issue",
        "ticket",
        "link",
        "pr",
        "here",
        "more",
        "yes",
        "no",
        "draft",
        "planned",
        "scheduled",
        "backlog",
        "cancelled",
        "canceled",
        "deferred",
        "postponed",
        "finished",
        "started",
        "unknown",
        "everyone",
        "anyone",
        "someone",
        "nobody",
        "us",
        "we",
        "them",
        "it",
        "this",
        "that",
        "again",
        "too",
        "also",
        "etc",
        "first",
        "next",
        "only",
        "always",
        "never",
        "immediately",
        "today",
        "tomorrow",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "bug",
        "feature",
        "docs",
        "documentation",
        "detect",
        "prevent",
        "mitigate",
        "process",
        "repair",
        "investigate",
        "test",
        "tests",
        "monitoring",
        "alerting",
        "api",
        "ci",
        "cd",
        "staging",
        "production",
        "prod",
        "dev",
        "aws",
        "gcp",
        "azure",
        "kubernetes",
        "k8s",
        "postgres",
        "postgresql",
        "mysql",
        "redis",
        "kafka",
        "grafana",
        "prometheus",
        "terraform",
        "docker",
        "nginx",
        "github",
        "gitlab",
        "jira",
        "pagerduty",
        "slack",
        "datadog",
        "sentry",
        "cloudflare",
        "linux",
        "java",
        "python",
        "http",
        "https",
        "sql",
        "json",
        "yaml",
        "phase-1",
        "phase-2",
        "mvp",
        "short-term",
        "long-term",
        "medium-term",
        "workaround",
        "hotfix",
        "fix",
        "same",
        "ditto",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)
_ROLE: Final = re.compile(
    r"(?:the |all |each |every )?(?:developers?|engineers?|teams?|everyone|someone|anyone|managers?"
    r"|leads?|ops"
    r"|on-?call|we|us|you|users?|customers?|maintainers?|admins?|need|needs|plan|want|try|have"
    r"|going|ability"
    r"|access|continue|how|switch|move|migrate|remember|ensure|make|time|add|changes?|updates?"
    r"|nothing"
    r"|something|work|able|process|consider|look|start|begin|learn|ways?|attempt|decide|agree|aim"
    r"|used|due|up)",
    re.IGNORECASE,
)
_NOBODY: Final = re.compile(
    r"(?:tb[adc]|n a|na|none|unassigned|nobody|no ?one|unknown|to be (?:assigned|determined|decided"
    r"|confirmed)"
    r"|owner|name|assignee|person|team|your name|responsible|who|todo|offen|niemand|aucun|personne"
    r"|a definir"
    r"|sin asignar|por definir|nadie|ninguno|a definir|nao atribuido|nessuno|da assegnare|未定"
    r"|未割当|なし"
    r"|未割り当て"
    r"|待定|未分配|무|미정|нет|не назначен|brak|x+|not assigned|pending|null|nil)?"
)
_BRACKETED: Final = re.compile(r"[<\[{].*[>\]}]|\{\{.*")
_TO_DO: Final = re.compile(rf"({_NAME}(?: {_NAME})?) (?:to|will|should|soll|wird) ([a-z]{{2,}})\b")
#: The longest owner that is taken: a name, a few names, or a team.
_LONGEST: Final = 80


def owner_of(raw: str) -> str:
    """An owner's cell or the text behind "Owner:", cleaned; "" for TBD, ``<name>`` and the like."""
    if _BRACKETED.fullmatch(raw.strip(" *_`")) and "](" not in raw:
        return ""
    words = plain(raw).strip(" .,;:*_`-\u2013\u2014|")
    words = re.sub(r"^(?:owner|assignee|dri)\s*[:=]\s*", "", words, flags=re.IGNORECASE)
    words = MENTION.sub(lambda one: one[1], words)
    words = re.sub(r"(?<![\w.+-])@|@(?![\w.-])", "", words).strip()  # an e-mail address keeps it
    words = re.sub(r"\s*<?[\w.+-]+@?[\w-]+\.[\w.]+>$", "", words) if " " in words else words
    bare = norm(words)
    if _NOBODY.fullmatch(bare) or len(words) > _LONGEST or not re.search(r"\w", words):
        return ""
    return words


def mentions(text: str) -> list[str]:
    """The handles in a text, each once."""
    return list(dict.fromkeys(one[1].rstrip(".") for one in MENTION.finditer(text)))


def handles_only(text: str) -> str:
    """The owners of a text that is nothing but handles: ``@ana, @bo`` is "ana, bo"."""
    rest = MENTION.sub("", text)
    return ", ".join(mentions(text)) if not re.sub(r"[\s,&/+()]|and\b", "", rest) else ""


def like_name(text: str, known: Iterable[str] = ()) -> bool:
    """Whether a few words at the end of a line can be a person or a team."""
    text = text.strip(" .")
    words = norm(text)
    if not words or len(text) > 40 or words in NO_NAMES or text.casefold() in NO_NAMES:  # noqa: PLR2004  chars
        return False
    if words in known or _TEAM.fullmatch(text):
        return True
    if any(one.casefold() in NO_NAMES for one in text.split()):
        return False
    return bool(
        _NAMES.fullmatch(text)
        or (_TOKEN.fullmatch(text) and len(text) > 1)
        or (_LOGOGRAPHIC.fullmatch(text))
    )


def surely_name(text: str, known: Iterable[str]) -> bool:
    """Whether a few words are a team, or a person the document names elsewhere."""
    return norm(text) in set(known) or (
        _TEAM.fullmatch(text.strip()) is not None and norm(text) not in NO_NAMES
    )


def doer(text: str, document: str, verbs: re.Pattern[str]) -> str:
    """Who is to do it in "Ana to send the list": a name the document uses elsewhere too."""
    match = _TO_DO.match(text)
    if match is None or _ROLE.fullmatch(match[1]) or not verbs.match(match[2]):
        return ""
    elsewhere = len(re.findall(rf"(?<!\w){re.escape(match[1])}(?!\w)", document))
    return match[1] if elsewhere > 1 else ""
