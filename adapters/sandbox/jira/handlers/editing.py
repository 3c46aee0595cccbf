"""What an edit asks for: fields to set, operations on them, comments and properties."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.sandbox.core.tracker import Refused
from adapters.sandbox.jira.call import Call
from adapters.sandbox.jira.fields import Wrong, refused, rich
from adapters.sandbox.jira.model import Issue, Rich


@dataclass(slots=True)
class Asked:
    """Fields as they are to be, and comments to add."""

    fields: dict[str, Any] = field(default_factory=dict)
    comments: list[Rich | None] = field(default_factory=list)


def asked(call: Call, issue: Issue | None, values: Mapping[str, Any]) -> Asked:
    """``fields`` and ``update`` of a request as one. Raises Refused (400)."""
    found = Asked()
    plain = values.get("fields")
    if isinstance(plain, dict):
        found.fields |= plain
    update = values.get("update")
    errors = {
        name: f"Field '{name}' cannot appear in both 'fields' and 'update'"
        for name in update or {}
        if name in found.fields
    }
    if errors:
        raise refused(errors)
    for name, steps in (update or {}).items():
        if not isinstance(steps, list) or not all(isinstance(one, dict) for one in steps):
            raise refused({name: "operations must be an array of objects"})
        if name == "comment":
            found.comments += [_comment(call, one) for one in steps]
        else:
            found.fields[name] = _stepped(name, _now(issue, name), steps)
    return found


def _comment(call: Call, step: Mapping[str, Any]) -> Rich | None:
    added = step.get("add")
    try:
        project = next(iter(call.world.projects.values()))
        return rich(call.setting(project), added.get("body") if isinstance(added, dict) else None)
    except Wrong as wrong:
        raise refused({"comment": str(wrong)}) from None


def _now(issue: Issue | None, name: str) -> list[Any]:
    if issue is None:
        return []
    if name == "labels":
        return list(issue.labels)
    if name == "components":
        return [{"id": one} for one in issue.components]
    return []


def _stepped(name: str, value: list[Any], steps: list[Mapping[str, Any]]) -> Any:  # noqa: ANN401  any field's
    result: Any = value
    for step in steps:
        for verb, given in step.items():
            if verb in {"set", "edit"}:
                result = given
            elif verb == "add" and isinstance(result, list):
                result = [*result, given]
            elif verb == "remove" and isinstance(result, list):
                result = [one for one in result if one != given]
            else:
                raise refused({name: f"Operation '{verb}' is not supported for this field."})
    return result


def store_properties(call: Call, issue: Issue, given: object) -> None:
    """Entity properties that came with an issue. Raises Refused (400)."""
    for one in given if isinstance(given, list) else []:
        if not isinstance(one, dict) or "key" not in one:
            raise Refused(400, "A property must have a key and a value.")
        value = one.get("value")
        length = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
        call.world.issues.set_property(issue.id, str(one["key"]), value, length)
