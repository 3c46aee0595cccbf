"""What GitHub's answers mean: errors named by what happens next.

401                                   the credential is refused
403/429 that speaks of limits         wait; nothing was done
403 with X-GitHub-SSO                 authorise the token for the organisation
403 archived, locked, read-only       this value is not taken here
403 permission, address, 451          the token may not
404                                   not to be seen; proves nothing
410                                   deleted (or issues are switched off)
400, 409, 412, 422                    refused, with the field where it is told
other 4xx, or any 4xx that is no JSON something in between refused it; nothing was done
408, 5xx, an unreadable 2xx           a read is tried again; a write has an unknown outcome
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from adapters.errors import (
    AdapterError,
    AuthFailed,
    Missing,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
)
from adapters.seams import Clock
from adapters.transport import Answer, Limits, wait_named
from adapters.wire import clean
from mappings.problem import Problem
from mappings.vocabulary import Field

#: How much of GitHub's own words is repeated.
_WORDS: Final = 300
_FIELDS: Final = {
    "title": Field.TITLE,
    "body": Field.BODY,
    "assignees": Field.OWNERS,
    "state": Field.PHASE,
    "state_reason": Field.RESOLUTION,
    "type": Field.CATEGORY,
    "parent_issue_id": Field.PARENT,
    "sub_issue_id": Field.PARENT,
}
_LOCKED: Final = re.compile(r"\blocked\b")  # and not "blocked"
#: How a refusal begins that is about the token and not about one issue.
_TOKEN_REFUSED: Final = ("Resource not accessible by", "Must have ", "Although you appear")


class Gone(Missing):
    """410 for an issue: the one proof of deletion."""


def failure(
    answer: Answer, *, write: bool, host: str, limits: Limits, clock: Clock
) -> AdapterError:
    """The error that an unexpected answer means. Never holds a secret."""
    status, said = answer.status, _message(answer)
    limited = _limited(answer, said, host, limits, clock)
    if limited:
        return limited
    if status == HTTPStatus.UNAUTHORIZED:
        remedy = "Renew it where it is kept; nothing is lost."
        return AuthFailed(Problem("E205", f"token rejected by {host}.", remedy=remedy))
    ambiguous = (
        status < HTTPStatus.BAD_REQUEST
        or status in {408, 425}
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )
    if not ambiguous:
        return _refused(answer, said, host) if answer.json else _in_between(answer, host)
    text = f"got {_kind(answer)} ({status}) from {host}"
    if write:
        return UnknownOutcome(Problem("E213", f"{text}; the change may have been made."))
    wait = wait_named(answer.headers, clock.now()) if "retry-after" in answer.headers else None
    remedy = "Wait: the next run tries again; if it stays, check base_url and any proxy."
    return Transient(Problem("E206", f"{text}.", remedy=remedy), wait)


def graphql_failure(
    errors: list[Mapping[str, Any]], answer: Answer, host: str, limits: Limits, clock: Clock
) -> AdapterError:
    """GraphQL says 200 and lists errors; what is there beside them is incomplete."""
    kinds = {str(error.get("type")) for error in errors}
    said = clean("; ".join(str(error.get("message", "")) for error in errors))[:_WORDS]
    if "RATE_LIMITED" in kinds:
        until = limits.block(wait_named(answer.headers, clock.now()))
        return RateLimited(Problem("E207", said, host), until)
    if "NOT_FOUND" in kinds:
        return Missing(Problem("E210", said, host))
    if kinds & {"FORBIDDEN", "INSUFFICIENT_SCOPES"}:
        remedy = 'Give the token the scope "project", or a Projects permission.'
        return AuthFailed(Problem("E203", said, host, remedy))
    if kinds & {"UNPROCESSABLE", "VALIDATION"}:
        return Rejected(Problem("E120", f"GitHub refuses it: {said}"))
    return Transient(Problem("E206", f"GraphQL: {said}", host))


def _limited(
    answer: Answer, said: str, host: str, limits: Limits, clock: Clock
) -> RateLimited | None:
    """429, or a 403 that speaks of limits."""
    headers = answer.headers
    used_up = headers.get("x-ratelimit-remaining") == "0"
    named = "retry-after" in headers
    spoken = any(word in said.lower() for word in ("rate limit", "abuse", "too quickly"))
    forbidden = answer.status == HTTPStatus.FORBIDDEN and (used_up or spoken or named)
    if answer.status != HTTPStatus.TOO_MANY_REQUESTS and not forbidden:
        return None
    until = limits.block(wait_named(headers, clock.now()) if used_up or named else None)
    text = f"{host} asked to wait until {until:%H:%M:%S} UTC."
    return RateLimited(Problem("E207", text), until)


def _refused(answer: Answer, said: str, host: str) -> AdapterError:
    """GitHub itself refused, and did nothing."""
    status = answer.status
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}:
        return _forbidden(answer, said, host)
    if status == HTTPStatus.NOT_FOUND:
        return Missing(Problem("E210", "not found, or this token may not see it.", host))
    if status == HTTPStatus.GONE:
        if "disabled" in said.lower():
            return Rejected(Problem("E127", "issues are disabled.", host, "Enable them."))
        return Gone(Problem("E211", "deleted on GitHub.", host))
    if status == HTTPStatus.PRECONDITION_FAILED:
        return PreconditionFailed(Problem("E118", "changed since it was read.", host))
    return Rejected(Problem("E120", f"GitHub refuses it: {_details(answer, said)}"), _field(answer))


def _forbidden(answer: Answer, said: str, host: str) -> AdapterError:
    if "x-github-sso" in answer.headers:
        text = "authorise the token for this organisation: it demands SSO."
        remedy = 'Open the token in GitHub\'s settings and choose "Configure SSO".'
        return AuthFailed(Problem("E204", text, host, remedy))
    spoken = said.lower()
    if "archived" in spoken or "read-only" in spoken:
        remedy = "Unarchive it, or take the pair out of the settings."
        return Rejected(Problem("E127", "the repository is archived.", host, remedy))
    if _LOCKED.search(spoken):
        return Rejected(Problem("E127", "the issue is locked.", host, "Unlock the conversation."))
    needs = answer.headers.get("x-accepted-github-permissions", "")
    text = f"GitHub said {answer.status}{f', needs {chr(34)}{needs}{chr(34)}' if needs else ''}"
    text = f"{text}: {said.rstrip('.')}."
    problem = Problem("E203", text, host, "Give the token this permission.")
    if said.startswith(_TOKEN_REFUSED):
        return AuthFailed(problem)
    return Rejected(problem)


def _in_between(answer: Answer, host: str) -> Transient:
    """A proxy, a login page, or the wrong address: not GitHub's own words."""
    text = f"got {_kind(answer)} ({answer.status}) from {host}, not GitHub's answer."
    return Transient(Problem("E206", text, remedy="Check base_url and any proxy in between."))


def _kind(answer: Answer) -> str:
    return answer.headers.get("content-type", "").split(";")[0] or "no content"


def _message(answer: Answer) -> str:
    if isinstance(answer.data, dict):
        return clean(str(answer.data.get("message", "")))[:_WORDS]
    return "no JSON"


def _errors(answer: Answer) -> list[Any]:
    errors = answer.data.get("errors") if isinstance(answer.data, dict) else None
    return errors if isinstance(errors, list) else []


def _details(answer: Answer, said: str) -> str:
    parts = [
        f"{one.get('field') or ''} {one.get('message') or one.get('code') or ''}".strip()
        if isinstance(one, dict)
        else str(one)
        for one in _errors(answer)
    ]
    return clean("; ".join(part for part in [said, *parts] if part))[:_WORDS]


def _field(answer: Answer) -> Field | None:
    named = [one.get("field") for one in _errors(answer) if isinstance(one, dict)]
    return next((_FIELDS[name] for name in named if name in _FIELDS), None)
