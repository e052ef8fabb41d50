"""A running desk on SQLite and on PostgreSQL, with a scripted engine and a real shop database."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from copy import copy
from pathlib import Path
from zlib import crc32

import pytest
from argon2 import PasswordHasher
from cachetools import LRUCache
from sqlalchemy import text

import kefu.app
import kefu.shop
import kefu.store.database
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
from tests.kept_engines import KeptEngines

BACKENDS = ["sqlite", "postgresql"]

# Set to "every", the environment variable lets tests that need only one database run on both.
DATABASES = "KEFU_TEST_DATABASES"

# Quick to look again, and patient with answers: the tests' machine is busy.
QUICK = Patience(
    lease=20.0, pauses=(0.02, 0.05), engine_restart=5.0, ask_again=0.05, shop=2.0, sweep=0.1
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of each test marked ``either_database`` keep the run on one: half on SQLite, half not."""
    if os.environ.get(DATABASES) == "every":
        return
    kept, left = list[pytest.Item](), list[pytest.Item]()
    for item in items:
        (kept if _is_run(item) else left).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


def _is_run(item: pytest.Item) -> bool:
    if not (isinstance(item, pytest.Function) and item.get_closest_marker("either_database")):
        return True
    if "database_url" not in item.fixturenames:
        return True
    backend: str = item.callspec.params["database_url"]
    # The same one in every process and every run.
    test = item.name.replace(backend, "").encode()
    return BACKENDS[crc32(test) % len(BACKENDS)] == backend


@pytest.fixture(autouse=True)
def files_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading profiles and articles takes longer than most tests; what is read never changes."""
    monkeypatch.setattr(kefu.app, "load_profiles", profiles_of)
    monkeypatch.setattr(watching, "open_library", library_of)


_PROFILES: LRUCache[object, Profiles] = LRUCache(4)
_LIBRARIES: LRUCache[object, Library] = LRUCache(4)


def profiles_of(folder: Path) -> Profiles:
    """Copies of one's own: tests change them."""
    content = tuple((path.name, path.read_bytes()) for path in sorted(folder.iterdir()))
    if content not in _PROFILES:
        _PROFILES[content] = load_profiles(folder)
    return Profiles([each.model_copy(deep=True) for each in _PROFILES[content]])


def library_of(settings: Settings, profiles: Profiles) -> Library:
    """One of one's own: it is renewed when articles are edited."""
    articles = (settings.profiles_dir.parent / "knowledge").resolve()
    written = tuple(path.stat().st_mtime_ns for path in sorted(articles.rglob("*.md")))
    # Where events are sent, which differs from test to test, stands in no article.
    brands = tuple(each.model_dump_json(exclude={"webhook_channel"}) for each in profiles)
    known = (articles, written, brands)
    if known not in _LIBRARIES:
        _LIBRARIES[known] = open_library(settings, profiles)
    return copy(_LIBRARIES[known])


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
def kept_engines() -> KeptEngines:
    return KeptEngines(connect)


@pytest.fixture(autouse=True)
def engines_kept(kept_engines: KeptEngines, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(kefu.store.database, "connect", kept_engines.lend)
    yield
    kept_engines.take_back()


@pytest.fixture(scope="session")
def sqlite_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Always the same, so that the engines for it can be kept."""
    return tmp_path_factory.mktemp("desk") / "kefu.db"


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
def database_url(request: pytest.FixtureRequest, engines_kept: None) -> str:
    """An empty, migrated database of the desk."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_place")
        for older in path.parent.iterdir():
            older.unlink()
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
    nobody = hasher.hash("nobody")
    monkeypatch.setattr(passwords, "_nobodys_hash", lambda: nobody)


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
        engine_deadline=10.0,
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
