"""What the reports read: how a turn was understood as a column, and rows in the order of time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

_FILL = {
    "sqlite": (
        "UPDATE turns SET intent = json_extract(parse, '$.intent.name')"
        " WHERE parse IS NOT NULL AND json_array_length(message_ids) > 0"
    ),
    "postgresql": (
        "UPDATE turns SET intent = parse -> 'intent' ->> 'name'"
        " WHERE parse IS NOT NULL AND jsonb_array_length(message_ids) > 0"
    ),
}


def upgrade() -> None:
    op.add_column("turns", sa.Column("intent", sa.String(64), nullable=True))
    op.execute(_FILL[op.get_bind().dialect.name])
    op.create_index(
        op.f("ix_turns_profile_created_at_conversation_id_intent"),
        "turns",
        ["profile", "created_at", "conversation_id", "intent"],
    )
    op.create_index(op.f("ix_audit_profile_at"), "audit", ["profile", "at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_audit_profile_at"), "audit")
    op.drop_index(op.f("ix_turns_profile_created_at_conversation_id_intent"), "turns")
    op.drop_column("turns", "intent")
