"""The gateway that the settings describe."""

from __future__ import annotations

from collections.abc import Mapping

from kefu.settings import Settings
from kefu.shop import HttpAccess, open_gateway
from kefu.shop.gateway import ShopGateway
from kefu.shop.policy import ShopPolicy


def open_shop(settings: Settings, policies: Mapping[str, ShopPolicy]) -> ShopGateway:
    """As ``open_gateway``, to the shop of ``settings``."""
    return open_gateway(
        settings.shop_database,
        policies,
        read_only=settings.shop_read_only,
        http=HttpAccess(settings.shop_key, settings.shop_deadline, settings.shop_authorities),
    )
