"""Which order a shopper means: never guessed silently, asked with buttons when several fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from actions.cards import order_title
from actions.offers import picked
from actions.reply import Button, Reply, button
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderState

CURRENT_ORDER = "current_order"
CURRENT_FOR = timedelta(minutes=30)
LOOK_THROUGH = 50
OFFERED = 5
SURE_MENTION = 3
SHORT_NAME = 2

_TYPED_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?!TK\d{18}(?!\d))[A-Za-z]{0,4}\d{12,20}(?![0-9A-Za-z])", re.IGNORECASE
)
_LATEST = re.compile(r"最新|最近(?:的)?(?:那|这|一)|上一?[单个笔]|刚(?:刚|才)?(?:买|下|拍|付)")
_POINTING = re.compile(r"[这那该]个?[单订件笔]|[这那]个(?![月星礼])|它")
_ALL = re.compile(r"全部|所有|哪些|列表|别的|其他|其它|另外|换一个|都有")
_WRONG = re.compile(
    r"不是这[个一]?[个笔单]?订?单|不是这[个笔单]?(?:[吧的啊。！!]|$)|换[个一]?[个笔]?订单"
    r"|订单[选弄]?错了|选错订?单?了|别的订单|另[外一]+[个笔]订?单?"
)
_RMA = re.compile(r"(?<![0-9A-Za-z])RMA[ -]?(\d{10})(?!\d)", re.IGNORECASE)


def named_number(turn: Turn) -> str | None:
    """The order in the message: recognised, on a button, plainly typed, or 「第二个」 offered."""
    number = turn.entity("order_number")
    if number is None and turn.entity("tracking_number") is None:
        found = _TYPED_NUMBER.search(turn.text)
        number = found.group() if found else None
    if number is None:
        choice = picked(turn)
        number = choice.order_number if choice else None
    return number.replace(" ", "").upper() if number else None


def named_rma(turn: Turn) -> str | None:
    """The number of a return in the message."""
    found = _RMA.search(turn.text)
    return f"RMA{found.group(1)}" if found else None


def asks_for_all(turn: Turn) -> bool:
    return bool(_ALL.search(turn.text))


def rejects_order(turn: Turn) -> bool:
    """「不是这个订单」, 「换一笔订单」: another one is meant."""
    return bool(_WRONG.search(turn.text))


def remember_order(reply: Reply, turn: Turn, order_number: str) -> None:
    """Keep the order in mind, so that 「它什么时候到」 finds it."""
    reply.remember(CURRENT_ORDER, {"number": order_number, "at": turn.now.isoformat()})


def current_number(turn: Turn) -> str | None:
    """The order talked about in the last half hour."""
    kept = turn.slots.get(CURRENT_ORDER)
    match kept:
        case {"number": str(number), "at": str(at)}:
            fresh = turn.now - datetime.fromisoformat(at) < CURRENT_FOR
            return number if fresh else None
        case _:
            return None


class OrderChoice:
    """Finds the order a message is about, among those that suit a service."""

    def __init__(self, shop: ShopGateway, turn: Turn) -> None:
        self.shop = shop
        self.turn = turn

    def named(self) -> Order | None:
        """The order whose number, or whose parcel's number, stands in the message."""
        number = named_number(self.turn)
        if number:
            return self.shop.order(self.turn.viewer, number)
        tracking = self.turn.entity("tracking_number")
        return self.by_tracking(tracking) if tracking else None

    def by_tracking(self, tracking_number: str) -> Order | None:
        wanted = tracking_number.upper()
        for order in self.recent(None, LOOK_THROUGH):
            if any(each.tracking_number.upper() == wanted for each in order.shipments):
                return order
        return None

    def in_mind(self) -> Order | None:
        """The order talked about just now, else the one the chat was opened from."""
        for number in (current_number(self.turn), self.turn.claims.context.get("order_id")):
            order = self.shop.order(self.turn.viewer, number) if number else None
            if order:
                return order
        return None

    def recent(
        self, states: Sequence[OrderState] | None, limit: int = LOOK_THROUGH
    ) -> tuple[Order, ...]:
        return self.shop.orders(self.turn.viewer, states=states, limit=limit).orders

    def pointed_at(self, candidates: Sequence[Order]) -> Order | None:
        """The one candidate that the words single out: the latest, or the one with such goods."""
        if not candidates:
            return None
        if _LATEST.search(self.turn.text):
            return candidates[0]
        by_goods = self.with_goods(candidates) or self.called_for_short(candidates)
        return by_goods[0] if len(by_goods) == 1 else None

    def called_for_short(self, candidates: Sequence[Order]) -> list[Order]:
        """「耳机」 for 「真无线蓝牙耳机」, 「水费」 for 「水费缴纳」."""
        text = self.turn.text
        return [
            order
            for order in candidates
            if any(
                each.name[:SHORT_NAME] in text or each.name[-SHORT_NAME:] in text
                for each in order.items
            )
        ]

    def with_goods(self, candidates: Sequence[Order]) -> list[Order]:
        """Those of the candidates whose goods the message names."""
        return [each for each in candidates if mentions_goods(self.turn, each)]

    def points_back(self) -> bool:
        return bool(_POINTING.search(self.turn.text))


def mentions_goods(turn: Turn, order: Order) -> bool:
    """Whether the message names goods of the order."""
    return any(mention_length(turn, item.name) >= SURE_MENTION for item in order.items)


def mention_length(turn: Turn, name: str) -> int:
    """How many characters of a product's name stand together in the message.

    A product that was recognised as such counts whole once it fits the name.
    """
    products = [each for each in turn.entities.get("product", ()) if len(each) >= 2]
    if any(product in name or name in product for product in products):
        return len(name)
    matcher = SequenceMatcher(None, turn.text, name, autojunk=False)
    return matcher.find_longest_match().size


def order_buttons(
    orders: Sequence[Order], intent: str, now: datetime, limit: int = OFFERED
) -> list[Button]:
    """One button per order, named by its goods and its day."""
    return [
        button(order_title(order, now), intent, order_number=order.order_number)
        for order in orders[:limit]
    ]


def paged_buttons(
    orders: Sequence[Order], turn: Turn, intent: str, title: Callable[[Order], str] | None = None
) -> tuple[list[Button], str]:
    """The orders of the page that the message asks for, with a way to the next one.

    Beside them a hint that a number will do too, empty where all orders are shown.
    """
    asked = turn.entity("page") or ""
    start = (int(asked) - 1) * OFFERED if asked.isdigit() and asked != "0" else 0
    if start >= len(orders):
        start = 0
    shown = orders[start : start + OFFERED]
    buttons = [
        button(
            title(order) if title else order_title(order, turn.now),
            intent,
            order_number=order.order_number,
        )
        for order in shown
    ]
    if start + OFFERED < len(orders):
        buttons.append(button("更多订单", intent, page=str(start // OFFERED + 2)))
    return buttons, "不在下面的话，请直接发订单号。" if len(orders) > OFFERED else ""
