"""Why something is sent back, as the shopper's own words tell it."""

from __future__ import annotations

import re

from actions.turn import Turn
from kefu.shop.model import ReturnReason

_REASON_WORDS: tuple[tuple[ReturnReason, re.Pattern[str]], ...] = (
    (ReturnReason.WRONG_ITEM, re.compile(r"发错|错发|寄错|不是我(买|要|订)的")),
    (
        ReturnReason.MISSING_PARTS,
        re.compile(
            r"少发|漏发|缺(少|件|配)|少[了给]|[少缺][一二两三四五几\d]+[盒件个瓶双条包袋支片只套本]"
        ),
    ),
    (
        ReturnReason.DAMAGED,
        re.compile(r"质量|坏|破|碎|裂|烂|瑕疵|故障|用不了|变质|过期|发霉|掉色|开线|漏"),
    ),
    (
        ReturnReason.NOT_AS_DESCRIBED,
        re.compile(r"描述|不符|[刻印做绣]错|色差|图片|照片|假货|不一样"),
    ),
    (
        ReturnReason.WRONG_SIZE,
        re.compile(
            r"尺[码寸]|大了|小了|太大|太小|偏[大小]|[大小]一?[点些]的|不合[身适脚]|挤脚|磨脚|勒[得着]|穿不[上下进]"
        ),
    ),
    (ReturnReason.NO_REASON, re.compile(r"无理由|不喜欢|不想要|不要了|不需要|买多|买错|后悔|拍错")),
)
_OTHER = re.compile(r"^其[他它](原因)?$")
_QUESTION = re.compile(
    r"[吗呢?]$|谁|怎么(办|弄|退|写|选)|怎样|什么|多少|多久|哪|(?<![有好])几[天时个]|能不能|可不可以|是不是|有没有|如何"
)
_PLAIN_QUESTION = re.compile(r"[吗?]$|谁|多少|多久|能不能|可不可以|什么意思|怎么(办|弄|退|写|选)")
_DEMAND = re.compile(r"(我|要|去|想)(要|去)?投诉|举报|平台介入|12315|态度|客服|人工")
_REASON_INTENTS = frozenset(
    {
        "inform",
        "return_request",
        "quality_problem",
        "wrong_or_missing_item",
        "exchange_request",
        "product_question",
        "out_of_scope",
        "complaint",
        "abuse",
        "feedback",
        "deny",
        "nlu_fallback",
        "",
    }
)
_ANY_WORDS_WILL_DO = frozenset(
    {"nlu_fallback", "inform", "complaint", "abuse", "feedback", "out_of_scope"}
)


def reason_in(text: str) -> ReturnReason | None:
    """The reason that the shopper's own words give."""
    for reason, words in _REASON_WORDS:
        if words.search(text):
            return reason
    return ReturnReason.OTHER if _OTHER.match(text) else None


def reason_of_intent(intent: str) -> ReturnReason | None:
    """The reason that lies in what the message is about, whatever its words."""
    match intent:
        case "quality_problem":
            return ReturnReason.DAMAGED
        case "wrong_or_missing_item":
            return ReturnReason.WRONG_ITEM
        case _:
            return None


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def is_plain_question(text: str) -> bool:
    """A question however one takes it; 「什么破质量」 is none."""
    return bool(_PLAIN_QUESTION.search(text))


def told_reason(turn: Turn, *, asked: bool) -> ReturnReason | None:
    """The reason that a message gives; when asked for one, any words but a question will do.

    A message that plainly asks for something else, or asks about something, is no reason.
    """
    text = turn.text
    if not text or turn.intent not in _REASON_INTENTS:
        return None
    if is_plain_question(text) or (not asked and is_question(text)):
        return None
    found = reason_in(text)
    if found or not asked:
        return found
    if turn.intent in _ANY_WORDS_WILL_DO and not is_question(text) and not _DEMAND.search(text):
        return ReturnReason.OTHER
    return reason_of_intent(turn.intent)
