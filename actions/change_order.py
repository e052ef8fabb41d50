"""Another address, recipient, phone or note for an order that has not been shipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.cards import goods_of, order_title
from actions.choose import OrderChoice, remember_order
from actions.order_form import StartOrderRequest
from actions.order_request import Draft, OrderRequest, Question, option, turn_away
from actions.orders import meant_among
from actions.recipient_words import mask_address, told_address, told_name, told_note, told_phone
from actions.reply import Reply, button
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import order_rules
from kefu.shop.changes import OrderChange
from kefu.shop.mapping import mask_name, mask_phone
from kefu.shop.model import Order, OrderState, Verdict

INTENT = "change_order"
FIELDS = {
    "address": "收货地址",
    "recipient_name": "收件人",
    "recipient_phone": "联系电话",
    "note": "订单备注",
}
_ASK = {
    "address": "请发新的收货地址，从省市写到门牌号，例如：浙江省杭州市西湖区文一西路88号3幢201室。",
    "recipient_name": "请发新的收件人姓名。",
    "recipient_phone": "请发新的联系电话。",
    "note": "请写下新的备注内容。",
}
_NAMED = {
    "address": re.compile(r"地址|寄到|送到|搬家|门牌|换个地方收|寄公司|寄新家"),
    "recipient_name": re.compile(r"收[件货]人(?!.{0,2}(?:电话|手机|号码))|姓名|名字"),
    "recipient_phone": re.compile(r"电话|手机|号码(?!牌)"),
    "note": re.compile(r"备注|留言给商家"),
}
_BAD = {
    "bad_address": "address",
    "address_incomplete": "address",
    "address_too_long": "address",
    "bad_recipient": "recipient_name",
    "bad_phone": "recipient_phone",
    "note_too_long": "note",
}
_WRONG = re.compile(r"不对|错了|写错|有误|不是|应该是")
_GOODS = re.compile(
    r"颜色|尺[码寸]|[大小]一?码|码数|型号|款式|口味|标准版|套装|数量|合并|合单|一起发|再加一|多拍|少拍"
    r"|改成[一二两三四五六七八九十\d]+[件个瓶盒]|[黑白红蓝绿灰粉黄紫]色?(?:的|改|换|拍)|[smlx]{1,3}码?(?:改|换)|换成.{1,4}味",
    re.IGNORECASE,
)

_NOTED_TOO = ("delivery_schedule", "shipping_policy", "product_question", "track_logistics")
"""Intents of others whose messages sound like a note: 「发顺丰」, 「周末送」."""


class ChangeRequest(OrderRequest):
    """The draft holds each field told; ``wanted`` names those that are to be changed."""

    intent: ClassVar[str] = INTENT
    operation: ClassVar[str | None] = "change_order"
    question: ClassVar[str] = "您想修改哪一笔订单？"
    leave: ClassVar[str] = "不改了"
    farewell: ClassVar[str] = "好的，订单没有改动，一切照旧。"
    confirm: ClassVar[str] = "确认修改"
    verbs: ClassVar[tuple[str, ...]] = ("修改", "改")
    states: ClassVar[tuple[OrderState, ...] | None] = (OrderState.UNPAID, OrderState.PAID)

    def meant(self, turn: Turn) -> Order | None:
        """Only with nothing left to change is a shipped order meant, and its refusal told."""
        choice = OrderChoice(self.shop, turn)
        return super().meant(turn) or (
            None
            if choice.recent(self.states, 1)
            else meant_among(turn, choice, (OrderState.SHIPPED,))
        )

    def candidates(self, turn: Turn) -> Sequence[Order]:
        """Nothing else can be changed any more, and is not offered."""
        return OrderChoice(self.shop, turn).recent(self.states)

    def nothing_to_do(self, turn: Turn, reply: Reply) -> None:
        if not OrderChoice(self.shop, turn).recent(None, 1):
            super().nothing_to_do(turn, reply)
            return
        reply.offer_person(
            "您的订单都已经发货或结束，收货信息和备注改不了了。包裹还在路上的话，可以联系快递员改派，"
            "也可以请人工客服试试拦截。",
            buttons=[intent_button("track_logistics")],
        )

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        may = order_rules.changing_verdict(turn.viewer, kinds_of(draft))
        if not may.allowed:
            return may
        only_note = wanted(draft) == ["note"]
        kind = order_rules.Change.NOTE if only_note else order_rules.Change.ADDRESS
        return order_rules.change_verdict(order, kind)

    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        pressed = self.chosen(turn, order, draft)
        if pressed in FIELDS:
            return {**draft, "wanted": _joined([*wanted(draft), pressed]), pressed: ""}
        if not turn.text:
            return draft
        asked = missing(draft) if turn.requested_slot == "order_details" else None
        told = self.told(turn, order, draft, asked)
        named = [field for field, words in _NAMED.items() if words.search(turn.text)]
        if "recipient_phone" in named and "recipient_name" in told:
            named = [each for each in named if each != "recipient_phone" or each in told]
        if not told and turn.requested_slot and asked:
            named = []
        if asked in ("note", "address") and asked in told:
            named = [asked]
        fields = [*wanted(draft), *told, *(each for each in named if not draft.get(each))]
        return {**draft, "wanted": _joined(fields), **told} if fields else draft

    def told(self, turn: Turn, order: Order | None, draft: Draft, asked: str | None) -> Draft:
        text = turn.text
        if asked == "note" and not self.takes_words(turn, *_NOTED_TOO):
            asked = None
        corrects = bool(draft.get("address") and _WRONG.search(text))
        region = draft.get("address") or (order.address_masked if order else "")
        found = {
            "address": told_address(text, region, asked=asked == "address" or corrects),
            "recipient_phone": told_phone(turn, asked=asked == "recipient_phone"),
            "recipient_name": told_name(text, asked=asked == "recipient_name"),
            "note": told_note(turn, asked=asked == "note"),
        }
        if asked == "note":
            found = {"note": found["note"]}
        return {field: value for field, value in found.items() if value}

    def problem(
        self, turn: Turn, order: Order | None, draft: Draft
    ) -> tuple[Draft, Verdict | None]:
        if order is None or not any(draft.get(field) for field in FIELDS):
            return draft, None
        verdict = order_rules.wish_verdict(order, order_rules.tidy_change(change_of(draft)))
        if verdict.allowed or verdict.code not in _BAD:
            return draft, None
        return {**draft, _BAD[verdict.code]: ""}, verdict

    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        field = missing(draft)
        if field:
            return Question(_ASK[field])
        if wanted(draft):
            return None
        goods = f"{order_title(order, turn.now)}：" if order else ""
        if turn.is_guest:
            note = [option(FIELDS["note"], "note")]
            return Question(f"{goods}没有登录时只能修改订单备注，其他的请先登录下单的账号。", note)
        buttons = [option(name, field) for field, name in FIELDS.items()]
        return Question(f"{goods}您想修改哪一项？也可以直接把新的内容发给我。", buttons)

    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        assert order is not None
        lines = [f"{FIELDS[field]}：{shown(field, draft[field])}" for field in wanted(draft)]
        return "\n".join(
            [
                "请您核对：",
                f"订单：{order.order_number}（{goods_of(order)}）",
                *lines,
                "确认这样修改吗？还要改别的，可以直接发给我。",
            ]
        )

    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        assert order is not None
        number = order.order_number
        self.shop.change_order(turn.viewer, turn.ref, order_number=number, change=change_of(draft))
        remember_order(reply, turn, number)
        done = "，".join(
            f"{FIELDS[field]}：{shown(field, draft[field])}" for field in wanted(draft)
        )
        reply.say(
            f"订单{number}已经改好，{done}。商家会按新的信息发货。",
            [button("查看订单", "order_status", order_number=number)],
        )

    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        number = order.order_number if order else ""
        lines = [f"{FIELDS[field]}改为：{draft[field]}" for field in wanted(draft)]
        return "修改订单", "\n".join([f"顾客要求修改订单 {number}。", *lines])


class ChangeOrder(StartOrderRequest):
    action_name: ClassVar[str] = "action_change_order"
    request: ClassVar[type[OrderRequest]] = ChangeRequest

    def turns_away(self, turn: Turn, reply: Reply) -> bool:
        """A guest who speaks of the address or the recipient need not prove anything first."""
        draft = self.request(self.services).read(turn, None, {})
        may = order_rules.changing_verdict(turn.viewer, kinds_of(draft))
        if not may.allowed:
            turn_away(reply, may)
        return not may.allowed

    def answers(self, turn: Turn, reply: Reply) -> bool:
        """Goods themselves cannot be changed: cancelled and ordered anew."""
        about_recipient = any(words.search(turn.text) for words in _NAMED.values())
        if about_recipient or not _GOODS.search(turn.text):
            return False
        request = self.request(self.services)
        order = request.order_in(turn)
        open_order = order if order and order_rules.cancel_verdict(order).allowed else None
        number = {"order_number": open_order.order_number} if open_order else {}
        reply.offer_person(
            "颜色、尺码、数量这些下单后不能直接改。还没发货的订单可以取消后重新下单；也可以请人工客服问问仓库能不能帮忙。",
            buttons=[button("取消订单", "cancel_order", **number)],
        )
        return True


def wanted(draft: Draft) -> list[str]:
    """The fields to be changed, in the order in which they are shown."""
    named = (draft.get("wanted") or "").split(",")
    return [field for field in FIELDS if field in named]


def missing(draft: Draft) -> str | None:
    """The field that is asked for next."""
    return next((field for field in wanted(draft) if not draft.get(field)), None)


def kinds_of(draft: Draft) -> list[order_rules.Change]:
    """What is to be changed, told yet or not."""
    change = order_rules.Change
    kinds = {"address": change.ADDRESS, "note": change.NOTE}
    return [kinds.get(field, change.RECIPIENT) for field in wanted(draft)]


def change_of(draft: Draft) -> OrderChange:
    return OrderChange(**{field: draft.get(field) or None for field in FIELDS})


def shown(field: str, value: str) -> str:
    """A new value as it may be shown: addresses, names and numbers masked."""
    match field:
        case "address":
            return mask_address(value)
        case "recipient_phone":
            return mask_phone(order_rules.recipient.tidy_phone(value))
        case "recipient_name":
            return mask_name(value)
        case _:
            return value


def _joined(fields: list[str]) -> str:
    return ",".join(field for field in FIELDS if field in fields)
