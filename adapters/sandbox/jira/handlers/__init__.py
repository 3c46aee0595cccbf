"""What each REST address does; one file per kind of thing."""

from importlib import import_module
from typing import Final

from adapters.sandbox.core.tracker import Refused

_MODULES: Final = (
    "account",
    "comments",
    "issues",
    "links",
    "making",
    "meta",
    "projects",
    "properties",
    "search",
    "site",
    "together",
    "transitions",
)


def load() -> None:
    """Register every route."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")


def error_body(refused: Refused) -> dict[str, object]:
    """A refusal as Jira lists it: sentences, and what is wrong with which field."""
    errors: dict[str, object] = {}
    for detail in refused.details:
        errors |= detail
    messages = [refused.message] if refused.message else []
    return {"errorMessages": messages, "errors": errors}
