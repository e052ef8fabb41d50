"""Bringing a shop's database to the current schema."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config

from kefu.shop.connection import exclusive, open_engine

VERSION_TABLE = "shop_version"
LOCK_WAIT = 60
"""Seconds that a second process waits for the first."""

# Alembic keeps its current context in module globals.
_one_at_a_time = threading.Lock()


def migrate(url: str) -> None:
    """Upgrade the shop's database to the newest schema; does nothing where it is current.

    Safe to call from several processes at once: they take turns.
    Raises ``ShopUnavailable`` if another migration holds the database for over a minute.
    """
    engine = open_engine(url, patience=LOCK_WAIT)
    try:
        with (
            _one_at_a_time,
            engine.connect().execution_options(writes=True) as connection,
            exclusive(connection, LOCK_WAIT),
        ):
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()
