"""Putting an issue under another: an epic by its field, any other issue by a link.

A link has two ends and no up and down that could be trusted, so our property names the parent.
"""

from typing import Final

from adapters.errors import AdapterError, Missing, Moved, Rejected
from adapters.jira.home import Home
from adapters.jira.reading import Raw
from mappings.item import Ref, Unset
from mappings.jira import links_of, ours, parent_of
from mappings.jira_words import PROPERTY
from mappings.vocabulary import Field

LINK_OPTION: Final = "link"
#: The one link type that every Jira begins with.
LINK: Final = "Relates"


def put_under(home: Home, raw: Raw, parent: Ref | None | Unset) -> bool:
    """The issue under another parent, or under none; whether anything was written."""
    before = parent_of(raw, home.site)
    if isinstance(parent, Unset) or before == parent:
        return False
    issue = str(raw["id"])
    if before is not None:
        _take_away(home, raw, before)
    value = {key: one for key, one in ours(raw).items() if key not in {"parent", "epic"}}
    if parent is not None:
        value |= _put(home, raw, parent)
    if value != ours(raw):
        path = f"/api/2/issue/{issue}/properties/{PROPERTY}"
        home.client.write("PUT", path, value, {200, 201}, bare=True)
    return True


def _take_away(home: Home, raw: Raw, before: Ref) -> None:
    issue, fields = f"/api/2/issue/{raw['id']}", raw["fields"]
    if fields.get("parent"):
        home.client.write("PUT", issue, {"fields": {"parent": None}}, {200, 204})
        return
    if home.site.epic and fields.get(home.site.epic):
        home.client.write("PUT", issue, {"fields": {home.site.epic: None}}, {200, 204})
        return
    for link, other in links_of(raw):
        if str(other["id"]) == before.id:
            home.client.write(
                "DELETE", f"/api/2/issueLink/{link['id']}", None, {200, 204}, bare=True
            )


def _put(home: Home, raw: Raw, parent: Ref) -> dict[str, str]:
    """Link the two; what the property has to say of it."""
    issue = f"/api/2/issue/{raw['id']}"
    kind, key = _type_and_key(home, parent)
    if _is_epic(kind):
        if home.client.options.cloud:
            home.client.write("PUT", issue, {"fields": {"parent": {"id": parent.id}}}, {200, 204})
            return {}
        if home.site.epic:
            home.client.write("PUT", issue, {"fields": {home.site.epic: key}}, {200, 204})
            return {"parent": parent.id, "epic": key}
    if not any(str(other["id"]) == parent.id for _, other in links_of(raw)):
        link = {
            "type": {"name": home.profile.options.get(LINK_OPTION, LINK)},
            "inwardIssue": {"key": str(raw["key"])},
            "outwardIssue": {"key": key},
        }
        home.client.write("POST", "/api/2/issueLink", link, {200, 201}, bare=True)
    return {"parent": parent.id}


def in_epic(home: Home, kind: str, parent: Ref) -> bool:
    """Whether a new issue of the type ``kind`` can be put under ``parent`` by its creation; may
    ask, once for each parent.
    """
    if not home.client.options.cloud:
        return False
    try:
        above = _type_and_key(home, parent)[0]
    except AdapterError:
        return False
    return _is_epic(above) and str(above.get("name")).lower() != kind.lower()


def _type_and_key(home: Home, parent: Ref) -> tuple[Raw, str]:
    """The parent's issue type and key; asks where they are not known."""
    seen = home.standing.get(parent.id)
    known = (seen[0] if seen else None) or home.kinds.get(parent.id)
    if known and parent.key:
        return known, parent.key
    try:
        above = home.client.get(f"/api/2/issue/{parent.id}", {"fields": "issuetype"}).data
    except (Missing, Moved) as error:
        raise Rejected(error.problem, Field.PARENT) from None
    said = above if isinstance(above, dict) else {}
    kind = home.kinds[parent.id] = (said.get("fields") or {}).get("issuetype") or {}
    return kind, str(said.get("key") or parent.key)


def _is_epic(kind: Raw) -> bool:
    return int(kind.get("hierarchyLevel") or 0) > 0 or str(kind.get("name")) == "Epic"
