"""Alembic's entry: runs on the connection that ``migrate`` holds."""

from alembic import context

from kefu.shop.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
