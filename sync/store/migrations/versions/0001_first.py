"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables."""
    op.create_table(
        "budgets",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("allowance", sa.Integer(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=True),
        sa.Column("reset_at", sa.String(length=40), nullable=True),
        sa.Column("blocked_until", sa.String(length=40), nullable=True),
        sa.Column("said_at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("connection", name=op.f("pk_budgets")),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "pairs",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("bound_at", sa.String(length=40), nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_poll_at", sa.String(length=40), nullable=True),
        sa.Column("interval", sa.Float(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_good_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_pairs")),
    )
    op.create_table(
        "approvals",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("approved_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_approvals_pair")),
        sa.PrimaryKeyConstraint("pair", "fingerprint", name=op.f("pk_approvals")),
    )
    op.create_table(
        "aside",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("since", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("retry_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_aside_pair")),
        sa.PrimaryKeyConstraint("pair", "side", "id", name=op.f("pk_aside")),
    )
    op.create_table(
        "conflicts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("link", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=400), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("left_value", sa.Text(), nullable=True),
        sa.Column("right_value", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.String(length=40), nullable=False),
        sa.Column("closed_at", sa.String(length=40), nullable=True),
        sa.Column("decision", sa.String(length=5), nullable=True),
        sa.Column("how", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_conflicts_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts")),
    )
    op.create_index("ix_conflicts_link", "conflicts", ["link"], unique=False)
    op.create_index("ix_conflicts_open", "conflicts", ["pair", "closed_at"], unique=False)
    op.create_table(
        "cursors",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("moved_at", sa.String(length=40), nullable=False),
        sa.Column("swept_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_cursors_pair")),
        sa.PrimaryKeyConstraint("pair", "side", name=op.f("pk_cursors")),
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("op", sa.String(length=32), nullable=False),
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("item", sa.String(length=400), nullable=False),
        sa.Column("target_id", sa.String(length=200), nullable=True),
        sa.Column("source_id", sa.String(length=200), nullable=True),
        sa.Column("link", sa.Integer(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("intended_at", sa.String(length=40), nullable=False),
        sa.Column("server_time", sa.String(length=40), nullable=True),
        sa.Column("hint", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_journal_pair")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("op", name=op.f("uq_journal_op")),
    )
    op.create_index("ix_journal_state", "journal", ["pair", "state"], unique=False)
    op.create_index("ix_journal_target", "journal", ["pair", "side", "target_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("left_id", sa.String(length=200), nullable=True),
        sa.Column("right_id", sa.String(length=200), nullable=True),
        sa.Column("base_left", sa.Text(), server_default="{}", nullable=False),
        sa.Column("base_right", sa.Text(), server_default="{}", nullable=False),
        sa.Column("made_at", sa.String(length=40), nullable=False),
        sa.Column("agreed_at", sa.String(length=40), nullable=True),
        sa.Column("dirty", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_links_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
    )
    op.create_index("ix_links_dirty", "links", ["pair", "dirty"], unique=False)
    op.create_index("uq_links_left", "links", ["pair", "left_id"], unique=True)
    op.create_index("uq_links_right", "links", ["pair", "right_id"], unique=True)
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("digest", sa.String(length=16), nullable=True),
        sa.Column("counts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("problems", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_runs_pair")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_pair", "runs", ["pair", "id"], unique=False)
    op.create_table(
        "observations",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("birth", sa.String(length=200), server_default="", nullable=False),
        sa.Column("link", sa.Integer(), nullable=True),
        sa.Column("presence", sa.String(length=10), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=200), server_default="", nullable=False),
        sa.Column("updated_at", sa.String(length=40), nullable=True),
        sa.Column("dirty", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("parent_id", sa.String(length=200), nullable=True),
        sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["link"], ["links.id"], name=op.f("fk_observations_link")),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_observations_pair")),
        sa.PrimaryKeyConstraint("pair", "side", "id", name=op.f("pk_observations")),
    )
    op.create_index("ix_observations_dirty", "observations", ["pair", "dirty"], unique=False)
    op.create_index("ix_observations_link", "observations", ["pair", "link"], unique=False)
    op.create_index(
        "ix_observations_parent", "observations", ["pair", "side", "parent_id"], unique=False
    )
    op.create_index("ix_observations_urgent", "observations", ["pair", "urgent"], unique=False)


def downgrade() -> None:
    """Drop all tables."""
    op.drop_index("ix_observations_urgent", table_name="observations")
    op.drop_index("ix_observations_parent", table_name="observations")
    op.drop_index("ix_observations_link", table_name="observations")
    op.drop_index("ix_observations_dirty", table_name="observations")
    op.drop_table("observations")
    op.drop_index("ix_runs_pair", table_name="runs")
    op.drop_table("runs")
    op.drop_index("uq_links_right", table_name="links")
    op.drop_index("uq_links_left", table_name="links")
    op.drop_index("ix_links_dirty", table_name="links")
    op.drop_table("links")
    op.drop_index("ix_journal_target", table_name="journal")
    op.drop_index("ix_journal_state", table_name="journal")
    op.drop_table("journal")
    op.drop_table("cursors")
    op.drop_index("ix_conflicts_open", table_name="conflicts")
    op.drop_index("ix_conflicts_link", table_name="conflicts")
    op.drop_table("conflicts")
    op.drop_table("aside")
    op.drop_table("approvals")
    op.drop_table("pairs")
    op.drop_table("meta")
    op.drop_table("budgets")
