"""Paid twice, or paid and the order knows nothing of it: checked, repaired, or written down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from actions.cards import order_title, shorten
from actions.charge_words import (
    explained,
    fits,
    is_troubled,
    short_finding,
    told_amount,
    told_day,
    told_method,
    told_when,
    was_settled,
)
from actions.choose import LOOK_THROUGH, OrderChoice, asks_for_all, remember_order
from actions.order_form import StartOrderRequest
from actions.order_request import SEEN, Draft, OrderRequest, Question, option
from actions.refund_words import channel_of, opened_refund, way_back
from actions.registering import open_service_ticket, register_request, tell_registered
from actions.reply import PERSON, Reply, button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.charge_rules import booking_verdict, charge_finding, is_bookable
from kefu.shop.model import Order, OrderState, Verdict
from kefu.shop.money import Charge

INTENT = "payment_charged"
UNKNOWN = "unknown"
WRONG, UNCLEAR = "扣款异常", "扣款核查"
"""Subjects of the tickets for what is known to be wrong and for what is only told."""
EVIDENCE = "银行或支付应用里那笔扣款的截图（请遮住完整卡号）"
NOT_KNOWN = "不记得"
WORDS_LENGTH = 500
_FACTS = {"amount": "扣款金额", "when": "扣款时间", "method": "支付方式"}


class ChargeRequest(OrderRequest):
    """A finding that can be repaired is repaired; any other charge goes to people as a ticket.

    The draft then holds what the shopper tells of it: ``amount`` (yuan), ``when``, ``method``.
    """

    intent: ClassVar[str] = INTENT
    operation: ClassVar[str | None] = "settle_charge"
    question: ClassVar[str] = "请问是哪一笔订单的扣款？"
    leave: ClassVar[str] = "先不处理"
    farewell: ClassVar[str] = "好的，这次先不处理，什么都没有提交。"
    confirm: ClassVar[str] = "确认"
    verbs: ClassVar[tuple[str, ...]] = ("处理", "退款", "登记", "退")
    needs_order: ClassVar[bool] = False

    def candidates(self, turn: Turn) -> Sequence[Order]:
        """Those with something wrong first, then those that fit what was told, then the newest."""
        orders = OrderChoice(self.shop, turn).recent(None, LOOK_THROUGH)
        amount, day = told_amount(turn), told_day(turn)
        told = amount is not None or day is not None
        return sorted(
            orders,
            key=lambda each: (
                not is_troubled(each),
                charge_finding(each).charge is not Charge.PENDING,
                not (told and fits(each, amount, day)),
            ),
        )

    def meant(self, turn: Turn) -> Order | None:
        """Pointed at, told by amount and day, or the only one with something wrong."""
        choice = OrderChoice(self.shop, turn)
        if asks_for_all(turn):
            return None
        orders = choice.recent(None, LOOK_THROUGH)
        amount, day = told_amount(turn), told_day(turn)
        if amount is not None:
            exact = [each for each in orders if fits(each, amount, day)]
            troubled = [each for each in exact if is_troubled(each)] or exact
            return troubled[0] if len(troubled) == 1 else None
        pointed = choice.pointed_at(orders)
        in_mind = choice.in_mind()
        if pointed or (in_mind and (choice.points_back() or is_troubled(in_mind))):
            return pointed or in_mind
        troubled = [each for each in orders if is_troubled(each)]
        waiting = [each for each in orders if charge_finding(each).charge is Charge.PENDING]
        if troubled or waiting:
            likely = troubled or waiting
            return likely[0] if len(likely) == 1 else None
        return in_mind or (orders[0] if len(orders) == 1 else None)

    def title(self, turn: Turn, order: Order) -> str:
        finding = short_finding(order)
        mark = f"，{finding}" if finding else ""
        day = wording.day_text(order.placed_at, turn.now)
        goods = shorten(order.items[0].name) if order.items else "商品"
        return f"{goods} {wording.yuan(order.total)}（{day}{mark}）"

    def verdict(self, turn: Turn, order: Order, draft: Draft) -> Verdict:
        finding = charge_finding(order)
        if finding.charge is Charge.PENDING:
            return Verdict(False, "payment_pending", explained(order, turn.now))
        short = finding.charge is Charge.NOT_BOOKED and is_bookable(order)
        if short and not booking_verdict(order).allowed:
            return Verdict(False, "payment_short", explained(order, turn.now))
        return Verdict(True)

    def refuse(self, turn: Turn, reply: Reply, order: Order, verdict: Verdict) -> None:
        reply.refused(verdict)
        again = button("再查一次", INTENT, order_number=order.order_number)
        reply.say(f"{order_title(order, turn.now)}\n{verdict.sentence}", [again, PERSON])

    def read(self, turn: Turn, order: Order | None, draft: Draft) -> Draft:
        if order and is_troubled(order):
            return {}
        if turn.entity("choice") == UNKNOWN:
            return {**dict.fromkeys(_FACTS, NOT_KNOWN), **draft}
        asked = turn.requested_slot == "order_details" and "amount" not in draft
        amount = told_amount(turn, asked=asked)
        told = {
            "amount": f"{amount / 100:.2f}" if amount is not None else None,
            "when": told_when(turn),
            "method": told_method(turn),
        }
        found = {name: value for name, value in told.items() if value}
        if self.takes_words(turn) or (found and turn.requested_slot is None):
            before = draft.get("words", "")
            words = turn.own_words if turn.own_words not in before else ""
            found["words"] = "；".join(each for each in (before, words) if each)[:WORDS_LENGTH]
        return {**draft, **found}

    def next_question(self, turn: Turn, order: Order | None, draft: Draft) -> Question | None:
        if order and is_troubled(order):
            return None
        lacking = [name for fact, name in _FACTS.items() if fact not in draft]
        if not lacking:
            return None
        checked = f"{order_title(order, turn.now)}\n{explained(order, turn.now)}\n" if order else ""
        if draft.get(SEEN):
            checked = ""
        unsure = [option("记不清了", UNKNOWN)]
        return Question(
            f"{checked}如果银行那边确实扣了钱，请告诉我{'、'.join(lacking)}，我登记给同事核查。",
            unsure,
        )

    def summary(self, turn: Turn, order: Order | None, draft: Draft) -> str:
        if order and is_troubled(order):
            found = f"{order_title(order, turn.now)}\n{explained(order, turn.now)}"
            return f"{found}\n{self.repair(turn, order)}"
        hours = self.services.profiles[turn.claims.profile].hours_for("service")
        facts = "\n".join(f"{name}：{_fact(draft, fact)}" for fact, name in _FACTS.items())
        number = f"订单：{order.order_number}\n" if order else ""
        return (
            f"请您核对，我来登记核查：\n{number}{facts}\n"
            f"提交后会在 {hours} 小时内答复您。确认登记吗？"
        )

    def confirm_title(self, order: Order | None, draft: Draft) -> str:
        if order is None or not is_troubled(order):
            return "确认登记"
        return "确认处理" if is_bookable(order) else "确认退款"

    def repair(self, turn: Turn, order: Order) -> str:
        """What will be done about the finding."""
        finding = charge_finding(order)
        way = way_back(self.services, turn, channel_of(order))
        if finding.charge is Charge.NOT_BOOKED and is_bookable(order):
            back = f"，多收的{wording.yuan(finding.surplus)}{way}" if finding.surplus else ""
            return f"我可以把订单改为已付款，{self.then(turn)}{back}。确认处理吗？"
        return f"我可以把{wording.yuan(finding.surplus)}{way}。确认退款吗？"

    def then(self, turn: Turn) -> str:
        """What follows a booking: where nothing is sent, the service itself."""
        ships = "urge_shipping" not in self.services.profiles[turn.claims.profile].services_off
        return "接着会安排发货" if ships else "接着会继续办理"

    def carry_out(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        if order is None or "amount" in draft:
            self.register(turn, reply, order, draft)
            return
        number = order.order_number
        settled = self.shop.settle_charge(turn.viewer, turn.ref, order_number=number)
        remember_order(reply, turn, number)
        progress = button("退款进度", "refund_progress", order_number=number)
        parts: list[str] = []
        if settled.finding.charge is Charge.NOT_BOOKED and settled.order.state is OrderState.PAID:
            then = self.then(turn)
            parts.append(f"订单{number}已改为已付款，{then}，请不要再付一次。")
        if settled.refund:
            parts.append(opened_refund(self.services, turn, settled.refund))
        if not parts:
            parts.append("重新核对过了，这笔订单的付款现在是正常的，没有需要退的款项。")
        reply.say("".join(parts), [progress] if settled.refund else [])

    def register(self, turn: Turn, reply: Reply, order: Order | None, draft: Draft) -> None:
        subject, details = self.request(turn, order, draft)
        said = f"好的，我这就登记。请准备好{EVIDENCE}，核查时会用到。"
        number = order.order_number if order else None
        register_request(turn, reply, subject, details, number, said=said)

    def request(self, turn: Turn, order: Order | None, draft: Draft) -> tuple[str, str]:
        number = f"订单 {order.order_number}。" if order else "顾客说不出是哪笔订单。"
        if order and is_troubled(order):
            return WRONG, f"{number}{explained(order, turn.now)}"
        facts = "，".join(f"{name}：{_fact(draft, fact)}" for fact, name in _FACTS.items())
        words = f"\n顾客原话：{draft['words']}" if draft.get("words") else ""
        checked = f"\n机器人核对结果：{explained(order, turn.now)}" if order else ""
        return UNCLEAR, f"{number}{facts}{words}{checked}"


def _fact(draft: Draft, fact: str) -> str:
    value = draft.get(fact, NOT_KNOWN)
    return f"{value}元" if fact == "amount" and value != NOT_KNOWN else value


class PaymentCharged(StartOrderRequest):
    action_name: ClassVar[str] = "action_payment_charged"
    request: ClassVar[type[OrderRequest]] = ChargeRequest

    def answers(self, turn: Turn, reply: Reply) -> bool:
        """What is settled or looked into already is told instead of a second ticket."""
        order = ChargeRequest(self.services).order_in(turn)
        if order and was_settled(order) and not is_troubled(order):
            remember_order(reply, turn, order.order_number)
            progress = button("退款进度", "refund_progress", order_number=order.order_number)
            reply.say(explained(order, turn.now), [progress, PERSON])
            return True
        ticket = open_service_ticket(turn, order.order_number if order else None, WRONG, UNCLEAR)
        if ticket is None or (order and is_troubled(order)):
            return False
        tell_registered(turn, reply, ticket)
        return True
