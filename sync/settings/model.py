"""The settings as tables, exactly as they stand in the file (design §10).

Every key has a description; ``config.example.toml`` shows each, and a test holds the two together.
What an adapter wants of its connection is the adapter's own table and is checked by it.
"""

from datetime import timedelta
from typing import Self

from pydantic import ConfigDict, field_validator, model_validator
from pydantic import Field as Key
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from adapters.credentials import SecretSource
from mappings.profile import Table
from mappings.vocabulary import Field, Side
from sync.decide.policy import (
    DEFAULT_FIELDS,
    Authority,
    Direction,
    FieldPolicy,
    Filter,
    Guard,
    Policy,
)
from sync.durations import Duration
from sync.notify.settings import ChannelSettings
from sync.rules.settings import RuleSettings
from sync.rules.terms import RuleName, RuleTable, fitting, spelled


class StateSettings(Table):
    """``[state]``: where everything is remembered."""

    url: str = Key(
        default="sqlite:///followthrough.db",
        description="the database: sqlite:///FILE, or postgresql+psycopg://HOST/NAME",
    )
    key: SecretSource | None = Key(
        default=None,
        description="the secret that signs our marks in items; else a file beside the database",
    )


class ConnectionSettings(Table):
    """``[connections.NAME]``: an adapter; its other keys are the adapter's own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    adapter: str = Key(description="which adapter speaks to it; see `followthrough adapters`")


class EndSettings(Table):
    """One end of a pair."""

    connection: str = Key(description="the name of a connection")
    project: str = Key(default="", description="the project there, where there are several")


class FieldSettings(Table):
    """``[pairs.NAME.fields.FIELD]``: what is not given stays as the field's default says."""

    direction: Direction | None = Key(
        default=None,
        description='"two-way", "documents-to-tracker", "tracker-to-documents" or "off"',
    )
    authority: Authority | None = Key(
        default=None, description='who wins a conflict: "documents", "tracker" or "ask"'
    )

    def over(self, default: FieldPolicy) -> FieldPolicy:
        """The policy of a field whose default is ``default``."""
        return FieldPolicy(
            direction=self.direction or default.direction,
            authority=self.authority or default.authority,
        )


class PairSettings(Table):
    """``[pairs.NAME]``: two projects kept in step."""

    left: EndSettings | None = Key(
        default=None,
        description="the documents' end; left out where everything lives in the tracker alone",
    )
    right: EndSettings = Key(description="the tracker's end")
    postmortems: str = Key(
        default="", description="the connection that holds this pair's postmortems, if there is one"
    )
    profile: str = Key(description="a shipped vocabulary by name, or the path of a TOML file")
    people: dict[str, str] = Key(
        default={}, description="our name for a person = the tracker's; added to the profile's"
    )
    fields: dict[Field, FieldSettings] = Key(
        default={}, description="direction and authority, field by field"
    )
    filter: Filter = Key(default=Filter(), description="which unlinked items are mirrored")
    guard: Guard = Key(default=Guard(), description="how much one plan may do without approval")
    interval: Duration = Key(
        default=timedelta(minutes=1), description="the daemon's time between two cycles"
    )
    idle_interval: Duration = Key(
        default=timedelta(minutes=5), description="grown to this while nothing changes"
    )
    urgent_interval: Duration = Key(
        default=timedelta(seconds=20),
        description="shortened to this while a P0, P1, SEV1 or SEV2 is open",
    )
    sweep: Duration = Key(
        default=timedelta(days=1), description="time between complete readings of both sides"
    )
    writes_per_hour: int = Key(
        default=6, ge=1, description="writes to one item in an hour before it is set aside"
    )
    rules: dict[RuleName, RuleTable] = Key(
        default={}, description="what this pair says otherwise than [rules]"
    )

    _spelled = field_validator("rules", mode="before")(spelled)
    _fitting = field_validator("rules")(fitting)

    @model_validator(mode="after")
    def _intervals_in_order(self) -> Self:
        if not self.urgent_interval <= self.interval <= self.idle_interval:
            msg = "urgent_interval may not be longer than interval, nor interval than idle_interval"
            raise ValueError(msg)
        return self

    @property
    def ends(self) -> dict[Side, EndSettings]:
        """The ends there are."""
        return (
            {Side.LEFT: self.left, Side.RIGHT: self.right}
            if self.left
            else {Side.RIGHT: self.right}
        )

    @property
    def policy(self) -> Policy:
        """What the engine is given of these settings."""
        return Policy(
            fields={name: given.over(DEFAULT_FIELDS[name]) for name, given in self.fields.items()},
            filter=self.filter,
            guard=self.guard,
            sweep_hours=self.sweep / timedelta(hours=1),
            writes_per_hour=self.writes_per_hour,
            documents=self.left is not None,
        )


class DaemonSettings(Table):
    """``[daemon]``: how ``followthrough run`` behaves."""

    listen: str = Key(
        default="127.0.0.1:9464",
        description='HOST:PORT of /healthz, /readyz and /metrics; "" for none',
    )
    workers: int = Key(default=4, ge=1, le=64, description="pairs run at the same time, at most")
    healthy_within: Duration = Key(
        default=timedelta(minutes=15),
        description="/healthz fails when a pair's last good cycle is older than this",
    )

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (host and port.isdigit() and int(port) < 2**16):
            msg = 'an address is written "HOST:PORT", for example "127.0.0.1:9464"'
            raise ValueError(msg)
        return value

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, or None."""
        host, _, port = self.listen.rpartition(":")
        return (host.strip("[]"), int(port)) if self.listen else None


class Settings(BaseSettings):
    """The whole file. The environment is merged in by :mod:`sync.settings.environment`, which
    names the variable when its value is wrong.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True)

    state: StateSettings = Key(
        default=StateSettings(), description="where everything is remembered"
    )
    connections: dict[str, ConnectionSettings] = Key(description="homes for items, by name")
    pairs: dict[str, PairSettings] = Key(description="what is kept in step, by name")
    rules: dict[RuleName, RuleTable] = Key(
        default={}, description="what the incident process demands, rule by rule"
    )
    notify: dict[str, ChannelSettings] = Key(
        default={}, description="channels that findings are told to, by name"
    )
    daemon: DaemonSettings = Key(default=DaemonSettings(), description="how the daemon behaves")

    _spelled = field_validator("rules", mode="before")(spelled)
    _fitting = field_validator("rules")(fitting)

    def rules_of(self, pair: str) -> RuleSettings:
        """The rules of one pair: its own words over those for all pairs, over the defaults."""
        return RuleSettings.of(self.rules, self.pairs[pair].rules)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """One source: the document after its overrides."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)
