"""References to issues, and what only looks like one."""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from mappings.postmortem.inline import addresses, norm, plain

_PATH: Final = re.compile(
    r"/(?:issues?|pulls?|pull-requests|merge_requests|work_items|_workitems/edit|tickets?|browse"
    r"|story|stories"
    r"|tasks?|bugs?|\+bug|t|c|card|cards|epics?|incidents?|requests?)/(?:[\w%-]*\d[\w%-]*)(?:/|\Z)"
    r"|/(?:[A-Z][A-Z0-9_]+-\d+)(?:/|\Z)|/(?:c|card)/\w+|/T\d+\Z|/issue/[\w-]+",
)
_QUERY: Final = re.compile(r"show_bug\.cgi\?id=\d+|[?&](?:id|issue|selectedIssue|ticket)=[\w-]*\d+")
#: Where incidents are shown to customers; such pages are no issues.
_STATUS: Final = re.compile(r"(?:^|\.)(?:status|statuspage)\w*\.|status\.io")
_LONG: Final = re.compile(r"(?<![\w/.-])([\w.-]{1,60}/[\w.-]{1,80}#\d{1,9})(?!\w)")
_KEY: Final = re.compile(r"(?<![\w/#.-])([A-Z][A-Z0-9]{1,9}-(?:[A-Z]-)?\d{1,7})(?![\w-])")
_NUMBER: Final = re.compile(
    r"(?<![\w/#.-])([A-Z]{2,12})(?:(?<=INC)\d{5,10}"
    r"|-(?:19|20)\d\d(?:-\d{1,6}){1,3}|-(?:19|20)\d{6}(?:-\d{1,4})?)(?![\w-])"
)
_SHORT: Final = re.compile(r"(?<![\w/&#])([#!]\d{1,9})(?!\w)")
#: Standards, sizes, levels and row ids that are written like a tracker's keys.
NO_KEYS: Final = frozenset({
    "A", "A1", "AC", "ACT", "ACTION", "ADR", "AES", "AI", "ANSI", "AP", "APR", "AUG", "CA",
    "CAPA", "CAT", "CODE", "COVID", "CPU", "CVE", "CWE", "D", "DAY", "DB", "DDR", "DEC", "DISK",
    "EC", "ECDSA", "ED", "ERR", "ERROR", "ES", "EU", "FEB", "FU", "GB", "GMT", "GPT", "GPU", "H",
    "HOST", "HTTP", "ID", "IEEE", "IPV", "ISO", "ITEM", "JAN", "JAVA", "JUL", "JULY", "JUN",
    "JUNE", "KB", "L", "LEVEL", "LL", "M", "MAR", "MAY", "MB", "MD", "MYSQL", "NIST", "NODE",
    "NODEJS", "NOV", "OCT", "P", "PA", "PCI", "PEP", "PG", "PHASE", "PM", "POD", "PORT",
    "POSTMORTEM", "PR", "PY", "Q", "R", "RC", "REC", "RFC", "RHEL", "ROW", "RSA", "S", "SEP",
    "SEPT", "SEV", "SHA", "SOC", "SPRINT", "SRV", "SSL", "STAGE", "STEP", "T", "TASK", "TB",
    "TIER", "TLS", "TODO", "US", "UTC", "UTF", "V", "V1", "WEEK", "WORKER", "X",
})  # fmt: skip
_BEFORE: Final = re.compile(
    r"(?:\b(?:issues?|prs?|pulls?|pull requests?|merge requests?|mrs?|tickets?|bugs?|fix(?:es|ed)?"
    r"|clos(?:es|ed)"
    r"|resolv(?:es|ed)|refs?|see|via|tracked(?: (?:in|by|as|at))?|tracking(?: issue)?|jira|github"
    r"|gitlab|follow"
    r"|addressed in|done in|implemented in|in|cf|vgl|siehe|voir|ver|card|story|task|チケット|課題)"
    r"\.?\s*:?\s*|[(\[]\s*|(?:,|and|&|/|\+|;)\s*|(?:\u2014|\u2013|\s-|->|=>|\u2192|\|)\s*|:\s+"
    r"|\A\s*)\Z",
    re.IGNORECASE,
)
#: A number by itself in a column of issues: "12", "Bug 12", "Ticket 12 DONE".
_LONE: Final = re.compile(
    r"\W*(?:(?:bug|issue|ticket|task|card|case|pr|mr|gh)\b\W*)?(\d{1,9})\b\W*"
    r"(?:(?:todo|to do|open|done|closed|fixed|resolved|merged|wip|in progress)\b\W*)?",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"\s*(?:[)\]]|[.,;]?\s*\Z|[,;&/]|and\b|\u2014|\u2013|-\s)")
_NO_ISSUE_BEFORE: Final = re.compile(
    r"\b(?:lessons?|causes?|factors?|steps?|workers?|nodes?|shards?|replicas?|options?|items?"
    r"|actions?|attempts?"
    r"|incidents?|hosts?|servers?|instances?|regions?|rows?|numbers?|no|rule|reasons?|points?"
    r"|findings?|sections?"
    r"|channel|slack|priority|rank|top|team|room|run|build|job|batch|phase|why|question|part|page"
    r"|version|disk|db"
    r"|partition|queue|door|line|key|slot|pod|rack|switch|cluster)\s*\(?[\[(]?\Z",
    re.IGNORECASE,
)


def is_issue(address: str) -> bool:
    """Whether an address leads to an issue, a ticket or a change request."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or _STATUS.search(parts.netloc):
        return False
    return bool(_PATH.search(parts.path) or _QUERY.search(f"{parts.path}?{parts.query}"))


def _ends(address: str) -> bool:
    """Whether an address ends with a number, as that of a ticket in a tracker we do not know."""
    return re.search(r"\Ahttps?://[^/?#\s]+/(?:[^?#\s]*/)?\d{1,9}/?\Z", address) is not None


def references_in(
    raw: str, named: Mapping[str, str] | None = None, *, column: bool = False
) -> tuple[str, ...]:
    """The issues a text names, as written: addresses first, then ``owner/name#7``, keys, ``#7``.

    ``column``: the text is a cell under a heading like "Issue"; a lone number is one there.
    """
    linked = [one for one in addresses(raw, named) if is_issue(one) or (column and _ends(one))]
    if not column and "#" not in raw and "-" not in raw and "!" not in raw:
        return tuple(dict.fromkeys(linked))
    text = _without_links(raw, named)
    found = [*linked, *_LONG.findall(text)]
    text = _LONG.sub(" ", text)
    found += keys_in(text)
    found += [one[1] for one in _SHORT.finditer(text) if column or _tracked(text, one)]
    if column and not found and (lone := _LONE.fullmatch(text[:80])):
        found.append(f"#{lone[1]}")
    return tidy(found)


def tidy(found: Iterable[str]) -> tuple[str, ...]:
    """Each reference once; ``#12`` and ``PAY-12`` go where an address leads to the same."""
    kept = tuple(dict.fromkeys(found))
    ends = {one.rstrip("/").rpartition("/")[2].partition("#")[0] for one in kept if "://" in one}
    return tuple(one for one in kept if "://" in one or re.split(r"[#!]", one)[-1] not in ends)


def keys_in(text: str) -> list[str]:
    """Keys like ``PAY-12`` or ``PAY-T-0012``; not ``UTF-8``, ``P-1`` or ``ADR-0042``."""
    return [
        one
        for one in _KEY.findall(text)
        if one.split("-")[0] not in NO_KEYS
        and not re.match(r"PM\d+-", one)
        and len(one.split("-")[0]) > 1
    ]


def numbers_in(text: str) -> list[str]:
    """Numbers teams give their incidents themselves: INC-2026-003, IR-20260712-1, INC0012345."""
    return [one[0] for one in _NUMBER.finditer(text) if one[1] not in NO_KEYS]


def _without_links(raw: str, named: Mapping[str, str] | None) -> str:
    """The words of a text, those of links and all addresses left out."""
    bare = re.sub(r"!?\[[^\[\]]{0,300}\](?:\([^()\s]*\)|\[[^\[\]]{0,300}\])", " ", raw[:4000])
    bare = re.sub(r"<?https?://\S+", " ", bare)
    if named:
        bare = re.sub(
            r"\[([^\[\]]{1,300})\]", lambda one: " " if one[1].casefold() in named else one[0], bare
        )
    return plain(bare)


def _tracked(text: str, one: re.Match[str]) -> bool:
    """Whether ``#4`` is an issue here: after a word for one, in parentheses, or at the end."""
    before, after = text[: one.start()], text[one.end() :]
    if _NO_ISSUE_BEFORE.search(before[-40:]):
        return False
    worded = _BEFORE.search(before[-40:])
    if worded is None:
        return False
    alone = not worded[0].strip() and after.strip()  # it begins the text: "#4 worker died"
    return _AFTER.match(after) is not None or not (alone or norm(worded[0]) in {"", "in", "and"})
