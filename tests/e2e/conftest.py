from __future__ import annotations

import pytest

from kefu.shop import open_gateway
from kefu.shop.gateway import ShopGateway
from tests.e2e.stack import Stack


@pytest.fixture(scope="session")
def shop(stack: Stack) -> ShopGateway:
    """The same order database, looked at directly."""
    return open_gateway(f"sqlite:///{stack.home / 'shop.db'}")
