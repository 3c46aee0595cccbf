"""Which repository a project is, and what it has: found once, addressed by its number."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from adapters.base import Check, ProjectInfo
from adapters.errors import AdapterError, AuthFailed, Missing, Moved, Rejected
from adapters.github.client import Client
from adapters.github.place import Place
from adapters.github.reading import all_of
from mappings.github_words import NativeFields
from mappings.problem import Problem
from mappings.profile import Profile

_NUMBERED: Final = re.compile(r"/repositories/([0-9]+)\Z")


class Repository:
    """One repository. Its number is asked for once; a cursor remembers it.

    ``looked_at``: what GitHub's clock said at the last look (UTC).
    """

    def __init__(self, client: Client, name: str, profile: Profile) -> None:
        self.name = name
        self.full_name = name
        self.looked_at: datetime | None = None
        self._client = client
        self._profile = profile
        self._id: int | None = None
        self._labels: dict[str, str] | None = None
        self._fields: NativeFields | None = None

    @property
    def id(self) -> int:
        """The repository's number; may ask for it."""
        if self._id is None:
            self.look()
        assert self._id is not None, "look() raises where there is none"
        return self._id

    @property
    def path(self) -> str:
        """Its address, which a rename does not change."""
        return f"/repositories/{self.id}"

    def start(self, place: Place | None) -> Place:
        """Where a reading starts: at ``place`` if that is about this repository, else anew."""
        home, name = self._client.options.base_url, self.name.lower()
        if place is not None and (place.home, place.name) == (home, name):
            self._id, self.full_name = place.repository, place.full_name
            return place
        return Place(home=home, name=name, repository=self.id, full_name=self.full_name)

    def look(self) -> dict[str, Any]:
        """The repository's JSON as it is now. A renamed one is followed, by its number."""
        try:
            path = f"/repos/{self.name}" if self._id is None else self.path
            answer = self._client.get(path)
        except Moved as error:
            number = _NUMBERED.search(error.to.key if error.to else "")
            if number is None:
                raise
            answer = self._client.get(f"/repositories/{number[1]}")
        except Missing as error:
            text = f"cannot see {self.name}: {error.problem.message}"
            remedy = "Check its name, and that the token reaches it."
            raise Missing(Problem("E210", text, remedy=remedy)) from None
        raw, self.looked_at = answer.data, answer.date()
        if not isinstance(raw, dict) or "full_name" not in raw:
            raise Missing(Problem("E210", f"{self.name} is no repository."))
        self._id, self.full_name = int(raw["id"]), str(raw["full_name"])
        return raw

    def discussed(self) -> bool:
        """Whether discussions take numbers here, too; asks."""
        return bool(self.look().get("has_discussions"))

    def describe(self) -> ProjectInfo:
        """As a value."""
        raw = self.look()
        visibility = raw.get("visibility") or ("private" if raw["private"] else "public")
        return ProjectInfo(
            id=str(raw["id"]),
            key=raw["full_name"],
            url=raw["html_url"],
            public=visibility == "public",
            archived=bool(raw.get("archived")),
            labels=tuple(self.labels().values()),
        )

    # --- labels and fields -------------------------------------------------------------------

    def forget_labels(self) -> None:
        """A new cycle begins: people may have changed them."""
        self._labels = None

    def labels(self) -> dict[str, str]:
        """The labels by lower case; asked for once in a cycle and only when needed."""
        if self._labels is None:
            names = [one["name"] for one in all_of(self._client, f"{self.path}/labels")]
            self._labels = {name.lower(): name for name in names}
        return self._labels

    def add_label(self, name: str) -> None:
        """Make a label; one that is there already is as good."""
        colour = self._profile.colours.get(name, "ededed")
        payload = {"name": name, "color": colour.lower()}
        try:
            self._client.write("POST", f"{self.path}/labels", payload, {201})
        except Rejected as error:
            if "already_exists" not in error.problem.message:
                raise
        if self._labels is not None:
            self._labels[name.lower()] = name

    def fields(self) -> NativeFields:
        """The organisation's issue fields that the profile names, by id; asked for once."""
        wanted = {self._profile.priority.field, self._profile.severity.field} - {""}
        if self._fields is None:
            self._fields = self._native(wanted) if wanted else {}
        return self._fields

    def _native(self, wanted: set[str]) -> NativeFields:
        owner = self.full_name.partition("/")[0]
        try:
            found = list(all_of(self._client, f"/orgs/{owner}/issue-fields"))
        except (Missing, Rejected, AuthFailed):
            return {}  # a person's repository has none, and the rest works without them
        return {int(one["id"]): one["name"] for one in found if one.get("name") in wanted}

    # --- checking ----------------------------------------------------------------------------

    def check(self) -> Iterator[Check]:
        """Everything that must be right here, a line each."""
        try:
            raw = self.look()
        except AdapterError as error:
            yield Check("repository", False, str(error), error.problem.remedy)
            return
        kind = "private" if raw["private"] else "public"
        yield Check("repository", True, f"{raw['full_name']} ({kind})")
        if raw["full_name"].lower() != self.name.lower():
            detail = f"{self.name} is called {raw['full_name']} now"
            yield Check("name", False, detail, "Write the new name in the settings.")
        issues, archived = bool(raw.get("has_issues")), bool(raw.get("archived"))
        yield Check("issues", issues, "", "" if issues else "Enable issues in its settings.")
        remedy = "Unarchive it, or take the pair out." if archived else ""
        yield Check("not archived", not archived, "", remedy)
        rights = raw.get("permissions") or {}
        may = bool(rights.get("push") or rights.get("triage") or self._client.options.app)
        remedy = "" if may else 'Give the token "Issues: read and write" here.'
        yield Check("may write issues", may, "", remedy)
        yield self._check_labels()
        absent = {self._profile.priority.field, self._profile.severity.field} - {
            "",
            *self.fields().values(),
        }
        if absent:
            detail = f"the organisation has no issue field {', '.join(sorted(absent))}"
            yield Check("issue fields", False, detail, "Make it, or change the profile.")

    def _check_labels(self) -> Check:
        words = self._profile
        families = (words.priority, words.severity, words.category, words.phase, words.resolution)
        named = [label for family in families for label in family.labels.values()]
        named += [label for kind in words.kinds.values() for label in kind.labels[:1]]
        try:
            absent = [name for name in named if name.lower() not in self.labels()]
        except AdapterError as error:
            return Check("labels", False, str(error), error.problem.remedy)
        detail = f"will be made when first needed: {', '.join(absent)}" if absent else "all there"
        return Check("labels", True, detail)
