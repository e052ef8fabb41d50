from __future__ import annotations

from collections.abc import Iterator

import pytest

from kefu.shop import open_gateway
from kefu.shop.gateway import ShopGateway
from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One real Kefu for all conversations; it must leave no process behind."""
    running = Stack(home=tmp_path_factory.mktemp("kefu"))
    try:
        running.start()
        yield running
    finally:
        left = running.stop()
    assert not left, f"processes left behind: {left}"


@pytest.fixture(scope="session")
def shop(stack: Stack) -> ShopGateway:
    """The same order database, looked at directly."""
    return open_gateway(f"sqlite:///{stack.home / 'shop.db'}")
