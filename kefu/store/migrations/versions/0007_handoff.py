"""The queue for people: presence, groups, hand-offs, and the waits that shoppers were told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

WAITING = sa.text("state = 'waiting'")
ASSIGNED = sa.text("state = 'assigned'")


def _columns() -> list[sa.Column[Any]]:
    """Each table needs columns of its own."""
    return [
        sa.Column("last_from", sa.String(12), nullable=True),
        sa.Column("last_at", MOMENT, nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("queued_at", MOMENT, nullable=True),
        sa.Column("returned", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("refused_by", DOCUMENT, nullable=False, server_default="[]"),
        sa.Column("handoff_id", COUNTER, nullable=True),
        sa.Column("previous_agent", sa.Integer(), nullable=True),
        sa.Column("seller_id", sa.String(64), nullable=True),
        sa.Column("answer_due_at", MOMENT, nullable=True),
        sa.Column("agent_seen", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("unread", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("waits_since", MOMENT, nullable=True),
    ]


def upgrade() -> None:
    # Never in a batch: on SQLite that would build the table anew, under rows that point to it.
    for column in _columns():
        op.add_column("conversations", column)
    op.execute(
        "UPDATE conversations SET queued_at = state_since WHERE state IN ('waiting', 'assigned')"
    )
    op.create_index(
        "ix_conversations_queue",
        "conversations",
        ["profile", "agent_group", "queued_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_conversations_assigned_to",
        "conversations",
        ["assigned_to"],
        sqlite_where=ASSIGNED,
        postgresql_where=ASSIGNED,
    )
    _people()
    _handoffs()


def _people() -> None:
    op.create_table(
        "presences",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=False),
        sa.Column("lapsed_at", MOMENT, nullable=True),
        sa.Column("idle_since", MOMENT, nullable=False),
        sa.Column("last_assigned_at", MOMENT, nullable=True),
        _of_staff("presences", "staff_id"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_presences")),
    )
    op.create_table(
        "staff_groups",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("agent_group", sa.String(40), nullable=False),
        _of_staff("staff_groups", "staff_id"),
        sa.PrimaryKeyConstraint("staff_id", "profile", "agent_group", name=op.f("pk_staff_groups")),
    )
    op.create_table(
        "service_groups",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("agent_group", sa.String(40), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("hours", DOCUMENT, nullable=False),
        sa.Column("overflow", sa.String(40), nullable=True),
        sa.Column("overflow_minutes", sa.Integer(), nullable=True),
        sa.Column("answer_seconds", sa.Integer(), nullable=False),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("edited", sa.Boolean(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("profile", "agent_group", name=op.f("pk_service_groups")),
    )
    op.create_table(
        "invitations",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_conversation("invitations"),
        _of_staff("invitations", "staff_id"),
        _of_staff("invitations", "invited_by"),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_staff_id"), "invitations", ["staff_id"])


def _handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("handoff_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("agent_group", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("assigned_at", MOMENT, nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("busy_seconds", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("closed_told_at", MOMENT, nullable=True),
        sa.Column("resolution", sa.String(16), nullable=True),
        sa.Column("closing_note", sa.Text(), nullable=False),
        sa.Column("packet", DOCUMENT, nullable=True),
        _of_conversation("handoffs"),
        _of_staff("handoffs", "staff_id"),
        sa.PrimaryKeyConstraint("handoff_id", name=op.f("pk_handoffs")),
    )
    op.create_index(op.f("ix_handoffs_conversation_id"), "handoffs", ["conversation_id"])
    op.create_index(op.f("ix_handoffs_profile_asked_at"), "handoffs", ["profile", "asked_at"])
    op.create_index(
        op.f("ix_handoffs_profile_agent_group_ended_at"),
        "handoffs",
        ["profile", "agent_group", "ended_at"],
    )
    op.create_table(
        "told_waits",
        sa.Column("told_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("handoff_id", COUNTER, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("agent_group", sa.String(40), nullable=True),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("low", sa.Integer(), nullable=False),
        sa.Column("high", sa.Integer(), nullable=False),
        sa.Column("had", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoffs.handoff_id"], name=op.f("fk_told_waits_handoff_id_handoffs")
        ),
        sa.PrimaryKeyConstraint("told_id", name=op.f("pk_told_waits")),
    )
    op.create_index(op.f("ix_told_waits_handoff_id"), "told_waits", ["handoff_id"])
    op.create_index(op.f("ix_told_waits_profile_told_at"), "told_waits", ["profile", "told_at"])


def _of_staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["staff.staff_id"], name=op.f(f"fk_{table}_{column}_staff")
    )


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.conversation_id"],
        name=op.f(f"fk_{table}_conversation_id_conversations"),
    )


def downgrade() -> None:
    for table in (
        "told_waits",
        "handoffs",
        "invitations",
        "service_groups",
        "staff_groups",
        "presences",
    ):
        op.drop_table(table)
    op.drop_index("ix_conversations_assigned_to", "conversations")
    op.drop_index("ix_conversations_queue", "conversations")
    for column in _columns():
        op.drop_column("conversations", column.name)
