"""The secrets that settings name: where each is named, and which cannot be read."""

from collections.abc import Callable, Iterator, Mapping

from pydantic import BaseModel

from adapters.credentials import SecretSource
from mappings.problem import Problem, ProblemError
from mappings.profile import Table
from sync.settings.model import Settings
from sync.settings.places import Path


def sources_of(
    settings: Settings, tables: Mapping[str, Table], place: Callable[[Path], str]
) -> dict[SecretSource, str]:
    """Every secret source with the place of the first key that names it."""
    found: dict[SecretSource, str] = {}
    named: list[tuple[Path, BaseModel]] = [(("state",), settings.state)]
    named += [(("connections", name), table) for name, table in tables.items()]
    named += [(("notify", name), channel) for name, channel in settings.notify.items()]
    for under, table in named:
        for path, source in secrets_in(table):
            found.setdefault(source, place((*under, *path)))
    return found


def secrets_in(table: BaseModel) -> Iterator[tuple[Path, SecretSource]]:
    """The secret sources of one table, each with the keys that lead to it."""
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, SecretSource):
            yield (name,), value
        elif isinstance(value, BaseModel):
            yield from (((name, *path), source) for path, source in secrets_in(value))


def unreadable(sources: Mapping[SecretSource, str]) -> Iterator[Problem]:
    """What is wrong with those that cannot be read now (E203), told where settings name them."""
    for source, place in sources.items():
        try:
            source.read()
        except ProblemError as error:
            said = error.problem
            yield Problem(said.code, f"{source} {said.message}", place, said.remedy)
