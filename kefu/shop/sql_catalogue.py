"""What is sold and by whom, on SQL."""

from __future__ import annotations

from kefu.shop import product_search
from kefu.shop.catalogue import Product, Seller
from kefu.shop.sql_door import SqlDoor


class SqlCatalogue(SqlDoor):
    """The ``Catalogue`` of the bundled shop."""

    def products(self, profile: str, words: str, limit: int = 5) -> tuple[Product, ...]:
        with self._reading() as session:
            return product_search.search_products(session, profile, words, limit)

    def product(self, profile: str, sku: str) -> Product | None:
        with self._reading() as session:
            return product_search.find_product(session, profile, sku)

    def seller(self, profile: str, seller_id: str) -> Seller | None:
        with self._reading() as session:
            return product_search.find_seller(session, profile, seller_id)
