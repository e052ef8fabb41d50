"""How a shopper stands with the brand, told to those who decide whose turn it is."""

from __future__ import annotations

from actions.calls import handoffs_in
from actions.reply import Reply
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway, ShopUnavailable


def name_level(shop: ShopGateway, turn: Turn, reply: Reply) -> None:
    """Put the level of membership on the reply's call for a person, if there is one.

    With the shop away the call goes out without it.
    """
    if turn.is_guest:
        return
    for command in handoffs_in(reply):
        try:
            account = shop.account(turn.viewer)
        except ShopUnavailable:
            return
        if account is not None:
            command["member_level"] = account.member_level
