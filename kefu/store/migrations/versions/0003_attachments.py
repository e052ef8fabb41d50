"""Pictures of shoppers, and the tickets they prove something in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("attachment_id", sa.String(16), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_attachments_conversation_id_conversations"),
        ),
        sa.PrimaryKeyConstraint("attachment_id", name=op.f("pk_attachments")),
    )
    for column in ("conversation_id", "created_at"):
        op.create_index(op.f(f"ix_attachments_{column}"), "attachments", [column])
    op.create_table(
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


def downgrade() -> None:
    op.drop_table("ticket_evidence")
    op.drop_table("attachments")
