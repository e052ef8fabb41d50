"""The shop: its orders, what it allows, and the one door to it (``ShopGateway``)."""

from __future__ import annotations

from kefu.shop.gateway import ShopGateway
from kefu.shop.migrations import migrate
from kefu.shop.sql_gateway import SqlGateway

__all__ = ["migrate", "open_gateway"]


def open_gateway(url: str) -> ShopGateway:
    """The gateway to the shop at ``url`` (``sqlite:///…``, ``postgresql://…``, ``mysql://…``).

    Opens no connection yet. The database must have been brought to the current schema
    (``migrate``). Raises ``ValueError`` for a database of another kind.
    """
    return SqlGateway(url)
