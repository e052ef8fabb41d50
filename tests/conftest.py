"""Fixtures for all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import structlog

from tests.databases import KINDS, fresh_database
from tests.e2e.stack import Stack, running_stack


def pytest_configure() -> None:
    # How long an example takes is the machine's affair.
    hypothesis.settings.register_profile("kefu", deadline=None)
    hypothesis.settings.load_profile("kefu")
    # The traceback that structlog shows by default takes seconds to draw.
    plain = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.dev.set_exc_info, plain]
    )


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database for one test: once each on SQLite, PostgreSQL and MySQL/MariaDB."""
    with fresh_database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=KINDS)
def module_database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Like ``database_url``, shared by the tests of one module."""
    with fresh_database(request.param, tmp_path_factory.mktemp("database")) as url:
        yield url


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One real Kefu for all conversations; ``KEFU_TEST_SHOP=http`` puts its shop behind HTTP."""
    shop = os.environ.get("KEFU_TEST_SHOP", "bundled")
    with running_stack(tmp_path_factory.mktemp("kefu"), shop) as running:
        yield running
