"""What may be done with an order before and after it is shipped, as pure functions.

Each gives a verdict whose sentence may be shown to a shopper. Days are Beijing days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum

from kefu.shop import recipient
from kefu.shop.changes import Installation, InstallationState, OrderChange
from kefu.shop.charge_rules import held_money
from kefu.shop.model import Order, OrderState, Verdict, Viewer
from kefu.shop.return_rules import STANDING_RETURNS
from kefu.shop.rules import BEIJING

NOTE_LENGTH = 200
REASON_LENGTH = 200
INSTALL_WITHIN = 14
"""So many days ahead a visit can be booked, from tomorrow on."""

_OK = Verdict(True)
_SIGN_IN = {
    "change": "修改收货地址、收件人和电话要登录下单的账号才能办，这是为了防止包裹被人冒领。",
    "cancel": "取消订单要登录下单的账号才能办，这是为了防止订单被别人取消。",
}
SIGN_IN_FIRST = "sign_in_first"
"""The code of what number and phone tail do not open: they stand on every parcel."""
_ENDED = frozenset({OrderState.CANCELLED, OrderState.CLOSED})
_UNSHIPPED = frozenset({OrderState.UNPAID, OrderState.PAID})


class Change(StrEnum):
    """What a shopper may want to change in an order."""

    ADDRESS = "address"
    RECIPIENT = "recipient"
    NOTE = "note"


def urge_verdict(order: Order) -> Verdict:
    """Whether the seller may be reminded to ship."""
    match order.state:
        case OrderState.UNPAID:
            return Verdict(False, "not_paid", "这笔订单还没有付款成功，付款后商家才会安排发货。")
        case OrderState.PAID:
            return Verdict(True, sentence="订单还没有发货，可以提醒商家尽快发货。")
        case OrderState.SHIPPED:
            return Verdict(
                False, "already_shipped", "这笔订单已经发货，不用再催了，您可以查看物流进度。"
            )
        case OrderState.SIGNED | OrderState.COMPLETED:
            return Verdict(
                False, "already_signed", "这笔订单显示已经签收。如果您没有收到，我来帮您核实物流。"
            )
        case OrderState.CANCELLED | OrderState.CLOSED:
            return Verdict(False, "order_closed", "这笔订单已经取消或关闭，不会再发货了。")


def urge_again_verdict(order: Order, now: datetime) -> Verdict:
    """``urge_verdict``, and no where this day's reminder is already out."""
    may = urge_verdict(order)
    if not may.allowed or order.urged_at is None:
        return may
    urged = order.urged_at.astimezone(BEIJING)
    if urged.date() != now.astimezone(BEIJING).date():
        return may
    return Verdict(False, "urged_today", f"今天{urged:%H:%M}已经催过发货，明天可以再催。")


def cancelling_verdict(viewer: Viewer) -> Verdict:
    """Whether the viewer may cancel at all: only who has signed in."""
    if viewer.account_id is None:
        return Verdict(False, SIGN_IN_FIRST, _SIGN_IN["cancel"])
    return _OK


def changing_verdict(viewer: Viewer, kinds: Iterable[Change]) -> Verdict:
    """Whether the viewer may change such things at all: a guest nothing but the note."""
    if viewer.account_id is None and set(kinds) - {Change.NOTE}:
        return Verdict(False, SIGN_IN_FIRST, _SIGN_IN["change"])
    return _OK


def cancel_verdict(order: Order) -> Verdict:
    """Whether the whole order may be cancelled."""
    match order.state:
        case OrderState.UNPAID if not held_money(order):
            return Verdict(True, sentence="订单还没有付款，可以直接取消。")
        case OrderState.UNPAID | OrderState.PAID:
            return Verdict(True, sentence="订单还没有发货，可以取消，货款将原路退回。")
        case OrderState.SHIPPED:
            return Verdict(
                False,
                "already_shipped",
                "订单已经发货，不能直接取消。您可以在快递派送时拒收，或签收后申请退货。",
            )
        case OrderState.SIGNED | OrderState.COMPLETED:
            return Verdict(
                False, "already_signed", "订单已经签收，不能取消。如需退货，您可以申请退货退款。"
            )
        case OrderState.CANCELLED:
            return Verdict(False, "already_cancelled", "这笔订单已经取消了，无需重复操作。")
        case OrderState.CLOSED:
            return Verdict(False, "order_closed", "这笔订单已经关闭，无需取消。")


def change_verdict(order: Order, change: Change) -> Verdict:
    """Whether address, recipient or note may still be changed."""
    if order.state in _ENDED:
        return Verdict(False, "order_closed", "这笔订单已经取消或关闭，不能再修改。")
    if order.state in _UNSHIPPED:
        return Verdict(True, sentence="订单还没有发货，可以修改。")
    if order.state is OrderState.SHIPPED and change is not Change.NOTE:
        return Verdict(
            False,
            "already_shipped",
            "包裹已经发出，不能直接修改收货信息。您可以联系快递员改派，或由人工客服为您尝试拦截。",
        )
    return Verdict(False, "already_shipped", "订单已经发货，不能再修改了。")


def tidy_change(change: OrderChange) -> OrderChange:
    """The same wish without the slips of typing; what is to stay stays ``None``."""
    tidy, tidy_phone = recipient.tidy, recipient.tidy_phone
    return OrderChange(
        recipient_name=None if change.recipient_name is None else tidy(change.recipient_name),
        recipient_phone=(
            None if change.recipient_phone is None else tidy_phone(change.recipient_phone)
        ),
        address=None if change.address is None else tidy(change.address),
        note=None if change.note is None else tidy(change.note),
    )


def wish_verdict(order: Order, change: OrderChange) -> Verdict:
    """Whether a tidy wish can be fulfilled: first by the order's state, then by what it says."""
    kinds = list(kinds_of(change))
    if not kinds:
        return Verdict(
            False, "nothing_to_change", "请告诉我您想修改收货地址、收件人、联系电话还是备注。"
        )
    by_state = (change_verdict(order, kind) for kind in kinds)
    return next((each for each in (*by_state, *_contents(change)) if not each.allowed), _OK)


def kinds_of(change: OrderChange) -> Iterator[Change]:
    """What the wish is about."""
    if change.address is not None:
        yield Change.ADDRESS
    if change.recipient_name is not None or change.recipient_phone is not None:
        yield Change.RECIPIENT
    if change.note is not None:
        yield Change.NOTE


def _contents(change: OrderChange) -> Iterator[Verdict]:
    if change.address is not None:
        yield recipient.address_verdict(change.address)
    if change.recipient_name is not None:
        yield recipient.name_verdict(change.recipient_name)
    if change.recipient_phone is not None:
        yield recipient.phone_verdict(change.recipient_phone)
    if change.note is not None and len(change.note) > NOTE_LENGTH:
        yield Verdict(False, "note_too_long", f"订单备注请控制在 {NOTE_LENGTH} 个字以内。")


def installation_verdict(
    order: Order,
    item_id: str,
    day: date,
    today: date,
    *,
    installable: bool,
    booked: Installation | None = None,
) -> Verdict:
    """Whether a visit for the item may be booked on ``day``, or the ``booked`` one moved there."""
    if all(item.item_id != item_id for item in order.items):
        return Verdict(False, "item_not_found", "没有在这笔订单里找到这件商品，请您重新选择。")
    if not installable:
        return Verdict(False, "not_installable", "这件商品不需要上门安装，收到后可以直接使用。")
    if booked is not None and booked.state is InstallationState.DONE:
        return Verdict(
            False, "already_installed", "这件商品已经安装完成。如果使用中有问题，可以为您登记报修。"
        )
    return _not_at_home(order, item_id) or _day_verdict(day, today)


def visit_cancel_verdict(booked: Installation | None, today: date) -> Verdict:
    """Whether the ``booked`` visit may be called off: until the day before."""
    if booked is None or booked.state is InstallationState.CANCELLED:
        return Verdict(False, "not_booked", "这件商品没有预约过上门安装，不需要取消。")
    if booked.state is InstallationState.DONE:
        return Verdict(False, "already_installed", "这件商品已经安装完成，不能取消预约。")
    if booked.day <= today:
        return Verdict(
            False,
            "visit_too_near",
            "师傅当天已经安排上门，不能自助取消了，可以转人工客服帮您联系。",
        )
    return _OK


def _not_at_home(order: Order, item_id: str) -> Verdict | None:
    if order.state in _ENDED:
        return Verdict(False, "order_closed", "这笔订单已经取消或关闭，不能预约安装。")
    if order.signed_at is None:
        return Verdict(
            False, "not_signed", "商品还没有签收。收到商品后，就可以为您预约师傅上门安装。"
        )
    if any(each.item_id == item_id and each.state in STANDING_RETURNS for each in order.returns):
        return Verdict(False, "return_open", "这件商品正在办理售后，处理完成后才能预约安装。")
    return None


def _day_verdict(day: date, today: date) -> Verdict:
    first, last = today + timedelta(days=1), today + timedelta(days=INSTALL_WITHIN)
    if first <= day <= last:
        return Verdict(True, sentence="可以预约上门安装。")
    return Verdict(
        False,
        "bad_day",
        f"上门安装可以预约{first.month}月{first.day}日至{last.month}月{last.day}日之间的日期，"
        "请您换一天。",
    )
