"""What the bot did not understand: asked once in other words, then given to a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from actions.base import KefuAction
from actions.choose import named_number
from actions.handoff import hand_off
from actions.identity import OrderService, order_picked
from actions.reply import PERSON, Button, Reply
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn

IN_ANY_FORM = "抱歉，我没太听懂，您可以点下面的选项。"
IN_FORM = {
    "guest_form": "抱歉，我没太听懂。订单号可以在下单成功的短信或订单页面找到，找不到也可以转人工。"
}


def suggested(turn: Turn) -> list[Button]:
    """The likeliest services; an order number in the message goes with them."""
    return suggestions(turn.ranking, order_number=named_number(turn))


class Clarify(KefuAction):
    """Offers the likeliest services; the second time in a row a person takes over."""

    action_name: ClassVar[str] = "action_clarify"

    services_by_intent: ClassVar[Mapping[str, type[OrderService]]] = {}

    def answer(self, turn: Turn, reply: Reply) -> None:
        picked = None if turn.active_form else order_picked(turn)
        service = self.services_by_intent.get(picked.intent) if picked else None
        if picked and service:
            service(self.services).answer(picked, reply)
        elif turn.repeats(self.action_name):
            hand_off(turn, reply, "low_confidence", "机器人连续两次没有听懂")
        elif turn.active_form:
            reply.say(IN_FORM.get(turn.active_form, IN_ANY_FORM), [PERSON])
        else:
            buttons = suggested(turn) or suggestions(MENU_INTENTS)
            reply.say("抱歉，我没太听懂。您是想问下面这些吗？也可以换个说法。", [*buttons, PERSON])
