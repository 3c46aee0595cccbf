"""Many projects in one search: a cycle in which nothing changed costs one request for a site.

A sweep, a project that lies far behind the others, and one that the search refuses are read by
themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from adapters.base import Cursor, Page, Project
from adapters.errors import AdapterError, Missing, Rejected
from adapters.jira.client import Client
from adapters.jira.place import Place
from adapters.jira.project import JiraProject
from adapters.jira.reading import Fresh, Question, bound_of, pages

#: Who lies further behind would make all others read everything since then once more.
FAR_BEHIND: Final = timedelta(hours=1)
#: An address takes about 8,000 characters; a project's number has some six.
TOGETHER: Final = 400


def poll(
    client: Client, fresh: Fresh, wanted: Mapping[Project, Cursor | None]
) -> Iterator[tuple[Project, Page]]:
    """The changes of all projects, each from its own cursor."""
    places: dict[JiraProject, Place] = {}
    for project, cursor in wanted.items():
        place = Place.read(cursor)
        if isinstance(project, JiraProject) and place and project.home.here(place):
            places[project] = place
        else:
            yield from ((project, page) for page in project.changed(cursor))
    for members in _groups(client, places):
        yield from _shared(client, fresh, members)


def _groups(
    client: Client, places: Mapping[JiraProject, Place]
) -> Iterator[dict[JiraProject, Place]]:
    """Projects that stand near each other, from the one furthest behind."""
    group: dict[JiraProject, Place] = {}
    for project, place in sorted(places.items(), key=lambda one: one[1].since):
        first = next(iter(group.values()), place)
        far = bound_of(place, client) - bound_of(first, client) > FAR_BEHIND
        if far or len(group) >= TOGETHER:
            yield group
            group = {}
        group[project] = place
    if group:
        yield group


def _shared(
    client: Client, fresh: Fresh, members: Mapping[JiraProject, Place]
) -> Iterator[tuple[Project, Page]]:
    """One search dealt out to the projects that its rows belong to."""
    since = min(bound_of(place, client) for place in members.values())
    fields = dict.fromkeys(name for project in members for name in project.home.fields)
    numbers = list(dict.fromkeys(place.project for place in members.values()))
    asked = Question(numbers, since, tuple(fields), fresh.ids())
    passes = {
        project: project.begin(project.home.start(place)) for project, place in members.items()
    }
    listing = pages(client, asked)
    try:
        first = next(listing)
    except (Missing, Rejected):
        # One project that cannot be seen refuses the search for all of them.
        yield from _one_by_one(members)
        return
    page = first
    while True:
        by_project: dict[str, list[dict[str, object]]] = {}
        for row in page.rows:
            number = str(row.get("fields", {}).get("project", {}).get("id"))
            by_project.setdefault(number, []).append(row)
        for project, passing in passes.items():
            rows = by_project.get(passing.start.project, [])
            if rows or page.last:
                yield project, project.take(passing, replace(page, rows=tuple(rows)), sweep=False)
        if page.last:
            return
        page = next(listing)


def _one_by_one(members: Mapping[JiraProject, Place]) -> Iterator[tuple[Project, Page]]:
    """Each by itself; what stops one is raised once all were read."""
    failed: AdapterError | None = None
    for project, place in members.items():
        try:
            for page in project.changed(place.write()):
                yield project, page
        except (Missing, Rejected) as error:
            failed = failed or error
    if failed is not None:
        raise failed
