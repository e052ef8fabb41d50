"""Buttons of a form that has ended: pressed later, they must not pass for something new."""

from __future__ import annotations

from actions.base import KefuAction
from actions.choose import current_number
from actions.orders import services_of, state_sentence
from actions.refunds import tell_case
from actions.reply import PERSON, Reply, read_payload
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn
from kefu.shop.model import Return

STEP_IS_OVER = "这一步之前已经结束了，您刚才点的选项没有提交任何内容。"
LOOK_BACK = 50
# What a shopper may also write: a request can be made of it without any form.
_SPEAKING = frozenset(
    {
        "order_number", "tracking_number", "phone", "phone_tail", "amount", "date", "courier",
        "payment_method", "bank", "product",
    }
)  # fmt: skip


def answer_old_button(action: KefuAction, turn: Turn, reply: Reply) -> bool:
    """Say that the step is over and how things stand now, if the press is such a one.

    A form that still needs the press has taken it before any action sees it.
    """
    if not is_of_ended_form(turn):
        return False
    if turn.active_form:
        reply.say(STEP_IS_OVER)
        return True
    case = _case_of(action, turn)
    number = turn.entity("order_number") or current_number(turn)
    order = action.shop.order(turn.viewer, number) if number and not case else None
    if case:
        reply.say(f"{STEP_IS_OVER}这件商品的售后申请在这里：")
        tell_case(action, turn, reply, case)
    elif order:
        text = f"{STEP_IS_OVER}{state_sentence(turn, order)}需要的话可以重新办理。"
        reply.say(text, [*services_of(action.shop, turn, order), PERSON])
    else:
        text = f"{STEP_IS_OVER}需要的话可以重新办理。"
        reply.say(text, [*suggestions(MENU_INTENTS), PERSON])
    return True


def is_of_ended_form(turn: Turn) -> bool:
    """Whether an answer to a form's question was pressed that no form is waiting for."""
    pressed = not turn.text and turn.intent in ("inform", "affirm")
    if not pressed:
        return False
    if set(turn.entities) - _SPEAKING:
        return True
    return turn.intent == "affirm" and not _was_just_offered(turn)


def _was_just_offered(turn: Turn) -> bool:
    wanted = (turn.intent, {name: values[-1] for name, values in turn.entities.items()})
    return any(read_payload(payload) == wanted for payload in turn.buttons_before())


def _case_of(action: KefuAction, turn: Turn) -> Return | None:
    """The newest return of the very item that the button names."""
    item_id = turn.entity("item_id")
    if item_id is None:
        return None
    returns = action.shop.returns(turn.viewer, limit=LOOK_BACK)
    return next((each for each in returns if each.item_id == item_id), None)
