"""Everything that must be right in a project, a line each; and a profile in its own words."""

from collections.abc import Iterator
from typing import Any, Final

from adapters.base import Check
from adapters.errors import AdapterError
from adapters.jira.home import Home
from adapters.jira.moving import Mover, standing
from mappings.jira_words import (
    goals,
    named,
    phase_said,
    plain_type,
    resolution_name,
    resolution_said,
)
from mappings.jira_workflow import Need, Status, lacking
from mappings.profile import Profile
from mappings.vocabulary import (
    Phase,
    Priority,
    Resolution,
    parse_phase,
    parse_resolution,
)

#: What each permission is for; without the first four nothing works.
PERMISSIONS: Final = {
    "BROWSE_PROJECTS": "read issues",
    "CREATE_ISSUES": "create issues",
    "EDIT_ISSUES": "change issues",
    "TRANSITION_ISSUES": "change the phase",
    "ASSIGN_ISSUES": "change the owner",
    "SCHEDULE_ISSUES": "change the due date",
    "LINK_ISSUES": "link an action with its incident",
    "ADD_COMMENTS": "write notes",
}
#: What is filled in by us, whatever the screen demands.
_OURS: Final = frozenset({"project", "issuetype", "summary", "labels", "reporter", "description"})
_LEVELS: Final = tuple(Priority)


def check(home: Home, mover: Mover) -> Iterator[Check]:
    """All lines, the first failing one of a kind with its remedy."""
    try:
        raw = home.look()
    except AdapterError as error:
        yield Check("project", False, str(error), error.problem.remedy)
        return
    style = "team-managed" if raw.get("style") == "next-gen" or raw.get("simplified") else ""
    yield Check("project", True, " ".join(one for one in (str(raw["key"]), style) if one))
    archived = bool(raw.get("archived"))
    remedy = "Restore it, or take the pair out." if archived else ""
    yield Check("not archived", not archived, "", remedy)
    yield from _guarded("permissions", _permissions(home))
    yield from _guarded("issue types", _screens(home))
    yield from _guarded("workflow", _workflows(home, mover))
    yield from _labels(home.profile)


def _guarded(name: str, checks: Iterator[Check]) -> Iterator[Check]:
    """What cannot be looked at is a line, too, and stops no other."""
    try:
        yield from checks
    except AdapterError as error:
        yield Check(name, False, str(error), error.problem.remedy)


def _permissions(home: Home) -> Iterator[Check]:
    asked = {"projectKey": home.key, "permissions": ",".join(PERMISSIONS)}
    data = home.client.get("/api/2/mypermissions", asked).data
    held = (data.get("permissions") or {}) if isinstance(data, dict) else {}
    for name, purpose in PERMISSIONS.items():
        may = bool((held.get(name) or {}).get("havePermission"))
        words = name.replace("_", " ").capitalize()
        remedy = "" if may else f"Give the account {words} in this project's permission scheme."
        yield Check(f"may {purpose}", may, "", remedy)


def _screens(home: Home) -> Iterator[Check]:
    """Types, required fields and priorities of everything that would be created."""
    profile, types = home.profile, {name.lower() for name in home.types()}
    wanted = dict.fromkeys([plain_type(profile), *profile.category.types.values()])
    wanted |= dict.fromkeys(one.types[0] for one in profile.kinds.values() if one.types)
    absent = [name for name in wanted if name.lower() not in types]
    remedy = f"Name one of: {', '.join(sorted(types))}." if absent else ""
    detail = f"not here: {', '.join(absent)}" if absent else ", ".join(wanted)
    yield Check("issue types", not absent, detail, remedy)
    for kind in wanted:
        if kind not in absent:
            yield _required(home, kind)
    first = next((kind for kind in wanted if kind not in absent), None)
    if first and profile.priority.field:
        yield _priorities(profile, home.screen(first))


def _required(home: Home, kind: str) -> Check:
    needs = [
        need
        for need in home.screen(kind)
        if need.required
        and not need.default
        and need.id not in _OURS
        and need.id.lower() not in home.site.settled
        and need.name.lower() not in home.site.settled
    ]
    if not needs:
        return Check(f"fields of {kind}", True)
    names = ", ".join(need.name for need in needs)
    remedy = f'Settle under [options] of the profile: "field:{needs[0].name}" = "…".'
    return Check(f"fields of {kind}", False, f"required and without a value: {names}", remedy)


def _priorities(profile: Profile, screen: tuple[Need, ...]) -> Check:
    field = next((need for need in screen if need.id == "priority"), None)
    if field is None:
        remedy = "Put the field Priority on the screen, or hold it in labels."
        return Check("priorities", False, "there is no priority on the screen", remedy)
    there = {str(one.get("name", "")).lower() for one in field.allowed}
    there |= {str(one.get("id", "")) for one in field.allowed}
    wanted = [profile.priority.values.get(level, str(level)) for level in _LEVELS]
    absent = [name for name in wanted if next(iter(named(name).values())).lower() not in there]
    if not absent or not field.allowed:
        return Check("priorities", True, ", ".join(wanted))
    scheme = ", ".join(str(one.get("name")) for one in field.allowed)
    remedy = f"Name these under [priority.values] of the profile: {scheme}."
    return Check("priorities", False, f"not in the scheme: {', '.join(absent)}", remedy)


def _workflows(home: Home, mover: Mover) -> Iterator[Check]:
    """Phase by phase, whether every issue type's workflow leads there from where issues begin.

    A status is looked from by an issue that stands there; without one nothing is told of it.
    """
    types = home.types()
    special = {
        plain_type(home.profile).lower(),
        *map(str.lower, home.profile.category.types.values()),
    }
    special |= {one.types[0].lower() for one in home.profile.kinds.values() if one.types}
    for kind, statuses in home.learn_statuses().items():
        if kind.lower() in special and kind in types:
            yield from _workflow(home, mover, kind, types[kind], statuses)


def _workflow(
    home: Home, mover: Mover, kind: str, number: str, statuses: tuple[Status, ...]
) -> Iterator[Check]:
    profile, flow = home.profile, home.flow(number)
    unseen = []
    for status in statuses:
        issue = standing(home, number, status)
        if issue is None:
            unseen.append(status.name)
        else:
            mover.ways(str(issue["id"]), number, status)
    odd = [one.name for one in statuses if not phase_said(one, profile)[1]]
    if odd:
        remedy = "Name them under [phase.statuses] of the profile; now their category counts."
        yield Check(f"statuses of {kind}", False, f"not named: {', '.join(odd)}", remedy)
    own = {one.id: one for one in statuses}
    settled = {"resolution": resolution_name(None, profile), **home.site.settled}
    for phase in Phase:
        if phase not in profile.phase.statuses and phase is not Phase.COMPLETED:
            continue
        ends = goals(phase, None, own, profile)
        name = f"{kind}: {phase}"
        if not ends:
            remedy = f"Name a status of this workflow under [phase.statuses] for {phase}."
            yield Check(name, False, "no status of the workflow is this phase", remedy)
            continue
        ended = goals(Phase.COMPLETED, None, own, profile) | _ended(statuses, profile)
        ways = {
            one.id: flow.way(one.id, ends, settled, ended)
            for one in statuses
            if one.id in flow.known
        }
        stuck = [own[start].name for start, way in ways.items() if way is None]
        begins = any(own[end].category == "new" for end in ends)
        lost = not begins and len(stuck) == len([start for start in ways if start not in ends])
        missing = {
            need.name
            for way in ways.values()
            for step in way or ()
            for need in lacking(step, settled)
        }
        yield _reach(name, stuck, sorted(missing), unseen, lost=lost)


def _ended(statuses: tuple[Status, ...], profile: Profile) -> frozenset[str]:
    """Statuses that end an issue, which are not passed on the way to another phase."""
    return frozenset(one.id for one in statuses if phase_said(one, profile)[0] is Phase.COMPLETED)


def _reach(
    name: str, stuck: list[str], missing: list[str], unseen: list[str], *, lost: bool
) -> Check:
    """Nothing leads there (``lost``) is wrong; that it is no way back from some status is not."""
    if missing:
        remedy = f'Settle it under [options] of the profile: "field:{missing[0]}" = "…".'
        return Check(name, False, f"a transition demands {', '.join(missing)}", remedy)
    if lost and stuck and not unseen:
        remedy = "Add a transition to the workflow, or move such issues by hand."
        return Check(name, False, f"not reachable from {', '.join(stuck)}", remedy)
    if unseen:
        more = f" and {len(unseen) - 1} more" if len(unseen) > 1 else ""
        return Check(name, True, f"not proved yet: no issue stands in {unseen[0]}{more}")
    if stuck:
        return Check(name, True, f"reachable, but not from {', '.join(stuck)}")
    return Check(name, True, "reachable from every status")


def _labels(profile: Profile) -> Iterator[Check]:
    families = (profile.priority, profile.severity, profile.category, profile.resolution)
    labels = [label for words in families for label in words.labels.values()]
    labels += [label for words in profile.kinds.values() for label in words.labels[:1]]
    wrong = [label for label in labels if any(one.isspace() for one in label)]
    detail = f"with blanks: {', '.join(wrong)}" if wrong else ""
    remedy = "A label has no blanks in Jira; write them otherwise in the profile." if wrong else ""
    yield Check("labels", not wrong, detail, remedy)


# --- for whoever begins -------------------------------------------------------------------


def proposed(home: Home, profile: Profile) -> Profile:
    """The profile with the project's own statuses, priorities, types and resolutions."""
    changed: dict[str, Any] = {}
    types = {name.lower(): name for name in home.types()}
    statuses = [one for kind in home.learn_statuses().values() for one in kind]
    spelled = _statuses(statuses, profile)
    if spelled:
        changed["phase"] = profile.phase.model_copy(update={"statuses": spelled})
    plain = types.get(plain_type(profile).lower()) or next(iter(types.values()), "")
    words = {kind: name for kind, name in profile.category.types.items() if name.lower() in types}
    changed["category"] = profile.category.model_copy(update={"types": words})
    screen = home.screen(plain) if plain else ()
    values = _priority_values(profile, screen)
    if values:
        changed["priority"] = profile.priority.model_copy(update={"values": values})
    reasons = _resolution_values(home, profile)
    if reasons:
        changed["resolution"] = profile.resolution.model_copy(update={"values": reasons})
    return profile.model_copy(update=changed)


def _statuses(statuses: list[Status], profile: Profile) -> dict[Phase, list[str]]:
    """Every status under its phase: as the profile has it, as its name says, by its category."""
    found: dict[Phase, list[str]] = {}
    for one in statuses:
        said, known = phase_said(one, profile)
        phase = said if known else parse_phase(one.name) or said
        if phase is not None and one.name not in found.setdefault(phase, []):
            found[phase].append(one.name)
    return found


def _priority_values(profile: Profile, screen: tuple[Need, ...]) -> dict[Priority, str]:
    """The scheme's priorities: those the profile names, if they are all there, else by order."""
    field = next((need for need in screen if need.id == "priority"), None)
    names = [str(one.get("name")) for one in field.allowed] if field else []
    there = {name.lower() for name in names}
    wanted = [profile.priority.values.get(level, str(level)) for level in _LEVELS]
    if not names or all(name.lower() in there for name in wanted):
        return {}
    return dict(zip(_LEVELS, names, strict=False))


def _resolution_values(home: Home, profile: Profile) -> dict[Resolution, str]:
    data = home.client.get("/api/2/resolution").data
    names = [str(one["name"]) for one in data] if isinstance(data, list) else []
    there = {name.lower() for name in names}
    found = dict(profile.resolution.values)
    for reason in Resolution:
        if resolution_name(reason, profile).lower() not in there:
            own = next((name for name in names if parse_resolution(name) is reason), None)
            ended = Status("", "")
            own = own or next(
                (name for name in names if resolution_said(name, ended, profile) is reason), None
            )
            if own:
                found[reason] = own
    return found if found != profile.resolution.values else {}
