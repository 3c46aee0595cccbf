"""The state's values as Jira's REST interface spells them. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from adapters.sandbox.jira import adf
from adapters.sandbox.jira.model import (
    Change,
    Comment,
    FieldKind,
    Issue,
    IssueType,
    Link,
    LinkType,
    Named,
    RemoteLink,
    Rich,
    Status,
    User,
)
from adapters.sandbox.jira.project import Project
from adapters.sandbox.jira.state import JiraState

Payload: TypeAlias = dict[str, Any]

#: The category's number, name and colour, by its key (Jira's REST reference).
CATEGORIES = {
    "undefined": (1, "No Category", "medium-gray"),
    "new": (2, "To Do", "blue-gray"),
    "indeterminate": (4, "In Progress", "yellow"),
    "done": (3, "Done", "green"),
}


class View:
    """How one caller sees values: links below ``root``, texts in ``version``, times in ``zone``."""

    def __init__(self, world: JiraState, base: str, version: str, zone: str) -> None:
        self.world = world
        self.base = base
        self.root = f"{base}/rest/api/{version}"
        self.version = version
        self._zone = ZoneInfo(zone)

    def moment(self, at: datetime | None) -> str | None:
        """A time as Jira writes it: the caller's zone, milliseconds, no colon in the offset."""
        if at is None:
            return None
        here = at.astimezone(self._zone)
        return f"{here:%Y-%m-%dT%H:%M:%S}.{here.microsecond // 1000:03}{here:%z}"

    def text(self, one: Rich | None) -> Any:  # noqa: ANN401  a text or a document
        """A long text in the version's spelling."""
        if one is None:
            return None
        return adf.document(one) if self.version == "3" else one.wiki

    # People, and what the site shares

    def user(self, one: User) -> Payload:
        """Somebody: by account id on Cloud, by name on Data Center."""
        shared: Payload = {
            "displayName": one.name,
            "active": one.active,
            "timeZone": one.zone,
            "avatarUrls": self._avatars(),
        }
        if self.world.flavour == "cloud":
            return {
                "self": f"{self.root}/user?accountId={one.account_id}",
                "accountId": one.account_id,
                "accountType": "app" if one.app else "atlassian",
                "emailAddress": one.email,
            } | shared
        return {
            "self": f"{self.root}/user?username={one.login}",
            "name": one.login,
            "key": one.key,
            "emailAddress": one.email,
        } | shared

    def person(self, login: str | None) -> Payload | None:
        """The user of that login, None for nobody."""
        return None if login is None else self.user(self.world.user(login))

    def _avatars(self) -> Payload:
        return {
            f"{size}x{size}": f"{self.base}/_sandbox/avatar?size={size}"
            for size in (16, 24, 32, 48)
        }

    def category(self, key: str) -> Payload:
        """A status category."""
        number, name, colour = CATEGORIES[key]
        return {
            "self": f"{self.root}/statuscategory/{number}",
            "id": number,
            "key": key,
            "colorName": colour,
            "name": name,
        }

    def status(self, one: Status) -> Payload:
        """A status with its category."""
        payload: Payload = {
            "self": f"{self.root}/status/{one.id}",
            "description": "",
            "iconUrl": f"{self.base}/images/icons/statuses/generic.png",
            "name": one.name,
            "id": one.id,
            "statusCategory": self.category(one.category),
        }
        if one.project is not None:
            payload["scope"] = {"type": "PROJECT", "project": {"id": str(one.project)}}
        return payload

    def named(self, kind: str, one: Named) -> Payload:
        """A priority, resolution or component."""
        extra: Payload = {"description": ""} if kind == "resolution" else {}
        if kind == "priority":
            extra = {"iconUrl": f"{self.base}/images/icons/priorities/{one.name.lower()}.svg"}
        return {"self": f"{self.root}/{kind}/{one.id}", "id": one.id, "name": one.name} | extra

    def found(self, kind: str, among: Collection[Named], wanted: str | None) -> Payload | None:
        """The one of that id."""
        return next((self.named(kind, one) for one in among if one.id == wanted), None)

    def issue_type(self, one: IssueType) -> Payload:
        """An issue type."""
        payload: Payload = {
            "self": f"{self.root}/issuetype/{one.id}",
            "id": one.id,
            "description": "",
            "iconUrl": f"{self.base}/images/icons/issuetypes/{one.id}.svg",
            "name": one.name,
            "subtask": one.level < 0,
        }
        if self.world.flavour == "cloud":
            payload["hierarchyLevel"] = one.level
            if one.project is not None:
                payload["scope"] = {"type": "PROJECT", "project": {"id": str(one.project)}}
        return payload

    def link_type(self, one: LinkType) -> Payload:
        """A kind of link."""
        return {
            "id": one.id,
            "name": one.name,
            "inward": one.inward,
            "outward": one.outward,
            "self": f"{self.root}/issueLinkType/{one.id}",
        }

    # Projects

    def project(self, one: Project) -> Payload:
        """A project as an issue shows it."""
        payload: Payload = {
            "self": f"{self.root}/project/{one.id}",
            "id": str(one.id),
            "key": one.key,
            "name": one.name,
            "projectTypeKey": one.kind,
            "avatarUrls": self._avatars(),
        }
        if self.world.flavour == "cloud":
            payload["simplified"] = one.free
        return payload

    def whole_project(self, one: Project) -> Payload:
        """A project as its own address shows it."""
        payload = self.project(one) | {
            "description": "",
            "lead": self.person(one.lead),
            "components": [self.named("component", each) for each in one.components],
            "issueTypes": [self.issue_type(each) for each in one.types],
            "assigneeType": "UNASSIGNED",
            "versions": [],
            "roles": {},
            "archived": one.archived,
        }
        if self.world.flavour == "cloud":
            payload |= {
                "style": "next-gen" if one.free else "classic",
                "isPrivate": False,
                "properties": {},
                "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
            }
        return payload

    # Issues

    def issue(self, one: Issue, fields: Collection[str], properties: Collection[str]) -> Payload:
        """An issue with some of its fields (``*all``, ``*navigable`` and ``-name`` as Jira)."""
        payload: Payload = {
            "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
            "id": str(one.id),
            "self": f"{self.root}/issue/{one.id}",
            "key": one.key,
        }
        if fields:
            payload["fields"] = self.fields(one, fields)
        if properties:
            held = self.world.issues.properties.get(one.id, {})
            every = "*all" in properties
            payload["properties"] = {
                name: value for name, value in held.items() if every or name in properties
            }
        return payload

    def fields(self, one: Issue, wanted: Collection[str]) -> Payload:
        """The fields asked for, in Jira's spelling."""
        every = bool({"*all", "*navigable"} & set(wanted)) or all(
            name.startswith("-") for name in wanted
        )
        known = self._writers()
        names = list(known) if every else [name for name in wanted if name in known]
        left_out = {name[1:] for name in wanted if name.startswith("-")}
        if "*navigable" in wanted and "*all" not in wanted:
            left_out |= {"comment", "worklog", "attachment"} - set(wanted)
        shown = {name: known[name](one) for name in names if name not in left_out}
        project = self.world.projects[one.project]
        held = dict(one.custom)
        for kind in project.custom:
            if (every or kind.id in wanted) and kind.id not in left_out:
                shown[kind.id] = self.custom(kind, held.get(kind.id))
        return shown

    def _writers(self) -> Mapping[str, Any]:
        world = self.world
        return {
            "summary": lambda one: one.summary,
            "issuetype": self._type_of,
            "project": lambda one: self.project(world.projects[one.project]),
            "status": lambda one: self.status(world.statuses[one.status]),
            "priority": lambda one: self.found("priority", world.priorities, one.priority),
            "resolution": lambda one: self.found("resolution", world.resolutions, one.resolution),
            "resolutiondate": lambda one: self.moment(one.resolved_at),
            "created": lambda one: self.moment(one.created_at),
            "updated": lambda one: self.moment(one.updated_at),
            "statuscategorychangedate": lambda one: self.moment(one.moved_at),
            "labels": lambda one: list(one.labels),
            "assignee": lambda one: self.person(one.assignee),
            "reporter": lambda one: self.person(one.reporter),
            "creator": lambda one: self.person(one.creator),
            "duedate": lambda one: one.due,
            "description": lambda one: self.text(one.description),
            "environment": lambda one: self.text(one.environment),
            "components": self._components_of,
            "fixVersions": lambda _one: [],
            "versions": lambda _one: [],
            "parent": self._parent_of,
            "subtasks": self._subtasks_of,
            "issuelinks": self._links_of,
            "comment": self._comments_of,
        }

    def custom(self, kind: FieldKind, value: object) -> object:
        """A custom field's value."""
        if kind.holds != "option" or value is None:
            return value
        return next((self.option(one) for one in kind.options if one.id == value), None)

    def option(self, one: Named) -> Payload:
        """An option of a custom field."""
        return {
            "self": f"{self.root}/customFieldOption/{one.id}",
            "value": one.name,
            "id": one.id,
        }

    def _type_of(self, one: Issue) -> Payload | None:
        kind = self.world.projects[one.project].type_by_id(one.type)
        return self.issue_type(kind) if kind else None

    def _components_of(self, one: Issue) -> list[Payload]:
        known = self.world.projects[one.project].components
        return [self.named("component", each) for each in known if each.id in one.components]

    def _parent_of(self, one: Issue) -> Payload | None:
        elder = self.world.issues.all.get(one.parent) if one.parent is not None else None
        return self.brief(elder) if elder else None

    def _subtasks_of(self, one: Issue) -> list[Payload]:
        return [self.brief(each) for each in self.world.issues.children(one.id)]

    def brief(self, one: Issue) -> Payload:
        """An issue as another one shows it."""
        wanted = ("summary", "status", "priority", "issuetype")
        return {
            "id": str(one.id),
            "key": one.key,
            "self": f"{self.root}/issue/{one.id}",
            "fields": self.fields(one, wanted),
        }

    def _links_of(self, one: Issue) -> list[Payload]:
        found = self.world.issues.relations.links_of(one.id)
        return [self.link(each, one.id) for each in found]

    def link(self, one: Link, seen_from: int | None = None) -> Payload:
        """A link, both ends of it or only the other one."""
        kind = next(each for each in self.world.link_types if each.id == one.type)
        payload: Payload = {
            "id": str(one.id),
            "self": f"{self.root}/issueLink/{one.id}",
            "type": self.link_type(kind),
        }
        if seen_from != one.target:
            payload["outwardIssue"] = self.brief(self.world.issues.all[one.target])
        if seen_from != one.source:
            payload["inwardIssue"] = self.brief(self.world.issues.all[one.source])
        return payload

    def _comments_of(self, one: Issue) -> Payload:
        found = self.world.issues.relations.comments_of(one.id)
        return {
            "self": f"{self.root}/issue/{one.id}/comment",
            "maxResults": len(found),
            "total": len(found),
            "startAt": 0,
            "comments": [self.comment(each) for each in found],
        }

    def comment(self, one: Comment, *, properties: bool = False) -> Payload:
        """A comment."""
        payload: Payload = {
            "self": f"{self.root}/issue/{one.issue}/comment/{one.id}",
            "id": str(one.id),
            "author": self.person(one.author),
            "updateAuthor": self.person(one.author),
            "body": self.text(one.body),
            "created": self.moment(one.created_at),
            "updated": self.moment(one.updated_at),
        }
        if self.world.flavour == "cloud":
            payload["jsdPublic"] = True
        if properties:
            payload["properties"] = [{"key": key, "value": value} for key, value in one.properties]
        return payload

    def remote_link(self, one: RemoteLink) -> Payload:
        """A link to a place elsewhere, as it was given."""
        payload: Payload = {
            "id": one.id,
            "self": f"{self.root}/issue/{one.issue}/remotelink/{one.id}",
        }
        if one.global_id:
            payload["globalId"] = one.global_id
        return payload | {
            name: one.told[name]
            for name in ("application", "relationship", "object")
            if one.told.get(name) is not None
        }

    def change(self, one: Change) -> Payload:
        """What somebody changed at once."""
        return {
            "id": str(one.id),
            "author": self.person(one.author),
            "created": self.moment(one.at),
            "items": [dict(item) for item in one.items],
        }
