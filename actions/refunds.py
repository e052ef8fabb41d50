"""How far a refund or an RMA has come, in words and with what can be done next."""

from __future__ import annotations

from collections.abc import Sequence

from actions.base import KefuAction
from actions.cards import refund_card, return_card, shorten
from actions.choose import remember_order
from actions.refund_words import in_general
from actions.reply import PERSON, Button, Reply, button
from actions.return_cases import WITHDRAW, word_of
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Refund, RefundState, Return, ReturnKind, ReturnState

Case = Refund | Return
OFFERED = 5
LOOK_BACK = 50
NOTHING = "没有查到进行中的退款或退货。"
RETURN = intent_button("return_request")
NO_SUCH_RETURN = "没有查到这个退货编号。请核对编号，或确认申请的是不是当前登录的账号。"
RETURN_NEXT = {
    ReturnState.REQUESTED: "商家正在审核，通过后会给出寄回地址，随时可以问我进度。",
    ReturnState.APPROVED: "申请已通过，请按下面的地址寄回商品，寄出后把快递单号告诉我。",
    ReturnState.REJECTED: "申请没有通过，有疑问可以找人工客服。",
    ReturnState.SHIPPED_BACK: "商品正在寄回途中，商家签收后会检查。",
    ReturnState.INSPECTING: "商家已收到商品，正在检查，通过后退款。",
    ReturnState.REFUNDED: "退货已完成，款项已退。",
    ReturnState.CLOSED: "这个申请已经关闭。",
}
_NEXT_BY_KIND = {
    (ReturnKind.EXCHANGE, ReturnState.INSPECTING): "商家已收到商品，正在检查，通过后寄出新的。",
    (ReturnKind.EXCHANGE, ReturnState.REFUNDED): "换货已完成。",
    (ReturnKind.REPAIR, ReturnState.INSPECTING): "商家已收到商品，正在检修，修好后寄还给您。",
    (ReturnKind.REPAIR, ReturnState.REFUNDED): "维修已完成。",
}


def is_open(case: Case) -> bool:
    if isinstance(case, Refund):
        return case.state is not RefundState.ARRIVED
    return case.state not in (ReturnState.REFUNDED, ReturnState.CLOSED, ReturnState.REJECTED)


def case_button(turn: Turn, case: Case) -> Button:
    day = wording.day_text(case.requested_at, turn.now)
    amount = case.amount if isinstance(case, Refund) else case.refund_amount
    kind = "退款" if isinstance(case, Refund) else word_of(case)
    what = (
        wording.yuan(amount)
        if amount
        else shorten(case.item_name if isinstance(case, Return) else "")
    )
    title = f"{kind} {what}（{day}申请）"
    return button(title, "refund_progress", order_number=case.order_number)


def tell_cases(action: KefuAction, turn: Turn, reply: Reply, cases: Sequence[Case]) -> None:
    remember_order(reply, turn, cases[0].order_number)
    for case in cases:
        tell_case(action, turn, reply, case)


def tell_case(action: KefuAction, turn: Turn, reply: Reply, case: Case) -> None:
    if isinstance(case, Refund):
        troubled = case.state is RefundState.FAILED
        days = action.services.profiles[turn.claims.profile].policies.refund_days
        text = refund_sentence(turn, case, days.get(case.channel))
        reply.say(text, [PERSON] if troubled else (), [refund_card(case)])
    else:
        text = f"「{case.item_name}」{next_step(case)}"
        reply.say(text, case_services(case), [return_card(case)])


def case_services(case: Return) -> list[Button]:
    """What the shopper can do next about an RMA."""
    rma = case.rma_number
    withdraw = button("撤销申请", "refund_progress", rma_number=rma, return_kind=WITHDRAW)
    match case.state:
        case ReturnState.REQUESTED:
            return [withdraw]
        case ReturnState.APPROVED:
            fill = button("填写寄回单号", "return_shipping", rma_number=rma)
            return [fill, withdraw, *([] if case.return_address else [PERSON])]
        case ReturnState.SHIPPED_BACK:
            return [button("修改寄回单号", "return_shipping", rma_number=rma)]
        case ReturnState.REJECTED:
            appeal = intent_button("dispute_appeal", order_number=case.order_number)
            return [appeal, PERSON]
        case _:
            return []


def next_step(made: Return) -> str:
    """What happens next with an RMA, and what the shopper has to do."""
    if made.state is ReturnState.REQUESTED and made.return_address:
        return "商家正在审核，通过后请按下面的地址寄回，随时可以问我进度。"
    if made.state is ReturnState.APPROVED and not made.return_address:
        return "申请已通过，可以寄回商品了，寄回地址请向人工客服确认。"
    return _NEXT_BY_KIND.get((made.kind, made.state)) or RETURN_NEXT[made.state]


def refund_sentence(turn: Turn, refund: Refund, usually: str | None) -> str:
    """``usually``: how long a refund by this way takes, in the brand's words."""
    amount = wording.yuan(refund.amount)
    channel = wording.channel_text(refund.channel)
    takes = in_general(usually)
    match refund.state:
        case RefundState.REQUESTED:
            return f"{amount} 的退款申请已收到，正在审核。通过后将退回{channel}{takes}。"
        case RefundState.ARRIVED:
            return f"{amount} 已退回{channel}，请您查收。"
        case RefundState.FAILED:
            return f"{amount} 退回{channel}时失败了，非常抱歉，需要人工客服帮您处理。"
        case RefundState.APPROVED | RefundState.SENT_TO_BANK:
            step = "的退款已通过" if refund.state is RefundState.APPROVED else "的退款已提交银行"
            if refund.expected_at is None:
                return f"{amount} {step}，将退回{channel}{takes}。"
            when = wording.day_text(refund.expected_at, turn.now)
            if refund.expected_at < turn.now:
                return f"{amount} {step}，本应在{when}到账。如果还没收到，可以找人工客服核实。"
            return f"{amount} {step}，预计{when}前退回{channel}{takes}。"
