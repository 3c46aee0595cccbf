"""What GitLab's answers mean: errors named by what happens next.

401                                   the credential is refused
429                                   wait; nothing was done. Its body is plain text
403 insufficient_scope                the token's scope is too small
403                                   the role may not, or the project is archived
404                                   not to be seen; proves nothing: GitLab hides what one may not
405 for a moved project               it was renamed; writes are never redirected
400, 409, 412, 422                    refused, with the field where it is told
other 4xx, or any 4xx that is no JSON something in between refused it; nothing was done
408, 5xx, an unreadable 2xx           a read is tried again; a write has an unknown outcome
"""

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from adapters.errors import (
    AdapterError,
    AuthFailed,
    Missing,
    Moved,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from adapters.seams import Clock
from adapters.transport import Answer, Limits, wait_named
from adapters.wire import clean
from mappings.problem import Problem
from mappings.vocabulary import Field

#: How much of GitLab's own words is repeated.
_WORDS: Final = 300
_FIELDS: Final = {
    "title": Field.TITLE,
    "description": Field.BODY,
    "assignee_ids": Field.OWNERS,
    "assignees": Field.OWNERS,
    "due_date": Field.DUE,
    "state_event": Field.PHASE,
    "severity": Field.SEVERITY,
}
#: Whole sentences of a 403 that are about the account, not about one issue.
_ACCOUNT: Final = re.compile(
    r"account (?:has been|is) |Terms of Service|two-factor|\b2FA\b|SAML", re.IGNORECASE
)
_UNSEEN: Final = re.compile(r"does not exist or you don.t have permission", re.IGNORECASE)
#: What a schema says that lacks something we ask for.
_UNKNOWN: Final = re.compile(r"doesn't exist on type|No such type|isn't a defined|not defined by")
#: What GitLab says its limits are, and what everybody else calls it.
_LIMITS: Final = {
    "ratelimit-limit": "x-ratelimit-limit",
    "ratelimit-remaining": "x-ratelimit-remaining",
    "ratelimit-reset": "x-ratelimit-reset",
}


def common_names(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with the limits under the names that :class:`Limits` knows."""
    return {**headers, **{_LIMITS[name]: headers[name] for name in _LIMITS if name in headers}}


def failure(
    answer: Answer, *, write: bool, host: str, limits: Limits, clock: Clock
) -> AdapterError:
    """The error that an unexpected answer means. Never holds a secret."""
    status, said = answer.status, _message(answer)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        until = limits.block(wait_named(answer.headers, clock.now()))
        return RateLimited(
            Problem("E207", f"{host} asked to wait until {until:%H:%M:%S} UTC."), until
        )
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
    return Transient(Problem("E206", f"{text}."), wait)


def graphql_failure(errors: Iterable[Any], host: str) -> AdapterError:
    """GraphQL says 200 and lists errors; what is there beside them is incomplete."""
    words = [str(one.get("message", "")) if isinstance(one, dict) else str(one) for one in errors]
    said = clean("; ".join(words))[:_WORDS]
    if _UNSEEN.search(said):
        return Missing(Problem("E210", f"GraphQL: {said}", host))
    if _UNKNOWN.search(said):
        text = f"this GitLab is too old, or of another tier: {said}"
        return Unsupported(Problem("E128", text, host, "Keep it in labels instead."))
    if "scope" in said.lower() or "Invalid token" in said:
        return AuthFailed(Problem("E203", said, host, 'Give the token the scope "api".'))
    return Transient(Problem("E206", f"GraphQL: {said}", host))


def refused_by_mutation(errors: Iterable[Any], field: Field, host: str) -> Rejected:
    """A mutation was understood and not done; its reasons stand in its own answer."""
    said = clean("; ".join(str(one) for one in errors))[:_WORDS]
    return Rejected(Problem("E120", f"GitLab refuses it: {said}", host), field)


def _refused(answer: Answer, said: str, host: str) -> AdapterError:
    """GitLab itself refused, and did nothing."""
    status = answer.status
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS}:
        return _forbidden(answer, said, host)
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return Missing(Problem("E210", "not found, or this token may not see it.", host))
    if status == HTTPStatus.METHOD_NOT_ALLOWED and "moved" in said:
        remedy = "Write its new name in the settings."
        return Moved(Problem("E212", "the project was renamed or moved.", host, remedy))
    if status == HTTPStatus.PRECONDITION_FAILED:
        return PreconditionFailed(Problem("E118", "changed since it was read.", host))
    return Rejected(Problem("E120", f"GitLab refuses it: {said}"), _field(answer))


def _forbidden(answer: Answer, said: str, host: str) -> AdapterError:
    data = answer.data if isinstance(answer.data, dict) else {}
    if data.get("error") == "insufficient_scope" or "insufficient_granular_scope" in said:
        remedy = 'Give the token the scope "api".'
        return AuthFailed(Problem("E203", f"the token's scope is too small: {said}", host, remedy))
    if _ACCOUNT.search(said):
        remedy = "Sign in with this account once, and do what GitLab asks."
        return AuthFailed(Problem("E204", said, host, remedy))
    remedy = "Give the token's account the role Reporter in this project."
    return Rejected(Problem("E203", f"GitLab said {answer.status}: {said}", host, remedy))


def _in_between(answer: Answer, host: str) -> Transient:
    """A proxy, a login page, or the wrong address: not GitLab's own words."""
    text = f"got {_kind(answer)} ({answer.status}) from {host}, not GitLab's answer."
    return Transient(Problem("E206", text, remedy="Check base_url and any proxy in between."))


def _kind(answer: Answer) -> str:
    return answer.headers.get("content-type", "").split(";")[0] or "no content"


def _message(answer: Answer) -> str:
    """GitLab's words: a sentence, or reasons by field."""
    if not isinstance(answer.data, dict):
        return "no JSON"
    said = answer.data.get("message") or answer.data.get("error_description")
    said = said or answer.data.get("error") or ""
    return clean(_flat(said))[:_WORDS]


def _flat(said: Any) -> str:  # noqa: ANN401  a sentence, a list, or reasons by field
    if isinstance(said, dict):
        return "; ".join(f"{name} {_flat(why)}" for name, why in said.items())
    if isinstance(said, list):
        return ", ".join(_flat(one) for one in said)
    return str(said)


def _field(answer: Answer) -> Field | None:
    """The field that is named: reasons by field, or "title is missing"."""
    data = answer.data if isinstance(answer.data, dict) else {}
    said = data.get("message")
    names = list(said) if isinstance(said, dict) else str(said or data.get("error") or "").split()
    return next((_FIELDS[name] for name in names if name in _FIELDS), None)
