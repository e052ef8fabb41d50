"""What all forms have in common: a change of mind, a message that fits nothing, the question again.

A form's question may be led by one sentence about the message before it, so that both stand in one
bubble.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from actions.clarify import MISSES, misses_before
from actions.handoff import hand_off
from actions.person import asks_for_person
from actions.reply import PERSON, Button, Reply
from actions.small_talk import gives_up_in_words, is_without_words
from actions.turn import Turn

LEAD = "form_lead"
PATIENCE = 3
NOT_UNDERSTOOD = "抱歉，我没太听懂。"
STILL_NOT_UNDERSTOOD = "抱歉，我还是没听懂，您可以点下面的选项，也可以转人工。"

NOTHING_MORE = re.compile(
    r"^(?:没有?了?|没什么了?|没有要?补充的?|不用了?|跳过|无|就这样?|就这些)[吧的了。.!！~ ]*$"
)
_YES = re.compile(
    r"^(确认|确定|提交|对|是的?|可以|好的?|嗯+|行)(提交|办理|预约|申请)?[吧的了。.!！~ ]*$"
)
_QUESTION = re.compile(r"[吗呢?？]$|多少|多久|什么|怎么|能不能|可不可以|是不是")

_UNREAD_INTENTS = frozenset({"inform", "nlu_fallback", ""})


def gives_up(turn: Turn) -> bool:
    if turn.requested_slot is None:
        return False
    return turn.intent in ("deny", "goodbye") or gives_up_in_words(turn.text)


def says_yes(turn: Turn, *verbs: str) -> bool:
    """Whether the message agrees: 「确认退货」 where 退货 is among ``verbs``, a question never."""
    if _QUESTION.search(turn.text):
        return False
    words = turn.text
    for verb in verbs:
        words = words.replace(verb, "", 1) if words != verb else words
    return turn.intent == "affirm" or bool(_YES.match(words))


def lead_in(reply: Reply, text: str, *, person: bool = False) -> None:
    """Have the form ask again (or go on asking), with ``text`` before its question."""
    reply.remember(LEAD, {"text": text, "person": person})


def ask(turn: Turn, reply: Reply, question: str, buttons: Sequence[Button]) -> None:
    """The form's question in one bubble with the sentence that leads it, if there is one."""
    lead = cast("dict[str, object] | None", turn.slots.get(LEAD))
    if lead is None:
        reply.say(question, buttons)
        return
    reply.remember(LEAD, None)
    person = [PERSON] if lead["person"] and PERSON not in buttons else []
    reply.say(f"{lead['text']}{question}", [*buttons, *person])


def is_unread(turn: Turn) -> bool:
    """Whether nobody else would understand the message that the form could not use."""
    if asks_for_person(turn):
        return False
    return bool(turn.text) and (turn.intent in _UNREAD_INTENTS or is_without_words(turn.text))


def misunderstood(turn: Turn, reply: Reply) -> bool:
    """Ask again in friendly words, or call a person the third time in a row (``True``)."""
    if is_without_words(turn.text):
        lead_in(reply, "好的。")
        return False
    misses = misses_before(turn) + 1
    if misses >= PATIENCE:
        hand_off(turn, reply, "low_confidence", "顾客填写表单时，机器人连续三次没有听懂")
        return True
    reply.remember(MISSES, misses)
    lead_in(reply, NOT_UNDERSTOOD if misses == 1 else STILL_NOT_UNDERSTOOD, person=True)
    return False
