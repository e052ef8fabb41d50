"""What a shopper asks for in one message: nearly always one thing, at times two or three.

A message holds several requests only if the model is sure of each by itself, they differ, and no
one's answer serves another. A clause counts if it asks; what merely happened (「收到就碎了」) is
the story of the request beside it, unless 「另外」 or the like sets it apart. Who asks for a person
in any clause has asked for one, whatever else the message tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.events import UserUttered

from kefu_engine.clauses import Clause, clauses
from kefu_engine.normalizer import normalize
from kefu_engine.tracker import RANKING_KEPT

MOST = 3
HUMAN_AGENT = "human_agent"
_UNDERSTOOD = ("intent", "intent_ranking")
# Messages with these ask for nothing by themselves.
SMALL_TALK = frozenset(
    {
        "greet", "thanks", "goodbye", "affirm", "deny", "inform", "abuse", "bot_challenge",
        "out_of_scope", "urge_reply", "not_solved",
    }
)  # fmt: skip

Parse = dict[str, Any]
Understand = Callable[[str], Parse]
Serves = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One thing asked for: its words and Rasa's parse of them, offsets relative to ``text``."""

    text: str
    parse: Parse

    @property
    def intent(self) -> str:
        return str(self.parse["intent"]["name"])

    @property
    def confidence(self) -> float:
        return float(self.parse["intent"]["confidence"])

    @property
    def ranking(self) -> list[dict[str, Any]]:
        """The likeliest intents, as many as a snapshot keeps; none of a pressed button."""
        return self.parse.get("intent_ranking", [self.parse["intent"]])[:RANKING_KEPT]

    def uttered(self) -> UserUttered:
        """The request as the shopper's message."""
        # By the ranking actions tell what was typed from a button's title, and the SDK's tracker
        # reads the latest intent from it.
        known: Any = {"intent_ranking": self.ranking} if self.ranking else None
        return UserUttered(
            self.text, self.parse["intent"], self.parse["entities"], parse_data=known
        )

    def kept(self) -> dict[str, Any]:
        """What a slot keeps of it, JSON-ready; ``Request(kept["text"], kept)`` is the inverse."""
        return {
            "text": self.text,
            "intent": self.parse["intent"],
            "intent_ranking": self.ranking,
            "entities": self.parse["entities"],
        }


@dataclass(frozen=True, slots=True)
class _Part:
    """A request in the making: the span ``[start, end)`` of the message that it takes."""

    start: int
    end: int
    parse: Parse

    @property
    def intent(self) -> str:
        return str(self.parse["intent"]["name"])


def is_service(intent: str | None) -> bool:
    """Whether the intent asks for something and the model was sure of it."""
    return intent not in (None, DEFAULT_NLU_FALLBACK_INTENT_NAME) and intent not in SMALL_TALK


def requests_in(
    text: str, whole: Parse, understand: Understand, serves: Serves
) -> tuple[list[Request], int]:
    """The requests of a message, at most three, and how many more there were.

    ``whole`` is the parse of the whole ``text``, which is all there is to a message with one
    request. ``understand`` parses a piece. ``serves`` tells whom an intent's answer serves as well.
    """
    entities = [(each["start"], each["end"]) for each in whole["entities"]]
    found = clauses(normalize(text), entities)
    requests = _apart(text, whole, _sections(found), understand, serves)
    if not any(one.intent == HUMAN_AGENT for one in requests):
        call = _call(text, found, understand)
        if call and len(requests) == 1 and not is_service(requests[0].intent):
            # All the rest is why.
            known = {name: call.parse[name] for name in _UNDERSTOOD if name in call.parse}
            return [Request(text, {**whole, **known})], 0
        requests += [_request(text, whole, call)] if call else []
    kept = requests[:MOST]
    called = next((one for one in requests[MOST:] if one.intent == HUMAN_AGENT), None)
    if called:
        kept[-1] = called
    return kept, len(requests) - len(kept)


def _apart(
    text: str,
    whole: Parse,
    sections: Sequence[list[Clause]],
    understand: Understand,
    serves: Serves,
) -> list[Request]:
    """All the requests of a message; the message itself unless there are several."""
    if len(sections) > 1 or sum(each.asks for section in sections for each in section) > 1:
        parts = [part for each in sections for part in _parts(text, each, understand, serves)]
        parts = _differing(parts, serves)
        if len(parts) > 1:
            return [_request(text, whole, part) for part in parts]
    return [Request(text, whole)]


def _call(text: str, found: Iterable[Clause], understand: Understand) -> _Part | None:
    """The clause that asks for a person, if the model is sure that it does."""
    parts = (_part(text, clause, clause, understand) for clause in found if clause.calls)
    return next((part for part in parts if part.intent == HUMAN_AGENT), None)


def _sections(found: Iterable[Clause]) -> list[list[Clause]]:
    """The clauses between one 「另外」 and the next."""
    sections: list[list[Clause]] = []
    for clause in found:
        if clause.turns or not sections:
            sections.append([])
        sections[-1].append(clause)
    return sections


def _parts(text: str, section: list[Clause], understand: Understand, serves: Serves) -> list[_Part]:
    """What a section asks for: each of the clauses that ask, or all of it as one story."""
    asking = [clause for clause in section if clause.asks]
    asked = _differing([_part(text, each, each, understand) for each in asking], serves)
    if len(asked) > 1:
        # What is told between two of them belongs to the one before.
        nexts = [part.start for part in asked[1:]]
        ends = [max(c.end for c in section if c.end <= start) for start in nexts]
        starts = [section[0].start, *nexts]
        return [
            replace(part, start=start, end=end)
            for part, start, end in zip(asked, starts, [*ends, section[-1].end], strict=True)
        ]
    if len(section) == len(asking) == 1:
        return asked
    story = _part(text, section[0], section[-1], understand)
    return _differing([story], serves) or [
        replace(part, start=story.start, end=story.end) for part in asked
    ]


def _part(text: str, first: Clause, last: Clause, understand: Understand) -> _Part:
    return _Part(first.start, last.end, understand(text[first.start : last.end]))


def _differing(parts: Sequence[_Part], serves: Serves) -> list[_Part]:
    """The services among the parts, without those that another's answer serves."""
    kept: list[_Part] = []
    for part in parts:
        if is_service(part.intent) and not any(_serve(part, one, serves) for one in kept):
            kept.append(part)
    return kept


def _serve(one: _Part, other: _Part, serves: Serves) -> bool:
    return (
        one.intent == other.intent
        or one.intent in serves.get(other.intent, ())
        or other.intent in serves.get(one.intent, ())
    )


def _request(text: str, whole: Parse, part: _Part) -> Request:
    """The part with the entities that the whole message has in it."""
    entities = [
        {**each, "start": each["start"] - part.start, "end": each["end"] - part.start}
        for each in whole["entities"]
        if part.start <= each["start"] and each["end"] <= part.end
    ]
    words = text[part.start : part.end]
    tokens = [
        (start - part.start, end - part.start)
        for start, end in whole.get("text_tokens", [])
        if part.start <= start and end <= part.end
    ]
    return Request(
        words, {**part.parse, "text": words, "entities": entities, "text_tokens": tokens}
    )
