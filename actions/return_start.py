"""The ways into an after-sale application."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from actions.cards import order_title
from actions.choose import OrderChoice, asks_for_all, named_number
from actions.forms import lead_in
from actions.identity import OrderService
from actions.knowledge import find, quote
from actions.orders import services_of
from actions.remedies import Remedy
from actions.reply import PERSON, Reply
from actions.return_cases import wants_withdrawal
from actions.return_draft import EMPTY_SLOTS, FORM, RETURNABLE, Eligibility, ReturnDraft
from actions.return_withdrawal import start_withdrawal
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop.model import Order
from kefu.shop.policy import ShopPolicy

_POLICY = re.compile(
    r"条件|规则|规定|政策|流程|手续|怎么算|[哪那]天(?:开始)?算|(?:几|多少)天(?:内|之内|可以|能)"
    r"|支持.{0,6}无理由|无理由.{0,6}(?:是|算|包括|吗|么|怎么|意思)"
)
_FAULT_DAYS: Mapping[Remedy, Callable[[ShopPolicy], int]] = {
    Remedy.RETURN: lambda policy: policy.quality_days,
    Remedy.EXCHANGE: lambda policy: policy.exchange_days,
}


class StartApplication(OrderService):
    """Clears what an earlier application left, takes over what the message says, opens the form."""

    def serve(self, turn: Turn, reply: Reply) -> None:
        if turn.active_form != FORM:
            reply.remember_all(EMPTY_SLOTS)
            reply.remember("requested_slot", None)
            draft = self.draft(turn)
            order = self.order_meant(turn, draft.remedy)
            if order is None and self.tell_too_early(turn, reply, draft.remedy):
                return
            if order:
                draft = draft.for_order(order.order_number)
            reply.remember_all(draft.as_slots())
            policy = self.services.profiles[turn.claims.profile].policies
            rule = policy_sentence(policy, draft.remedy)
            if rule and turn.text:
                lead_in(reply, f"{rule}\n")
        reply.go_on_with(FORM)

    def tell_too_early(self, turn: Turn, reply: Reply, remedy: Remedy | None) -> bool:
        """「这个能退吗」 of an order that was not received: why not, and what can be done."""
        choice = OrderChoice(self.shop, turn)
        order = choice.in_mind() if choice.points_back() and not named_number(turn) else None
        if order is None or order.state in RETURNABLE or not order.items:
            return False
        verdict = Eligibility(self.shop, turn, remedy).verdict(order, order.items[0].item_id, None)
        reply.say(
            f"{order_title(order, turn.now)}：{verdict.sentence}",
            [*services_of(self.shop, turn, order), PERSON],
        )
        reply.refused(verdict)
        return True

    def answer(self, turn: Turn, reply: Reply) -> None:
        """A question about the rules is answered to anybody, with the way on."""
        passage = find(turn, self.services, turn.intent) if asks_policy(turn) else None
        if passage and turn.active_form is None:
            quote(reply, passage, [intent_button(turn.intent)])
        else:
            super().answer(turn, reply)

    @abstractmethod
    def draft(self, turn: Turn) -> ReturnDraft:
        """What the message begins with."""

    def order_meant(self, turn: Turn, remedy: Remedy | None) -> Order | None:
        """The order in mind, if anything of it can still be applied for."""
        if named_number(turn) or asks_for_all(turn):
            return None
        choice = OrderChoice(self.shop, turn)
        order = choice.pointed_at(choice.recent(RETURNABLE)) or choice.in_mind()
        return order if order and Eligibility(self.shop, turn, remedy).items(order) else None


class StartReturn(StartApplication):
    """「不退了」 outside the form takes back an RMA, if there is one."""

    action_name: ClassVar[str] = "action_return_request"

    def serve(self, turn: Turn, reply: Reply) -> None:
        withdraws = turn.active_form != FORM and wants_withdrawal(turn)
        if not (withdraws and start_withdrawal(self.shop, turn, reply)):
            super().serve(turn, reply)

    def draft(self, turn: Turn) -> ReturnDraft:
        return ReturnDraft(remedy=Remedy.RETURN)


class StartExchange(StartApplication):
    action_name: ClassVar[str] = "action_exchange_request"

    def draft(self, turn: Turn) -> ReturnDraft:
        return ReturnDraft(remedy=Remedy.EXCHANGE)


def asks_policy(turn: Turn) -> bool:
    """「退货条件是什么」, 「七天从哪天算」: about the rules, and about no goods in particular."""
    return bool(_POLICY.search(turn.text)) and named_number(turn) is None


def policy_sentence(policy: ShopPolicy, remedy: Remedy | None) -> str:
    """Until when goods may go back, said before anything is asked."""
    if remedy is None or remedy not in _FAULT_DAYS:
        return ""
    at_will, fault = policy.return_days, _FAULT_DAYS[remedy](policy)
    if fault <= 0:
        return ""
    freely = f"签收{at_will}天内可以无理由{remedy.word}，" if at_will > 0 else ""
    return f"{freely}商品本身有问题的，签收{fault}天内可以{remedy.word}。"
