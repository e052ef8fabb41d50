"""What the desk remembers: tables, transactions, migrations."""

from kefu.store import (
    channel_tables,
    desk_tables,
    handoff_tables,
    inbox_tables,
    mail_tables,
    model_tables,
    service_tables,
    tables,
)
from kefu.store.upgrade import migrate

__all__ = [
    "channel_tables",
    "desk_tables",
    "handoff_tables",
    "inbox_tables",
    "mail_tables",
    "migrate",
    "model_tables",
    "service_tables",
    "tables",
]
