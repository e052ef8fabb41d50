"""The trainer's inbox, and indexes for those who read turns and ratings as they come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0010"
down_revision: str | None = "0009"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "inbox_items",
        sa.Column("item_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("normal_hash", sa.String(64), nullable=False),
        sa.Column("normal", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("kinds", sa.Integer(), nullable=False),
        sa.Column("hardness", sa.Float(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.Column("group_id", COUNTER, nullable=True),
        sa.Column("first_at", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("turn_id", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(40), nullable=False),
        sa.Column("intent", sa.String(80), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("reading", DOCUMENT, nullable=False),
        sa.Column("suggested", DOCUMENT, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("label", sa.String(80), nullable=True),
        sa.Column("new_intent_hint", sa.String(200), nullable=True),
        sa.Column("marked", DOCUMENT, nullable=False),
        sa.Column("labelled_by", sa.Integer(), nullable=True),
        sa.Column("labelled_at", MOMENT, nullable=True),
        sa.Column("approvals", DOCUMENT, nullable=False),
        sa.Column("data_commit", sa.String(64), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.conversation_id"],
            name=op.f("fk_inbox_items_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["labelled_by"], ["staff.staff_id"], name=op.f("fk_inbox_items_labelled_by_staff")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_inbox_items")),
        sa.UniqueConstraint(
            "profile", "normal_hash", name=op.f("uq_inbox_items_profile_normal_hash")
        ),
    )
    op.create_index(
        op.f("ix_inbox_items_state_hardness_item_id"),
        "inbox_items",
        ["state", "hardness", "item_id"],
    )
    op.create_index(
        op.f("ix_inbox_items_state_profile_kinds_group_id"),
        "inbox_items",
        ["state", "profile", "kinds", "group_id"],
    )
    op.create_index(op.f("ix_inbox_items_group_id"), "inbox_items", ["group_id"])
    op.create_table(
        "inbox_actions",
        sa.Column("action_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("item_id", COUNTER, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["inbox_items.item_id"], name=op.f("fk_inbox_actions_item_id_inbox_items")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.staff_id"], name=op.f("fk_inbox_actions_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("action_id", name=op.f("pk_inbox_actions")),
    )
    op.create_index(op.f("ix_inbox_actions_item_id"), "inbox_actions", ["item_id"])
    op.create_table(
        "inbox_cursors",
        sa.Column("source", sa.String(24), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("row", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_inbox_cursors")),
    )
    op.create_index(op.f("ix_turns_finished_at"), "turns", ["finished_at"])
    op.create_index(op.f("ix_ratings_changed_at"), "ratings", ["changed_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_ratings_changed_at"), "ratings")
    op.drop_index(op.f("ix_turns_finished_at"), "turns")
    op.drop_table("inbox_cursors")
    op.drop_table("inbox_actions")
    op.drop_table("inbox_items")
