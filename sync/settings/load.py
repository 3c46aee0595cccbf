"""Reading the settings whole: everything is checked, and all problems are said at once.

What an adapter, a profile or a secret source says is wrong stands in the same list as a misspelt
key, so that nobody mends one thing only to meet the next.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from adapters import registry
from adapters.base import Connection
from adapters.credentials import SecretSource
from adapters.errors import AdapterError
from adapters.registry import Adapter
from adapters.seams import Seams
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile, Table
from mappings.vocabulary import Side
from sync.settings.actions import SUFFIX, actions_of, main_of, with_actions
from sync.settings.complaints import Sources, complaints, did_you_mean
from sync.settings.database import beside, sqlite_file, wrong_with
from sync.settings.environment import overlay
from sync.settings.model import EndSettings, PairSettings, Settings
from sync.settings.places import key_lines
from sync.settings.secrets import sources_of, unreadable

#: The name a settings file has when nobody says another.
DEFAULT_FILE: Final = Path("followthrough.toml")

_Model = TypeVar("_Model", bound=BaseModel)


class SettingsError(Exception):
    """Everything that is wrong with the settings, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """Settings that were found right. Paths in them are absolute.

    ``adapters`` and ``tables`` are by connection name, ``profiles`` by pair name. ``secrets`` are
    all secret sources in use, for redaction, each with the place of its key.
    """

    file: Path
    settings: Settings
    adapters: Mapping[str, Adapter]
    tables: Mapping[str, Table]
    profiles: Mapping[str, Profile]
    secrets: Mapping[SecretSource, str] = field(default_factory=dict)

    @property
    def state_file(self) -> Path | None:
        """The SQLite file, where the state is kept in one."""
        return sqlite_file(self.settings.state.url)


@dataclass
class _Check:
    """One reading under way: what is wrong so far."""

    file: Path
    adapter: Callable[[str], Adapter]
    sources: Sources
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, path: tuple[str, ...], text: str, remedy: str = "", code: str = "E201") -> None:
        """Note one problem of the key at ``path``."""
        self.problems.append(Problem(code, text, self.sources.place(path), remedy))


def load(
    file: Path,
    environ: Mapping[str, str],
    *,
    adapter: Callable[[str], Adapter] = registry.adapter,
    secrets: bool = True,
) -> Loaded:
    """Read and check everything. ``secrets``: also that every secret can be read now.

    Raises SettingsError with all that is wrong (E201 to E203).
    """
    text, document = _read(file)
    merged, variables = overlay(document, environ)
    check = _Check(file, adapter, Sources(str(file), key_lines(text), variables))
    settings = _validate(Settings, merged, check.sources, (), check.problems)
    if settings is None:
        # The connections' own tables need not wait until the rest is right.
        for name, raw in _tables(merged, "connections"):
            if isinstance(raw.get("adapter"), str):
                _connection(check, name, raw)
        raise SettingsError(check.problems)
    return _all_of_it(check, settings, secrets=secrets)


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    """The text and the document in it."""
    try:
        text = file.read_text("utf-8")
        return text, _parse(text, str(file))
    except ProblemError as error:
        problem = error.problem
    except FileNotFoundError:
        remedy = "Write one with `followthrough init`, or name another with --config."
        problem = Problem("E201", "there is no such settings file.", str(file), remedy)
    except UnicodeDecodeError as error:
        problem = Problem("E201", f"byte {error.start} is not UTF-8.", str(file))
    except OSError as error:
        problem = Problem("E201", f"cannot be read: {error.strerror}.", str(file))
    raise SettingsError([problem])


def _parse(text: str, file: str) -> dict[str, Any]:
    """A TOML document. Raises ProblemError (E201) that names the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).rpartition(" (at ")
        place = where.removeprefix("line ").removesuffix(")").replace(", column ", ":")
        problem = Problem("E201", f"not valid TOML: {what or error}.", f"{file}:{place}")
    raise ProblemError(problem)


def _all_of_it(check: _Check, settings: Settings, *, secrets: bool) -> Loaded:
    base = check.file.resolve().parent
    settings = settings.model_copy(update={"state": _anchored(settings.state, base)})
    _state(check, settings)
    adapters: dict[str, Adapter] = {}
    tables: dict[str, Table] = {}
    for name, connection in settings.connections.items():
        found = _connection(check, name, connection.model_dump(mode="python"))
        if found:
            adapters[name], tables[name] = found[0], _anchored(found[1], base)
    profiles = {}
    for name, pair in settings.pairs.items():
        _ends(check, settings, name, pair)
        profile = _profile(check, name, pair, base)
        if profile:
            profiles[name] = profile
            _same_tracker(check, name, pair, profile, adapters)
    settings = _channels(check, settings, base)
    settings = _with_actions(check, settings, profiles)
    if not settings.pairs:
        check.wrong(("pairs",), "there is no pair.", "Add a table [pairs.NAME].")
    used = sources_of(settings, tables, check.sources.place)
    if secrets:
        check.problems += unreadable(used)
    if check.problems:
        raise SettingsError(check.problems)
    loaded = Loaded(
        file=check.file.resolve(),
        settings=_with_state_url(settings, base),
        adapters=adapters,
        tables=tables,
        profiles=profiles,
        secrets=used,
    )
    _opens(check, loaded)
    if check.problems:
        raise SettingsError(check.problems)
    return loaded


def _opens(check: _Check, loaded: Loaded) -> None:
    """What an adapter refuses when it is opened (a base_url, a project) is wrong settings too.

    Opening makes no request, so it may be tried here.
    """
    for name, adapter in loaded.adapters.items():
        try:
            connection = adapter.connect(name, loaded.tables[name], Seams())
        except ProblemError as error:
            _refused(check, ("connections", name), error.problem)
            continue
        try:
            for pair_name, pair in loaded.settings.pairs.items():
                given = main_of(pair_name)
                for side, end in pair.ends.items():
                    if end.connection == name:
                        key = "postmortems" if given and side is Side.LEFT else side.value
                        path = ("pairs", given or pair_name, key)
                        _open_project(
                            check, path, connection, end.project, loaded.profiles[pair_name]
                        )
        finally:
            connection.close()


def _open_project(
    check: _Check, path: tuple[str, ...], connection: Connection, project: str, profile: Profile
) -> None:
    try:
        connection.open(project, profile)
    except (ProblemError, AdapterError) as error:
        _refused(check, path, error.problem)


def _refused(check: _Check, table: tuple[str, ...], problem: Problem) -> None:
    """Name the line of the key that the adapter's message begins with, else of its table."""
    key = problem.message.split(maxsplit=1)[0] if problem.message else ""
    place = check.sources.place((*table, key))
    check.problems.append(Problem(problem.code, problem.message, place, problem.remedy))


def _validate(
    model: type[_Model],
    raw: Mapping[str, Any],
    sources: Sources,
    under: tuple[str, ...],
    problems: list[Problem],
) -> _Model | None:
    try:
        return model.model_validate(dict(raw))
    except ValidationError as error:
        problems.extend(complaints(error, model, sources, under))
    except ProblemError as error:
        problem = error.problem
        place = problem.place or sources.place(under)
        problems.append(Problem(problem.code, problem.message, place, problem.remedy))
    return None


def _connection(check: _Check, name: str, raw: Mapping[str, Any]) -> tuple[Adapter, Table] | None:
    """The adapter of a connection and its own table, both checked."""
    under = ("connections", name)
    try:
        adapter = check.adapter(str(raw["adapter"]))
    except ProblemError as error:
        check.wrong(
            (*under, "adapter"), f"{error.problem.message.rstrip('.')}.", error.problem.remedy
        )
        return None
    own = {key: value for key, value in raw.items() if key != "adapter"}
    table = _validate(adapter.Settings, own, check.sources, under, check.problems)
    return (adapter, table) if table is not None else None


def _ends(check: _Check, settings: Settings, name: str, pair: PairSettings) -> None:
    """Both ends, and the postmortems, name connections there are; the ends are two."""
    known = list(settings.connections)
    named = [
        *(((side.value, "connection"), end.connection) for side, end in pair.ends.items()),
        (("postmortems",), pair.postmortems),
    ]
    for key, connection in named:
        if connection and connection not in known:
            text = f'there is no connection "{connection}".'
            check.wrong(("pairs", name, *key), text, did_you_mean(connection, known))
    if pair.left == pair.right:
        check.wrong(("pairs", name), "left and right are the same project.")


def _with_actions(check: _Check, settings: Settings, profiles: dict[str, Profile]) -> Settings:
    """The settings with the pairs of postmortems; these speak the words of their pair."""
    for name, pair in settings.pairs.items():
        if main_of(name):
            text = f'the name of a pair may not end in "{SUFFIX}": so its postmortems are called.'
            check.wrong(("pairs", name), text)
        elif pair.postmortems and pair.left == EndSettings(connection=pair.postmortems):
            text = "postmortems and left are the same connection."
            check.wrong(("pairs", name, "postmortems"), text, "Leave `postmortems` out.")
        elif pair.postmortems and name in profiles:
            profiles[actions_of(name)] = profiles[name]
    return settings if check.problems else with_actions(settings)


def _channels(check: _Check, settings: Settings, base: Path) -> Settings:
    """Channels name pairs there are; the settings with their paths made absolute."""
    for name, channel in settings.notify.items():
        for pair in channel.pairs:
            if pair not in settings.pairs:
                remedy = did_you_mean(pair, list(settings.pairs))
                check.wrong(("notify", name, "pairs"), f'there is no pair "{pair}".', remedy)
    anchored = {name: _anchored(channel, base) for name, channel in settings.notify.items()}
    return settings.model_copy(update={"notify": anchored})


def _same_tracker(
    check: _Check, name: str, pair: PairSettings, profile: Profile, adapters: Mapping[str, Adapter]
) -> None:
    adapter = adapters.get(pair.right.connection)
    if adapter and profile.tracker and profile.tracker != adapter.name:
        text = f'profile "{pair.profile}" is for {profile.tracker}; this pair uses {adapter.name}.'
        remedy = f"Shipped: {', '.join(shipped_profiles())}."
        check.wrong(("pairs", name, "profile"), text, remedy)


def _profile(check: _Check, name: str, pair: PairSettings, base: Path) -> Profile | None:
    """The pair's vocabulary, with its own people on top."""
    given = pair.profile
    shipped = shipped_profiles()
    file = base / given
    if given in shipped:
        file_name = f"{given}.toml"
        text = shipped[given].read_text("utf-8")
    elif file.is_file():
        file_name = str(file)
        text = file.read_text("utf-8", "replace")
    else:
        path = ("pairs", name, "profile")
        remedy = did_you_mean(given, list(shipped))
        check.wrong(path, f'no shipped profile "{given}", and no such file.', remedy)
        return None
    try:
        raw = _parse(text, file_name)
    except ProblemError as error:
        check.problems.append(error.problem)
        return None
    raw["name"] = raw.get("name") or Path(given).stem
    if isinstance(raw.get("people", {}), dict):
        raw["people"] = {**raw.get("people", {}), **pair.people}
    return _validate(Profile, raw, Sources(file_name, key_lines(text)), (), check.problems)


def shipped_profiles() -> dict[str, Any]:
    """The vocabularies that come with the program, by name."""
    folder = resources.files("mappings") / "profiles"
    if not folder.is_dir():
        return {}
    files = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    return {one.name.removesuffix(".toml"): one for one in sorted(files, key=lambda one: one.name)}


def _state(check: _Check, settings: Settings) -> None:
    """The database is one of the two there are, and its marker key has a place."""
    path = ("state", "url")
    from_file = not check.sources.place(path).startswith("environment")
    for text, remedy, code in wrong_with(settings.state, from_file=from_file):
        check.wrong(path, text, remedy, code)


def _with_state_url(settings: Settings, base: Path) -> Settings:
    """A SQLite file is meant beside the settings, wherever the program was started."""
    state = settings.state.model_copy(update={"url": beside(settings.state.url, base)})
    return settings.model_copy(update={"state": state})


def _anchored(table: _Model, base: Path) -> _Model:
    """Every relative path in a table of settings starts at the settings file."""
    changes: dict[str, Any] = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Path) and not value.is_absolute():
            changes[name] = base / value
        elif isinstance(value, SecretSource) and value.file:
            changes[name] = value.model_copy(update={"file": str(base / value.file)})
        elif isinstance(value, BaseModel) and not isinstance(value, SecretSource):
            changes[name] = _anchored(value, base)
    return table.model_copy(update=changes) if changes else table


def _tables(document: Mapping[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    below = document.get(name)
    if not isinstance(below, dict):
        return []
    return [(key, value) for key, value in below.items() if isinstance(value, dict)]
