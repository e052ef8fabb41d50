"""What was live when, canaries, thresholds, engines of hosts, trainer's jobs; turns tell more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)

revision = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "model_history",
        sa.Column("change_id", COUNTER, autoincrement=True, nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("from_sha256", sa.String(64), nullable=True),
        sa.Column("to_sha256", sa.String(64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_model_history")),
    )
    op.create_index(
        op.f("ix_model_history_profile_change_id"), "model_history", ["profile", "change_id"]
    )
    op.create_table(
        "canaries",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("profile", name=op.f("pk_canaries")),
    )
    op.create_table(
        "profile_thresholds",
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("answer", sa.Float(), nullable=False),
        sa.Column("clarify", sa.Float(), nullable=True),
        sa.Column("changed_by", sa.String(80), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("profile", name=op.f("pk_profile_thresholds")),
    )
    op.create_table(
        "engine_hosts",
        sa.Column("host", sa.String(120), nullable=False),
        sa.Column("engines", DOCUMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_engine_hosts")),
    )
    _create_jobs()
    with op.batch_alter_table("turns") as turns:
        turns.add_column(sa.Column("thresholds", DOCUMENT, nullable=True))
        turns.add_column(sa.Column("handed_off", sa.Boolean(), nullable=True))


def _create_jobs() -> None:
    op.create_table(
        "trainer_jobs",
        sa.Column("job_id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("profile", sa.String(40), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("request", DOCUMENT, nullable=False),
        sa.Column("result", DOCUMENT, nullable=True),
        sa.Column("model_sha256", sa.String(64), nullable=True),
        sa.Column("data_commit", sa.String(64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("cancelling", sa.Boolean(), nullable=False),
        sa.Column("worker", sa.String(120), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("created_by", sa.String(80), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_trainer_jobs")),
    )
    for columns in (["kind", "created_at"], ["state", "created_at"]):
        op.create_index(op.f(f"ix_trainer_jobs_{'_'.join(columns)}"), "trainer_jobs", columns)


def downgrade() -> None:
    with op.batch_alter_table("turns") as turns:
        turns.drop_column("handed_off")
        turns.drop_column("thresholds")
    for table in (
        "trainer_jobs", "engine_hosts", "profile_thresholds", "canaries", "model_history",
    ):  # fmt: skip
        op.drop_table(table)
