"""The kinds of Kefu that conversations run on, each with its shop, its hours and its way to it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from kefu.shop.rules import BEIJING
from tests.dialogues.shops import Wanted, fill
from tests.e2e.stack import ROOT, Stack, running_stack

WHOLE_DAY = "00:00-24:00"


@dataclass(frozen=True, slots=True)
class World:
    """A Kefu that runs; ``accounts`` holds each conversation's own account by its key."""

    stack: Stack
    shop: Engine
    desk: Engine
    accounts: dict[str, str]

    @property
    def mailbox(self) -> Path:
        return self.stack.home / "notices.log"


@contextmanager
def running(kind: str, home: Path, wanted: Sequence[Wanted]) -> Generator[World]:
    """Start a Kefu of a kind and stop it again; it must leave no process behind.

    ``http``: the shop is reached over HTTP. ``read_only``: it lets nothing be written. ``closed``:
    nobody is there today. Otherwise everybody is, whatever the time.
    """
    home.mkdir(parents=True)
    shop_url = f"sqlite:///{home / 'shop.db'}"
    accounts = fill(shop_url, wanted)
    env = {"KEFU_PROFILES_DIR": str(_profiles(home, WHOLE_DAY if kind != "closed" else "closed"))}
    if kind == "read_only":
        env["KEFU_SHOP_READ_ONLY"] = "1"
    with running_stack(home, "http" if kind == "http" else "bundled", **env) as stack:
        shop = create_engine(stack.shop_database, poolclass=NullPool)
        desk = create_engine(f"sqlite:///{home / 'kefu.db'}", poolclass=NullPool)
        yield World(stack, shop, desk, accounts)
        shop.dispose()
        desk.dispose()


def _profiles(home: Path, times: str) -> Path:
    """The profiles as they are, but with these times today and tomorrow in all their hours."""
    folder = home / "data" / "profiles"
    folder.mkdir(parents=True)
    (folder.parent / "knowledge").symlink_to(ROOT / "data" / "knowledge")
    today = datetime.now(UTC).astimezone(BEIJING).date()
    dates = {(today + timedelta(days=ahead)).isoformat(): times for ahead in (0, 1)}
    yaml: Any = YAML()
    for path in sorted((ROOT / "data" / "profiles").glob("*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"))
        for hours in content["hours"].values():
            hours["dates"] = dates
        with (folder / path.name).open("w", encoding="utf-8") as file:
            yaml.dump(content, file)
    return folder
