"""Which RMA a shopper means, and how RMAs are named on buttons."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from actions.cards import shorten
from actions.choose import OrderChoice, current_number, named_number, named_rma
from actions.offers import ordinal_in
from actions.remedies import Remedy
from actions.reply import Button, button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Return, ReturnState

WITHDRAW = "withdraw"
"""The value of ``return_kind`` on a button that withdraws."""
LOOK_BACK = 50
OFFERED = 5
AWAITED = frozenset({ReturnState.REQUESTED, ReturnState.APPROVED})
"""States before the goods were sent back."""
ON_THE_WAY = frozenset({ReturnState.APPROVED, ReturnState.SHIPPED_BACK})
"""States in which a tracking number may be given or corrected."""

_HOW_FAR = re.compile(
    r"(?:退货|换货|维修|返修|售后)(?:的|申请|单)?(?:进度|进展|到哪|怎么样了|状态)"
)
_NUMBER = re.compile(r"单号|运单|寄(?:出|回|走|了)")
_WITHDRAW = re.compile(
    r"(?:撤销|撤回|取消|关闭|关掉).{0,6}(?:退货|换货|维修|退款|售后|申请|RMA)"
    r"|(?:退货|换货|维修|退款|售后)的?(?:申请|单)?.{0,4}(?:撤销|撤回|取消|关掉)"
    r"|(?:我|又|还是|先|就)?(?:不退|不换|不修)(?:货|款)?了.{0,6}(?:留着|留下|撤|取消|$)"
)
_NOT = re.compile(
    r"为什么|怎么.{0,4}(?:被|给)|谁|被.{0,4}(?:取消|撤销|关)|自动|系统.{0,4}(?:取消|关)|再(?:次|申请|提)"
)


def rma_in(turn: Turn) -> str | None:
    """The RMA on a button, in the words, or that the chat was opened from."""
    pressed = turn.entity("rma_number")
    return pressed or named_rma(turn) or context_rma(turn)


def context_rma(turn: Turn) -> str | None:
    case = turn.claims.context.get("case_id", "")
    return case if case.upper().startswith("RMA") else None


def returns_in(
    shop: ShopGateway, turn: Turn, fits: Callable[[Return], bool] = lambda _: True
) -> list[Return]:
    """The shopper's RMAs that fit, newest first."""
    return [each for each in shop.returns(turn.viewer, limit=LOOK_BACK) if fits(each)]


def meant_among(turn: Turn, cases: Sequence[Return]) -> Return | None:
    """The RMA that is named, of the order that is named or talked about, or the only one."""
    named = rma_in(turn)
    if named:
        return next((each for each in cases if each.rma_number == named.upper()), None)
    number = named_number(turn) or current_number(turn)
    of_order = [each for each in cases if each.order_number == number]
    if len(of_order) == 1:
        return of_order[0]
    if turn.requested_slot:
        index = ordinal_in(turn.text, min(len(cases), OFFERED))
        if index is not None:
            return cases[index]
        goods = [each for each in cases if turn.text and turn.text in each.item_name]
        if len(goods) == 1:
            return goods[0]
    return cases[0] if len(cases) == 1 else None


def after_sale_request(shop: ShopGateway, turn: Turn) -> str | None:
    """What a message without a clear intent asks of an RMA that stands, as an intent."""
    if turn.requested_slot or not turn.text:
        return None
    if wants_withdrawal(turn) or _HOW_FAR.search(turn.text):
        return "refund_progress" if returns_in(shop, turn) else None
    number = turn.entity("tracking_number")
    numbered = number or (_NUMBER.search(turn.text) and re.search(r"\d{8}", turn.text))
    if not numbered or not returns_in(shop, turn, lambda each: each.state in ON_THE_WAY):
        return None
    known = number and OrderChoice(shop, turn).by_tracking(number)
    return None if known else "return_shipping"


def wants_withdrawal(turn: Turn) -> bool:
    """Whether an RMA shall be taken back; 「为什么被取消了」 only asks."""
    if turn.entity("return_kind") == WITHDRAW:
        return True
    return bool(turn.text) and bool(_WITHDRAW.search(turn.text)) and not _NOT.search(turn.text)


def word_of(case: Return) -> str:
    """退货, 换货 or 维修."""
    return Remedy(case.kind.value).word


def title_of(case: Return) -> str:
    return f"{shorten(case.item_name)}（{word_of(case)}，{wording.return_state_text(case.state)}）"


def case_buttons(cases: Sequence[Return], intent: str) -> list[Button]:
    """One button per RMA, named by its goods and its state."""
    return [button(title_of(each), intent, rma_number=each.rma_number) for each in cases[:OFFERED]]
