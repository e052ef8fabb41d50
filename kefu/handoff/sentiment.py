"""How a shopper feels, read from their words by rules: pure functions, no model.

It counts signs: words of complaint, threat and insult, words of impatience, exclamations, the
bot's own reading of a message as abuse or complaint, and words of thanks against them. The newest
message counts most. It is a hint for order and tone, never a reason to refuse anybody anything.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Label = Literal["calm", "impatient", "angry"]

# Each message before the newest counts this share of the one after it.
FADING = 0.75
READ = 8
ANGRY = -0.6
IMPATIENT = -0.2

_SIGNS = (
    # Threats of public complaint, and insults.
    (
        -0.7,
        re.compile(
            r"投诉|举报|12315|消协|工商|曝光|差评|起诉|律师|报警|骗子|骗人|骗钱|诈骗|黑店|黑心"
            r"|垃圾|废物|滚|妈的|卧槽|傻[逼bB叉]|脑残|去死|不要脸|坑人|坑爹|无耻"
        ),
    ),
    # Anger without a threat.
    (
        -0.45,
        re.compile(
            r"气死|生气|愤怒|恶心|太差|差劲|失望|过分|离谱|忽悠|敷衍|推卸|踢皮球|不负责|没人管"
            r"|凭什么|什么态度|什么玩意|什么破|再也不|受够|忍无可忍|无语|服了你|搞笑"
        ),
    ),
    # Impatience.
    (
        -0.3,
        re.compile(
            r"快点|赶紧|赶快|马上|立刻|急死|很急|着急|急用|到底|怎么还|还没|还不|多久|几天了|好几天"
            r"|等了|一直没|没人理|没人回|催了|又是|再三|第[二三四五]次|说了(多少|几)遍"
        ),
    ),
    (0.35, re.compile(r"谢谢|感谢|多谢|辛苦|麻烦您|满意|很好|不错|太好了|没关系|不急|理解")),
)
_SHOUTS = re.compile(r"[!?]{2,}|[!].*[!]")
_INTENTS = {"abuse": -0.7, "complaint": -0.4, "not_solved": -0.3, "urge_reply": -0.2, "thanks": 0.3}

_DISTRESS = re.compile(
    r"救命|报警|自杀|不想活|活不下去|跳楼|住院|医院|手术|急救|孕妇|老人一个人|救济|救急"
    r"|被骗|诈骗|盗刷|被盗|转错|钱没了|全部积蓄"
)


@dataclass(frozen=True, slots=True)
class Said:
    """A shopper's message and what the bot took it for."""

    text: str
    intent: str | None = None


@dataclass(frozen=True, slots=True)
class Sentiment:
    """``score`` from -1 (furious) to 1 (content)."""

    score: float
    label: Label


def judge(messages: Sequence[Said]) -> Sentiment:
    """How the shopper feels after these messages, oldest first."""
    total, weight = 0.0, 1.0
    for said in list(reversed(messages))[:READ]:
        total += weight * of_message(said)
        weight *= FADING
    score = round(max(-1.0, min(1.0, total)), 2)
    return Sentiment(score, label_of(score))


def of_message(said: Said) -> float:
    """One message's score, -1 to 1: its gravest sign, the rest of them at half."""
    text = unicodedata.normalize("NFKC", said.text)
    found = [value for value, sign in _SIGNS if sign.search(text)]
    if said.intent in _INTENTS:
        found.append(_INTENTS[said.intent])
    if _SHOUTS.search(text):
        found.append(-0.2)
    bad = sorted(value for value in found if value < 0)
    good = [value for value in found if value > 0]
    if bad:
        return max(-1.0, bad[0] + sum(bad[1:]) / 2 + sum(good) / 2)
    return min(1.0, sum(good))


def label_of(score: float) -> Label:
    if score <= ANGRY:
        return "angry"
    return "impatient" if score <= IMPATIENT else "calm"


def in_distress(texts: Sequence[str]) -> bool:
    """Whether somebody is in danger, or is losing money right now."""
    return any(_DISTRESS.search(unicodedata.normalize("NFKC", text)) for text in texts)
