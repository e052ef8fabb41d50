"""Groups of messages that the bot had no answer for, with a name that a new intent could bear."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from kefu.store.tables import Document
from kefu.trainer.vocabulary import Cutter

ALIKE = 0.25
LEAST = 3
LISTED = 20
SHOWN = 8
_NOISE = re.compile(r"[\W_]+")
_WORD = re.compile(r"[\u4e00-\u9fff]{2,8}|[a-z][a-z0-9]{1,20}")
_FILLERS = frozenset(
    re.split(
        r"\s+",
        "什么 怎么 怎么办 可以 能不能 是不是 有没有 请问 你们 我们 一下 这个 那个 多少 为什么 如何 "
        "哪里 现在 已经 还是 就是 知道 没有 时候 东西 谢谢 你好 帮我 我想 我要 不了 一个",
    )
)


def pairs(text: str) -> frozenset[str]:
    """Character pairs of a text without punctuation."""
    plain = _NOISE.sub("", text.lower())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset({plain})


def groups(cutter: Cutter, texts: Sequence[str]) -> list[Document]:
    """Messages that resemble another of their group (Jaccard of character pairs), largest first."""
    large = sorted((one for one in _alike(texts) if len(one) >= LEAST), key=len, reverse=True)
    frequencies = Counter(word for text in texts for word in _words(cutter, text))
    return [
        {
            "group": number,
            "size": len(members),
            "texts": list(dict.fromkeys(members))[:SHOWN],
            "suggested_name": _name(cutter, members, frequencies, len(texts)),
        }
        for number, members in enumerate(large[:LISTED], 1)
    ]


def _alike(texts: Sequence[str]) -> list[list[str]]:
    """Each message goes to the group of the earlier message that it resembles most."""
    found: list[list[str]] = []
    group_of: list[int] = []
    seen: list[frozenset[str]] = []
    by_gram: defaultdict[str, list[int]] = defaultdict(list)
    for number, text in enumerate(texts):
        grams = pairs(text)
        near = _nearest(grams, seen, by_gram)
        group_of.append(len(found) if near is None else group_of[near])
        if near is None:
            found.append([])
        found[group_of[number]].append(text)
        seen.append(grams)
        for gram in grams:
            by_gram[gram].append(number)
    return found


def _nearest(
    grams: frozenset[str], seen: Sequence[frozenset[str]], by_gram: dict[str, list[int]]
) -> int | None:
    shared = Counter(number for gram in grams for number in by_gram.get(gram, ()))
    best, how = None, ALIKE
    for number, common in shared.items():
        likeness = common / (len(grams) + len(seen[number]) - common)
        if likeness >= how:
            best, how = number, likeness
    return best


def _words(cutter: Cutter, text: str) -> set[str]:
    return {
        word for word in cutter.cut(text.lower()) if _WORD.fullmatch(word) and word not in _FILLERS
    }


def _name(cutter: Cutter, texts: Sequence[str], frequencies: Counter[str], total: int) -> str:
    """The two words that most of the group have and few others, in the order they are said in."""
    inside = Counter(word for text in texts for word in _words(cutter, text))
    scored = sorted(
        inside, key=lambda word: -inside[word] * math.log(1 + total / frequencies[word])
    )
    best = [word for word in scored[:2] if inside[word] * 2 >= len(texts)] or scored[:1]
    first = texts[0].lower()
    return "".join(sorted(best, key=first.find)) or texts[0][:8]
