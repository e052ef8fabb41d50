"""What the desk remembers: tables, transactions, migrations."""

from kefu.store.upgrade import migrate

__all__ = ["migrate"]
