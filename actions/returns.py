"""What is done once an after-sale application is filled in: an RMA, or a ticket."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.cards import return_card
from actions.choose import remember_order
from actions.claims import open_claim
from actions.evidence import EVIDENCE, note_with_evidence
from actions.refunds import next_step
from actions.registering import register_request
from actions.remedies import Remedy, reason_text
from actions.reply import PERSON, Reply, button
from actions.return_draft import EMPTY_SLOTS, ReturnDraft, item_of, read_draft
from actions.turn import Turn
from kefu.shop import freight_rules
from kefu.shop.gateway import RuleRefused, ShopReadOnly
from kefu.shop.model import Return


class ReturnDone(KefuAction):
    """Opens the RMA or the ticket once the form is complete; an ended form has said why."""

    action_name: ClassVar[str] = "action_return_done"

    def answer(self, turn: Turn, reply: Reply) -> None:
        draft = read_draft(turn.slots)
        if turn.text_slot("return_outcome") is None and turn.text_slot("return_confirmed"):
            self.submit(turn, reply, draft)
        reply.remember_all(EMPTY_SLOTS)

    def submit(self, turn: Turn, reply: Reply, draft: ReturnDraft) -> None:
        if draft.remedy is None or not draft.complete:
            raise LookupError("the return form ended confirmed but incomplete")
        if draft.remedy.kind is None:
            self.open_claim(turn, reply, draft)
            return
        try:
            made = self.request(turn, draft)
        except RuleRefused as refusal:
            reply.say(refusal.sentence, [PERSON])
            reply.refused(refusal.verdict)
        except ShopReadOnly:
            self.register(turn, reply, draft)
        else:
            reply.remember(EVIDENCE, None)
            remember_order(reply, turn, made.order_number)
            reply.say(submitted_sentence(made), cards=[return_card(made)])
            reply.say(*after_words(made))

    def request(self, turn: Turn, draft: ReturnDraft) -> Return:
        kind = draft.remedy.kind if draft.remedy else None
        if not (draft.order_number and draft.item_id and draft.reason and kind):
            raise LookupError("the application is incomplete")
        return self.shop.request_return(
            turn.viewer,
            turn.ref,
            order_number=draft.order_number,
            item_id=draft.item_id,
            reason=draft.reason,
            note=note_with_evidence(turn, draft.note or ""),
            kind=kind,
            wanted_variant=draft.wanted or None,
        )

    def open_claim(self, turn: Turn, reply: Reply, draft: ReturnDraft) -> None:
        order = self.shop.order(turn.viewer, draft.order_number or "")
        item = item_of(order, draft.item_id or "") if order else None
        if order is None or item is None:
            raise LookupError("the claim's order is gone")
        open_claim(turn, reply, draft, order, item)

    def register(self, turn: Turn, reply: Reply, draft: ReturnDraft) -> None:
        """The shop lets nothing be written: people open the RMA."""
        assert draft.remedy is not None
        assert draft.reason is not None
        details = (
            f"顾客申请{draft.remedy.word}：订单 {draft.order_number}，商品编号 {draft.item_id}，"
            f"原因：{reason_text(draft.reason, draft.remedy)}"
            f"{f'，换成：{draft.wanted}' if draft.wanted else ''}"
            f"{f'，说明：{draft.note}' if draft.note else ''}。"
        )
        register_request(turn, reply, f"申请{draft.remedy.word}", details)


def submitted_sentence(made: Return) -> str:
    word = Remedy(made.kind.value).word
    return f"{word}申请已提交，{word}编号{made.rma_number}。{next_step(made)}"


def after_words(made: Return) -> tuple[str, list[dict[str, str]]]:
    """Who pays for sending it back, and what the shopper does then."""
    text = (
        f"{freight_rules.freight_sentence(made.freight_payer)}"
        "寄出后，把快递公司和运单号告诉我，我帮您填到申请里。"
    )
    return text, [
        button("查看进度", "refund_progress", order_number=made.order_number),
        button("填写寄回单号", "return_shipping", order_number=made.order_number),
    ]
