"""A running desk on SQLite and on PostgreSQL, with a scripted engine and a real shop database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import lru_cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

import kefu.app
import kefu.shop
from kefu.accounts import passwords
from kefu.conversation.runner import Patience
from kefu.knowledge import Library, open_library, watching
from kefu.profiles import Profiles, load_profiles
from kefu.settings import Settings
from kefu.store import migrate
from kefu.store.database import Database, connect
from kefu.store.tables import Table
from tests.databases import fresh_database
from tests.desk_stage import Desk, run_desk
from tests.engine_server import EngineServer

BACKENDS = ["sqlite", "postgresql"]

QUICK = Patience(
    lease=2.0, pauses=(0.02, 0.05), engine_restart=5.0, ask_again=0.05, shop=2.0, sweep=0.1
)


@pytest.fixture(autouse=True)
def files_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading profiles and articles takes longer than most tests; what is read never changes."""
    monkeypatch.setattr(kefu.app, "load_profiles", lambda folder: read_once(folder)[0])
    monkeypatch.setattr(
        watching, "open_library", lambda settings, _: read_once(settings.profiles_dir)[1]
    )


def read_once(folder: Path) -> tuple[Profiles, Library]:
    """The profiles are copies of one's own: tests change them."""
    files = [*(folder.parent / "knowledge").rglob("*.md"), *folder.iterdir()]
    profiles, library = _read(folder, max(path.stat().st_mtime_ns for path in files))
    return Profiles([each.model_copy(deep=True) for each in profiles]), library


@lru_cache(maxsize=4)
def _read(folder: Path, _written: int) -> tuple[Profiles, Library]:
    profiles = load_profiles(folder)
    home = Path(tempfile.mkdtemp(prefix="kefu-library-"))
    try:
        return profiles, open_library(Settings(home=home, profiles_dir=folder), profiles)
    finally:
        shutil.rmtree(home)


@pytest.fixture(scope="session")
def postgres_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An own database on the PostgreSQL server, migrated once."""
    with fresh_database("postgresql", tmp_path_factory.mktemp("postgres")) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "kefu.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def shop_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "shop.db"
    kefu.shop.migrate(f"sqlite:///{path}")
    return path


# A hundred times as fast as TRUNCATE, which makes a new file of each table.
EMPTY = ";".join(
    [
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {table.name}" for table in Table.metadata.sorted_tables),
        "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences",
    ]
)


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty, migrated database of the desk."""
    if request.param == "sqlite":
        path = tmp_path / "kefu.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgres_database")
    engine = connect(url)
    with engine.begin() as connection:
        connection.execute(text(EMPTY))
    engine.dispose()
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes that take a tenth of a second each are right for people, and only for them."""
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path, shop_template: Path) -> Settings:
    shutil.copy(shop_template, tmp_path / "shop.db")
    return Settings(
        home=tmp_path,
        secret="a secret of the tests",
        database_url=database_url,
        shop_url=f"sqlite:///{tmp_path / 'shop.db'}",
        web_dir=tmp_path / "dist",
        models_dir=tmp_path / "models",
        engine_deadline=1.0,
        message_burst=1000,
        sessions_per_minute=10_000,
    )


@pytest.fixture
async def engine(settings: Settings) -> AsyncIterator[EngineServer]:
    server = EngineServer(settings.derive_key("engine").hex())
    await server.start()
    settings.engine_port = server.port
    yield server
    await server.kill()


@pytest.fixture
async def start_desk(
    settings: Settings, engine: EngineServer
) -> AsyncIterator[Callable[..., Awaitable[Desk]]]:
    """Start a desk; called twice, two of them share the database."""
    async with AsyncExitStack() as stack:

        async def start(patience: Patience = QUICK) -> Desk:
            return await stack.enter_async_context(run_desk(settings, patience))

        yield start


@pytest.fixture
async def desk(start_desk: Callable[..., Awaitable[Desk]]) -> Desk:
    return await start_desk()
