"""What an agent has at hand: notes, drafts, canned responses, corrections; second factor."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    _columns()
    _notes()
    _canned()
    _marks()


def _columns() -> None:
    # Never in a batch: on SQLite that would build the table anew, under rows that point to it.
    op.add_column("conversations", sa.Column("tags", DOCUMENT, nullable=False, server_default="[]"))
    for table, column in (("messages", "staff_id"), ("attachments", "staff_id")):
        op.add_column(table, sa.Column(column, sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("assigned_to", sa.Integer(), nullable=True))
    op.add_column("staff", sa.Column("totp_secret", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("totp_pending", sa.Text(), nullable=True))
    op.add_column("staff", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("staff_sessions", sa.Column("seen_at", MOMENT, nullable=True))


def _notes() -> None:
    op.create_table(
        "notes",
        sa.Column("note_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("to_staff", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", DOCUMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_conversation("notes"),
        _of_staff("notes", "staff_id"),
        _of_staff("notes", "to_staff"),
        sa.PrimaryKeyConstraint("note_id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_conversation_id"), "notes", ["conversation_id"])
    op.create_table(
        "drafts",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        _of_conversation("drafts"),
        _of_staff("drafts", "staff_id"),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name=op.f("pk_drafts")),
    )


def _canned() -> None:
    op.create_table(
        "canned_responses",
        sa.Column("canned_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("agent_group", sa.String(40), nullable=True),
        sa.Column("owner", sa.Integer(), nullable=True),
        sa.Column("shortcut", sa.String(24), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intents", DOCUMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        _of_staff("canned_responses", "owner"),
        sa.PrimaryKeyConstraint("canned_id", name=op.f("pk_canned_responses")),
    )
    op.create_index(
        op.f("ix_canned_responses_profile_shortcut"), "canned_responses", ["profile", "shortcut"]
    )
    op.create_table(
        "seeds",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_seeds")),
    )


def _marks() -> None:
    op.create_table(
        "corrections",
        sa.Column("correction_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("turn_id", sa.String(40), nullable=False),
        sa.Column("intent_given", sa.String(64), nullable=True),
        sa.Column("was_right", sa.Boolean(), nullable=False),
        sa.Column("right_intent", sa.String(64), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        _of_conversation("corrections"),
        _of_staff("corrections", "staff_id"),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_conversation_id"), "corrections", ["conversation_id"])
    op.create_index(op.f("ix_corrections_profile_at"), "corrections", ["profile", "at"])
    op.create_table(
        "shopper_actions",
        sa.Column("operation", sa.String(40), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(24), nullable=False),
        sa.Column("order_number", sa.String(64), nullable=True),
        sa.Column("fields_hash", sa.String(64), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("result", DOCUMENT, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        _of_conversation("shopper_actions"),
        _of_staff("shopper_actions", "staff_id"),
        sa.PrimaryKeyConstraint("operation", name=op.f("pk_shopper_actions")),
    )
    op.create_index(
        op.f("ix_shopper_actions_conversation_id"), "shopper_actions", ["conversation_id"]
    )


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
        "shopper_actions",
        "corrections",
        "seeds",
        "canned_responses",
        "drafts",
        "notes",
    ):
        op.drop_table(table)
    op.drop_column("staff_sessions", "seen_at")
    for column in ("totp_step", "totp_pending", "totp_secret"):
        op.drop_column("staff", column)
    op.drop_column("tickets", "assigned_to")
    for table in ("attachments", "messages"):
        op.drop_column(table, "staff_id")
    op.drop_column("conversations", "tags")
