"""What the whole site shares: its version, statuses, priorities, resolutions, fields, links."""

from typing import Any

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call, route
from adapters.sandbox.jira.fields import SYSTEM
from adapters.sandbox.jira.model import FieldKind
from adapters.sandbox.jira.payloads import CATEGORIES

#: Fields that only show something.
_SHOWN = {
    "status": ("Status", "status"),
    "statuscategorychangedate": ("Status Category Changed", "datetime"),
    "created": ("Created", "datetime"),
    "updated": ("Updated", "datetime"),
    "resolutiondate": ("Resolved", "datetime"),
    "creator": ("Creator", "user"),
    "issuelinks": ("Linked Issues", "array"),
    "subtasks": ("Sub-tasks", "array"),
    "comment": ("Comment", "comments-page"),
    "fixVersions": ("Fix versions", "array"),
    "versions": ("Affects versions", "array"),
}
_ITEMS = {
    "labels": "string",
    "components": "component",
    "issuelinks": "issuelinks",
    "subtasks": "issuelinks",
    "fixVersions": "version",
    "versions": "version",
}


@route("GET", "/serverInfo")
def server_info(call: Call) -> Answer:
    """What kind of Jira this is. Asks for no credential."""
    cloud = call.world.flavour == "cloud"
    version = "1001.0.0-SNAPSHOT" if cloud else "9.12.15"
    info: dict[str, Any] = {
        "baseUrl": call.base,
        "version": version,
        "versionNumbers": [1001, 0, 0] if cloud else [9, 12, 15],
        "deploymentType": "Cloud" if cloud else "Server",
        "buildNumber": 100_287 if cloud else 9_120_015,
        "buildDate": "2026-01-15T00:00:00.000+0000",
        "serverTime": call.view.moment(call.world.clock.now()),
        "scmInfo": "0" * 40,
        "serverTitle": "Jira",
    }
    if cloud:
        info |= {"defaultLocale": {"locale": "en_US"}, "serverTimeZone": "Etc/UTC"}
    return Answer.json(info)


@route("GET", "/status")
def statuses(call: Call) -> Answer:
    """Every status the caller can meet."""
    seen = call.asker.projects
    return Answer.json(
        [
            call.view.status(one)
            for one in call.world.statuses.values()
            if one.project is None or one.project in seen
        ]
    )


@route("GET", "/status/<wanted>")
def status(call: Call, wanted: str) -> Answer:
    """One status by id or name."""
    for one in call.world.statuses.values():
        if wanted in {one.id, one.name}:
            return Answer.json(call.view.status(one))
    raise Refused(404, f"The status with id '{wanted}' does not exist")


@route("GET", "/statuscategory")
def categories(call: Call) -> Answer:
    """The categories of statuses."""
    return Answer.json([call.view.category(key) for key in CATEGORIES])


@route("GET", "/priority")
def priorities(call: Call) -> Answer:
    """Every priority of the site, whatever a project's scheme has."""
    return Answer.json([call.view.named("priority", one) for one in call.world.priorities])


@route("GET", "/priority/search", only="cloud")
def search_priorities(call: Call) -> Answer:
    """Priorities, of some projects' schemes if they are named."""
    wanted = call.names("projectId")
    kept = [call.project(one).priorities for one in wanted]
    found = [
        call.view.named("priority", one) | {"isDefault": one.id == "3"}
        for one in call.world.priorities
        if not wanted or any(one.id in ids for ids in kept)
    ]
    return Answer.json(call.page("values", found))


@route("GET", "/priority/<wanted>")
def priority(call: Call, wanted: str) -> Answer:
    """One priority."""
    found = call.view.found("priority", call.world.priorities, wanted)
    if found is None:
        raise Refused(404, f"The priority with id '{wanted}' does not exist")
    return Answer.json(found)


@route("GET", "/resolution")
def resolutions(call: Call) -> Answer:
    """Every resolution."""
    return Answer.json([call.view.named("resolution", one) for one in call.world.resolutions])


@route("GET", "/issuetype")
def issue_types(call: Call) -> Answer:
    """Every issue type of projects the caller sees."""
    seen = [one for one in call.world.projects.values() if call.sees(one)]
    kinds = {kind.id: kind for one in seen for kind in one.types}
    return Answer.json([call.view.issue_type(one) for one in kinds.values()])


@route("GET", "/field")
def fields(call: Call) -> Answer:
    """Every field, the system's and custom ones."""
    shown = [
        _system(name, *SYSTEM.get(name, _SHOWN.get(name, ("", "")))) for name in (*SYSTEM, *_SHOWN)
    ]
    seen = [one for one in call.world.projects.values() if call.sees(one)]
    return Answer.json([*shown, *(custom(kind) for one in seen for kind in one.custom)])


def _system(name: str, title: str, holds: str) -> dict[str, Any]:
    return {
        "id": name,
        "key": name,
        "name": title,
        "custom": False,
        "orderable": True,
        "navigable": name != "comment",
        "searchable": True,
        "clauseNames": [name],
        "schema": system_schema(name, holds),
    }


def system_schema(name: str, holds: str) -> dict[str, Any]:
    """What a field of the system holds, as Jira says it."""
    schema: dict[str, Any] = {"type": holds, "system": name}
    return schema | ({"items": _ITEMS[name]} if name in _ITEMS else {})


def custom(kind: FieldKind) -> dict[str, Any]:
    """A custom field."""
    number = kind.id.removeprefix("customfield_")
    return {
        "id": kind.id,
        "key": kind.id,
        "name": kind.name,
        "custom": True,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": [f"cf[{number}]", kind.name],
        "schema": custom_schema(kind),
    }


def custom_schema(kind: FieldKind) -> dict[str, Any]:
    """What a custom field holds."""
    makers = {"option": "select", "number": "float", "date": "datepicker"}
    maker = makers.get(kind.holds, "textfield")
    return {
        "type": kind.holds,
        "custom": f"com.atlassian.jira.plugin.system.customfieldtypes:{maker}",
        "customId": int(kind.id.removeprefix("customfield_")),
    }


@route("GET", "/issueLinkType")
def link_types(call: Call) -> Answer:
    """Every kind of link."""
    return Answer.json(
        {"issueLinkTypes": [call.view.link_type(one) for one in call.world.link_types]}
    )


@route("GET", "/priorityscheme", only="cloud")
def priority_schemes(call: Call) -> Answer:
    """Priority schemes, one to each project that differs from the site."""
    call.signed_in()
    wanted = {int(one) for one in call.names("projectId") if one.isdigit()}
    found = [
        {
            "id": str(one.id),
            "name": f"{one.key}: Priority Scheme",
            "isDefault": False,
            "defaultPriorityId": one.default_priority,
            "projects": {"values": [call.view.project(one)], "total": 1, "startAt": 0},
            "priorities": {
                "values": [
                    call.view.named("priority", each)
                    for each in call.world.priorities
                    if each.id in one.priorities
                ]
            },
        }
        for one in call.world.projects.values()
        if call.sees(one) and (not wanted or one.id in wanted)
    ]
    return Answer.json(call.page("values", found))


@route("GET", "/project/<key>/priorityscheme", only="datacenter")
def project_priorities(call: Call, key: str) -> Answer:
    """The priority scheme of a project."""
    project = call.project(key)
    return Answer.json(
        {
            "id": project.id,
            "name": f"{project.key}: Priority Scheme",
            "defaultOptionId": project.default_priority,
            "optionIds": list(project.priorities),
            "defaultScheme": False,
        }
    )
