"""Alembic's entry: always on a connection that ``kefu.store.upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from kefu.store.base import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table="desk_version",
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
