"""How shoppers rated the service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

revision = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("served_by", sa.String(12), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("agent_group", sa.String(40), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("reasons", DOCUMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rated_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_ratings_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_ratings_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_ratings")),
    )
    op.create_index(op.f("ix_ratings_profile_asked_at"), "ratings", ["profile", "asked_at"])


def downgrade() -> None:
    op.drop_table("ratings")
