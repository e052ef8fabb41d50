"""Finding products by the words of a question. Characters decide, for names have no blanks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kefu.shop.catalogue import Product, Seller
from kefu.shop.queries import is_key
from kefu.shop.schema import SellerRow
from kefu.shop.service_tables import ProductRow

QUERY_LENGTH = 60
CANDIDATES = 300


def search_products(session: Session, profile: str, words: str, limit: int) -> tuple[Product, ...]:
    """The products whose names share most pairs of characters with ``words``, the best first."""
    wanted = pairs(words[:QUERY_LENGTH])
    if not wanted or limit <= 0 or not is_key(profile):
        return ()
    name = func.lower(ProductRow.name)
    rows = session.scalars(
        select(ProductRow)
        .where(
            ProductRow.profile == profile,
            or_(*(name.contains(pair, autoescape=True) for pair in sorted(wanted))),
        )
        .order_by(ProductRow.sku)
        .limit(CANDIDATES)
    )
    ranked = sorted(rows, key=lambda row: (*_distance(wanted, row.name), row.sku))
    return tuple(product_value(row) for row in ranked[:limit])


def find_product(session: Session, profile: str, sku: str) -> Product | None:
    if not (is_key(profile) and is_key(sku)):
        return None
    row = session.get(ProductRow, {"profile": profile, "sku": sku})
    return product_value(row) if row else None


def find_seller(session: Session, profile: str, seller_id: str) -> Seller | None:
    if not (is_key(profile) and is_key(seller_id)):
        return None
    row = session.get(SellerRow, {"profile": profile, "seller_id": seller_id})
    return Seller(row.seller_id, row.name, row.return_address) if row else None


def pairs(text: str) -> frozenset[str]:
    """All pairs of neighbouring letters, digits or characters, in lower case; a lone one is kept.

    Blanks and marks divide: 「T恤 白」 gives 「t恤」 and 「白」.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    runs = "".join(char if char.isalnum() else " " for char in plain).split()
    return frozenset(
        run[start : start + 2] for run in runs for start in range(max(1, len(run) - 1))
    )


def product_value(row: ProductRow) -> Product:
    specs: Mapping[str, str] = {name: str(value) for name, value in row.specs.items()}
    return Product(
        sku=row.sku,
        name=row.name,
        category=row.category,
        price=row.price,
        stock=row.stock,
        specs=specs,
        restock_at=row.restock_at,
        ships_from=row.ships_from,
        ships_within_hours=row.ships_within_hours,
        freight=row.freight,
        free_freight_from=row.free_freight_from,
        warranty_months=row.warranty_months,
        installable=row.installable,
        seller_id=row.seller_id,
    )


def _distance(wanted: frozenset[str], name: str) -> tuple[int, float]:
    """Fewer is better: first the pairs that are shared, then how much of the name they are."""
    own = pairs(name)
    shared = len(wanted & own)
    return (-shared, -shared / max(1, len(own)))
