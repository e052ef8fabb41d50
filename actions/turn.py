"""One turn as an action sees it: who is served, what was said, what the talk remembers.

Who is served comes from the signed claims alone. Slots and entities hold what a shopper typed:
they say what is wanted, never what may be seen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

from kefu import turn_token
from kefu.shop.model import TurnRef, Viewer
from kefu.turn_token import TicketSummary, TurnClaims, Verified

PROOF_SLOT = "guest_proof"
PROOF_LIFETIME = timedelta(minutes=2)

current_claims: ContextVar[TurnClaims] = ContextVar("current_claims")

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """``text`` (NFKC) and ``own_words`` (as typed) are empty where a button was pressed.

    ``ranking`` is the parser's, best first; ``shares`` how sure it was of each (0 to 1).
    ``settled``: an action has decided what the message means, whatever it was taken for.
    """

    claims: TurnClaims
    viewer: Viewer
    text: str
    own_words: str
    intent: str
    entities: Mapping[str, tuple[str, ...]]
    ranking: tuple[str, ...]
    shares: Mapping[str, float]
    slots: Mapping[str, Any]
    events: Sequence[Event]
    active_form: str | None
    settled: bool = False

    @property
    def ref(self) -> TurnRef:
        return TurnRef(self.claims.turn_id, self.claims.now)

    @property
    def now(self) -> datetime:
        return self.claims.now

    @property
    def is_guest(self) -> bool:
        return self.viewer.account_id is None

    @property
    def verified(self) -> Verified | None:
        """What a one-time code has proved, in the one turn that follows it."""
        return self.claims.verified

    @property
    def tickets(self) -> tuple[TicketSummary, ...]:
        """The shopper's tickets that are not closed, newest first, at most ten."""
        return self.claims.tickets

    @property
    def requested_slot(self) -> str | None:
        return cast("str | None", self.slots.get("requested_slot"))

    def entity(self, name: str) -> str | None:
        """The last value of the entity in this message, NFKC and without blanks around it."""
        values = self.entities.get(name, ())
        return values[-1] if values else None

    def text_slot(self, name: str) -> str | None:
        value = self.slots.get(name)
        return value if isinstance(value, str) else None

    def with_verified(self, order_number: str) -> Turn:
        """The same turn for a guest who has just proved to own ``order_number``."""
        orders = self.viewer.verified_orders | {order_number}
        return replace(
            self,
            claims=replace(self.claims, verified_orders=orders),
            viewer=replace(self.viewer, verified_orders=orders),
        )

    def wants(self, intent: str, **entities: str) -> Turn:
        """The same turn read as if the shopper had asked for ``intent``."""
        named = {name: (value,) for name, value in entities.items()}
        return replace(self, intent=intent, entities=named, settled=True)

    def as_request(self, intent: str) -> Turn:
        """The same turn, words and all, read as ``intent``."""
        return replace(self, intent=intent, settled=True)

    def is_back_from_digression(self, form: str) -> bool:
        """Whether the form is asked to go on after another answer, with nothing new to read."""
        return any(
            event.get("event") == "action_execution_rejected" and event.get("name") == form
            for event in self._since_message()
        )

    def repeats(self, action: str) -> bool:
        """Whether the message before this one was answered by ``action`` too."""
        return any(event.get("name") == action for event in self._previous_turn("action"))

    def was_just_set(self, slot: str) -> bool:
        """Whether the bot's previous answer set ``slot`` to something."""
        return self.set_before(slot) is not None

    def set_before(self, slot: str) -> Any:
        """What the bot's previous answer left in ``slot``; ``None`` if it did not set it."""
        values = [
            event.get("value") for event in self._previous_turn("slot") if event.get("name") == slot
        ]
        return values[-1] if values else None

    def previous_intents(self) -> Iterator[str]:
        """Intents of the messages before this one that are still kept, newest first."""
        users = [event for event in self.events if event.get("event") == "user"]
        for event in reversed(users[:-1]):
            name = _intent_of(event.get("parse_data"))
            if name:
                yield name

    def buttons_before(self) -> tuple[str, ...]:
        """Payloads of the buttons under the bot's previous answer."""
        payloads: list[str] = []
        for event in self._previous_turn("bot"):
            data = cast("Mapping[str, Any]", event.get("data") or {})
            buttons = cast("list[Mapping[str, str]]", data.get("buttons") or [])
            payloads.extend(each["payload"] for each in buttons)
        return tuple(payloads)

    def was_said(self, words: str) -> bool:
        """Whether the bot has said ``words`` in the turns that are still kept."""
        said = (each for each in self.events if each.get("event") == "bot")
        return any(words in str(each.get("text") or "") for each in said)

    def _since_message(self) -> list[Event]:
        for index in range(len(self.events) - 1, -1, -1):
            if self.events[index].get("event") == "user":
                return list(self.events[index + 1 :])
        return list(self.events)

    def _previous_turn(self, kind: str) -> list[Event]:
        turns: list[list[Event]] = [[]]
        for event in self.events:
            if event.get("event") == "user":
                turns.append([])
            turns[-1].append(event)
        if len(turns) < 3:
            return []
        return [event for event in turns[-2] if event.get("event") == kind]


def read_turn(
    claims: TurnClaims,
    key: bytes,
    *,
    message: Mapping[str, Any],
    slots: Mapping[str, Any],
    events: Sequence[Event],
    active_form: str | None,
) -> Turn:
    """Build the turn from the signed claims and the tracker of an action call."""
    entities: dict[str, tuple[str, ...]] = {}
    for found in cast("list[Mapping[str, Any]]", message.get("entities") or []):
        value = found.get("value")
        if value is not None:
            name = str(found.get("entity"))
            entities[name] = (*entities.get(name, ()), normalise(str(value)))
    ranked = cast("list[Mapping[str, Any]]", message.get("intent_ranking") or [])
    ranking = tuple(str(each["name"]) for each in ranked)
    shares = {str(each["name"]): float(each.get("confidence") or 0) for each in ranked}
    # A pressed button is not parsed, so it has no ranking; its text is only its title.
    words = str(message.get("text") or "").strip() if ranking else ""
    turn = Turn(
        claims=claims,
        viewer=Viewer(claims.profile, claims.account_id, claims.verified_orders),
        text=normalise(words),
        own_words=words,
        intent=_intent_of(message),
        entities=entities,
        ranking=ranking,
        shares=shares,
        slots=slots,
        events=events,
        active_form=active_form,
    )
    proved = _proved_order(turn, key)
    return turn.with_verified(proved) if proved else turn


def _intent_of(parsed: Mapping[str, Any] | None) -> str:
    intent = cast("Mapping[str, Any]", (parsed or {}).get("intent") or {})
    return str(intent.get("name") or "")


def normalise(text: str) -> str:
    """Full-width letters and digits made plain, blanks around it gone."""
    return unicodedata.normalize("NFKC", text).strip()


def proof_of(turn: Turn, order_number: str, key: bytes) -> str:
    """A signed word that this turn's guest owns ``order_number``; good in this turn only."""
    claims = replace(turn.with_verified(order_number).claims, verified=None, tickets=(), groups=())
    return turn_token.sign(claims, key, PROOF_LIFETIME)


def _proved_order(turn: Turn, key: bytes) -> str | None:
    """The order proved earlier in this very turn, by a signature that no shopper can make."""
    proof = turn.text_slot(PROOF_SLOT)
    if proof is None or not turn.is_guest:
        return None
    try:
        claims = turn_token.verify(proof, key)
    except turn_token.TurnTokenRefused:
        return None
    mine = turn.claims
    if (claims.turn_id, claims.conversation_id) != (mine.turn_id, mine.conversation_id):
        return None
    fresh = claims.verified_orders - mine.verified_orders
    return next(iter(fresh), None)
