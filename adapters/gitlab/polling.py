"""Many projects in one listing: that of the group they are all below.

A group lists the issues of all its projects, so a cycle in which nothing changed costs one request
however many they are; one more an hour tells which of them are still there. A sweep, a project that
lies far behind the others, and one in nobody's group are read by themselves.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from adapters.base import Cursor, Page, Project
from adapters.errors import Missing, Moved, Rejected
from adapters.gitlab.client import Client
from adapters.gitlab.home import has_issues
from adapters.gitlab.place import Place, written
from adapters.gitlab.project import GitLabProject
from adapters.gitlab.reading import Listed, Pass, Raw, all_of, changes_of

#: Who lies further behind would make the group read everything since then once more.
FAR_BEHIND: Final = timedelta(hours=1)
#: Issues of archived projects are left out unless asked for (docs.gitlab.com, Issues API).
_ALL: Final[Raw] = {"non_archived": "false"}


class Groups:
    """Reads projects by groups. Remembers groups that this token may not list."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._closed: set[str] = set()

    def poll(self, wanted: Mapping[Project, Cursor | None]) -> Iterator[tuple[Project, Page]]:
        """The changes of all projects, each from its own cursor."""
        places: dict[GitLabProject, Place] = {}
        for project, cursor in wanted.items():
            place = Place.read(cursor)
            if isinstance(project, GitLabProject) and place and project.home.here(place):
                places[project] = place
            else:
                yield from ((project, page) for page in project.changed(cursor))
        for group, members in _by_group(places).items():
            yield from self._group(group, members)

    def _group(
        self, group: str, members: Mapping[GitLabProject, Place]
    ) -> Iterator[tuple[Project, Page]]:
        near = _near(members) if group and group not in self._closed else {}
        near = near if len(near) > 1 else {}
        if near:
            path = f"/groups/{quote(group, safe='')}"
            listing = changes_of(
                self._client, f"{path}/issues", min(p.since for p in near.values()), _ALL
            )
            try:
                first = next(listing)
                there = self._looked_at(path, near)
            except (Missing, Moved, Rejected):
                self._closed.add(group)
                near = {}
            else:
                yield from _shared(there, first, listing)
        for project in members.keys() - near.keys():
            yield from ((project, page) for page in project.changed(members[project].write()))

    def _looked_at(
        self, path: str, near: Mapping[GitLabProject, Place]
    ) -> dict[GitLabProject, Place]:
        """Those whose issues the group's listing shows. One that left the group, that the token
        lost, or whose issues were disabled shows none, as one in which nothing happened; so all are
        looked at from time to time, in one listing. Who is not there is told nothing of, and says
        why when it is read by itself.
        """
        if not any(project.home.looked_long_ago(place) for project, place in near.items()):
            return dict(near)
        rows = all_of(self._client, f"{path}/projects", {"include_subgroups": "true"})
        there = {int(row["id"]): str(row["path_with_namespace"]) for row in rows if has_issues(row)}
        return {
            project: project.home.seen(place, there[place.project])
            for project, place in near.items()
            if place.project in there
        }


def _shared(
    members: Mapping[GitLabProject, Place], first: Listed, rest: Iterator[Listed]
) -> Iterator[tuple[Project, Page]]:
    """A listing dealt out to the projects that its rows belong to."""
    begun = first.since
    # A project may be opened for more than one pair, and is told to each.
    passes: list[tuple[int, GitLabProject, Pass]] = [
        (place.project, project, project.begin(replace(place, since=begun)))
        for project, place in members.items()
    ]
    for listed in _all(first, rest):
        rows: dict[int, list[Raw]] = defaultdict(list)
        for row in listed.rows:
            rows[int(row["project_id"])].append(row)
        for number, project, reading in passes:
            if number in rows or listed.last:
                yield project, project.page(reading, listed, rows[number], sweep=False)


def _all(first: Listed, rest: Iterator[Listed]) -> Iterator[Listed]:
    yield first
    yield from rest


def _near(members: Mapping[GitLabProject, Place]) -> dict[GitLabProject, Place]:
    """Those that are not far behind the others."""
    latest = datetime.fromisoformat(max(place.since for place in members.values()))
    bound = written(latest - FAR_BEHIND)
    return {project: place for project, place in members.items() if place.since >= bound}


def _by_group(
    places: Mapping[GitLabProject, Place],
) -> dict[str, dict[GitLabProject, Place]]:
    """Projects by the deepest group that holds all of those with the same top-level group."""
    tops: dict[str, dict[GitLabProject, Place]] = defaultdict(dict)
    for project, place in places.items():
        tops[place.path.partition("/")[0].lower()][project] = place
    return {_common([p.path for p in members.values()]): members for members in tops.values()}


def _common(paths: list[str]) -> str:
    """The deepest group of all these projects."""
    shared: list[str] = []
    for parts in zip(*(path.split("/")[:-1] for path in paths), strict=False):
        if len({part.lower() for part in parts}) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared)
