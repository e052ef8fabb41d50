"""Whose goods a hand-off is about, in a mall where sellers answer for their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from actions.choose import current_number, named_number
from actions.reply import Reply
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway, ShopUnavailable
from kefu.shop.model import OrderItem


def name_seller(shop: ShopGateway, turn: Turn, reply: Reply) -> None:
    """Put the seller of the order talked about on the reply's call for a person, if there is one.

    With the shop away the call goes out without it: a person matters more than the right one.
    """
    for message in reply.messages:
        custom = cast("dict[str, Any]", message.get("json_message") or {})
        command = cast("dict[str, Any]", custom.get("command") or {})
        if command.get("type") == "handoff" and "seller_id" not in command:
            command["seller_id"] = seller_in_question(shop, turn)


def seller_in_question(shop: ShopGateway, turn: Turn) -> str | None:
    """Who sells the order talked about, or the item that the chat was opened from."""
    context = turn.claims.context
    number = named_number(turn) or current_number(turn) or context.get("order_id")
    if number is None:
        return context.get("seller_id")
    try:
        order = shop.order(turn.viewer, number)
    except ShopUnavailable:
        return None
    if order is None:
        return None
    item = next((one for one in order.items if one.item_id == context.get("item_id")), None)
    return (item.seller_id if item else None) or order.seller_id or _only(order.items)


def _only(items: Sequence[OrderItem]) -> str | None:
    """The seller that all items share."""
    sellers = {item.seller_id for item in items}
    return sellers.pop() if len(sellers) == 1 else None
