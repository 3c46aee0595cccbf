"""Searching by JQL: page by page with a token (Cloud), or by number (Data Center)."""

import base64
import json
from bisect import bisect_left
from collections.abc import Callable, Mapping
from typing import Any, Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira import matching
from adapters.sandbox.jira.call import Call, route, whole
from adapters.sandbox.jira.handlers.issues import MOST_PROPERTIES
from adapters.sandbox.jira.jql import Jql, parse
from adapters.sandbox.jira.model import Issue
from adapters.sandbox.jira.moments import relative

#: The most issues a page has, with fields and with nothing but ids; and those looked past the
#: index for (Jira's REST reference).
PAGE: Final = 100
BARE_PAGE: Final = 5000
MOST_RECONCILED: Final = 50

#: The most issues a page has on Data Center (jira.search.views.default.max).
CLASSIC_PAGE: Final = 1000

_GONE: Final = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full "
    "migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)
_UNBOUNDED: Final = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_BAD_TOKEN: Final = Refused(400, "The provided next page token is invalid or expired.")


@route("GET", "/search/jql", only="cloud")
def by_address(call: Call) -> Answer:
    """Search with what the address says."""
    asked: dict[str, Any] = dict(call.request.args)
    for name in ("fields", "properties", "reconcileIssues"):
        asked[name] = call.names(name)
    return _enhanced(call, asked)


@route("POST", "/search/jql", only="cloud")
def by_body(call: Call) -> Answer:
    """Search with what the body says."""
    return _enhanced(call, call.values)


def _enhanced(call: Call, asked: Mapping[str, Any]) -> Answer:
    fields = _names(asked, "fields") or ["id"]
    properties = _names(asked, "properties")
    if len(properties) > MOST_PROPERTIES:
        raise Refused(400, f"The maximum number of properties is {MOST_PROPERTIES}.")
    fresh = _fresh(asked)
    query = parse(str(asked.get("jql") or ""))
    if query.where is None:
        raise Refused(400, _UNBOUNDED)
    found = _found(call, str(asked.get("jql")), query, fresh)
    last = _last(asked.get("nextPageToken"))
    start = bisect_left(found, True, key=_behind(call, last, query)) if last is not None else 0
    bare = set(fields) <= {"id", "key"}
    most = min(whole(asked.get("maxResults"), "maxResults", 50), BARE_PAGE if bare else PAGE)
    shown = found[start : start + most]
    more = bool(shown) and len(found) > start + most
    payload: dict[str, Any] = {"issues": [_shown(call, one, fields, properties) for one in shown]}
    if more:
        payload["nextPageToken"] = _token(matching.place(shown[-1], query, call.world))
    return Answer.json(payload | {"isLast": not more})


def _behind(call: Call, last: list[str], query: Jql) -> Callable[[Issue], bool]:
    if len(last) != len(query.order) + 1 or not last[-1].isdigit():
        raise _BAD_TOKEN
    return lambda issue: matching.follows(issue, last, query, call.world)


def _shown(call: Call, issue: Issue, fields: list[str], properties: list[str]) -> dict[str, Any]:
    wanted = [name for name in fields if name not in {"id", "key"}]
    payload = call.view.issue(issue, wanted, properties)
    if fields == ["id"]:
        return {"id": payload["id"]}
    return payload


def _names(asked: Mapping[str, Any], name: str) -> list[str]:
    given = asked.get(name) or []
    if not isinstance(given, list):
        raise Refused(400, "Invalid request payload. Refer to the REST API documentation.")
    return [str(one) for one in given]


def _fresh(asked: Mapping[str, Any]) -> frozenset[int]:
    given = asked.get("reconcileIssues") or []
    if not isinstance(given, list) or not all(str(one).isdigit() for one in given):
        raise Refused(400, "reconcileIssues must be a list of issue ids.")
    if len(given) > MOST_RECONCILED:
        raise Refused(400, f"At most {MOST_RECONCILED} issues can be reconciled.")
    return frozenset(int(one) for one in given)


def _token(place: list[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _last(token: object) -> list[str] | None:
    if not token:
        return None
    try:
        place = json.loads(base64.urlsafe_b64decode(str(token).encode()))
        return [str(one) for one in place]
    except (ValueError, TypeError):
        raise _BAD_TOKEN from None


def _found(call: Call, text: str, query: Jql, fresh: frozenset[int] = frozenset()) -> list[Issue]:
    """Every issue the caller may see that the query finds, in its order; remembered a while."""
    asker = call.asker
    issues = call.world.issues
    operands = [one for clause in query.clauses() for one in clause.operands]
    moving = any(relative(one) for one in operands)
    key = (text, asker.user, asker.projects, asker.now if moving else None)
    if issues.settled and (held := issues.searches.get(key)) and held[0] == issues.revision:
        return held[1]
    check = matching.test(query.where, asker)
    kept = [one for one in issues.shown(fresh) if one.project in asker.projects and check(one)]
    matching.ordered(kept, query, call.world)
    if issues.settled:
        issues.remember(key, kept)
    return kept


@route("GET", "/search", only="datacenter")
def classic_by_address(call: Call) -> Answer:
    """The classic search, with what the address says."""
    asked: dict[str, Any] = dict(call.request.args)
    for name in ("fields", "properties"):
        asked[name] = call.names(name)
    return _classic(call, asked)


@route("POST", "/search", only="datacenter")
def classic_by_body(call: Call) -> Answer:
    """The classic search, with what the body says; it knows no properties."""
    return _classic(call, {k: v for k, v in call.values.items() if k != "properties"})


def _classic(call: Call, asked: Mapping[str, Any]) -> Answer:
    text = str(asked.get("jql") or "")
    found = _found(call, text, parse(text))
    start = whole(asked.get("startAt"), "startAt", 0)
    most = min(whole(asked.get("maxResults"), "maxResults", 50), CLASSIC_PAGE)
    fields = _names(asked, "fields") or ["*navigable"]
    properties = _names(asked, "properties")
    shown = [call.view.issue(one, fields, properties) for one in found[start : start + most]]
    return Answer.json(
        {
            "expand": "schema,names",
            "startAt": start,
            "maxResults": most,
            "total": len(found),
            "issues": shown,
        }
    )


@route("GET", "/search", only="cloud")
def gone(_call: Call) -> Answer:
    """What Cloud took away."""
    raise Refused(410, _GONE)


@route("POST", "/search", only="cloud")
def gone_too(_call: Call) -> Answer:
    """Likewise."""
    raise Refused(410, _GONE)


@route("POST", "/search/approximate-count", only="cloud")
def count(call: Call) -> Answer:
    """How many issues a query finds."""
    text = str(call.values.get("jql") or "")
    query = parse(text)
    if query.where is None:
        raise Refused(400, _UNBOUNDED)
    return Answer.json({"count": len(_found(call, text, query))})
