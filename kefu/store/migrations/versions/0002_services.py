"""Tickets with their progress and answers, one-time codes, notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("conversations", sa.Column("address_key", sa.String(64), nullable=True))
    _tickets()
    _codes()
    op.create_table(
        "notices",
        sa.Column("notice_id", sa.String(64), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("account_id", sa.String(80), nullable=True),
        sa.Column("contact", sa.String(120), nullable=True),
        sa.Column("payload", DOCUMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_due_at"), "notices", ["due_at"])
    op.create_table(
        "leases",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(120), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def _tickets() -> None:
    with op.batch_alter_table("tickets") as table:
        table.add_column(sa.Column("owner", sa.String(140), nullable=True))
        table.add_column(sa.Column("account_id", sa.String(80), nullable=True))
        table.add_column(sa.Column("contact", sa.String(120), nullable=True))
        table.add_column(sa.Column("answer", sa.Text(), nullable=True))
        table.add_column(sa.Column("answered_at", MOMENT, nullable=True))
        table.alter_column("conversation_id", existing_type=sa.String(40), nullable=True)
        table.alter_column("turn_id", existing_type=sa.String(40), nullable=True)
    op.execute(
        "UPDATE tickets SET account_id = (SELECT account_id FROM conversations"
        " WHERE conversations.conversation_id = tickets.conversation_id)"
    )
    op.execute(
        "UPDATE tickets SET owner ="
        " COALESCE('account:' || account_id, 'conversation:' || conversation_id)"
    )
    with op.batch_alter_table("tickets") as table:
        table.alter_column("owner", existing_type=sa.String(140), nullable=False)
    op.create_index(
        op.f("ix_tickets_profile_owner_created_at"), "tickets", ["profile", "owner", "created_at"]
    )
    op.create_index(op.f("ix_tickets_conversation_id"), "tickets", ["conversation_id"])
    op.create_table(
        "ticket_progress",
        sa.Column("progress_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["tickets.number"], name=op.f("fk_ticket_progress_number_tickets")
        ),
        sa.PrimaryKeyConstraint("progress_id", name=op.f("pk_ticket_progress")),
    )
    op.create_index(op.f("ix_ticket_progress_number"), "ticket_progress", ["number"])


def _codes() -> None:
    op.create_table(
        "verifications",
        sa.Column("verify_id", sa.String(40), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("step", sa.String(8), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("login", sa.String(120), nullable=True),
        sa.Column("login_key", sa.String(64), nullable=False),
        sa.Column("account_id", sa.String(80), nullable=True),
        sa.Column("phone", sa.String(20), nullable=True),
        sa.Column("channel", sa.String(12), nullable=True),
        sa.Column("address_masked", sa.String(120), nullable=True),
        sa.Column("sent_by", sa.String(12), nullable=True),
        sa.Column("code_hash", sa.String(64), nullable=True),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("resend_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_verifications_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("verify_id", name=op.f("pk_verifications")),
    )
    op.create_index(
        op.f("ix_verifications_conversation_id_created_at"),
        "verifications",
        ["conversation_id", "created_at"],
    )
    op.create_index(op.f("ix_verifications_due_at"), "verifications", ["due_at"])
    op.create_table(
        "code_sends",
        sa.Column("send_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("verify_id", sa.String(40), nullable=False),
        sa.Column("login_key", sa.String(64), nullable=False),
        sa.Column("address_key", sa.String(64), nullable=True),
        sa.Column("account_id", sa.String(80), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("send_id", name=op.f("pk_code_sends")),
    )
    for columns in (
        ["verify_id"],
        ["login_key", "at"],
        ["address_key", "at"],
        ["profile", "account_id", "at"],
    ):
        op.create_index(op.f(f"ix_code_sends_{'_'.join(columns)}"), "code_sends", columns)


def downgrade() -> None:
    for table in ("leases", "notices", "code_sends", "verifications", "ticket_progress"):
        op.drop_table(table)
    op.execute("DELETE FROM tickets WHERE conversation_id IS NULL OR turn_id IS NULL")
    op.drop_index(op.f("ix_tickets_conversation_id"), "tickets")
    op.drop_index(op.f("ix_tickets_profile_owner_created_at"), "tickets")
    with op.batch_alter_table("tickets") as table:
        for column in ("owner", "account_id", "contact", "answer", "answered_at"):
            table.drop_column(column)
        table.alter_column("conversation_id", existing_type=sa.String(40), nullable=False)
        table.alter_column("turn_id", existing_type=sa.String(40), nullable=False)
    # Not in a batch: that would drop a table which others refer to.
    op.drop_column("conversations", "address_key")
