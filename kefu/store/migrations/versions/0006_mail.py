"""E-mails that become tickets, and pictures that came with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("profile", name=op.f("pk_mailboxes")),
    )
    op.create_table(
        "ticket_mails",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("mail_key", sa.String(64), nullable=False),
        sa.Column("number", sa.String(24), nullable=True),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("sender", sa.String(120), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("references", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["tickets.number"], name=op.f("fk_ticket_mails_number_tickets")
        ),
        sa.PrimaryKeyConstraint("profile", "mail_key", name=op.f("pk_ticket_mails")),
    )
    op.create_index(op.f("ix_ticket_mails_number"), "ticket_mails", ["number"])
    op.create_index(
        op.f("ix_ticket_mails_profile_sender_received_at"),
        "ticket_mails",
        ["profile", "sender", "received_at"],
    )
    _let_pictures_stand_alone(True)


def downgrade() -> None:
    connection = op.get_bind()
    connection.execute(
        sa.text(
            "DELETE FROM ticket_evidence WHERE attachment_id IN"
            " (SELECT attachment_id FROM attachments WHERE conversation_id IS NULL)"
        )
    )
    connection.execute(sa.text("DELETE FROM attachments WHERE conversation_id IS NULL"))
    _let_pictures_stand_alone(False)
    op.drop_table("ticket_mails")
    op.drop_table("mailboxes")


def _let_pictures_stand_alone(alone: bool) -> None:
    """SQLite makes the table anew, which what refers to it would not survive."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT number, attachment_id FROM ticket_evidence"))
    kept = [dict(row) for row in rows.mappings()]
    op.drop_table("ticket_evidence")
    with op.batch_alter_table("attachments") as table:
        table.alter_column("conversation_id", existing_type=sa.String(40), nullable=alone)
    evidence = op.create_table(
        "ticket_evidence",
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("attachment_id", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["tickets.number"], name=op.f("fk_ticket_evidence_number_tickets")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.attachment_id"],
            name=op.f("fk_ticket_evidence_attachment_id_attachments"),
        ),
        sa.PrimaryKeyConstraint("number", "attachment_id", name=op.f("pk_ticket_evidence")),
    )
    op.create_index(op.f("ix_ticket_evidence_attachment_id"), "ticket_evidence", ["attachment_id"])
    if kept:
        op.bulk_insert(evidence, kept)
