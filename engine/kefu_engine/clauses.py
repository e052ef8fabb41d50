"""Where a message falls into clauses: at signs, at blanks, at 「另外」 and its like.

Pure: text in, spans out. Whether two clauses are two requests is for others to judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kefu_engine.normalizer import NormalText

Span = tuple[int, int]

SHORTEST = 2

# 「还有」 also means "still have": 「还有货吗」, 「还有多久」 bring up nothing new.
_TURN = (
    r"另外|此外|除此之外|顺便|顺带|对了(?![吗么没])|再问|再请问|再帮|再一个|再就是|以及|还[想要]?问"
    r"|还有(?=就是|[个件一]|[那这]个|[我你您]|想|问|请|上次|之前|怎么|为)"
)
_TURN_AFTER_SIGN = r"还有(?![货没多几吗别]|名额|机会|优惠吗|券吗)"
_SIGNS = r"(?:[。!?;~…\s、:]|(?<![0-9])[,.]|[,.](?![0-9]))+"
_CUT = re.compile(
    rf"(?P<turn>(?:(?:{_SIGNS})?(?:{_TURN})|{_SIGNS}{_TURN_AFTER_SIGN})[,、:\s]*)"
    rf"|{_SIGNS}(?:然后[,、:\s]*)?"
)
_QUESTION = (
    r"[吗么呢]$|[^也都]不$|没$|怎[么样]|咋|什么|啥|多[久少]|几[天点号个时]|哪|如何|谁|为何|凭"
    r"|(?:能|可|是)不|有没有"
)
_WISH = (
    r"(?<!不)能[^够]|(?<!不)可以|帮|麻烦|请|给我|(?<![不没])[想需]|(?<![不没想])要|[查催]|看看|看一?下|赶[紧快]|快点|申请"
    r"|^开|[把将].*[改换成]"
)
_PERSON = r"(?:人工|真人|活人|客服|专员|经理|主管|负责人)"
# 「别转人工」 calls nobody; whether 「找客服问过了」 does, the model says.
_CALLS = re.compile(
    rf"(?<![不没别])(?:[找转叫喊换接要上]|给我)(?:一?[个下位]|[你您]们的?|[到成来])*{_PERSON}"
    rf"|^{_PERSON}(?:客服|服务|坐席)?[啊呢吧来呀]*$"
)
_ASKS = re.compile(f"{_QUESTION}|{_WISH}")


@dataclass(frozen=True, slots=True)
class Clause:
    """The span ``[start, end)`` in the raw text.

    ``turns``: 「另外」 or the like stands before it. ``asks``: it is put as a question or a wish,
    unlike one that only tells what happened. ``calls``: it may ask for a person.
    """

    start: int
    end: int
    turns: bool
    asks: bool
    calls: bool = False


def clauses(normal: NormalText, entities: Sequence[Span] = ()) -> list[Clause]:
    """The clauses of a message in order, without the signs and connectives between them.

    ``entities`` are spans in the raw text that are never cut. A piece of a single character
    (「啊」, 「亲」) is no clause.
    """
    text = normal.text
    found: list[Clause] = []
    start, turns = 0, False
    for cut in [*_cuts(normal, entities), None]:
        end = cut.start() if cut else len(text)
        if end - start >= SHORTEST:
            calls = _CALLS.search(text[start:end]) is not None
            asks = calls or (cut is not None and "?" in cut.group())
            asks = asks or _ASKS.search(text[start:end]) is not None
            found.append(Clause(*normal.raw_span(start, end), turns, asks, calls))
            turns = False
        if cut:
            start, turns = cut.end(), turns or cut["turn"] is not None
    return found


def _cuts(normal: NormalText, entities: Sequence[Span]) -> list[re.Match[str]]:
    """Where the text may be cut; a sign that belongs to an entity (「KF 2026」) is none."""
    cuts: list[re.Match[str]] = []
    for cut in _CUT.finditer(normal.text):
        begin, stop = normal.raw_span(*cut.span())
        if not any(begin < end and start < stop for start, end in entities):
            cuts.append(cut)
    return cuts
