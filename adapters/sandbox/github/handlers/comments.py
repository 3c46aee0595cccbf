"""Comments of an issue, and of a whole repository."""

from typing import Final

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.github import payloads, reading
from adapters.sandbox.github.call import Call, route
from adapters.sandbox.github.model import Comment

_SORTS: Final = ("created", "updated")


@route("GET", "REPO/issues/<int:number>/comments")
def of_issue(call: Call, number: int) -> Answer:
    """A page of an issue's comments, oldest first."""
    call.repository.get(number)
    return _page(call, call.repository.comments_of(number))


@route("GET", "REPO/issues/comments")
def every(call: Call) -> Answer:
    """A page of all comments of the repository."""
    by = call.choice("sort", _SORTS, "created")
    backwards = call.choice("direction", ("asc", "desc"), "asc") == "desc"
    found = sorted(
        call.repository.comments.values(),
        key=lambda one: (getattr(one, f"{by}_at"), one.id),
        reverse=backwards,
    )
    return _page(call, found)


@route("POST", "REPO/issues/<int:number>/comments")
def create(call: Call, number: int) -> Answer:
    """A new comment."""
    actor = call.writer()
    return _one(call, call.repository.comment(number, actor, _body(call)), 201)


@route("GET", "REPO/issues/comments/<int:comment>")
def read(call: Call, comment: int) -> Answer:
    """One comment."""
    found = call.repository.comments.get(comment)
    if found is None:
        raise Refused(404, "Not Found")
    return _one(call, found)


@route("PATCH", "REPO/issues/comments/<int:comment>")
def change(call: Call, comment: int) -> Answer:
    """Change a comment's text."""
    actor = call.writer()
    changed = call.repository.edit_comment(comment, actor, _body(call))
    assert changed is not None, "only deleting gives nothing back"
    return _one(call, changed)


@route("DELETE", "REPO/issues/comments/<int:comment>")
def remove(call: Call, comment: int) -> Answer:
    """Delete a comment."""
    call.repository.edit_comment(comment, call.writer(), None)
    return Answer(204)


def _body(call: Call) -> str:
    return reading.given(call.values, "body") or ""


def _page(call: Call, comments: list[Comment]) -> Answer:
    since = call.since()
    found = [one for one in comments if since is None or one.updated_at >= since]
    shown = found[call.window(len(found))]
    return Answer.json([payloads.comment(call.base, call.repository, one) for one in shown])


def _one(call: Call, comment: Comment, status: int = 200) -> Answer:
    return Answer.json(payloads.comment(call.base, call.repository, comment), status)
