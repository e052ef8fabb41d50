"""How often one member of the staff may do something: a page gone wild shall not stop the desk."""

from __future__ import annotations

from kefu.accounts.members import Member
from kefu.channels.errors import TooManyRequests
from kefu.rates import Rate, Rates

MESSAGES = Rate("desk messages", 60, 60)
CHANGES = Rate("desk changes", 180, 60)
LOOK_UPS = Rate("desk look-ups", 180, 60)
SUGGESTIONS = Rate("desk suggestions", 60, 60)
SHOP_ACTIONS = Rate("desk shop actions", 20, 60)
PICTURES = Rate("desk pictures", 20, 60)
ACCOUNTS = Rate("desk accounts", 30, 60)


async def spend(rates: Rates, rate: Rate, member: Member) -> None:
    """Count one; raises ``TooManyRequests``."""
    seconds = await rates.spend(rate, str(member.staff_id))
    if seconds:
        raise TooManyRequests(seconds, f"the limit of {rate.name} is reached")
