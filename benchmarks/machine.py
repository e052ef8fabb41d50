"""Where and on what a measurement was made."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = ("fastapi", "uvicorn", "sqlalchemy", "psycopg", "websockets", "rasa-sdk")


def machine() -> str:
    """Processor, cores, system and Python, in one line."""
    model = next(
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


def busy() -> float:
    """How many processes ran or waited for a core in the last minute: what else was going on."""
    return round(os.getloadavg()[0], 1)


def versions(desk_url: str) -> dict[str, str]:
    """Of the source, the libraries that carry a message, and the database behind ``desk_url``."""
    return {
        "kefu": _output("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        **{name: version(name) for name in LIBRARIES},
        **_database(desk_url),
    }


def _database(desk_url: str) -> dict[str, str]:
    if desk_url.startswith("sqlite"):
        return {"sqlite": sqlite3.sqlite_version}
    engine = create_engine(desk_url, poolclass=NullPool)
    with engine.connect() as connection:
        postgres = str(connection.execute(text("SHOW server_version")).scalar_one())
    return {"postgresql": postgres, "redis": _output("redis-server", "--version").split()[2][2:]}


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
