"""How the bot read a message, and whether a trainer should look at it. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kefu.privacy.mask import mask_export
from kefu.trainer.normal_form import shape, trigrams

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
NOT_SOLVED = "not_solved"
HUMAN_AGENT = "human_agent"
SMALL_TALK = frozenset(
    {"greet", "thanks", "goodbye", "affirm", "deny", "inform", "urge_reply", "bot_challenge"}
)

# Mildest first: the place is the bit in ``InboxItem.kinds`` and the rank among the hardest.
KINDS: tuple[str, ...] = (
    "confident_sample",
    "out_of_scope",
    "near_threshold",
    "low_confidence",
    "rephrased",
    "handed_off",
    "thumbs_down",
    "agent_wrong",
)
NEAR = 0.08
"""So close to the threshold a message is answered, or not, by chance."""
REPHRASED_LIKENESS = 0.35
SAMPLED_SHARE = 0.02

_LONG_NUMBER = re.compile(r"\d{5,}")
_KEPT_DIGITS = 2
_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A text and what the model made of it.

    ``intent`` is the first that is no fallback; ``fell_back``: it was not sure enough to answer.
    ``answer`` is the threshold that was in force, where known. ``tokens`` are pieces of ``text``.
    """

    text: str
    intent: str | None
    confidence: float | None
    fell_back: bool
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Mapping[str, Any], ...] = ()
    tokens: tuple[str, ...] = ()
    answer: float | None = None

    @property
    def is_small_talk(self) -> bool:
        """Whether nothing was asked, as far as the model is sure of that."""
        return self.intent in SMALL_TALK and not self.fell_back

    @property
    def names(self) -> list[str]:
        """The likeliest intents."""
        return [name for name, _ in self.ranking[:_SUGGESTED]]


def bit(kind: str) -> int:
    return 1 << KINDS.index(kind)


def kinds_in(bits: int) -> list[str]:
    """The kinds of a bit set, the gravest first."""
    return [kind for kind in reversed(KINDS) if bits & bit(kind)]


def readings(parse: Mapping[str, Any] | None) -> list[Reading]:
    """What a turn's ``parse`` says of the messages typed in it; a pressed button is none."""
    if not parse or not parse.get("intent_ranking"):
        return []
    ranking = [(str(i["name"]), float(i["confidence"])) for i in parse["intent_ranking"]]
    fell_back = ranking[0][0] == FALLBACK
    named = tuple(pair for pair in ranking if pair[0] != FALLBACK)
    first = named[0] if named else (None, None)
    thresholds: Mapping[str, Any] = parse.get("thresholds") or {}
    answer = thresholds.get("answer")
    whole = Reading(
        text=str(parse.get("text", "")),
        intent=first[0],
        confidence=first[1],
        fell_back=fell_back,
        ranking=named,
        entities=tuple(parse.get("entities") or ()),
        tokens=tuple(parse.get("tokens") or ()),
        answer=None if answer is None else float(answer),
    )
    others: Sequence[Mapping[str, Any]] = (parse.get("requests") or ())[1:]
    return [whole, *(_request(one, whole.answer) for one in others)]


def _request(one: Mapping[str, Any], answer: float | None) -> Reading:
    """A further request of the same message, of which less is noted."""
    intent, confidence = str(one.get("intent")), float(one.get("confidence") or 0)
    fell_back = intent == FALLBACK
    return Reading(
        text=str(one.get("text", "")),
        intent=None if fell_back else intent,
        confidence=None if fell_back else confidence,
        fell_back=fell_back,
        ranking=() if fell_back else ((intent, confidence),),
        answer=answer,
    )


def kinds_of(reading: Reading, message_id: int, share: float = SAMPLED_SHARE) -> int:
    """Why the message is worth a look by itself, as bits; 0: it is not."""
    found = 0
    confidence, answer = reading.confidence or 0.0, reading.answer
    if answer is not None and abs(confidence - answer) <= NEAR:
        found |= bit("near_threshold")
    elif reading.fell_back:
        found |= bit("low_confidence")
    if reading.intent == OUT_OF_SCOPE:
        found |= bit("out_of_scope")
    if not found and is_sampled(message_id, share):
        found |= bit("confident_sample")
    return found


def is_sampled(message_id: int, share: float) -> bool:
    """Whether a message is in the random sample: decided by its id alone, so by nobody's wish."""
    drawn = int.from_bytes(hashlib.sha256(f"inbox sample {message_id}".encode()).digest()[:8])
    return drawn < share * 2**64


def is_rephrased(first: Reading, second: Reading) -> bool:
    """Whether the shopper said ``first`` again as ``second``, since it was not understood."""
    if first.is_small_talk:
        return False
    if second.intent == NOT_SOLVED and not second.fell_back:
        return True
    if second.is_small_talk:
        return False
    unsure = first.fell_back or (
        first.answer is not None and (first.confidence or 0.0) < first.answer + NEAR
    )
    return unsure and (second.intent in first.names or _alike(first.text, second.text))


def _alike(one: str, other: str) -> bool:
    a, b = trigrams(shape(one)), trigrams(shape(other))
    return len(a & b) / len(a | b) >= REPHRASED_LIKENESS


def hardness(bits: int, confidence: float | None) -> float:
    """The order of the inbox: the gravest kind first, then the least confident."""
    return bits.bit_length() - min(max(confidence or 0.0, 0.0), 1.0) * 0.9


def masked(reading: Reading, number_patterns: Iterable[str]) -> Reading:
    """The reading without anything of anybody's: secrets starred out, long numbers made up.

    Characters keep their places, so that tokens and entities do.
    """
    text = masked_text(reading.text, number_patterns)
    entities = tuple(_masked_entity(entity, reading.text, text) for entity in reading.entities)
    tokens: list[str] = []
    at = 0
    for token in reading.tokens:
        start = reading.text.find(token, at)
        if start < 0:
            return _with(reading, text, entities, ())
        at = start + len(token)
        tokens.append(text[start:at])
    return _with(reading, text, entities, tuple(tokens))


def masked_text(text: str, number_patterns: Iterable[str]) -> str:
    """The text as the inbox holds it."""
    return made_up(mask_export(text, number_patterns))


def made_up(text: str) -> str:
    """Long numbers with other digits after the first two, none of which looks like a card."""
    for salt in range(100):
        changed = _LONG_NUMBER.sub(lambda match: _other_digits(match[0], salt), text)  # noqa: B023
        if mask_export(changed) == changed or mask_export(text) != text:
            return changed
    return mask_export(text)


def _other_digits(number: str, salt: int) -> str:
    drawn = int.from_bytes(hashlib.sha256(f"{salt} {number}".encode()).digest())
    rest = len(number) - _KEPT_DIGITS
    return number[:_KEPT_DIGITS] + str(drawn)[-rest:].zfill(rest)


def _masked_entity(entity: Mapping[str, Any], raw: str, text: str) -> dict[str, Any]:
    start, end = int(entity.get("start", 0)), int(entity.get("end", 0))
    value = entity.get("value")
    if isinstance(value, str) and value != raw[start:end]:
        value = made_up(mask_export(value))
    elif isinstance(value, str):
        value = text[start:end]
    return {"entity": entity.get("entity"), "start": start, "end": end, "value": value}


def _with(
    reading: Reading,
    text: str,
    entities: tuple[Mapping[str, Any], ...],
    tokens: tuple[str, ...],
) -> Reading:
    return Reading(
        text=text,
        intent=reading.intent,
        confidence=reading.confidence,
        fell_back=reading.fell_back,
        ranking=reading.ranking,
        entities=entities,
        tokens=tokens,
        answer=reading.answer,
    )
