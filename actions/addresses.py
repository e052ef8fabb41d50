"""Mobile numbers and e-mail addresses in a shopper's words, and whose they are."""

from __future__ import annotations

import re

from kefu.notices.addresses import Address, read_address

_ADDRESS = re.compile(
    r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)|[\w.%+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII
)
# 「他电话是…」, 「骗子的号码…」: part of the story, and nobody to send the answer to.
_SOMEBODY_ELSES = re.compile(
    r"(?:他|她|对方|骗子|那个?人|这个?人|来电|打来|打给我|店家|卖家|商家|快递员|司机)[^我]{0,12}$"
)


def address_in(text: str) -> Address | None:
    """The first mobile number or e-mail address in the words."""
    found = _ADDRESS.search(text)
    return read_address(found.group()) if found else None


def own_address_in(text: str) -> Address | None:
    """The first one that is not said to be somebody else's."""
    own = (
        each for each in _ADDRESS.finditer(text) if not _SOMEBODY_ELSES.search(text[: each.start()])
    )
    found = next(own, None)
    return read_address(found.group()) if found else None
