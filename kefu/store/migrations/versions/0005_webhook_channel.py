"""Talks that go through a shop's own server, and how far their events have reached it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

MOMENT = sa.DateTime(timezone=True)

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("channel", sa.String(12), nullable=True))
    op.create_table(
        "webhook_users",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(80), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        _of_conversation("webhook_users"),
        sa.PrimaryKeyConstraint("profile", "user_id", name=op.f("pk_webhook_users")),
    )
    op.create_table(
        "webhook_messages",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(80), nullable=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        _of_conversation("webhook_messages"),
        sa.PrimaryKeyConstraint(
            "profile", "user_id", "message_id", name=op.f("pk_webhook_messages")
        ),
    )
    for table in ("webhook_users", "webhook_messages"):
        op.create_index(op.f(f"ix_{table}_conversation_id"), table, ["conversation_id"])
    _create_deliveries()


def downgrade() -> None:
    for table in ("webhook_deliveries", "webhook_messages", "webhook_users"):
        op.drop_table(table)
    op.drop_column("conversations", "channel")


def _create_deliveries() -> None:
    op.create_table(
        "webhook_deliveries",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("user_id", sa.String(80), nullable=False),
        sa.Column("delivered_seq", sa.Integer(), nullable=False),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failing_since", MOMENT, nullable=True),
        sa.Column("paused_at", MOMENT, nullable=True),
        sa.Column("holder", sa.String(120), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        _of_conversation("webhook_deliveries"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_webhook_deliveries")),
    )
    for name, column in (("due", "due_at"), ("failing", "failing_since")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_webhook_deliveries_{name}",
            "webhook_deliveries",
            ["profile", column],
            sqlite_where=where,
            postgresql_where=where,
        )
    op.create_index(
        "ix_webhook_deliveries_delivered", "webhook_deliveries", ["profile", "delivered_at"]
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.conversation_id"],
        name=op.f(f"fk_{table}_conversation_id_conversations"),
    )
