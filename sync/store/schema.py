"""The tables, once, for SQLite and PostgreSQL. Times are UTC text in ISO 8601; JSON is text.

Text times sort as they should, are read by people, and mean the same in both databases.
"""

from typing import Final

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)

#: Alembic's newest revision; checked when a store is opened.
HEAD: Final = "0003"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

pairs = Table(
    "pairs",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("bound_at", String(40), nullable=False),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("next_poll_at", String(40)),
    Column("interval", Float),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_good_at", String(40)),
)

cursors = Table(
    "cursors",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("side", String(5), primary_key=True),
    Column("cursor", Text),
    Column("moved_at", String(40), nullable=False),
    Column("swept_at", String(40)),
)

links = Table(
    "links",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("pair", String(200), ForeignKey("pairs.name"), nullable=False),
    Column("left_id", String(200)),
    Column("right_id", String(200)),
    Column("base_left", Text, nullable=False, server_default="{}"),
    Column("base_right", Text, nullable=False, server_default="{}"),
    Column("made_at", String(40), nullable=False),
    Column("agreed_at", String(40)),
    Column("dirty", Boolean, nullable=False, server_default=text("false")),
)
Index("uq_links_left", links.c.pair, links.c.left_id, unique=True)
Index("uq_links_right", links.c.pair, links.c.right_id, unique=True)
Index("ix_links_dirty", links.c.pair, links.c.dirty)

observations = Table(
    "observations",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("side", String(5), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("birth", String(200), nullable=False, server_default=""),
    Column("link", Integer, ForeignKey("links.id")),
    Column("presence", String(10), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("revision", String(200), nullable=False, server_default=""),
    Column("updated_at", String(40)),
    Column("dirty", Boolean, nullable=False, server_default=text("false")),
    Column("parent_id", String(200)),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("item", Text, nullable=False),
    Column("seen_at", String(40), nullable=False),
)
Index("ix_observations_link", observations.c.pair, observations.c.link)
Index("ix_observations_parent", observations.c.pair, observations.c.side, observations.c.parent_id)
Index("ix_observations_dirty", observations.c.pair, observations.c.dirty)
Index("ix_observations_urgent", observations.c.pair, observations.c.urgent)

aside = Table(
    "aside",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("side", String(5), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("problem", Text, nullable=False),
    Column("trace", Text, nullable=False, server_default=""),
    Column("digest", String(64), nullable=False, server_default=""),
    Column("since", String(40), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("retry_at", String(40), nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("op", String(32), nullable=False, unique=True),
    Column("pair", String(200), ForeignKey("pairs.name"), nullable=False),
    Column("run", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("side", String(5), nullable=False),
    Column("item", String(400), nullable=False),
    Column("target_id", String(200)),
    Column("source_id", String(200)),
    Column("link", Integer),
    Column("payload", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("intended_at", String(40), nullable=False),
    Column("server_time", String(40)),
    Column("hint", Text, nullable=False, server_default=""),
    Column("ended_at", String(40)),
    Column("outcome", Text),
)
Index("ix_journal_state", journal.c.pair, journal.c.state)
Index("ix_journal_target", journal.c.pair, journal.c.side, journal.c.target_id)

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("pair", String(200), ForeignKey("pairs.name"), nullable=False),
    Column("link", Integer, nullable=False),
    Column("item", String(400), nullable=False),
    Column("field", String(20), nullable=False),
    Column("left_value", Text),
    Column("right_value", Text),
    Column("opened_at", String(40), nullable=False),
    Column("closed_at", String(40)),
    Column("decision", String(5)),
    Column("how", Text, nullable=False, server_default=""),
)
Index("ix_conflicts_open", conflicts.c.pair, conflicts.c.closed_at)
Index("ix_conflicts_link", conflicts.c.link)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("pair", String(200), ForeignKey("pairs.name"), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("started_at", String(40), nullable=False),
    Column("ended_at", String(40)),
    Column("outcome", String(20)),
    Column("digest", String(16)),
    Column("counts", Text, nullable=False, server_default="{}"),
    Column("problems", Text, nullable=False, server_default="[]"),
)
Index("ix_runs_pair", runs.c.pair, runs.c.id)

approvals = Table(
    "approvals",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("digest", String(16), nullable=False),
    Column("approved_at", String(40), nullable=False),
)

budgets = Table(
    "budgets",
    metadata,
    Column("connection", String(200), primary_key=True),
    Column("allowance", Integer),
    Column("remaining", Integer),
    Column("reset_at", String(40)),
    Column("blocked_until", String(40)),
    Column("said_at", String(40), nullable=False),
)

channels = Table(
    "channels",
    metadata,
    Column("name", String(200), primary_key=True),
    Column("digest_at", String(40), nullable=False),
    Column("sent", Text, nullable=False, server_default="[]"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("retry_at", String(40)),
)

told = Table(
    "told",
    metadata,
    Column("channel", String(200), ForeignKey("channels.name"), primary_key=True),
    Column("finding", String(64), primary_key=True),
    Column("pair", String(200), nullable=False),
    Column("level", String(10), nullable=False),
    Column("told_at", String(40), nullable=False),
    Column("gone_at", String(40)),
)
Index("ix_told_pair", told.c.channel, told.c.pair)

events = Table(
    "events",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("side", String(5), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("at", String(40), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("phase", String(10), primary_key=True, server_default=""),
    Column("resolution", String(12), nullable=False, server_default=""),
)
Index("ix_events_kind", events.c.pair, events.c.side, events.c.kind, events.c.at)

postmortems = Table(
    "postmortems",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("place", String(400), primary_key=True),
    Column("seen_at", String(40), nullable=False),
    Column("body", Text, nullable=False, server_default=""),
)

remarks = Table(
    "remarks",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("side", String(5), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("moved_at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("print", String(64), primary_key=True),
    Column("rule", String(40), nullable=False),
    Column("side", String(5)),
    Column("item", String(200)),
    Column("level", String(10), nullable=False),
    Column("since", String(40), nullable=False),
    Column("opened_at", String(40), nullable=False),
    Column("cleared_at", String(40)),
    Column("body", Text, nullable=False),
)
Index("ix_findings_open", findings.c.pair, findings.c.cleared_at)

flags = Table(
    "flags",
    metadata,
    Column("pair", String(200), ForeignKey("pairs.name"), primary_key=True),
    Column("side", String(5), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("rule", String(40), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("value", Text, nullable=False, server_default=""),
    Column("standing", Boolean, nullable=False, server_default=text("false")),
    Column("changed_at", String(40), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("retry_at", String(40)),
)
