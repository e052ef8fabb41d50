from __future__ import annotations

from collections.abc import Iterator

import pytest

from kefu.shop import migrate
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_data import ShopData


@pytest.fixture(scope="module")
def shop_url(module_database_url: str) -> str:
    """A migrated, empty shop on each kind of database, shared by a module's tests."""
    migrate(module_database_url)
    return module_database_url


@pytest.fixture(scope="module")
def data(shop_url: str) -> Iterator[ShopData]:
    data = ShopData(shop_url)
    yield data
    data.close()


@pytest.fixture(scope="module")
def shop(shop_url: str) -> Iterator[SqlGateway]:
    gateway = SqlGateway(shop_url)
    yield gateway
    gateway.close()
