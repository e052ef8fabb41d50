"""What an agent may do in the shop for a shopper: when, with which data, and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kefu.desk import shop_views
from kefu.desk.shop_fields import Field, Form, options
from kefu.shop import order_rules, rules, wording
from kefu.shop.account_rules import unlock_verdict
from kefu.shop.changes import OrderChange
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Account, Order, ReturnKind, ReturnReason, TurnRef, Verdict, Viewer
from kefu.shop.order_rules import Change
from kefu.shop.return_rules import FAULT_MAY_HELP
from kefu.store.base import Document

Values = Mapping[str, str]

SIGN_IN = Verdict(
    False,
    "sign_in_first",
    "顾客没有登录账号，无法确认是哪个账号。请顾客发「账号被锁」，用验证码自助解锁。",
)
NO_ORDER = Verdict(False, "order_not_found", "没有找到这笔订单。")

_PAID_TOO_MUCH = frozenset({"paid_twice", "paid_late"})
_KINDS: Mapping[str, str] = {
    ReturnKind.RETURN: "退货退款",
    ReturnKind.EXCHANGE: "换货",
    ReturnKind.REPAIR: "维修",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom and about what an action is: ``order`` or ``account`` as the action needs."""

    viewer: Viewer
    now: datetime
    order: Order | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """``about`` says whether it is about an order or the account. ``run`` returns a card.

    ``some``: which of the form's fields are filled in is left open, but not all may be empty.
    """

    name: str
    title: str
    about: str
    confirm: str
    verdict: Callable[[ShopGateway, Subject], Verdict]
    form: Callable[[Subject], Form]
    run: Callable[[ShopGateway, Subject, TurnRef, Values], Document | None]
    some: bool = False

    def as_json(self, shop: ShopGateway, subject: Subject) -> Document:
        """What the page needs to offer it."""
        verdict = self.verdict(shop, subject)
        return {
            "name": self.name,
            "title": self.title,
            "order_number": subject.order.order_number if subject.order else None,
            "allowed": verdict.allowed,
            "why_not": None if verdict.allowed else verdict.sentence,
            "confirm": self.confirm,
            "fields": [each.as_json() for each in self.form(subject)],
        }


def _order_of(subject: Subject) -> Order:
    assert subject.order is not None
    return subject.order


def _may_urge(_shop: ShopGateway, subject: Subject) -> Verdict:
    if subject.order is None:
        return NO_ORDER
    return order_rules.urge_again_verdict(subject.order, subject.now)


def _urge(shop: ShopGateway, subject: Subject, turn: TurnRef, _values: Values) -> None:
    shop.urge_shipping(subject.viewer, turn, order_number=_order_of(subject).order_number)


def _may_change(_shop: ShopGateway, subject: Subject) -> Verdict:
    if subject.order is None:
        return NO_ORDER
    may = order_rules.changing_verdict(subject.viewer, [Change.ADDRESS])
    return order_rules.change_verdict(subject.order, Change.ADDRESS) if may.allowed else may


def _change_form(_subject: Subject) -> Form:
    return (
        Field("address", "收货地址", kind="textarea"),
        Field("recipient_name", "收件人"),
        Field("recipient_phone", "联系电话"),
        Field("note", "订单备注", kind="textarea"),
    )


def _change(shop: ShopGateway, subject: Subject, turn: TurnRef, values: Values) -> Document:
    changed = shop.change_order(
        subject.viewer,
        turn,
        order_number=_order_of(subject).order_number,
        change=OrderChange(**values),
    )
    return shop_views.order(changed)


def _may_return(shop: ShopGateway, subject: Subject) -> Verdict:
    """Allowed where any item may come back, be it for a fault alone."""
    if subject.order is None:
        return NO_ORDER
    order = subject.order
    verdicts = [
        shop.return_verdict(subject.viewer, order, item.item_id, subject.now)
        for item in order.items
    ]
    possible = next((v for v in verdicts if v.allowed or v.code in FAULT_MAY_HELP), None)
    if possible:
        return Verdict(True, sentence=possible.sentence)
    return verdicts[0] if verdicts else NO_ORDER


def _return_form(subject: Subject) -> Form:
    items = _order_of(subject).items if subject.order else ()
    goods = {each.item_id: f"{each.name} {each.variant}".strip() for each in items}
    return (
        Field("item_id", "商品", kind="select", required=True, options=options(goods)),
        Field(
            "kind",
            "售后类型",
            kind="select",
            required=True,
            options=options(_KINDS),
        ),
        Field(
            "reason",
            "原因",
            kind="select",
            required=True,
            options=options({each: wording.return_reason_text(each) for each in ReturnReason}),
        ),
        Field("wanted_variant", "换成（仅换货）"),
        Field("note", "补充说明", kind="textarea"),
    )


def _open_return(shop: ShopGateway, subject: Subject, turn: TurnRef, values: Values) -> Document:
    opened = shop.request_return(
        subject.viewer,
        turn,
        order_number=_order_of(subject).order_number,
        item_id=values["item_id"],
        reason=ReturnReason(values["reason"]),
        note=values.get("note", ""),
        kind=ReturnKind(values["kind"]),
        wanted_variant=values.get("wanted_variant") or None,
    )
    return shop_views.rma(opened)


def _may_refund(_shop: ShopGateway, subject: Subject) -> Verdict:
    if subject.order is None:
        return NO_ORDER
    verdict = rules.refund_verdict(subject.order)
    if not verdict.allowed or verdict.code in _PAID_TOO_MUCH:
        return verdict
    may = order_rules.cancelling_verdict(subject.viewer)
    return verdict if may.allowed else may


def _refund_form(subject: Subject) -> Form:
    code = rules.refund_verdict(subject.order).code if subject.order else ""
    if code in _PAID_TOO_MUCH:
        return ()
    return (Field("reason", "退款原因", required=True),)


def _refund(shop: ShopGateway, subject: Subject, turn: TurnRef, values: Values) -> Document | None:
    order = _order_of(subject)
    if rules.refund_verdict(order).code in _PAID_TOO_MUCH:
        refund = shop.settle_charge(subject.viewer, turn, order_number=order.order_number).refund
    else:
        refund = shop.cancel_order(
            subject.viewer, turn, order_number=order.order_number, reason=values["reason"]
        ).refund
    return shop_views.refund(refund) if refund else None


def _may_unlock(_shop: ShopGateway, subject: Subject) -> Verdict:
    if subject.account is None:
        return SIGN_IN
    verdict = unlock_verdict(subject.account)
    return verdict if subject.account.locked else Verdict(False, verdict.code, verdict.sentence)


def _unlock(shop: ShopGateway, subject: Subject, turn: TurnRef, _values: Values) -> None:
    assert subject.account is not None
    shop.unlock_account(subject.viewer.profile, subject.account.account_id, turn)


def _no_form(_subject: Subject) -> Form:
    return ()


ORDER = "order"
ACCOUNT = "account"

ACTS: Mapping[str, Act] = {
    act.name: act
    for act in (
        Act(
            "urge_shipping",
            "催发货",
            ORDER,
            "将提醒商家尽快发货，每笔订单每天一次。",
            _may_urge,
            _no_form,
            _urge,
        ),
        Act(
            "change_address",
            "修改收货信息",
            ORDER,
            "将修改这笔订单的收货信息，请先和顾客核对清楚；没有填写的项目保持不变。",
            _may_change,
            _change_form,
            _change,
            some=True,
        ),
        Act(
            "open_return",
            "申请售后",
            ORDER,
            "将为顾客提交售后申请，提交后由商家审核。",
            _may_return,
            _return_form,
            _open_return,
        ),
        Act(
            "request_refund",
            "申请退款",
            ORDER,
            "未发货的订单会被取消并全额原路退款；重复支付的只退多付的部分。提交后不能恢复。",
            _may_refund,
            _refund_form,
            _refund,
        ),
        Act(
            "unlock_account",
            "解锁账号",
            ACCOUNT,
            "将解除账号的登录锁定。请先确认对方就是账号本人。",
            _may_unlock,
            _no_form,
            _unlock,
        ),
    )
}
