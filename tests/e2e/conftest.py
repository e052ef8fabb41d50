from __future__ import annotations

from collections.abc import Iterator

import pytest

from kefu.shop import open_gateway
from kefu.shop.gateway import ShopGateway
from tests.e2e.shopper import Open, Shopper
from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def shop(stack: Stack) -> ShopGateway:
    """The same order database, looked at directly."""
    return open_gateway(stack.shop_database)


@pytest.fixture
def open_chat(stack: Stack) -> Iterator[Open]:
    opened: list[Shopper] = []

    def make(account: str | None = None, **context: str) -> Shopper:
        opened.append(Shopper(stack.base_url, account, **context))
        return opened[-1]

    yield make
    for shopper in opened:
        shopper.close()
