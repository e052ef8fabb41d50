"""The shop behind each of its gateways, for tests that only use the gateway."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from typing import Protocol

from kefu.shop import HttpAccess, open_gateway
from kefu.shop.gateway import ShopGateway
from kefu.shop.policy import ShopPolicy
from kefu.shop.sql_gateway import SqlGateway
from tests.databases import KINDS
from tests.shop_server import KEY, ShopServer

HTTP = "http"
BACKENDS = (*KINDS, HTTP)
"""Each kind of database, and a service over HTTP whose data lie in SQLite."""

# Behind a busy test machine the service may take longer than a real one.
PATIENT = HttpAccess(KEY, deadline=10)


class OpenShop(Protocol):
    """Opens the shop of a test once more, with ``policies`` of its own."""

    def __call__(self, policies: Mapping[str, ShopPolicy] | None = None) -> ShopGateway: ...


def database_of(backend: str) -> str:
    """The kind of database in which the shop's data lie."""
    return "sqlite" if backend == HTTP else backend


@contextmanager
def shop_behind(
    backend: str, url: str, policies: Mapping[str, ShopPolicy] | None = None
) -> Generator[ShopGateway]:
    """The gateway to the shop whose data lie in the database at ``url``."""
    with closing(SqlGateway(url, policies)) as bundled:
        if backend != HTTP:
            yield bundled
            return
        with (
            ShopServer(bundled) as server,
            closing(open_gateway(server.url, policies, http=PATIENT)) as shop,
        ):
            yield shop
