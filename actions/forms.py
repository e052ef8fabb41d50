"""What all forms have in common: a shopper may change their mind at any question."""

from __future__ import annotations

import re

from actions.turn import Turn

_GIVES_UP = re.compile(
    r"^(那?我?(还是)?)?(算了|不用了?|不要退了?|先?不退了?|不办了?|没事了?|取消(吧|申请|退货)?|退出)"
    r"[吧啦了呢。.!！~]*$"
)


def gives_up(turn: Turn) -> bool:
    if turn.requested_slot is None:
        return False
    return turn.intent in ("deny", "goodbye") or bool(_GIVES_UP.match(turn.text))
