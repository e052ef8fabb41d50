"""The form for the parcel in which goods go back: which RMA, which courier, which number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from actions.base import KefuAction
from actions.cards import return_card
from actions.choose import remember_order
from actions.couriers import (
    OFFERED,
    Courier,
    courier_by_number,
    courier_name,
    told_courier,
    told_number,
)
from actions.forms import ask, lead_in, says_yes
from actions.reply import Reply, button
from actions.return_cases import ON_THE_WAY, case_buttons, meant_among, returns_in, word_of
from actions.short_form import ShortFormDone, ValidateShortForm, empty
from actions.turn import Turn
from kefu.shop import rma_rules
from kefu.shop.model import Return

FORM = "parcel_form"
PREFIX = "parcel"
SLOTS = ("parcel_rma", "parcel_number", "parcel_courier")
NEVER_MIND = button("先不填了", "deny")


def open_form(turn: Turn, reply: Reply, cases: Sequence[Return]) -> None:
    """Begin, with the RMA where it is clear which; the form reads the rest of the message."""
    reply.remember_all(empty(PREFIX, SLOTS))
    reply.remember("requested_slot", None)
    case = meant_among(turn, cases)
    if case:
        reply.remember("parcel_rma", case.rma_number)
    reply.go_on_with(FORM)


class ValidateParcelForm(ValidateShortForm):
    action_name: ClassVar[str] = f"validate_{FORM}"
    form: ClassVar[str] = FORM
    prefix: ClassVar[str] = PREFIX
    farewell: ClassVar[str] = "好的，先不填。寄出后随时把单号发给我。"

    def take(self, turn: Turn, reply: Reply) -> bool:
        before = (turn.text_slot("parcel_rma"), *parcel(turn))
        case = self.case(turn)
        number = told_number(turn, self.services.profiles[turn.claims.profile]) or before[1]
        courier = self.courier(turn, before, number)
        if courier is None and number and turn.requested_slot is None:
            # A number that is corrected leaves the courier as it was.
            courier = case.carrier_code if case else None
        after = (case.rma_number if case else None, number, courier)
        confirmed = self.confirms(turn) and after == before
        if after == before and not confirmed and turn.requested_slot is not None:
            return False
        if number and not self.is_sound(reply, number):
            after = (after[0], None, courier)
        for slot, value in zip(SLOTS, after, strict=True):
            reply.remember(slot, value)
        reply.remember("parcel_confirmed", "yes" if confirmed and all(after) else None)
        return True

    def case(self, turn: Turn) -> Return | None:
        """The RMA named just now, else the one chosen before."""
        cases = returns_in(self.shop, turn, lambda each: each.state in ON_THE_WAY)
        kept = next((one for one in cases if one.rma_number == turn.text_slot("parcel_rma")), None)
        chooses = turn.entity("rma_number") or turn.requested_slot == "parcel_rma"
        return (meant_among(turn, cases) if chooses else None) or kept

    @staticmethod
    def courier(turn: Turn, before: tuple[str | None, ...], number: str | None) -> str | None:
        """As told; a new number may tell its courier by how it begins."""
        told: Courier | None = told_courier(turn)
        by_number = courier_by_number(number) if number and number != before[1] else None
        chosen = told or by_number
        return chosen.code if chosen else before[2]

    @staticmethod
    def confirms(turn: Turn) -> bool:
        if turn.requested_slot != "parcel_confirmed" or not says_yes(turn):
            return False
        shown = turn.entity("rma_number")
        return shown is None or shown == turn.text_slot("parcel_rma")

    @staticmethod
    def is_sound(reply: Reply, number: str) -> bool:
        verdict = rma_rules.parcel_verdict("any", number)
        if not verdict.allowed:
            lead_in(reply, f"{verdict.sentence}\n")
        return verdict.allowed


def parcel(turn: Turn) -> tuple[str | None, str | None]:
    """Number and courier's code as far as they are known."""
    return turn.text_slot("parcel_number"), turn.text_slot("parcel_courier")


class AskParcelRma(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_parcel_rma"

    def answer(self, turn: Turn, reply: Reply) -> None:
        cases = returns_in(self.shop, turn, lambda each: each.state in ON_THE_WAY)
        buttons = case_buttons(cases, "inform")
        ask(turn, reply, "您寄回的是哪一件？", [*buttons, NEVER_MIND])


class AskParcelNumber(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_parcel_number"

    def answer(self, turn: Turn, reply: Reply) -> None:
        ask(turn, reply, "请把快递公司和运单号发给我，例如「中通 78012345678901」。", [NEVER_MIND])


class AskParcelCourier(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_parcel_courier"

    def answer(self, turn: Turn, reply: Reply) -> None:
        rma = turn.text_slot("parcel_rma") or ""
        buttons = [
            button(courier.name, "inform", rma_number=rma, courier=courier.name)
            for courier in OFFERED
        ]
        number = turn.text_slot("parcel_number")
        ask(turn, reply, f"运单号 {number} 是哪家快递的？", [*buttons, NEVER_MIND])


class AskParcelConfirmation(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_parcel_confirmed"

    def answer(self, turn: Turn, reply: Reply) -> None:
        rma, (number, code) = turn.text_slot("parcel_rma") or "", parcel(turn)
        case = self.shop.return_by_number(turn.viewer, rma)
        if case is None or number is None:
            raise LookupError("the parcel form lacks what has been settled before")
        ask(
            turn,
            reply,
            f"请您核对：\n{word_of(case)}编号：{rma}（{case.item_name}）\n"
            f"快递：{courier_name(code) or code} {number}\n确认提交吗？写错了可以直接发正确的。",
            [button("确认提交", "affirm", rma_number=rma), NEVER_MIND],
        )


class ParcelDone(ShortFormDone):
    """Puts the parcel on the RMA."""

    action_name: ClassVar[str] = "action_parcel_done"
    prefix: ClassVar[str] = PREFIX
    slots: ClassVar[tuple[str, ...]] = SLOTS

    def carry_out(self, turn: Turn, reply: Reply) -> None:
        number, code = parcel(turn)
        rma = turn.text_slot("parcel_rma")
        if not (rma and number and code):
            raise LookupError("the parcel form ended confirmed but incomplete")
        made = self.shop.submit_return_tracking(
            turn.viewer, turn.ref, rma_number=rma, carrier_code=code, tracking_number=number
        )
        remember_order(reply, turn, made.order_number)
        reply.say(
            f"已登记：{courier_name(code) or code} {made.tracking_number}。"
            "商家签收后会检查商品，进度随时可以问我；单号填错了，在商家签收前发来正确的就行。",
            [button("查看进度", "refund_progress", rma_number=rma)],
            [return_card(made)],
        )

    def request(self, turn: Turn) -> tuple[str, str]:
        number, code = parcel(turn)
        rma = turn.text_slot("parcel_rma")
        return "登记寄回单号", f"售后申请 {rma} 已寄回：{courier_name(code) or code} {number}。"
