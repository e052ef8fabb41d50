"""How far a refund or a return has come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from actions.cards import refund_card, return_card
from actions.choose import OrderChoice, current_number, named_number, named_rma, remember_order
from actions.identity import OrderService
from actions.orders import say_not_found
from actions.reply import PERSON, Button, Reply, button
from actions.return_draft import Eligibility
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Refund, RefundState, Return, ReturnState

Case = Refund | Return
OFFERED = 5
LOOK_BACK = 50
NOTHING = "没有查到进行中的退款或退货。"
RETURN = intent_button("return_request")
NO_SUCH_RETURN = "没有查到这个退货编号。请核对编号，或确认申请的是不是当前登录的账号。"
RETURN_NEXT = {
    ReturnState.REQUESTED: "商家正在审核，通过后会给出寄回地址，随时可以问我进度。",
    ReturnState.APPROVED: "申请已通过，请按下面的地址寄回商品。",
    ReturnState.REJECTED: "申请没有通过，有疑问可以找人工客服。",
    ReturnState.SHIPPED_BACK: "商品正在寄回途中，商家签收后会检查。",
    ReturnState.INSPECTING: "商家已收到商品，正在检查，通过后退款。",
    ReturnState.REFUNDED: "退货已完成，款项已退。",
    ReturnState.CLOSED: "这个退货申请已经关闭。",
}


class RefundProgress(OrderService):
    """The cases of the one order that has any open, or of the order meant, or a choice."""

    action_name: ClassVar[str] = "action_refund_progress"

    def serve(self, turn: Turn, reply: Reply) -> None:
        rma = named_rma(turn)
        if rma:
            self.tell_return(turn, reply, rma)
            return
        number = named_number(turn)
        if number and OrderChoice(self.shop, turn).named() is None:
            say_not_found(reply)
            return
        by_order = self.cases(turn, looking_back=number is not None)
        wanted = number or current_number(turn)
        if wanted in by_order:
            tell_cases(turn, reply, by_order[wanted])
        elif number or not by_order:
            self.tell_nothing(turn, reply)
        elif len(by_order) == 1:
            tell_cases(turn, reply, next(iter(by_order.values())))
        else:
            buttons = [case_button(turn, cases[0]) for cases in by_order.values()]
            reply.say("您想查哪一笔退款？", buttons[:OFFERED])

    def tell_nothing(self, turn: Turn, reply: Reply) -> None:
        """No case; a return is offered only to who has something to send back."""
        if Eligibility(self.shop, turn).orders():
            reply.say(f"{NOTHING}如果您还没申请，可以现在办理。", [RETURN, PERSON])
        else:
            reply.say(NOTHING, [intent_button("order_status"), PERSON])

    def tell_return(self, turn: Turn, reply: Reply, rma: str) -> None:
        """The return with this number and, once there is one, its refund."""
        returns = self.shop.returns(turn.viewer, limit=LOOK_BACK)
        refunds = self.shop.refunds(turn.viewer, limit=LOOK_BACK)
        cases: list[Case] = [each for each in returns if each.rma_number == rma]
        if cases:
            tell_cases(turn, reply, [*cases, *(one for one in refunds if one.rma_number == rma)])
        else:
            reply.say(NO_SUCH_RETURN, [intent_button("refund_progress"), PERSON])

    def cases(self, turn: Turn, *, looking_back: bool) -> dict[str, list[Case]]:
        """Cases by order, the latest first: the open ones, else only the newest closed one.

        A return whose refund is on its way is told as that refund. ``looking_back`` takes all.
        """
        refunds = self.shop.refunds(turn.viewer, limit=LOOK_BACK)
        refunding = {each.rma_number for each in refunds}
        returns = self.shop.returns(turn.viewer, limit=LOOK_BACK)
        left: list[Case] = [each for each in returns if each.rma_number not in refunding]
        cases = sorted([*refunds, *left], key=lambda each: each.updated_at, reverse=True)
        if not looking_back:
            cases = [each for each in cases if is_open(each)] or cases[:1]
        by_order: dict[str, list[Case]] = {}
        for each in cases:
            by_order.setdefault(each.order_number, []).append(each)
        return by_order


def is_open(case: Case) -> bool:
    if isinstance(case, Refund):
        return case.state is not RefundState.ARRIVED
    return case.state not in (ReturnState.REFUNDED, ReturnState.CLOSED, ReturnState.REJECTED)


def case_button(turn: Turn, case: Case) -> Button:
    day = wording.day_text(case.requested_at, turn.now)
    amount = case.amount if isinstance(case, Refund) else case.refund_amount
    kind = "退款" if isinstance(case, Refund) else "退货"
    title = f"{kind} {wording.yuan(amount)}（{day}申请）"
    return button(title, "refund_progress", order_number=case.order_number)


def tell_cases(turn: Turn, reply: Reply, cases: Sequence[Case]) -> None:
    remember_order(reply, turn, cases[0].order_number)
    for case in cases:
        tell_case(turn, reply, case)


def tell_case(turn: Turn, reply: Reply, case: Case) -> None:
    if isinstance(case, Refund):
        troubled = case.state is RefundState.FAILED
        reply.say(refund_sentence(turn, case), [PERSON] if troubled else (), [refund_card(case)])
    else:
        troubled = case.state is ReturnState.REJECTED or (
            case.state is ReturnState.APPROVED and not case.return_address
        )
        text = f"「{case.item_name}」{next_step(case)}"
        reply.say(text, [PERSON] if troubled else (), [return_card(case)])


def next_step(made: Return) -> str:
    """What happens next with a return, and what the shopper has to do."""
    if made.state is ReturnState.REQUESTED and made.return_address:
        return "商家正在审核，通过后请按下面的地址寄回，随时可以问我进度。"
    if made.state is ReturnState.APPROVED and not made.return_address:
        return "申请已通过，可以寄回商品了，寄回地址请向人工客服确认。"
    return RETURN_NEXT[made.state]


def refund_sentence(turn: Turn, refund: Refund) -> str:
    amount = wording.yuan(refund.amount)
    channel = wording.channel_text(refund.channel)
    match refund.state:
        case RefundState.REQUESTED:
            return f"{amount} 的退款申请已收到，正在审核。"
        case RefundState.ARRIVED:
            return f"{amount} 已退回{channel}，请您查收。"
        case RefundState.FAILED:
            return f"{amount} 退回{channel}时失败了，非常抱歉，需要人工客服帮您处理。"
        case RefundState.APPROVED | RefundState.SENT_TO_BANK:
            step = "的退款已通过" if refund.state is RefundState.APPROVED else "的退款已提交银行"
            if refund.expected_at is None:
                return f"{amount} {step}，将退回{channel}。"
            when = wording.day_text(refund.expected_at, turn.now)
            if refund.expected_at < turn.now:
                return f"{amount} {step}，本应在{when}到账。如果还没收到，可以找人工客服核实。"
            return f"{amount} {step}，预计{when}前退回{channel}。"
