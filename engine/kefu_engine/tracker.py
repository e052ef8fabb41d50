"""The conversation as it travels: restored at the start of a turn, compacted at its end.

A snapshot is a list of Rasa events as dictionaries, oldest first: ``action_session_start``,
``session_started``, one ``slot`` event per slot that differs from its initial value at the cut,
``action_listen``, then the last whole turns. It has the same form however long the talk is, so a
turn costs the same after 500 turns as after five.

A cut lies right after an ``action_listen`` with no form active, so a form is never cut in two.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from rasa.shared.core.constants import (
    ACTION_DEACTIVATE_LOOP_NAME,
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    Event,
    FollowupAction,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

from kefu_engine.errors import BadRequest

TURNS_KEPT = 3
LONGEST_LOOP = 30
RANKING_KEPT = 3

EventDict = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a model's domain knows; ``slots`` maps each to its initial value."""

    slots: dict[str, Any]
    actions: frozenset[str]
    intents: frozenset[str]
    entities: frozenset[str]
    forms: frozenset[str]

    @classmethod
    def of(cls, domain: Domain) -> Vocabulary:
        return cls(
            slots={slot.name: slot.initial_value for slot in domain.slots},
            actions=frozenset(domain.action_names_or_texts),
            intents=frozenset(domain.intents),
            entities=frozenset(domain.entities),
            forms=frozenset(domain.form_names),
        )


def restore(
    conversation_id: str,
    snapshot: list[EventDict] | None,
    domain: Domain,
    vocabulary: Vocabulary,
) -> DialogueStateTracker:
    """The tracker that ``snapshot`` describes, or that of a new talk for ``None``.

    What the domain does not know any more is left out. Raises ``BadRequest`` where the snapshot is
    not one that ``dump`` wrote.
    """
    if snapshot is None:
        events = _opening([])
    else:
        try:
            events = deserialise_events(snapshot)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BadRequest(
                f"the tracker holds no valid events: {type(error).__name__}"
            ) from error
        if not _is_whole(events):
            raise BadRequest("the tracker is not a snapshot that the engine returned")
        events = reduce(events, vocabulary)
    return DialogueStateTracker.from_events(conversation_id, events, domain.slots)


def dump(events: Iterable[Event]) -> list[EventDict]:
    """The events as JSON-ready dictionaries without what no later turn reads."""
    return [_lean(event) for event in events]


def compact(events: list[Event], vocabulary: Vocabulary, longest_rule: int) -> list[Event]:
    """The shortest snapshot under which the dialogue goes on exactly as under ``events``.

    Keeps the last turns, at least three and at least as many as the longest rule has states.
    """
    cuts = _cuts(events)
    kept = max(TURNS_KEPT, longest_rule)
    # The stretch after the last cut, with a form still active, counts as one turn.
    stretches = len(cuts) if cuts and cuts[-1] < len(events) else len(cuts) - 1
    if stretches <= kept:
        return events
    cut = cuts[stretches - kept]
    return [*_opening(_slots_at(events[:cut], vocabulary)), *events[cut:]]


def reduce(events: list[Event], vocabulary: Vocabulary) -> list[Event]:
    """The events without what an older model knew and this one does not.

    A turn with an unknown action, intent or form loses its dialogue and keeps the slots it set;
    unknown slots and entities are dropped one by one.
    """
    cuts = [0, *_cuts(events)]
    if cuts[-1] < len(events):
        cuts.append(len(events))
    reduced: list[Event] = []
    for start, end in pairwise(cuts):
        stretch = events[start:end]
        if all(_is_known(event, vocabulary) for event in stretch):
            reduced += [event for event in stretch if _is_kept(event, vocabulary)]
        else:
            reduced += [event for event in stretch if _is_plain_slot(event, vocabulary)]
    for event in reduced:
        if isinstance(event, UserUttered):
            _forget_entities(event, vocabulary)
    return reduced


def loop_is_too_long(tracker: DialogueStateTracker) -> bool:
    """Whether the active form has lasted over 30 of the shopper's messages."""
    if not tracker.active_loop_name:
        return False
    messages = 0
    for event in reversed(tracker.events):
        if isinstance(event, ActiveLoop) and event.name:
            break
        messages += isinstance(event, UserUttered)
    return messages > LONGEST_LOOP


def leave_loop() -> list[Event]:
    """The events that end an active form and wait for the shopper."""
    return [
        ActionExecuted(ACTION_DEACTIVATE_LOOP_NAME),
        ActiveLoop(None),
        SlotSet(REQUESTED_SLOT, None),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def _opening(slots: list[Event]) -> list[Event]:
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(),
        *slots,
        ActionExecuted(ACTION_LISTEN_NAME),
    ]


def _is_whole(events: list[Event]) -> bool:
    return (
        len(events) >= 3
        and isinstance(events[0], ActionExecuted)
        and events[0].action_name == ACTION_SESSION_START_NAME
        and isinstance(events[1], SessionStarted)
        and _is_listening(events[-1])
    )


def _is_listening(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME


def _cuts(events: list[Event]) -> list[int]:
    """Every index after an ``action_listen`` at which no form is active."""
    cuts: list[int] = []
    active: str | None = None
    for index, event in enumerate(events):
        if isinstance(event, ActiveLoop):
            active = event.name
        elif _is_listening(event) and not active:
            cuts.append(index + 1)
    return cuts


def _slots_at(events: list[Event], vocabulary: Vocabulary) -> list[Event]:
    values = dict(vocabulary.slots)
    for event in events:
        if isinstance(event, AllSlotsReset):
            values = dict(vocabulary.slots)
        elif isinstance(event, SlotSet) and event.key in values:
            values[event.key] = event.value
    return [
        SlotSet(name, value) for name, value in values.items() if value != vocabulary.slots[name]
    ]


def _is_known(event: Event, vocabulary: Vocabulary) -> bool:
    match event:
        case ActionExecuted():
            return event.action_name in vocabulary.actions
        case ActionExecutionRejected():
            return event.action_name in vocabulary.actions
        case FollowupAction():
            return event.action_name in vocabulary.actions
        case ActiveLoop():
            return event.name is None or event.name in vocabulary.forms
        case UserUttered():
            return event.intent_name is None or event.intent_name in vocabulary.intents
        case _:
            return True


def _is_kept(event: Event, vocabulary: Vocabulary) -> bool:
    return not isinstance(event, SlotSet) or event.key in vocabulary.slots


def _is_plain_slot(event: Event, vocabulary: Vocabulary) -> bool:
    return (
        isinstance(event, SlotSet) and event.key in vocabulary.slots and event.key != REQUESTED_SLOT
    )


def _forget_entities(event: UserUttered, vocabulary: Vocabulary) -> None:
    known = [entity for entity in event.entities if entity.get("entity") in vocabulary.entities]
    if len(known) != len(event.entities):
        event.entities = known
        described: dict[str, Any] = event.parse_data  # pyright: ignore[reportAssignmentType]
        described["entities"] = copy.copy(known)


def _lean(event: Event) -> EventDict:
    """``event.as_dict()`` without empty fields, policies' notes and all but the top of a parse."""
    match event:
        case ActionExecuted():
            lean: EventDict = {"name": event.action_name}
            if event.hide_rule_turn:
                lean["hide_rule_turn"] = True
        case UserUttered():
            parse: dict[str, Any] = dict(event.parse_data)
            ranking = parse.get("intent_ranking")
            kept = {"intent": event.intent, "entities": event.entities, "text": event.text}
            if ranking:
                kept["intent_ranking"] = ranking[:RANKING_KEPT]
            lean = {"text": event.text, "parse_data": kept}
        case BotUttered():
            # Actions ask what was offered last: a yes means that.
            buttons = (event.data or {}).get("buttons")
            lean = {"text": event.text, **({"data": {"buttons": buttons}} if buttons else {})}
        case SlotSet():
            lean = {"name": event.key, "value": event.value}
        case _:
            lean = {key: value for key, value in event.as_dict().items() if value not in (None, {})}
    return {"event": event.type_name, "timestamp": event.timestamp or time.time(), **lean}
