"""Notes of an issue."""

from adapters.sandbox.core.answer import Answer
from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.gitlab import payloads, values
from adapters.sandbox.gitlab.call import Call, route
from mappings.item import UNSET


@route("GET", "PROJECT/issues/<int:iid>/notes")
def every(call: Call, iid: int) -> Answer:
    """A page of notes, GitLab's own among them; newest first unless told otherwise."""
    call.project.get(iid, call.viewer)
    values.one_of(call.query, "order_by", ("created_at", "updated_at"))
    sort = values.one_of(call.query, "sort", ("asc", "desc"))
    wanted = call.query.get("activity_filter", "all_notes")
    found = [
        one
        for one in call.project.notes_of(iid)
        if (call.viewer.may_plan or not one.internal)
        and (wanted == "all_notes" or one.system == (wanted == "only_activity"))
    ]
    if sort != "asc":
        found.reverse()
    rows = [payloads.note(call.base, call.project, one) for one in call.page(found)]
    return Answer.json(rows)


@route("POST", "PROJECT/issues/<int:iid>/notes")
def create(call: Call, iid: int) -> Answer:
    """A new note. One that was quick actions alone is answered 202 and not kept."""
    actor = call.writer()
    internal = values.flag(call.values, "internal")
    made = call.project.note(iid, actor, _body(call), internal=internal is True)
    if made is None:
        summary = ["Commands applied"]
        return Answer.json({"commands_changes": {}, "summary": summary}, 202)
    return Answer.json(payloads.note(call.base, call.project, made), 201)


@route("GET", "PROJECT/issues/<int:iid>/notes/<int:note>")
def read(call: Call, iid: int, note: int) -> Answer:
    """One note."""
    call.project.get(iid, call.viewer)
    found = call.project.notes.get(note)
    if found is None or found.iid != iid or (found.internal and not call.viewer.may_plan):
        raise Refused(404, "404 Note Not Found")
    return Answer.json(payloads.note(call.base, call.project, found))


@route("PUT", "PROJECT/issues/<int:iid>/notes/<int:note>")
def change(call: Call, iid: int, note: int) -> Answer:
    """Another text for a note."""
    made = call.project.edit_note(iid, note, call.writer(), _body(call))
    assert made is not None, "a text was given"
    return Answer.json(payloads.note(call.base, call.project, made))


@route("DELETE", "PROJECT/issues/<int:iid>/notes/<int:note>")
def delete(call: Call, iid: int, note: int) -> Answer:
    """Delete a note."""
    call.project.edit_note(iid, note, call.writer(), None)
    return Answer(204)


def _body(call: Call) -> str:
    found = values.text(call.values, "body")
    if found is UNSET:
        raise values.invalid("body", "is missing")
    return found
