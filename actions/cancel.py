"""Cancelling an order: why, what is paid back, and what to do once it is on its way."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.cards import goods_of, order_title
from actions.choose import OrderChoice, remember_order
from actions.order_form import StartOrderRequest
from actions.order_request import Draft, OrderRequest, Question, option, turn_away
from actions.orders import meant_among
from actions.refund_words import channel_of, opened_refund, way_back
from actions.reply import PERSON, Reply, button
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import order_rules, wording
from kefu.shop.charge_rules import held_money
from kefu.shop.model import Order, OrderState, Verdict

INTENT = "cancel_order"
REASONS = {
    "unwanted": "不想要了",
    "mistake": "拍错或多拍了",
    "details": "地址等信息填错了",
    "slow": "发货太慢",
    "price": "有更优惠的价格",
    "other": "其他原因",
}
REJECT_HINT = "快递员派件时当面拒收就可以，包裹退回商家后，货款会原路退回。"

_WORDS = (
    (
        "mistake",
        re.compile(r"拍错|下错|买错|点错|选错|买重|重复(?:下单|买)|多拍|买多|手滑|乱买|乱点"),
    ),
    ("details", re.compile(r"(?:地址|电话|信息|尺码|颜色).{0,4}(?:错|不对)")),
    ("slow", re.compile(r"太慢|太久|等不及|不等了|还不发|一直不发|迟迟")),
    ("price", re.compile(r"便宜|降价|贵|优惠|用券|没用券")),
    ("unwanted", re.compile(r"不想要|不要了|不需要|用不上|不想买|不喜欢|在.{1,4}买到")),
)
_RESTORE = re.compile(r"恢复|弄回来|撤回来|找回来|不是要取消|还能要回|取消(?:错|掉?后悔)")
_ON_THE_WAY = re.compile(r"拦截|拦回|拦下|拒收|不签|已经发了|快递.{0,4}发了|发都发了|退回去")
_AGREES = re.compile(r"^(?:帮我|请|就|那|赶紧|现在)*取消(?:掉|订单|这笔|这单|它)*[吧了啊。.!！~]*$")


class CancelRequest(OrderRequest):
    intent: ClassVar[str] = INTENT
    operation: ClassVar[str | None] = "cancel_order"
    question: ClassVar[str] = "您想取消哪一笔订单？"
    leave: ClassVar[str] = "不取消了"
    farewell: ClassVar[str] = "好的，订单没有取消，一切照旧。"
    confirm: ClassVar[str] = "确认取消"
    verbs: ClassVar[tuple[str, ...]] = ("取消",)
    states: ClassVar[tuple[OrderState, ...] | None] = (
        OrderState.UNPAID,
        OrderState.PAID,
        OrderState.SHIPPED,
    )

    def meant(self, turn: Turn) -> Order | None:
        """Who speaks of refusing a parcel means an order that is on its way."""
        if _ON_THE_WAY.search(turn.text):
            return meant_among(turn, OrderChoice(self.shop, turn), (OrderState.SHIPPED,))
        return super().meant(turn)

    def candidates(self, turn: Turn) -> Sequence[Order]:
        """What was signed for or has ended cannot be cancelled, and is not offered."""
        return OrderChoice(self.shop, turn).recent(self.states)

    def nothing_to_do(self, turn: Turn, reply: Reply) -> None:
        if not OrderChoice(self.shop, turn).recent(None, 1):
            super().nothing_to_do(turn, reply)
            return
        reply.say(
            "您的订单都已经签收或结束，没有可以取消的。收到的商品不想要了，可以看看能不能退货。",
            [intent_button("return_request"), intent_button("order_status"), PERSON],
        )

    def keeps(self, turn: Turn) -> bool:
        return bool(_AGREES.match(turn.text)) or self.told_reason(turn, asked=False) is not None

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        may = order_rules.cancelling_verdict(turn.viewer)
        return order_rules.cancel_verdict(order) if may.allowed else may

    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        pressed = self.chosen(turn, order, draft)
        if pressed in REASONS:
            return {**draft, "reason": REASONS[pressed]}
        told = self.told_reason(turn, asked="reason" not in draft)
        return {**draft, "reason": told} if told else draft

    def told_reason(self, turn: Turn, *, asked: bool) -> str | None:
        for code, words in _WORDS:
            if words.search(turn.text):
                return REASONS[code]
        if asked and self.takes_words(turn, "product_question", "urge_shipping", "feedback"):
            bare = _AGREES.match(turn.text)
            return None if bare else turn.own_words[: order_rules.REASON_LENGTH]
        return None

    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        if draft.get("reason"):
            return None
        goods = order_title(order, turn.now) if order else ""
        buttons = [option(title, code) for code, title in REASONS.items()]
        return Question(f"{goods}：还没有发货，可以取消。请问是什么原因呢？", buttons)

    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        assert order is not None
        held = held_money(order)
        back = "这笔订单还没有付款，不涉及退款。"
        if held:
            back = (
                f"已付的{wording.yuan(held)}会{way_back(self.services, turn, channel_of(order))}。"
            )
        return (
            f"请您核对：\n订单：{order.order_number}（{goods_of(order)}）\n"
            f"取消原因：{draft['reason']}\n{back}\n取消后不能恢复，确认取消吗？"
        )

    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        assert order is not None
        number = order.order_number
        done = self.shop.cancel_order(
            turn.viewer, turn.ref, order_number=number, reason=draft["reason"]
        )
        remember_order(reply, turn, number)
        text = f"订单{number}已取消。"
        if done.refund:
            progress = intent_button("refund_progress", order_number=number)
            reply.say(text + opened_refund(self.services, turn, done.refund), [progress])
        else:
            reply.say(f"{text}没有付款，所以不涉及退款。")

    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        number = order.order_number if order else ""
        return "取消订单", f"顾客要求取消订单 {number}，原因：{draft['reason']}。"

    def refuse(self, turn: Turn, reply: Reply, order: Order, verdict: Verdict) -> None:
        if order.state is not OrderState.SHIPPED or turn.is_guest:
            super().refuse(turn, reply, order, verdict)
            return
        number = order.order_number
        reply.refused(verdict)
        reply.say(
            f"{order_title(order, turn.now)}：订单已经发货，不能直接取消。{REJECT_HINT}"
            "想试试拦截的话，人工客服可以帮您联系快递，但不一定拦得住。",
            [button("查物流", "track_logistics", order_number=number), PERSON],
        )


class CancelOrder(StartOrderRequest):
    action_name: ClassVar[str] = "action_cancel_order"
    request: ClassVar[type[OrderRequest]] = CancelRequest

    def turns_away(self, turn: Turn, reply: Reply) -> bool:
        turn_away(reply, order_rules.cancelling_verdict(turn.viewer))
        return True

    def answers(self, turn: Turn, reply: Reply) -> bool:
        if not _RESTORE.search(turn.text):
            return False
        reply.offer_person(
            "已经取消的订单不能恢复，需要的话请重新下单。如果是刚提交、还没有取消成功，可以请人工客服看看。",
            buttons=[intent_button("order_status")],
        )
        return True
