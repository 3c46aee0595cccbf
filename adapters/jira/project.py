"""The issues of one project."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from adapters.base import (
    Capabilities,
    Change,
    Check,
    Comment,
    Cursor,
    Found,
    Page,
    Project,
    ProjectInfo,
)
from adapters.errors import (
    AdapterError,
    Missing,
    Moved,
    PreconditionFailed,
    Rejected,
)
from adapters.jira import making
from adapters.jira.account import Accounts
from adapters.jira.bulk import WORTH_A_CALL, make
from adapters.jira.checking import check, proposed
from adapters.jira.client import Client, Options
from adapters.jira.finding import listed, numbered, over, query
from adapters.jira.home import Fields, Home
from adapters.jira.moving import Mover
from adapters.jira.notes import all_comments, write_note
from adapters.jira.parents import put_under
from adapters.jira.place import Place
from adapters.jira.reading import Fresh, Listed, Pass, Question, Raw, bound_of, number_of, pages
from adapters.jira.rich import refuse_to_lose
from adapters.jira.together import MOVED, change
from mappings import jira, jira_edit, jira_text
from mappings.item import Draft, Item, Patch, Ref, Unset
from mappings.jira_markdown import to_markdown
from mappings.jira_words import Site, nearest_phase, passed, resolution_name
from mappings.problem import Problem
from mappings.profile import Profile
from mappings.vocabulary import Field, Phase, Resolution

#: Between two proofs that an issue is not there, as a share of the time a request may be under way.
APART: Final = 0.25


def capabilities(options: Options) -> Capabilities:
    """What Jira holds, and how far behind its searches may be."""
    return Capabilities(
        writes=frozenset(Field),
        notes=True,
        labels=True,
        bulk=WORTH_A_CALL,
        together=MOVED if options.cloud else frozenset(),
        cursor_grain=timedelta(minutes=1),
        overlap=timedelta(seconds=options.overlap),
        find_lag=timedelta(seconds=options.find_lag),
        title_limit=jira_edit.TITLE_LIMIT,
        body_limit=jira_text.SECTION_LIMIT,
    )


class Shared:
    """What a connection's projects have in common."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.accounts = Accounts(client)
        self.fields = Fields(client)
        self.fresh = Fresh(client)


class JiraProject(Project):
    """One project, addressed by its number, its issues by theirs."""

    def __init__(self, shared: Shared, key: str, profile: Profile) -> None:
        self.capabilities = capabilities(shared.client.options)
        self.home = Home(shared.client, shared.fields, key, profile)
        self.mover = Mover(shared.client, self.home)
        self._client = shared.client
        self._shared = shared
        self._high: int | None = None

    def describe(self) -> ProjectInfo:
        return self.home.describe()

    def check(self) -> Iterator[Check]:
        yield from check(self.home, self.mover)

    def propose(self, profile: Profile) -> Profile:
        return proposed(self.home, profile)

    # --- reading -----------------------------------------------------------------------------

    def changed(self, cursor: Cursor | None) -> Iterator[Page]:
        place = Place.read(cursor)
        start = self.home.start(place)
        sweep = start is not place
        passing = self.begin(start)
        since = None if sweep else bound_of(start, self._client)
        asked = Question([start.project], since, self.home.fields, self._shared.fresh.ids())
        try:
            for page in pages(self._client, asked):
                yield self.take(passing, page, sweep=sweep)
        except Missing as error:
            raise self.home.unlisted(error) from None

    def begin(self, start: Place) -> Pass:
        """A reading of this project from ``start`` on."""
        self.home.forget_workflows()
        return Pass(start, self.read)

    def take(self, passing: Pass, page: Listed, *, sweep: bool) -> Page:
        """One step of a reading, out of one page of this project's rows."""
        items, broken = passing.take(page)
        self._known(passing.high)
        begun = None if sweep else passing.start.write()
        return Page(
            items=items,
            broken=broken,
            cursor=passing.end(self._client).write() if page.last else begun,
            last=page.last,
            sweep=sweep,
            server_time=page.server_time,
        )

    def read(self, raw: Raw) -> Item:
        """The item an issue's JSON is."""
        item = self.home.reader(raw)
        fields = raw["fields"]
        self.home.standing[item.ref.id] = (fields.get("issuetype"), fields["status"])
        return item

    def route(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        stands = self.home.standing.get(item.ref.id)
        if stands is not None:
            kind, status = str((stands[0] or {}).get("id")), jira.status_of(stands[1])
            self.mover.require(kind, status, nearest_phase(phase, self.home.profile))
        return (phase,)

    def passes(self, item: Item, phase: Phase) -> tuple[Phase, ...]:
        wanted = nearest_phase(phase, self.home.profile)
        return passed(item.phase, wanted) if isinstance(item.phase, Phase) else ()

    def _known(self, number: int) -> None:
        self._high = max(self._high or 0, number)

    def fetch(self, ref: Ref) -> Item | None:
        return self.read(self.raw(ref))

    def raw(self, ref: Ref) -> Raw:
        """The issue's JSON. Raises Missing (E210), or Moved (E212) if another project has it."""
        key = ref.key or f"{self.home.key} ({ref.id})"
        try:
            raw = self._client.get(f"/api/2/issue/{ref.id}", query(self.home)).data
        except Missing:
            raise Missing(_unseen(key)) from None
        if not isinstance(raw, dict) or "fields" not in raw:
            raise Missing(_unseen(key))
        if not self.home.has(raw):
            remedy = "Move it back, or `unlink` it."
            problem = Problem("E212", f"{key} moved to {raw['key']}.", remedy=remedy)
            raise Moved(problem, Ref(str(raw["id"]), str(raw["key"])))
        return raw

    # --- after a lost answer -----------------------------------------------------------------

    def hint(self) -> str:
        return "" if self._high is None else str(self._high)

    def find(self, marker: str, since: datetime, hint: str) -> Found:
        """The latest issues of our account, then every key given out since."""
        found = {str(raw["id"]): raw for raw in listed(self.home, marker, since)}
        ended = False
        if not found and hint:
            rows, ended = numbered(self.home, marker, int(hint))
            found = {str(raw["id"]): raw for raw in rows}
        conclusive = ended and over(self._client, since)
        flight = timedelta(seconds=self._client.options.in_flight)
        items = tuple(self.read(self.raw(Ref(number))) for number in found)
        return Found(items, conclusive=conclusive, again=flight * APART)

    # --- writing -----------------------------------------------------------------------------

    def create(self, draft: Draft) -> Item:
        return making.create(self, draft)

    def create_many(self, drafts: Sequence[Draft]) -> list[Item | AdapterError]:
        made: list[Item | AdapterError] = []
        for start in range(0, len(drafts), WORTH_A_CALL):
            made += make(self, drafts[start : start + WORTH_A_CALL])
        return made

    def update(self, ref: Ref, patch: Patch, expect: str | None) -> Item:
        self.capabilities.require(patch)
        self._client.turn()
        raw = self.raw(ref)
        now = self.read(raw)
        if expect is not None and now.revision != expect:
            raise PreconditionFailed(Problem("E118", f"{now.ref.key} changed since it was read."))
        if now.archived and patch.values():
            remedy = "Restore it in Jira, or `unlink` it."
            raise Rejected(Problem("E127", f"{now.ref.key} is archived.", remedy=remedy))
        payload = jira_edit.changed_issue(raw, patch, self.home.site)
        making.refuse(payload)
        wiki = raw["fields"].get("description") or ""
        rewritten = "description" in payload.get("fields", {}) and jira_text.peoples(wiki)
        if rewritten and self._client.options.cloud:
            refuse_to_lose(self._client, ref.id)
        wrote = False
        if payload:
            raw, wrote = self._edit(raw, payload)
        if not isinstance(patch.parent, Unset):
            wrote = put_under(self.home, raw, patch.parent) or wrote
        before = raw
        raw, moved = self.move(raw, patch)
        if moved or (wrote and raw is before):
            raw = self.raw(ref)
        self._shared.fresh.add(ref.id)
        return self.read(raw)

    def update_many(self, changes: Sequence[Change]) -> list[Item | AdapterError]:
        return change(self, changes) if self.capabilities.together else super().update_many(changes)

    def _edit(self, raw: Raw, payload: Raw) -> tuple[Raw, bool]:
        """The issue after an edit, and whether it must be read again: Cloud gives it back."""
        asked = {"returnIssue": "true"} if self._client.options.cloud else {}
        path = f"/api/2/issue/{raw['id']}"
        data = self._client.write("PUT", path, payload, {200, 204}, asked).data
        if isinstance(data, dict) and "fields" in data and "summary" in data["fields"]:
            return data | {"properties": raw.get("properties") or {}}, False
        return raw, True

    def move(self, raw: Raw, patch: Patch) -> tuple[Raw, bool]:
        """Phase and resolution by transitions: the issue, read again where that had to be known,
        and whether anything was written since it was read.
        """
        now = self.read(raw)
        wanted = jira_edit.wanted_status(patch, now)
        if wanted is None:
            return raw, False
        phase, why = wanted
        phase = nearest_phase(phase, self.home.profile)
        ends = phase is Phase.COMPLETED and why is not None and why is not now.resolution
        if phase is now.phase and not ends:
            return raw, False
        moved = self.mover.move(raw, phase, why)
        if why is None:
            return raw, moved
        raw = self.raw(Ref(str(raw["id"])))
        return raw, self.resolve(raw, why, tolerant=phase is not now.phase)

    def resolve(self, raw: Raw, why: Resolution, *, tolerant: bool) -> bool:
        """Set the resolution where no transition asked for it; ``raw`` was read just now. Where
        it cannot be edited, the issue is reopened and closed with it; ``tolerant`` leaves it as it
        is instead. Returns whether anything was written.
        """
        if self.read(raw).resolution is why:
            return False
        ref = Ref(str(raw["id"]))
        value = {"fields": {"resolution": {"name": self._resolution(why)}}}
        try:
            self._client.write("PUT", f"/api/2/issue/{ref.id}", value, {200, 204})
        except Rejected:
            if tolerant:
                return False
            self.mover.reopen(self.raw(ref))
            self.mover.move(self.raw(ref), Phase.COMPLETED, why)
        return True

    def _resolution(self, why: Resolution) -> str:
        return resolution_name(why, self.home.profile)

    def note(self, ref: Ref, key: str, text: str) -> None:
        write_note(self._client, self._shared.accounts.me().login, ref.id, key, text)

    def tag(self, ref: Ref, name: str, *, on: bool) -> Item:
        raw = self.raw(ref)
        there = [one for one in raw["fields"].get("labels") or () if one.lower() == name.lower()]
        steps = [{"remove": one} for one in there if not on]
        steps += [{"add": name}] if on and not there else []
        if steps:
            payload = {"update": {"labels": steps}}
            making.refuse(payload)
            raw, again = self._edit(raw, payload)
            raw = self.raw(ref) if again else raw
            self._shared.fresh.add(ref.id)
        return self.read(raw)

    def comments(self, ref: Ref) -> Iterator[Comment]:
        site = self.home.site
        for one in all_comments(self._client, ref.id):
            by, at = site.person(one.get("author") or {}), one.get("created")
            written = jira.moment_of(at) if at else None
            yield Comment(by, to_markdown(one.get("body") or ""), at=written)

    def canonical(self, item: Item) -> Item:
        profile = self.home.profile
        return jira.canonical(item, Site(profile, self._client.options.cloud))

    def wrote(self, ref: Ref) -> None:
        """Remember an issue that was just made."""
        self._known(number_of(ref.key))
        self._shared.fresh.add(ref.id)


def _unseen(key: str) -> Problem:
    return Problem("E210", f"cannot see {key} (deleted, moved or no access). Frozen.")
