"""A bare "why": a question about the answer just given, with no subject of its own. Pure."""

from __future__ import annotations

import re

from kefu_engine.normalizer import normalize

LONGEST = 24

_SIGNS = r"[,。.!?…~ ]*"
_LEAD = rf"(?:(?:啊|哈|不是|不行|不能){_SIGNS})?(?:那|这|你们?|到底|究竟|请问|想问一?下?){{0,3}}"
_REASON = r"(?:什么)?(?:原因|理由|道理)(?:呢|是什么)?"
_WHY = rf"(?:为什么|为啥|为何|凭什么|凭啥|怎么会|{_REASON})"
_NOT = (
    r"(?:就|会|又|还)?"
    r"(?:不行|不可以|不能|不让|不给|不支持|不同意|不允许|办不了|做不到|这样|这么|不)"
)
_TAIL = rf"(?:了|啊|呀|呢|嘛|吗|的|我|说)*{_SIGNS}"
_DEMAND = rf"(?:总?[得要]?[有给]我?个(?:说法|理由|原因)吧?{_SIGNS})?"
_BARE = re.compile(rf"{_LEAD}(?:{_WHY}{_NOT}?{_TAIL})+{_DEMAND}")
# What the answer has refused may be named: 「为什么不能退」, 「怎么就不让改呢」.
_REFUSED = re.compile(
    rf"{_LEAD}(?:{_WHY}|怎么|咋)(?:我|就|这个?|还|又)*"
    rf"(?:回事|不[能给让行]|不可以|不支持|不允许|不同意|没法|没办法|办不了)\w{{0,8}}{_SIGNS}"
)


def is_bare_why(text: str, *, refused: bool = False) -> bool:
    """Whether the message only asks for the reason of the answer before it.

    ``refused``: that answer refused something, so that 「为什么不能退」 means that refusal.
    """
    if len(text) > LONGEST:
        return False
    normal = normalize(text).text
    return bool(_BARE.fullmatch(normal) or (refused and _REFUSED.fullmatch(normal)))
