"""What the shop sells and who sells it, as plain values. Money is in fen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Product:
    """``specs``: what the page says, Chinese name to value (``{"材质": "纯棉"}``).

    ``free_freight_from`` is the order value from which ``freight`` is not charged; ``None``: never.
    """

    sku: str
    name: str
    category: str
    price: int
    stock: int
    specs: Mapping[str, str] = field(default_factory=dict[str, str])
    restock_at: datetime | None = None
    ships_from: str = ""
    ships_within_hours: int = 48
    freight: int = 0
    free_freight_from: int | None = 0
    warranty_months: int = 0
    installable: bool = False
    seller_id: str | None = None


@dataclass(frozen=True, slots=True)
class Seller:
    """A shop in a mall."""

    seller_id: str
    name: str
    return_address: str
