"""Which project this is, and what it has: found once, addressed by its number."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from adapters.base import ProjectInfo
from adapters.errors import AdapterError, Missing, Rejected
from adapters.jira.client import Client
from adapters.jira.place import Place
from adapters.jira.reading import FIELDS, Raw
from mappings.jira import IssueReader, status_of
from mappings.jira_words import Site, settled
from mappings.jira_workflow import Need, Status, Workflow
from mappings.problem import Problem
from mappings.profile import Profile

#: The field in which Data Center keeps an issue's epic; Cloud has ``parent`` for it.
EPIC_OPTION: Final = "epic"
#: Seconds for which what was learned of a workflow is believed.
LEARNED_FOR: Final = 3600.0
#: Seconds for which a project is taken to be as it was.
JUST_SEEN: Final = 60.0


class Fields:
    """The site's fields by id and name; asked for once. Shared by a connection's projects."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ids: dict[str, str] | None = None
        self._lock = threading.Lock()

    def id_of(self, name: str) -> str:
        """A custom field's id by its name or id; "" for none."""
        if not name or name.startswith("customfield_"):
            return name
        with self._lock:
            if self._ids is None:
                data = self._client.get("/api/2/field").data
                rows = data if isinstance(data, list) else []
                self._ids = {str(one["name"]).lower(): str(one["id"]) for one in reversed(rows)}
            return self._ids.get(name.lower(), "")


class Home:
    """One project. Its number is asked for once; a cursor remembers it.

    ``flows`` are what is known of workflows, by issue type; ``asked`` the issue types and
    statuses for which an issue was looked for to learn from; ``families`` names for each issue type
    the first of those that share its workflow; ``standing`` has the issue type and status of each
    issue that was read, by the issue's id; ``kinds`` the issue types of others that were asked for.
    """

    def __init__(self, client: Client, fields: Fields, key: str, profile: Profile) -> None:
        self.key = key
        self.profile = profile
        self.client = client
        self.flows: dict[str, Workflow] = {}
        self.statuses: dict[str, Status] = {}
        self.asked: set[tuple[str, str]] = set()
        self.families: dict[str, str] = {}
        self.standing: dict[str, tuple[Raw | None, Raw]] = {}
        self.kinds: dict[str, Raw] = {}
        self._fields = fields
        self._learned = client.clock.monotonic()
        self._id = ""
        self._seen: tuple[float, Raw] | None = None
        self._site: Site | None = None
        self._reader: IssueReader | None = None
        self._screens: dict[str, tuple[Need, ...]] = {}

    @property
    def id(self) -> str:
        """The project's number; may ask for it."""
        if not self._id:
            self.look()
        return self._id

    def look(self) -> Raw:
        """The project's JSON as it is now."""
        try:
            raw = self.client.get(f"/api/2/project/{self.key}").data
        except Missing as error:
            text = f"cannot see {self.key}: {error.problem.message}"
            remedy = "Check its key, and that the account may browse it."
            raise Missing(Problem("E210", text, remedy=remedy)) from None
        if not isinstance(raw, dict) or "id" not in raw:
            raise Missing(Problem("E210", f"{self.key} is no project."))
        self._id = str(raw["id"])
        self._seen = self.client.clock.monotonic(), raw
        return raw

    def has(self, raw: Raw) -> bool:
        """Whether an issue is in this project."""
        return str(raw["fields"]["project"]["id"]) == self.id

    def unlisted(self, refused: Missing) -> AdapterError:
        """Why the project's issues cannot be searched, as far as the project tells."""
        try:
            self.look()
        except AdapterError as error:
            return error
        text = f"cannot search {self.key}: {refused.problem.message}"
        remedy = "Give the account the permission Browse projects."
        return Missing(Problem("E210", text, remedy=remedy))

    def here(self, place: Place) -> bool:
        """Whether a cursor is about this project."""
        return (place.home, place.name) == (self.client.options.base_url, self.key)

    def start(self, place: Place | None) -> Place:
        """Where a reading starts: at ``place`` if that is about this project, else anew."""
        if place is not None and self.here(place):
            self._id = place.project
            return place
        return Place(home=self.client.options.base_url, name=self.key, project=self.id)

    def describe(self) -> ProjectInfo:
        """As a value."""
        now, seen = self.client.clock.monotonic(), self._seen
        raw = seen[1] if seen is not None and now - seen[0] < JUST_SEEN else self.look()
        self.learn_statuses()
        priorities = self.client.get("/api/2/priority").data
        rows = priorities if isinstance(priorities, list) else []
        site = self.client.options.site
        return ProjectInfo(
            id=str(raw["id"]),
            key=str(raw["key"]),
            url=f"{site}/browse/{raw['key']}" if site else "",
            archived=bool(raw.get("archived")),
            statuses=tuple(dict.fromkeys(one.name for one in self.statuses.values())),
            priorities=tuple(str(one["name"]) for one in rows),
        )

    def forget_workflows(self) -> None:
        """What was learned long ago may not be so any more: rights and workflows change."""
        now = self.client.clock.monotonic()
        if now - self._learned >= LEARNED_FOR:
            self.flows.clear()
            self.asked.clear()
            self.families.clear()
            self._learned = now

    # --- words -------------------------------------------------------------------------------

    @property
    def site(self) -> Site:
        """What must be known to speak to it; a field's id may have to be asked for."""
        if self._site is None:
            wanted = self.profile.severity.field
            self._site = Site(
                profile=self.profile,
                cloud=self.client.options.cloud,
                severity=self._fields.id_of(wanted),
                epic=self._fields.id_of(self.profile.options.get(EPIC_OPTION, "")),
                settled=settled(self.profile),
            )
        return self._site

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are asked for."""
        return (*FIELDS, *(one for one in (self.site.severity, self.site.epic) if one))

    @property
    def reader(self) -> IssueReader:
        """What makes items of this project's issues."""
        if self._reader is None:
            self._reader = IssueReader(self.site, self.client.options.site)
        return self._reader

    def learn_statuses(self) -> Mapping[str, tuple[Status, ...]]:
        """All statuses of the project, by issue type; asks."""
        data = self.client.get(f"/api/2/project/{self.key}/statuses").data
        found: dict[str, tuple[Status, ...]] = {}
        for kind in data if isinstance(data, list) else []:
            statuses = tuple(status_of(one) for one in kind.get("statuses") or ())
            found[str(kind["name"])] = statuses
            self.statuses |= {one.id: one for one in statuses}
        return found

    def flow(self, kind: str) -> Workflow:
        """What is known of the workflow of one issue type, by the type's id."""
        return self.flows.setdefault(kind, Workflow())

    def family(self, kind: str) -> str:
        """The issue type that stands for all that share a workflow with ``kind``."""
        return self.families.get(kind, kind)

    def make_family(self, kinds: Sequence[str]) -> None:
        """These issue types have one workflow: what is learned of one is known of all."""
        for kind in kinds:
            self.families[kind] = kinds[0]
            self.flows[kind] = self.flow(kinds[0])

    # --- screens -----------------------------------------------------------------------------

    def types(self) -> dict[str, str]:
        """Ids of the issue types that can be created here, by name."""
        path = f"/api/2/issue/createmeta/{self.key}/issuetypes"
        return {str(one["name"]): str(one["id"]) for one in self._listed(path, "issueTypes")}

    def screen(self, kind: str) -> tuple[Need, ...]:
        """The fields of an issue type's create screen, by the type's name; asked for once.

        Raises Rejected (E120) for a type that cannot be created here.
        """
        if kind not in self._screens:
            types = {name.lower(): number for name, number in self.types().items()}
            number = types.get(kind.lower())
            if number is None:
                text = f'{self.key} has no issue type "{kind}"; it has: {", ".join(types)}.'
                remedy = "Name one of them in the profile."
                raise Rejected(Problem("E120", text, remedy=remedy))
            path = f"/api/2/issue/createmeta/{self.key}/issuetypes/{number}"
            rows = self._listed(path, "fields")
            self._screens[kind] = tuple(
                need_of(str(one.get("fieldId") or one.get("key")), one) for one in rows
            )
        return self._screens[kind]

    def _listed(self, path: str, name: str) -> list[Raw]:
        """All rows of a paged list; Cloud and Data Center call them differently."""
        rows: list[Raw] = []
        while True:
            data = self.client.get(path, {"startAt": len(rows), "maxResults": 100}).data
            said = data if isinstance(data, dict) else {}
            more = said.get(name) or said.get("values") or []
            rows += more
            if not more or len(rows) >= int(said.get("total") or 0):
                return rows


def need_of(number: str, raw: Mapping[str, Any]) -> Need:
    """One field of a screen out of its JSON."""
    schema = raw.get("schema") or {}
    return Need(
        id=number,
        name=str(raw.get("name") or number),
        type=str(schema.get("type") or "string"),
        items=str(schema.get("items") or ""),
        required=bool(raw.get("required")),
        default=bool(raw.get("hasDefaultValue")),
        allowed=tuple(raw.get("allowedValues") or ()),
    )
