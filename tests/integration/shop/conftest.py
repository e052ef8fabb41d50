from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest

from kefu.shop import migrate
from kefu.shop.gateway import ShopGateway
from kefu.shop.policy import ShopPolicy
from tests.databases import fresh_database
from tests.shop_backends import BACKENDS, OpenShop, database_of, shop_behind
from tests.shop_data import ShopData


@pytest.fixture(scope="module", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """What stands behind the gateway."""
    return request.param


@pytest.fixture(scope="module")
def shop_url(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The database of a migrated, empty shop, shared by a module's tests."""
    with fresh_database(database_of(backend), tmp_path_factory.mktemp("database")) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def data(shop_url: str) -> Iterator[ShopData]:
    data = ShopData(shop_url)
    yield data
    data.close()


@pytest.fixture(scope="module")
def open_shop(backend: str, shop_url: str) -> Iterator[OpenShop]:
    with ExitStack() as opened:

        def open_(policies: Mapping[str, ShopPolicy] | None = None) -> ShopGateway:
            return opened.enter_context(shop_behind(backend, shop_url, policies))

        yield open_


@pytest.fixture(scope="module")
def shop(open_shop: OpenShop) -> ShopGateway:
    return open_shop()
