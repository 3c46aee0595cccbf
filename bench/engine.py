"""A hundred pairs of each tracker, run by the daemon: requests of an idle cycle, of an idle hour,
and of one write. All of them are counted where they arrive.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

from adapters.sandbox.core.log import Entry
from bench.figures import Figure
from bench.house import APART, TOPIC, TRACKERS, House, house

PROJECTS = 100
WRITES = "One write"
HOUR = timedelta(hours=1)
#: One listing tells of a whole site or group; GitHub is asked for each repository and says 304.
_TOGETHER = {"GitHub": False, "GitLab": True, "Jira": True}
#: Requests of one write. Jira answers a transition without the issue, which is then read.
_WRITE = {"GitHub": 1, "GitLab": 1, "Jira": 2}
#: A new issue of Jira stands where its workflow begins: making it is one write, moving it another.
_CREATION = {"GitHub": 1, "GitLab": 1, "Jira": 4}
#: What a cycle that writes asks of the project, once for all its writes: whether it is public, and
#: its labels (Jira: statuses and priorities; ways on from a status, when it is met first).
_PROJECT = {"GitHub": 2, "GitLab": 3, "Jira": 5}


@dataclass(frozen=True)
class Hour:
    """What an idle hour asked of one tracker. ``free``: answered 304."""

    tracker: str
    projects: int
    cycles: int
    requests: int
    free: int


def measure(projects: int = PROJECTS, hours: list[Hour] | None = None) -> Iterator[Figure]:
    """``hours`` is given what the hours cost, for the comparison."""
    for tracker in TRACKERS:
        with house(tracker, projects) as many:
            yield from _idle(many, projects, [] if hours is None else hours)
    for tracker in TRACKERS:
        with house(tracker, 1) as one:
            yield from _writes(one)


def _idle(many: House, projects: int, hours: list[Hour]) -> Iterator[Figure]:
    name = many.tracker.name
    asked = many.run()
    if many.cycles != projects:
        msg = f"{many.cycles} cycles instead of {projects}"
        raise RuntimeError(msg)
    bar, words = (1, "one listing") if _TOGETHER[name] else (projects, "each answered 304")
    if not _TOGETHER[name] and _free(asked) != len(asked):
        msg = f"{len(asked) - _free(asked)} of {name}'s idle readings were not answered 304"
        raise RuntimeError(msg)
    what = f"{name}: idle cycle of {projects} projects, {words}"
    yield Figure(TOPIC, what, len(asked), bar, "requests")
    asked = many.run(HOUR)
    hours.append(Hour(name, projects, many.cycles, len(asked), _free(asked)))
    # Every five minutes, a tenth sooner at the most. Where one listing tells of all, those that
    # are nearly due are taken along with the first; one that is not yet may need one of its own.
    most = 20 if _TOGETHER[name] else 14 * projects
    what = f"{name}: idle hour of {projects} projects in the daemon"
    yield Figure(TOPIC, what, len(asked), most, "requests")


def _free(asked: list[Entry]) -> int:
    return sum(entry.status == HTTPStatus.NOT_MODIFIED for entry in asked)


def _writes(one: House) -> Iterator[Figure]:
    """Each twice, to two documents alike: what is asked once and remembered is not the second's."""
    kinds: dict[str, Callable[[House, int], None]] = {
        "a new title": _title,
        "a new phase": _phase("todo", "active"),
        "completed": _phase("active", "completed"),
        "a new document": _create,
    }
    acts = [(kind, number) for number in (1, 2) for kind in kinds]
    start = one.sandbox.clock.now() + APART
    at = [start + APART * place for place in range(len(acts) + 1)]
    timed = [
        (at[place], partial(kinds[kind], one, number)) for place, (kind, number) in enumerate(acts)
    ]
    asked = one.run(at[-1] - one.sandbox.clock.now(), timed)
    name, about = one.tracker.name, []
    for place, (kind, number) in enumerate(acts):
        during = [entry for entry in asked if at[place] <= entry.at < at[place + 1]]
        cost = _cost(during)
        about.append(cost.project)
        if number == 2:
            new = kind == "a new document"
            bar = (_CREATION if new else _WRITE)[name]
            yield Figure(WRITES, f"{name}: {kind}, write", cost.write + cost.after, bar, "requests")
            yield Figure(
                WRITES, f"{name}: {kind}, look before it", cost.before, not new, "requests"
            )
    what = f"{name}: asked of the project in a cycle that writes"
    yield Figure(WRITES, what, max(about), _PROJECT[name], "requests")


@dataclass(frozen=True)
class _Cost:
    """Requests of one write: looks at the issue before it, itself, reading the issue back, and
    what was asked of its project.
    """

    before: int
    write: int
    after: int
    project: int


def _cost(during: list[Entry]) -> _Cost:
    """Listings of what changed are left out: a cycle makes them whether or not it writes."""
    writes = [place for place, entry in enumerate(during) if _is_write(entry)]
    looks = [place for place, entry in enumerate(during) if _ISSUE.search(entry.path)]
    looks = [place for place in looks if place not in writes]
    before = sum(place < writes[0] for place in looks)
    others = [entry for entry in during if not _ISSUE.search(entry.path) and not _lists(entry)]
    project = sum(not _is_write(entry) for entry in others)
    return _Cost(before, len(writes), len(looks) - before, project)


#: An issue by its number; what leads on from its status is asked of it, but said of its project.
_ISSUE: Final = re.compile(r"/issues?/[0-9]+$")


def _is_write(entry: Entry) -> bool:
    """Whether it changes an issue; a label that is not there yet is made once for all."""
    made = entry.method not in {"GET", "HEAD"}
    return made and not entry.path.endswith(("/labels", "/search/jql"))


def _lists(entry: Entry) -> bool:
    """Whether it reads what changed."""
    return entry.path.endswith(("/issues", "/search/jql"))


def _title(one: House, number: int) -> None:
    page = one.document(0, number)
    text = (
        page.read_text().replace('title: "', 'title: "New ').replace("# Document", "# New Document")
    )
    page.write_text(text)


def _phase(before: str, after: str) -> Callable[[House, int], None]:
    def act(one: House, number: int) -> None:
        page = one.document(0, number)
        text = page.read_text()
        if f"#phase/{before}" not in text:
            msg = f"document {number} is not {before}"
            raise RuntimeError(msg)
        page.write_text(text.replace(f"#phase/{before}", f"#phase/{after}"))

    return act


def _create(one: House, number: int) -> None:
    page = one.document(0, 10 + number)
    text = one.document(0, 3).read_text()
    page.write_text(
        text.replace("0003", f"{10 + number:04}").replace("number 3", f"number {number}x")
    )
