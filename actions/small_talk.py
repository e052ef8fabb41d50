"""Messages that ask for nothing: a mood (👍, 🙏🙏, 😊) or a wish to leave it (「算了」)."""

from __future__ import annotations

import re
import unicodedata

MOOD_HEARD = "收到。有需要随时告诉我。"
LEFT_ALONE = "好的，有需要随时找我。"

_GIVES_UP = re.compile(
    r"^(那?就?我?(还是)?)?(算了[吧,，。 ]*)?先?"
    r"(算了|不用了?|不要退了?|不想退了?|没事了?"
    r"|不(想|再)?(退|查|办|申请|换|修|装|约|投诉|申诉|举报|反馈|登记|提交|留言|补充|报修|开票?|催|弄|搞|填)了?"
    r"|取消(吧|申请|退货)?|退出)"
    r"[吧啦了呢。.!！~]*$"
)


def is_without_words(text: str) -> bool:
    """Whether a typed message holds pictures and no letter, digit or Chinese character."""
    kinds = {unicodedata.category(sign)[0] for sign in text}
    return "S" in kinds and not kinds & {"L", "N"}


def gives_up_in_words(text: str) -> bool:
    """「算了」, 「先不查了」: whatever was begun is not wanted any more."""
    return bool(_GIVES_UP.match(text))
