"""What the shop sells and who sells it, over HTTP."""

from __future__ import annotations

from kefu.shop.catalogue import Product, Seller
from kefu.shop.http_door import HttpDoor
from kefu.shop.http_requests import FindProducts
from kefu.shop.model import Viewer


class HttpCatalogue(HttpDoor):
    """The ``Catalogue`` of a shop behind HTTP."""

    def products(self, profile: str, words: str, limit: int = 5) -> tuple[Product, ...]:
        asked = FindProducts(words=words, limit=limit)
        found = self._search(tuple[Product, ...], Viewer(profile), "/v1/product-searches", asked)
        return found or ()

    def product(self, profile: str, sku: str) -> Product | None:
        return self._find(Product, Viewer(profile), "products", sku)

    def seller(self, profile: str, seller_id: str) -> Seller | None:
        return self._find(Seller, Viewer(profile), "sellers", seller_id)
