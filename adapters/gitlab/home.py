"""Which GitLab project a project is, and what it has: found once, addressed by its number."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from adapters.base import Check, ProjectInfo
from adapters.errors import AdapterError, Missing, Moved, Rejected
from adapters.gitlab.client import Client
from adapters.gitlab.place import Place, written
from adapters.gitlab.reading import all_of
from mappings.gitlab_words import FAMILIES, shared_scopes, writes_incidents
from mappings.problem import Problem
from mappings.profile import Profile

_NUMBERED: Final = re.compile(r"/projects/([0-9]+)\Z")
#: docs.gitlab.com, "Permissions and roles": access levels of the members API.
GUEST: Final = 10
PLANNER: Final = 15
REPORTER: Final = 20
_ROLES: Final = {
    0: "no role",
    5: "Minimal access",
    GUEST: "Guest",
    PLANNER: "Planner",
    REPORTER: "Reporter",
    30: "Developer",
    40: "Maintainer",
    50: "Owner",
}
_GREY: Final = "6E7781"
#: How long what was learned of a project is believed.
LOOK_EVERY: Final = timedelta(hours=1)


class Home:
    """One project. Its number is asked for once; a cursor remembers it.

    ``looked_at``: what GitLab's clock said at the last look (UTC).
    """

    def __init__(self, client: Client, name: str, profile: Profile) -> None:
        self.name = name
        self.full_path = name
        self.looked_at: datetime | None = None
        self._client = client
        self._profile = profile
        self._id: int | None = None
        self._labels: list[str] | None = None

    @property
    def id(self) -> int:
        """The project's number; may ask for it."""
        if self._id is None:
            self.look()
        assert self._id is not None, "look() raises where there is none"
        return self._id

    @property
    def path(self) -> str:
        """Its address, which a rename does not change."""
        return f"/projects/{self.id}"

    def here(self, place: Place | None) -> bool:
        """Whether a place in a reading is one of this project."""
        home, name = self._client.options.base_url, self.name.lower()
        return place is not None and (place.home, place.name) == (home, name)

    def start(self, place: Place | None) -> Place:
        """Where a reading starts: at ``place`` if that is about this project, else anew."""
        if place is not None and self.here(place):
            self._id, self.full_path = place.project, place.path
            return place
        # Looked at anew: whoever moved the project to another group did not touch its issues.
        if not has_issues(self.look()):
            raise self._without_issues()
        home, name = self._client.options.base_url, self.name.lower()
        return self.seen(Place(home=home, name=name, project=self.id), self.full_path)

    def looked_long_ago(self, place: Place) -> bool:
        """Whether the project may have lost its issues, or its name, unnoticed: lists do not tell,
        they are empty then.
        """
        return self._client.clock.now() - datetime.fromisoformat(place.looked) >= LOOK_EVERY

    def look_again(self, place: Place) -> Place:
        """``place`` after another look, if the last one was long ago. Raises what stands in the way
        of reading: Missing (E210), or Rejected (E127) for a project without issues.
        """
        if not self.looked_long_ago(place):
            return place
        if not has_issues(self.look()):
            raise self._without_issues()
        return self.seen(place, self.full_path)

    def seen(self, place: Place, path: str) -> Place:
        """``place`` of a project that was just seen, and where."""
        self.full_path = path
        return replace(place, path=path, looked=written(self._client.clock.now()))

    def _without_issues(self) -> Rejected:
        remedy = "Enable them, or take the pair out of the settings."
        return Rejected(Problem("E127", f"{self.full_path} has no issues.", remedy=remedy))

    def look(self) -> dict[str, Any]:
        """The project's JSON as it is now. A renamed one is followed, by its number."""
        try:
            path = f"/projects/{quote(self.name, safe='')}" if self._id is None else self.path
            answer = self._client.get(path)
        except Moved as error:
            number = _NUMBERED.search(error.to.key if error.to else "")
            if number is None:
                raise
            answer = self._client.get(f"/projects/{number[1]}")
        except Missing as error:
            text = f"cannot see {self.name}: {error.problem.message}"
            remedy = "Check its name, and that the token's account is a member."
            raise Missing(Problem("E210", text, remedy=remedy)) from None
        raw, self.looked_at = answer.data, answer.date()
        if not isinstance(raw, dict) or "path_with_namespace" not in raw:
            raise Missing(Problem("E210", f"{self.name} is no project."))
        self._id, self.full_path = int(raw["id"]), str(raw["path_with_namespace"])
        return raw

    def describe(self) -> ProjectInfo:
        """As a value. What every signed-in user may see is not public yet."""
        raw = self.look()
        return ProjectInfo(
            id=str(raw["id"]),
            key=raw["path_with_namespace"],
            url=raw.get("web_url") or "",
            public=raw.get("visibility") == "public",
            archived=bool(raw.get("archived")),
            labels=tuple(self.labels()),
        )

    def why(self, error: Rejected) -> Rejected:
        """A refusal in better words: an archived project says only that it is forbidden."""
        if error.problem.code != "E203":
            return error
        try:
            archived = bool(self.look().get("archived"))
        except AdapterError:
            return error
        if not archived:
            return error
        remedy = "Unarchive it, or take the pair out of the settings."
        return Rejected(Problem("E127", f"{self.full_path} is archived.", remedy=remedy))

    def unlisted(self) -> AdapterError:
        """Why the issues cannot be listed, as far as the project tells."""
        try:
            raw = self.look()
        except AdapterError as error:
            return error
        if not has_issues(raw):
            return self._without_issues()
        remedy = "Give the token's account the role Reporter here."
        return Missing(Problem("E210", f"cannot list the issues of {self.full_path}.", "", remedy))

    def notices(self) -> tuple[Problem, ...]:
        """That the project is not called as settings call it any more."""
        if self.full_path.lower() == self.name.lower():
            return ()
        text = f"{self.name} is called {self.full_path} now; it is followed."
        return (Problem("E212", text, remedy="Write the new name in the settings."),)

    def unseen(self, key: str) -> AdapterError:
        """Why one issue cannot be seen, as far as the project tells."""
        try:
            raw = self.look()
        except AdapterError as error:
            return error
        if not has_issues(raw):
            return self._without_issues()
        text = f"cannot see {key} (deleted, moved, confidential or no access). Frozen."
        remedy = "Give the token's account the role Reporter, or `unlink` it."
        return Missing(Problem("E210", text, remedy=remedy))

    # --- labels ------------------------------------------------------------------------------

    def forget_labels(self) -> None:
        """A new cycle begins: people may have changed them."""
        self._labels = None

    def labels(self) -> list[str]:
        """The labels, the groups' own among them; asked for once in a cycle, and when needed."""
        if self._labels is None:
            self._labels = [str(one["name"]) for one in all_of(self._client, f"{self.path}/labels")]
        return self._labels

    def add_label(self, name: str) -> None:
        """Make a label; one that is there already is as good."""
        payload = {"name": name, "color": f"#{self._profile.colours.get(name, _GREY)}"}
        try:
            self._client.write("POST", f"{self.path}/labels", payload, {201})
        except Rejected as error:
            if "already" not in error.problem.message:
                raise
        if self._labels is not None:
            self._labels.append(name)

    # --- checking ----------------------------------------------------------------------------

    def check(self) -> Iterator[Check]:
        """Everything that must be right here, a line each."""
        try:
            raw = self.look()
        except AdapterError as error:
            yield Check("project", False, str(error), error.problem.remedy)
            return
        yield Check("project", True, f"{self.full_path} ({raw.get('visibility', 'private')})")
        if self.full_path.lower() != self.name.lower():
            detail = f"{self.name} is called {self.full_path} now"
            yield Check("name", False, detail, "Write the new name in the settings.")
        issues = has_issues(raw)
        yield Check("issues", issues, "", "" if issues else "Enable issues in its settings.")
        archived = bool(raw.get("archived"))
        remedy = "Unarchive it, or take the pair out." if archived else ""
        yield Check("not archived", not archived, "", remedy)
        yield from self._check_role(raw)
        yield from self._check_labels()

    def _check_role(self, raw: dict[str, Any]) -> Iterator[Check]:
        """Whether the role may write what the profile writes, and see confidential issues."""
        access = (raw.get("permissions") or {}).values()
        level = max([int((one or {}).get("access_level") or 0) for one in access], default=0)
        role = next(name for at, name in sorted(_ROLES.items(), reverse=True) if at <= level)
        least = REPORTER if writes_incidents(self._profile) else PLANNER
        remedy = f"Give the token's account the role {_ROLES[least]} here."
        yield Check("may write issues", level >= least, role, "" if level >= least else remedy)
        if level < PLANNER:
            detail = "they would be taken for missing ones"
            yield Check("sees confidential issues", False, detail, remedy)

    def _check_labels(self) -> Iterator[Check]:
        words = self._profile
        families = (getattr(words, field.value).labels.values() for field in FAMILIES)
        named = [label for family in families for label in family]
        named += [label for kind in words.kinds.values() for label in kind.labels[:1]]
        try:
            there = self.labels()
        except AdapterError as error:
            yield Check("labels", False, str(error), error.problem.remedy)
            return
        absent = [name for name in named if name not in there]
        detail = f"will be made when first needed: {', '.join(absent)}" if absent else "all there"
        yield Check("labels", True, detail)
        clashing = shared_scopes(there, words)
        if clashing:
            detail = f"{', '.join(clashing)}: of a scope that the profile uses for something else"
            remedy = "Name them under `also` in the profile, or give them another scope."
            yield Check("label scopes", False, detail, remedy)


def has_issues(raw: dict[str, Any]) -> bool:
    """Whether the project takes issues at all."""
    enabled = bool(raw.get("issues_enabled", True))
    return enabled and raw.get("issues_access_level", "enabled") != "disabled"
