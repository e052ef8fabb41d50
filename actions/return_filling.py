"""What the rules say to an after-sale application: filled in, refused, or asked on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from actions.base import KefuAction
from actions.cards import shorten
from actions.choose import SURE_MENTION, mentions_goods
from actions.claims import offered_remedies
from actions.exchange import told_variant, variants
from actions.forms import lead_in
from actions.orders import NOT_FOUND
from actions.remedies import INTENTS, RMA_REMEDIES, Remedy, intent_of, reason_text, word_of
from actions.reply import PERSON, Button, Reply, button
from actions.return_draft import RETURNABLE, Eligibility, ReturnDraft, item_of
from actions.return_reading import Reading
from actions.return_reasons import is_question
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop.model import Order, OrderItem, ReturnReason
from kefu.shop.return_rules import FAULT_MAY_HELP
from kefu.shop.rules import QUALITY_REASONS

_CASE_STATES = frozenset({"return_open", "already_returned"})


def finish(reply: Reply) -> None:
    """End the form; what there was to say has been said."""
    reply.remember("return_outcome", "told")
    reply.remember("requested_slot", None)


class Filling(Reading):
    """Settles what has been read: the shop's rules decide, the shopper chooses."""

    def __init__(self, action: KefuAction, turn: Turn, reply: Reply) -> None:
        super().__init__(action, turn, reply)
        self.before = self.draft

    def settle(self) -> None:
        """Fill in what leaves no choice, refuse what the rules forbid, keep the rest as slots."""
        order = self.settle_order()
        if order is None:
            self.drop_early_reason()
            return
        if not (
            self.settle_item(order) and self.settle_reason(order) and self.settle_remedy(order)
        ):
            finish(self.reply)
            return
        self.drop_early_reason()
        self.settle_wanted(order)
        self.settle_note()
        self.say_if_unchanged()
        self.reply.remember_all(self.draft.as_slots())
        done = self.draft.complete and self.confirmed
        self.reply.remember("return_confirmed", "yes" if done else None)

    def drop_early_reason(self) -> None:
        """A reason told before it is clear for what is acknowledged, and asked for later.

        A claim begins with its reason, and so does what is to be repaired.
        """
        ended = any(each.get("name") == "return_outcome" for each in self.reply.events)
        draft = self.draft
        if ended or draft.item_id or not draft.reason or draft.remedy is not Remedy.RETURN:
            return
        told = reason_text(draft.reason, draft.remedy)
        self.draft = draft.without_reason()
        self.reply.remember_all(self.draft.as_slots())
        lead_in(self.reply, f"明白，是「{told}」，稍后填原因时再请您确认。")

    def say_if_unchanged(self) -> None:
        """Who says 「不是这笔」 while there is no other is told so."""
        chosen = (self.before.order_number, self.before.item_id)
        again = (self.draft.order_number, self.draft.item_id) == chosen
        if again and self.started_over:
            lead_in(self.reply, f"目前能{word_of(self.draft.remedy)}的只有这一件。\n")

    def settle_order(self) -> Order | None:
        """The order, if it is named or leaves no choice; ``None`` after having asked or ended."""
        order = self.order()
        if order:
            return order
        unknown = self.draft.order_number is not None
        if unknown:
            self.reply.say(NOT_FOUND)
            self.draft = replace(ReturnDraft(remedy=self.draft.remedy), reason=self.kept_reason())
        orders = self.eligibility.orders()
        if not orders:
            self.refuse_all()
            finish(self.reply)
            return None
        meant = [each for each in orders if mentions_goods(self.turn, each)]
        candidates = meant if len(meant) == 1 else orders
        if unknown or len(candidates) > 1:
            self.reply.remember_all(self.draft.as_slots())
            return None
        self.draft = self.draft.for_order(candidates[0].order_number)
        return candidates[0]

    def kept_reason(self) -> ReturnReason | None:
        return None if self.draft.remedy is Remedy.RETURN else self.draft.reason

    def refuse_all(self) -> None:
        """Nothing to apply for: with a single order received its own reasons, else the rule."""
        received = self.shop.orders(self.turn.viewer, states=RETURNABLE, limit=2).orders
        if len(received) == 1 and received[0].items:
            self.refuse(received[0], received[0].items, self.draft.reason)
            return
        policy = self.action.services.profiles[self.turn.claims.profile].policies
        rule = {
            Remedy.RETURN: f"已签收且在{policy.return_days}天退货期内",
            Remedy.EXCHANGE: f"已签收且在{policy.return_days}天换货期内",
            Remedy.REPAIR: "已签收且在保修期内",
        }.get(self.draft.remedy or Remedy.PARTIAL, "已签收且在售后期内")
        fault = "" if self.draft.remedy is Remedy.REPAIR else "如有质量问题，人工客服可以帮您处理。"
        self.reply.say(
            f"您目前没有可以申请{word_of(self.draft.remedy)}的商品（{rule}）。{fault}",
            [intent_button("refund_progress"), PERSON],
        )

    def settle_item(self, order: Order) -> bool:
        """Whether something of the order can be applied for; tells why if not."""
        items = self.eligibility.items(order)
        chosen = self.draft.item_id
        if chosen and all(item.item_id != chosen for item in items):
            item = item_of(order, chosen)
            self.refuse(order, [item] if item else order.items, self.draft.reason)
            return False
        if not items:
            self.refuse(order, order.items, self.draft.reason)
            return False
        if len(items) == 1:
            self.draft = replace(self.draft, item_id=items[0].item_id)
        elif chosen is None and self.may_choose_named():
            self.choose_named(items, SURE_MENTION)
        return True

    def may_choose_named(self) -> bool:
        begins = self.starting or self.started_over
        return begins and not is_question(self.turn.text)

    def settle_reason(self, order: Order) -> bool:
        """Whether it can be done for this reason; tells why if not."""
        item_id = self.draft.item_id
        if not item_id or not self.draft.reason:
            return True
        if self.draft.remedy is None and not self.draft.at_fault:
            # Nothing is wrong with the goods: they go back at will.
            self.draft = self.draft.for_remedy(Remedy.RETURN)
        verdict = self.eligibility.verdict(order, item_id, self.draft.reason)
        if verdict.allowed:
            return True
        if verdict.code in FAULT_MAY_HELP and self.draft.reason not in QUALITY_REASONS:
            self.reply.refused(verdict)
            verb = "换" if self.draft.remedy is Remedy.EXCHANGE else "退"
            lead_in(self.reply, f"这种情况{verb}不了，请看看有没有符合的：\n")
            self.draft = self.draft.without_reason()
            return True
        item = item_of(order, item_id)
        self.refuse(order, [item] if item else order.items, self.draft.reason)
        return False

    def settle_remedy(self, order: Order) -> bool:
        """A claim that leaves one way takes it; a way that is not open is asked for anew."""
        draft = self.draft
        item = item_of(order, draft.item_id or "")
        if item is None or draft.reason is None or not draft.at_fault:
            return True
        if draft.remedy in RMA_REMEDIES:
            return True
        offered = offered_remedies(self.action, self.turn, order, item, draft.reason)
        if draft.remedy and draft.remedy not in offered:
            lead_in(self.reply, f"这件商品不能自助申请{draft.remedy.word}，可以这样处理：\n")
            self.draft = replace(draft, remedy=None)
        elif draft.remedy is None and len(offered) == 1:
            self.draft = draft.for_remedy(offered[0])
        return True

    def settle_wanted(self, order: Order) -> None:
        """Only goods that are in order need another colour or size."""
        item = item_of(order, self.draft.item_id or "")
        if item is None or self.draft.remedy is None or self.draft.wanted is not None:
            return
        if self.draft.remedy is not Remedy.EXCHANGE:
            self.draft = replace(self.draft, wanted="")
            return
        options = variants(self.shop, self.turn, item)
        told = told_variant(self.turn, item, options, asked=False) if self.turn.text else None
        if told:
            self.draft = replace(self.draft, wanted=told)
        elif self.draft.at_fault:
            self.draft = replace(self.draft, wanted="")

    def settle_note(self) -> None:
        """Goods in order need no words; of a fault the shopper is asked to tell more."""
        if self.draft.reason and not self.draft.at_fault and self.draft.note is None:
            self.draft = replace(self.draft, note="")

    def refuse(self, order: Order, items: Sequence[OrderItem], reason: ReturnReason | None) -> None:
        """Say of each item why it cannot go back, and offer only what can be done."""
        names: dict[str, str] = {}
        codes: set[str] = set()
        for item in items:
            verdict = self.eligibility.verdict(order, item.item_id, reason)
            self.reply.refused(verdict)
            codes.add(verdict.code)
            name = f"「{shorten(item.name)}」"
            names[verdict.sentence] = f"{names.get(verdict.sentence, '')}{name}"
        lines = [f"{name}：{sentence}" for sentence, name in names.items()]
        cases = [intent_button("refund_progress", order_number=order.order_number)]
        self.reply.say(
            "\n".join(lines),
            [
                *(cases if order.returns or order.refunds else []),
                *([] if codes & _CASE_STATES else self.other_ways(order, items)),
                *self.other_orders(),
                PERSON,
            ],
        )

    def other_orders(self) -> list[Button]:
        if not self.eligibility.orders():
            return []
        verb = word_of(self.draft.remedy).removesuffix("货")
        return [button(f"{verb}别的订单", intent_of(self.draft.remedy))]

    def other_ways(self, order: Order, items: Sequence[OrderItem]) -> list[Button]:
        """What else may be applied for where this may not."""
        return [
            button(
                f"申请{other.word}",
                INTENTS[other],
                order_number=order.order_number,
                item_id=items[0].item_id,
                **({"return_kind": other.value} if other is Remedy.REPAIR else {}),
            )
            for other in RMA_REMEDIES
            if len(items) == 1
            and other is not self.draft.remedy
            and Eligibility(self.shop, self.turn, other).may_apply(order, items[0])
        ]
