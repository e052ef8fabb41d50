"""The shop: its orders, what it allows, and the one door to it (``ShopGateway``)."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.shop.gateway import ShopGateway
from kefu.shop.http_gateway import HttpGateway
from kefu.shop.http_transport import HttpAccess, HttpTransport, is_http
from kefu.shop.migrations import migrate
from kefu.shop.policy import ShopPolicy
from kefu.shop.read_only import without_writes
from kefu.shop.sql_gateway import SqlGateway

__all__ = ["HttpAccess", "migrate", "open_gateway"]


def open_gateway(
    url: str,
    policies: Mapping[str, ShopPolicy] | None = None,
    *,
    read_only: bool = False,
    http: HttpAccess | None = None,
) -> ShopGateway:
    """The gateway to the shop at ``url``: the bundled one in a database (``sqlite:///…``,
    ``postgresql://…``, ``mysql://…``), or the shop's own service (``https://…``, ``http://…``).

    ``policies``: what each profile promises, by its name; the others get the defaults.
    ``read_only``: what would change the shop raises ``ShopReadOnly``.
    ``http``: how a service is reached; a database needs none.
    Opens no connection yet. A database must have been brought to the current schema
    (``migrate``). Raises ``ValueError`` for a database of another kind, ``ShopSettingsWrong`` for
    a service without a usable address and key.
    """
    gateway: ShopGateway = (
        HttpGateway(HttpTransport(url, http or HttpAccess()), policies)
        if is_http(url)
        else SqlGateway(url, policies)
    )
    return without_writes(gateway) if read_only else gateway
