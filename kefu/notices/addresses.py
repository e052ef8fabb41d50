"""Phone numbers and e-mail addresses as people type them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kefu.shop.mapping import mask_email, mask_phone
from kefu.shop.people import ContactChannel

_PHONE = re.compile(r"(?:\+?86)?(1[3-9]\d{9})", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a notice goes: an 11-digit mobile number, or an e-mail address in small letters."""

    channel: ContactChannel
    value: str

    @property
    def masked(self) -> str:
        mask = mask_phone if self.channel is ContactChannel.SMS else mask_email
        return mask(self.value)


def read_address(typed: str) -> Address | None:
    """The address that was typed, ``None`` if it is neither."""
    text = unicodedata.normalize("NFKC", typed).strip()
    phone = _PHONE.fullmatch(re.sub(r"[ \-()]", "", text))
    if phone:
        return Address(ContactChannel.SMS, phone.group(1))
    if len(text) <= 120 and _EMAIL.fullmatch(text):
        return Address(ContactChannel.EMAIL, text.lower())
    return None
