"""The life of items, findings and their flags."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables of history and findings."""
    op.create_table(
        "events",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("phase", sa.String(length=10), server_default="", nullable=False),
        sa.Column("resolution", sa.String(length=12), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_events_pair")),
        sa.PrimaryKeyConstraint(
            "pair", "side", "id", "at", "kind", "phase", name=op.f("pk_events")
        ),
    )
    op.create_index("ix_events_kind", "events", ["pair", "side", "kind", "at"], unique=False)
    op.create_table(
        "postmortems",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=400), nullable=False),
        sa.Column("seen_at", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_postmortems_pair")),
        sa.PrimaryKeyConstraint("pair", "place", name=op.f("pk_postmortems")),
    )
    op.create_table(
        "remarks",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("moved_at", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_remarks_pair")),
        sa.PrimaryKeyConstraint("pair", "side", "id", name=op.f("pk_remarks")),
    )
    op.create_table(
        "findings",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("print", sa.String(length=64), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=True),
        sa.Column("item", sa.String(length=200), nullable=True),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("since", sa.String(length=40), nullable=False),
        sa.Column("opened_at", sa.String(length=40), nullable=False),
        sa.Column("cleared_at", sa.String(length=40), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_findings_pair")),
        sa.PrimaryKeyConstraint("pair", "print", name=op.f("pk_findings")),
    )
    op.create_index("ix_findings_open", "findings", ["pair", "cleared_at"], unique=False)
    op.create_table(
        "flags",
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("standing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("changed_at", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["pair"], ["pairs.name"], name=op.f("fk_flags_pair")),
        sa.PrimaryKeyConstraint("pair", "side", "id", "rule", "kind", name=op.f("pk_flags")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("flags")
    op.drop_index("ix_findings_open", table_name="findings")
    op.drop_table("findings")
    op.drop_table("remarks")
    op.drop_table("postmortems")
    op.drop_index("ix_events_kind", table_name="events")
    op.drop_table("events")
