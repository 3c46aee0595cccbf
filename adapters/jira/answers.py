"""What Jira's answers mean: errors named by what happens next.

any status with a denied login        a CAPTCHA, or a credential served as nobody
200 that is a login page              an SSO in between; nothing was done
401                                   the credential is refused
429                                   wait; of one issue's limit only that issue
403                                   the account may not, or the issue is archived
404                                   not to be seen; proves nothing: Jira hides what one may not
410, or 404, of the search            the other kind of Jira: Cloud or Data Center
400, 409, 412, 413, 422               refused, with the field where it is told
408, 5xx, an unreadable 2xx           a read is tried again; a write has an unknown outcome
"""

import re
from collections.abc import Mapping
from datetime import timedelta
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
    Unsupported,
)
from adapters.seams import Clock
from adapters.transport import Answer, Limits, wait_named
from adapters.wire import clean
from mappings.problem import Problem
from mappings.vocabulary import Field

#: How much of Jira's own words is repeated.
_WORDS: Final = 300
#: Our fields by Jira's ids of them.
FIELD_OF: Final = {
    "summary": Field.TITLE,
    "description": Field.BODY,
    "assignee": Field.OWNERS,
    "priority": Field.PRIORITY,
    "duedate": Field.DUE,
    "issuetype": Field.CATEGORY,
    "resolution": Field.RESOLUTION,
    "parent": Field.PARENT,
}
_REMEDIES: Final = {
    "priority": "Name a priority of the project's scheme under [priority.values] of the profile.",
    "assignee": "Give them the permission to be assigned here, or mend [people] of the profile.",
    "issuetype": "Name a type of this project under [category.types] or [kinds] of the profile.",
    "project": "Give the account the permission Create issues in this project.",
    "labels": "A label has no blanks; write it otherwise in the profile.",
}
_LOGIN: Final = re.compile(
    r"login\.jsp|os_username|<title>[^<]*log ?in|id\.atlassian\.com|SAMLRequest", re.IGNORECASE
)
_CAPTCHA: Final = "captcha"
_GONE_PROJECT: Final = re.compile(
    r"does not exist for the field '(?:project|key|id)'", re.IGNORECASE
)
_ARCHIVED: Final = re.compile(r"\barchived\b", re.IGNORECASE)
_REQUIRED: Final = re.compile(r"\brequired\b", re.IGNORECASE)


def refused_login(answer: Answer, host: str) -> AuthFailed | None:
    """A login that did not succeed, whatever the status: Jira may serve the request as nobody."""
    headers = answer.headers
    reason = headers.get("x-seraph-loginreason", "").upper()
    denied = headers.get("x-authentication-denied-reason", "")
    if _CAPTCHA in denied.lower() or "AUTHENTICATION_DENIED" in reason:
        remedy = (
            "Sign in there once in a browser with this account, then run `followthrough check`."
        )
        return AuthFailed(Problem("E204", f"{host} wants a CAPTCHA to be solved.", remedy=remedy))
    nobody = headers.get("x-ausername", "").lower() == "anonymous"
    if "AUTHENTICATED_FAILED" in reason or nobody:
        remedy = "Renew it where it is kept; nothing is lost."
        return AuthFailed(Problem("E205", f"token rejected by {host}.", remedy=remedy))
    if not answer.json and isinstance(answer.data, str) and _LOGIN.search(answer.data):
        remedy = "Check base_url, the token, and whether a single sign-on stands before the API."
        return AuthFailed(Problem("E204", f"{host} answered with a login page.", remedy=remedy))
    return None


def failure(
    answer: Answer, *, write: bool, host: str, limits: Limits, clock: Clock, path: str = ""
) -> AdapterError:
    """The error that an unexpected answer means. Never holds a secret."""
    status = answer.status
    login = refused_login(answer, host)
    if login is not None:
        return login
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _limited(answer, host, limits, clock)
    if status == HTTPStatus.UNAUTHORIZED:
        remedy = "Renew it where it is kept; a token with scopes needs the API gateway's address."
        return AuthFailed(Problem("E205", f"token rejected by {host}.", remedy=remedy))
    ambiguous = (
        status < HTTPStatus.BAD_REQUEST
        or status in {408, 425}
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )
    if not ambiguous:
        return _refused(answer, host, path) if answer.json else _in_between(answer, host, path)
    text = f"got {_kind(answer)} ({status}) from {host}"
    if write:
        return UnknownOutcome(Problem("E213", f"{text}; the change may have been made."))
    wait = wait_named(answer.headers, clock.now()) if "retry-after" in answer.headers else None
    return Transient(Problem("E206", f"{text}."), wait)


def _limited(answer: Answer, host: str, limits: Limits, clock: Clock) -> RateLimited:
    """429. Where only one issue was written too often, everything else goes on."""
    reason = answer.headers.get("ratelimit-reason", "")
    seconds = wait_named(answer.headers, clock.now())
    if "per-issue" in reason and seconds is not None:
        until = clock.now() + timedelta(seconds=seconds)
    else:
        until = limits.block(seconds)
    text = f"{host} asked to wait until {until:%H:%M:%S} UTC{f' ({reason})' if reason else ''}."
    return RateLimited(Problem("E207", text), until)


def _refused(answer: Answer, host: str, path: str) -> AdapterError:
    """Jira itself refused, and did nothing."""
    status, said = answer.status, words(answer)
    if "/search" in path and status in {HTTPStatus.GONE, HTTPStatus.NOT_FOUND}:
        return _other_kind(host, path)
    if status == HTTPStatus.FORBIDDEN and not _ARCHIVED.search(said):
        remedy = "Give the account the permission that is named; `followthrough check` lists them."
        return Rejected(Problem("E203", f"Jira said 403: {said}", host, remedy))
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} or _GONE_PROJECT.search(said):
        return Missing(Problem("E210", f"not found, or this account may not see it: {said}", host))
    if status == HTTPStatus.PRECONDITION_FAILED:
        return PreconditionFailed(Problem("E118", "changed since it was read.", host))
    return refusal(answer.data if isinstance(answer.data, dict) else {})


def refusal(data: Mapping[str, Any]) -> Rejected:
    """What one refusal of a value means: of a request, or of one issue among many."""
    said = told(data) or "no reason given."
    if _ARCHIVED.search(said):
        remedy = "Restore it in Jira; or `unlink` it, or end the pair."
        return Rejected(Problem("E127", said, remedy=remedy))
    errors = data.get("errors")
    told_of = errors.items() if isinstance(errors, dict) else ()
    reasons = {str(name): str(why) for name, why in told_of}
    lacking = [name for name, why in reasons.items() if _REQUIRED.search(why)]
    name = next(iter(lacking or reasons), "")
    remedy = _REMEDIES.get(name, "")
    if lacking:
        lines = ", ".join(f'"field:{one}" = "…"' for one in lacking)
        remedy = f"Give it a value under [options] of the profile: {lines}."
    return Rejected(Problem("E120", f"Jira refuses it: {said}", remedy=remedy), FIELD_OF.get(name))


def _other_kind(host: str, path: str) -> AdapterError:
    there = "datacenter" if path.endswith("/jql") else "cloud"
    text = f"{host} does not have this search."
    return Unsupported(Problem("E128", text, remedy=f'Set deployment = "{there}".'))


def _in_between(answer: Answer, host: str, path: str) -> AdapterError:
    """A proxy, or the wrong address: not Jira's own words."""
    if "/search" in path and answer.status in {HTTPStatus.GONE, HTTPStatus.NOT_FOUND}:
        return _other_kind(host, path)
    text = f"got {_kind(answer)} ({answer.status}) from {host}, not Jira's answer."
    return Transient(Problem("E206", text, remedy="Check base_url and any proxy in between."))


def _kind(answer: Answer) -> str:
    return answer.headers.get("content-type", "").split(";")[0] or "no content"


def words(answer: Answer) -> str:
    """Jira's own words, without secrets."""
    if not isinstance(answer.data, dict):
        return "no JSON"
    return told(answer.data)


def told(data: Mapping[str, Any]) -> str:
    """The sentences in one refusal: general ones, then those about fields."""
    general = data.get("errorMessages") or [data.get("message") or data.get("errorMessage") or ""]
    errors = data.get("errors")
    about = [f"{name}: {why}" for name, why in errors.items()] if isinstance(errors, dict) else []
    return clean("; ".join(str(one) for one in [*general, *about] if one))[:_WORDS]
