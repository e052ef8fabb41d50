"""Where a picture can be seen: for shoppers at a signed address that expires, for staff by login.

Events keep ids alone; addresses are put in when an event is delivered.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast

from kefu.attachments.errors import AddressExpired, AddressRefused
from kefu.attachments.files import Size
from kefu.store.base import Document
from kefu.store.database import utc_now

PATH = "/api/v1/attachments"
STAFF_PATH = "/api/v1/desk/attachments"
LIFETIME = 3600
# Within a step the address stays the same, so that browsers need not load a picture again.
STEP = 600

AddressOf = Callable[[str, Size], str]


class Addresses:
    """Signs addresses that are good for an hour at most, and for ``LIFETIME - STEP`` at least."""

    def __init__(self, key: bytes, clock: Callable[[], datetime] = utc_now) -> None:
        self._key = key
        self._clock = clock

    def signed(self, attachment_id: str, size: Size) -> str:
        now = int(self._clock().timestamp())
        expires = now - now % STEP + LIFETIME
        signature = self._signature(attachment_id, size, expires)
        return f"{PATH}/{attachment_id}?size={size}&expires={expires}&signature={signature}"

    def check(self, attachment_id: str, size: Size, expires: int, signature: str) -> int:
        """Seconds that it is still good for; raises ``AddressRefused`` or ``AddressExpired``."""
        right = self._signature(attachment_id, size, expires)
        if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "surrogatepass")):
            raise AddressRefused("the signature does not fit")
        left = expires - int(self._clock().timestamp())
        if left <= 0:
            raise AddressExpired("the address has expired")
        return left

    def for_shopper(self, events: Iterable[Document]) -> list[Document]:
        """Events with signed addresses of their pictures."""
        return [with_addresses(event, self.signed) for event in events]

    def _signature(self, attachment_id: str, size: Size, expires: int) -> str:
        message = f"{attachment_id}/{size}/{expires}".encode()
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()


def for_staff(events: Iterable[Document]) -> list[Document]:
    """Events with the addresses at which a logged-in member sees their pictures."""
    return [with_addresses(event, staff_address) for event in events]


def staff_address(attachment_id: str, size: Size) -> str:
    return f"{STAFF_PATH}/{attachment_id}?size={size}"


def with_addresses(event: Document, address_of: AddressOf) -> Document:
    attachments = cast("list[Document]", event.get("attachments") or [])
    if not attachments:
        return event
    return {**event, "attachments": [view(each, address_of) for each in attachments]}


def view(attachment: Document, address_of: AddressOf) -> dict[str, Any]:
    """``{id, width, height}`` with ``url`` and ``thumbnail_url``."""
    attachment_id = attachment["id"]
    return {
        **attachment,
        "url": address_of(attachment_id, Size.FULL),
        "thumbnail_url": address_of(attachment_id, Size.THUMBNAIL),
    }
