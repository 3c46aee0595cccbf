"""What happened to issues: events and the timeline."""

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.payloads import Payload


@route("GET", "REPO/issues/<int:number>/events")
def of_issue(call: Call, number: int) -> Answer:
    """A page of an issue's events, oldest first."""
    call.repository.get(number)
    return _page(call, _events(call, number))


@route("GET", "REPO/issues/events")
def every(call: Call) -> Answer:
    """A page of all events of the repository, newest first, each with its issue."""
    found = [
        payloads.event(call.base, call.repository, one)
        | {"issue": payloads.issue(call.base, call.repository, call.repository.issues[one.number])}
        for one in reversed(call.repository.events)
        if one.number in call.repository.issues
    ]
    return _page(call, found)


@route("GET", "REPO/issues/events/<int:event>")
def one_event(call: Call, event: int) -> Answer:
    """One event."""
    for one in call.repository.events:
        if one.id == event and one.number in call.repository.issues:
            issue = call.repository.issues[one.number]
            shown = payloads.event(call.base, call.repository, one)
            return Answer.json(shown | {"issue": payloads.issue(call.base, call.repository, issue)})
    raise Refused(404, "Not Found")


@route("GET", "REPO/issues/<int:number>/timeline")
def timeline(call: Call, number: int) -> Answer:
    """Events and comments of an issue in one list, oldest first."""
    call.repository.get(number)
    said = [
        payloads.timeline_comment(call.base, call.repository, one)
        for one in call.repository.comments_of(number)
    ]
    found = sorted(
        [*_events(call, number), *said], key=lambda one: (str(one["created_at"]), int(one["id"]))
    )
    return _page(call, found)


def _events(call: Call, number: int) -> list[Payload]:
    return [
        payloads.event(call.base, call.repository, one)
        for one in call.repository.events
        if one.number == number
    ]


def _page(call: Call, found: list[Payload]) -> Answer:
    return Answer.json(found[call.window(len(found))])
