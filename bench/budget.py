"""What polling costs against each tracker's limits: computed from the measured idle hours."""

import math
from collections.abc import Sequence

from bench.engine import Hour

#: docs.github.com, "Rate limits for the REST API": of a token, and not counting answers 304.
GITHUB_HOURLY = 5_000
#: The same page, secondary limits: points, where a read is one, 304 or not.
GITHUB_POINTS_A_MINUTE = 900
#: docs.gitlab.com, "GitLab.com rate limits": of a user. Other instances set their own.
GITLAB_A_MINUTE = 2_000
#: One search of Jira names so many projects at most (adapters.jira.polling).
JIRA_TOGETHER = 400
#: A complete reading a day, of projects with so many issues: pages of a hundred, and the last one.
ISSUES = 1_000
SWEEP = ISSUES // 100 + 1
#: The default interval while something changes is a minute: 60 cycles an hour, at the most a tenth
#: more.
BUSY_CYCLES = 66
#: What connections leave for people by default.
RESERVE = 0.1
MANY = (10, 100, 1_000)

_HEAD = """## Requests an hour, and what is allowed

Computed from the hours measured above, with the intervals that pairs have by default: a minute
while something changes, growing to five at rest (20 seconds while a P0, P1, SEV1 or SEV2 is
open). A project at rest is read whole once a day; here each has {issues} issues.

| | GitHub | GitLab | Jira Cloud |
|---|---|---|---|
| allowed | {hourly:,} an hour for a token, 304 not counted; \
{points} points a minute, 304 counted | \
GitLab.com: {minute:,} a minute for a user; others set their own | \
no number an hour for API tokens; bursts, by the second and kind of request |
"""
_TAIL = """
Reading: a repository on GitHub costs a request each cycle, and while nothing changed none that
counts; an App's token is another one each hour, and each new token's first reading counts. A group
on GitLab and a site on Jira cost one listing, however many projects (on Jira up to {together:,} in
a search), as pairs that are nearly due are taken along with the first; once an hour GitLab is also
asked which projects are still there, a hundred by a request. A write costs what stands
under "One write", and on GitHub at most 80 creations a minute and 500 an hour are made. A tenth of
what is allowed is left for people (`reserve`), so one token of GitHub serves {busy} repositories in
which something changes every minute; beyond that cycles wait for the limit's reset, and nothing is
lost.
"""


def section(hours: Sequence[Hour]) -> str:
    by = {hour.tracker: hour for hour in hours}
    text = _HEAD.format(
        issues=f"{ISSUES:,}",
        hourly=GITHUB_HOURLY,
        points=GITHUB_POINTS_A_MINUTE,
        minute=GITLAB_A_MINUTE,
    )
    rows = [_at_rest(by, count) for count in MANY] + [_busy(count) for count in MANY]
    busy = math.floor(GITHUB_HOURLY * (1 - RESERVE) / BUSY_CYCLES)
    return text + "".join(rows) + _TAIL.format(together=JIRA_TOGETHER, busy=busy)


def _at_rest(by: dict[str, Hour], count: int) -> str:
    sweeps = math.ceil(count * SWEEP / 24)
    github, gitlab = by["GitHub"], by["GitLab"]
    # One of them, once an hour, tells which projects are there: a hundred at a time.
    listings = gitlab.requests + math.ceil(count / 100) - math.ceil(gitlab.projects / 100)
    asked = math.ceil(github.requests / github.projects * count)
    counted = math.ceil((github.requests - github.free) / github.projects * count) + sweeps
    points = (asked + sweeps) / 60
    hourly = f"{asked + sweeps:,}, {counted:,} counted: {counted / GITHUB_HOURLY:.1%}"
    paced = f"{math.ceil(points):,} points a minute: {points / GITHUB_POINTS_A_MINUTE:.1%}"
    cells = [
        f"{hourly}; {paced}",
        _of_gitlab(listings + sweeps),
        f"{by['Jira'].requests * math.ceil(count / JIRA_TOGETHER) + sweeps:,}",
    ]
    return f"| {count:,} projects at rest | {' | '.join(cells)} |\n"


def _busy(count: int) -> str:
    """Each changes between any two cycles, so that every reading has something to tell."""
    asked = BUSY_CYCLES * count
    cells = [
        f"{asked:,}, all counted: {asked / GITHUB_HOURLY:.0%}",
        _of_gitlab(BUSY_CYCLES),
        f"{BUSY_CYCLES * math.ceil(count / JIRA_TOGETHER):,}",
    ]
    return f"| {count:,} projects, each changed every minute | {' | '.join(cells)} |\n"


def _of_gitlab(asked: int) -> str:
    return f"{asked:,}: {asked / (60 * GITLAB_A_MINUTE):.2%}"
