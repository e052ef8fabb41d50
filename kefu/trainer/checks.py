"""What is wrong with training data: rules over texts, one finding each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from kefu.privacy.mask import mask_export
from kefu.trainer.corpus import THIN, Corpus, Utterance
from kefu.trainer.examples import without_markup
from kefu.trainer.word_cuts import WordCutter

NEAR = 0.8
NEAR_FROZEN = 0.7
"""Closer to a frozen test row than this, an utterance would give its answer away."""

Kind = Literal[
    "duplicate",
    "two_intents",
    "near_duplicate",
    "likely_mislabel",
    "thin_intent",
    "word_cut",
    "personal_data",
    "too_near_eval",
    "file_broken",
]

# What a save refuses; the rest is advice.
REFUSED: frozenset[Kind] = frozenset(
    {"duplicate", "two_intents", "near_duplicate", "personal_data", "too_near_eval"}
)


@dataclass(frozen=True, slots=True)
class Finding:
    """``other`` is the text, intent or word that it is about; ``hint`` says in Chinese what to do.

    ``file`` and ``intent`` are where ``other`` stands for a text that is being typed.
    """

    kind: Kind
    text: str
    file: str = ""
    intent: str = ""
    other: str = ""
    other_intent: str = ""
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def check_text(
    corpus: Corpus,
    cutter: WordCutter | None,
    text: str,
    intent: str | None,
    *,
    instead_of: Collection[int] = (),
) -> list[Finding]:
    """What is wrong with one utterance that may come into ``intent``.

    ``instead_of`` are the numbers of utterances that it replaces.
    """
    plain = without_markup(text)
    if not plain.strip():
        return []
    twins = [each for each in corpus.same(plain) if each.number not in instead_of]
    found = [_twin(corpus, text, each, intent) for each in twins]
    known = {each.number for each in twins} | set(instead_of)
    if not found:
        near = [pair for pair in corpus.near(plain, NEAR) if pair[0].number not in known]
        found += [
            _near(corpus, text, each, intent) for each, likeness in near[:3] if likeness > NEAR
        ]
    found += _personal(text, plain)
    found += _frozen(corpus, text, plain)
    if cutter:
        found += [_cut(text, word, token) for word, token in cutter.crossings(text)]
    return found


def check_all(corpus: Corpus, cutter: WordCutter | None) -> list[Finding]:
    """What is wrong with the whole data, the worst kinds first."""
    utterances = corpus.utterances()
    found = [
        Finding("file_broken", "", file=name, hint=f"无法读取这个文件：{reason}")
        for name, reason in sorted(corpus.broken.items())
    ]
    found += _twins(corpus, utterances)
    found += _near_pairs(corpus, utterances)
    for each in utterances:
        for one in (*_personal(each.text, each.plain), *_frozen(corpus, each.text, each.plain)):
            found.append(_placed(one, each))
    found += _thin(corpus.counts())
    if cutter:
        found += _cuts(cutter, utterances)
    return found


def _twin(corpus: Corpus, text: str, twin: Utterance, intent: str | None) -> Finding:
    if intent is None or twin.intent == intent:
        hint = "已经有一条相同的例句（全半角、繁简、大小写视为相同），不必重复添加。"
        return Finding("duplicate", text, twin.file, twin.intent, twin.text, twin.intent, hint)
    title = corpus.title_of(twin.intent)
    hint = f"同一句话已经在意图「{title}」中，一句话只能属于一个意图，请先决定归属。"
    return Finding("two_intents", text, twin.file, twin.intent, twin.text, twin.intent, hint)


def _near(corpus: Corpus, text: str, other: Utterance, intent: str | None) -> Finding:
    elsewhere = intent is not None and other.intent != intent
    hint = (
        f"与意图「{corpus.title_of(other.intent)}」中的一句几乎相同，请改写，或检查哪一句放错了意图。"
        if elsewhere
        else "与已有的一句几乎相同，学不到新东西，请换一种说法。"
    )
    return Finding("near_duplicate", text, other.file, other.intent, other.text, other.intent, hint)


def _personal(text: str, plain: str) -> list[Finding]:
    masked = mask_export(plain)
    if masked == plain:
        return []
    hint = "含有个人信息（证件号、卡号、手机号、密码或验证码），请换成虚构的内容或删除。"
    return [Finding("personal_data", text, other=masked, hint=hint)]


def _frozen(corpus: Corpus, text: str, plain: str) -> list[Finding]:
    hint = "与测试集中的一句相同或几乎相同，写入后测试就不再可信，请换一种说法。"
    return [
        Finding("too_near_eval", text, row.file, row.intent, row.text, row.intent, hint)
        for row, _ in corpus.near_frozen(plain, NEAR_FROZEN)[:1]
    ]


def _cut(text: str, word: str, token: str) -> Finding:
    hint = f"分词把「{token}」当成一个词，切断了「{word}」。可以把「{word}」加入词典。"
    return Finding("word_cut", text, other=word, hint=hint)


def _twins(corpus: Corpus, utterances: Iterable[Utterance]) -> list[Finding]:
    first: dict[str, Utterance] = {}
    found: list[Finding] = []
    for each in utterances:
        earlier = first.setdefault(each.normal, each)
        if earlier is not each:
            one = _twin(corpus, each.text, earlier, each.intent)
            found.append(_placed(one, each))
    return sorted(found, key=lambda finding: finding.kind != "two_intents")


def _near_pairs(corpus: Corpus, utterances: Iterable[Utterance]) -> list[Finding]:
    found: list[Finding] = []
    for each in utterances:
        for other, likeness in corpus.near(each.plain, NEAR):
            earlier = other.number < each.number and other.normal != each.normal
            if earlier and likeness > NEAR:
                found.append(_placed(_near(corpus, each.text, other, each.intent), each))
                break
    return found


def _placed(finding: Finding, where: Utterance) -> Finding:
    """The finding told of an utterance that stands in the data already."""
    return replace(finding, file=where.file, intent=where.intent)


def _thin(counts: Counter[str]) -> list[Finding]:
    return [
        Finding(
            "thin_intent",
            "",
            intent=intent,
            hint=f"只有 {count} 条例句，至少需要 {THIN} 条，请补充不同的说法。",
        )
        for intent, count in sorted(counts.items(), key=lambda pair: pair[1])
        if count < THIN
    ]


def _cuts(cutter: WordCutter, utterances: Iterable[Utterance]) -> list[Finding]:
    """One finding for each word and the token that cuts it, with how often it happens."""
    places: defaultdict[tuple[str, str], list[Utterance]] = defaultdict(list)
    for each in utterances:
        for pair in cutter.crossings(each.text):
            places[pair].append(each)
    found: list[Finding] = []
    for (word, token), where in sorted(places.items(), key=lambda item: -len(item[1])):
        one = _cut(where[0].text, word, token)
        times = f"（共 {len(where)} 句）" if len(where) > 1 else ""
        found.append(replace(_placed(one, where[0]), hint=one.hint + times))
    return found


def refused(findings: Iterable[Finding]) -> list[Finding]:
    """Those that a save must not let pass."""
    return [finding for finding in findings if finding.kind in REFUSED]
