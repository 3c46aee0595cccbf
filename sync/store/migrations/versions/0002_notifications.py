"""What was told to which channel."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of notifications."""
    op.create_table(
        "channels",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest_at", sa.String(length=40), nullable=False),
        sa.Column("sent", sa.Text(), server_default="[]", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("retry_at", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channels")),
    )
    op.create_table(
        "told",
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("finding", sa.String(length=64), nullable=False),
        sa.Column("pair", sa.String(length=200), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("told_at", sa.String(length=40), nullable=False),
        sa.Column("gone_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["channel"], ["channels.name"], name=op.f("fk_told_channel")),
        sa.PrimaryKeyConstraint("channel", "finding", name=op.f("pk_told")),
    )
    op.create_index("ix_told_pair", "told", ["channel", "pair"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_told_pair", table_name="told")
    op.drop_table("told")
    op.drop_table("channels")
