"""Rasa's processor for one turn: what Rasa swallows, it raises.

One ``TurnProcessor`` lives as long as one turn and owns that turn's tracker, so turns that overlap
share nothing but the loaded model.

Language understanding components read the turn's settings in the message metadata
(``message.get("metadata")``)::

    {"thresholds": {"answer": 0.0..1.0} | None,   # None: the model's own
     "masked_intents": [intent name, ...],         # never to be predicted
     "order_number_patterns": [regex, ...],        # the brand's own formats
     "profile": str,
     "now": ISO 8601 time with its zone,
     "context": {"order_id"?, "item_id"?, "case_id"?, "page"?}}
"""

from __future__ import annotations

import math
from typing import Any

from rasa.core.actions.action import (
    Action,
    ActionExecutionRejection,
    action_for_name_or_text,
)
from rasa.core.actions.loops import LoopAction
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MAX_NUMBER_OF_PREDICTIONS, MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.constants import (
    ACTION_EXTRACT_SLOTS,
    ACTION_LISTEN_NAME,
    FOLLOWUP_ACTION,
)
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    Event,
    FollowupAction,
    LoopInterrupted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from kefu_engine.action_call import TurnActions
from kefu_engine.errors import ActionFailed, EngineError, EventRefused, TurnFailed
from kefu_engine.model import Model
from kefu_engine.output import TurnOutput
from kefu_engine.responses import TurnResponses

REFUSED_EVENTS = frozenset(
    {
        "agent",
        "cancel_reminder",
        "export",
        "pause",
        "reminder",
        "restart",
        "resume",
        "rewind",
        "session_started",
        "undo",
    }
)


class TurnProcessor(MessageProcessor):
    """Runs one turn on ``tracker``, which it changes in place.

    Raises ``ActionFailed`` for a failure in an action, a form or the slot extraction and
    ``TurnFailed`` for a dialogue that cannot go on; the tracker is worthless then.
    """

    def __init__(
        self,
        model: Model,
        actions: TurnActions,
        responses: TurnResponses,
        tracker: DialogueStateTracker,
    ) -> None:
        # Stock loads the model here and keeps a store; this processor is handed what it needs.
        self.model = model
        self.tracker = tracker
        self.nlg = responses
        self.action_endpoint = actions
        self.model_metadata = model.metadata
        self.domain = model.domain
        self.max_number_of_predictions = MAX_NUMBER_OF_PREDICTIONS
        self.actions_run: list[str] = []

    async def take(
        self, message: UserUttered, output: TurnOutput, instead: str | None = None
    ) -> None:
        """Let the dialogue answer ``message`` until it waits for the shopper again.

        ``instead`` names an action that answers in place of what the rules say. An active form
        reads nothing in such a message and asks again after it.
        """
        self.tracker.update(message, self.domain)
        if instead is None:
            await self.run_action_extract_slots(output, self.tracker)
        else:
            await self._answer_with(instead, output)
        await self._run_prediction_loop(output, self.tracker)

    async def _answer_with(self, name: str, output: TurnOutput) -> None:
        """Run one action as a digression: a form steps back, and goes on without validating."""
        form = self.tracker.active_loop_name
        if form:
            self.tracker.update(ActionExecutionRejected(form), self.domain)
        self.tracker.update(FollowupAction(name), self.domain)
        action, prediction = self.predict_next_with_tracker_if_should(self.tracker)
        await self._run_action(action, self.tracker, output, self.nlg, prediction)
        if form and self.tracker.active_loop_name == form:
            self.tracker.update_with_events(
                [LoopInterrupted(True), FollowupAction(form)], self.domain
            )

    def understand(self, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """The parse of a shopper's text: whatever it looks like, it is never a command."""
        return parse(self.model, text, metadata, self.tracker)

    async def run_action_extract_slots(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> DialogueStateTracker:
        endpoint: Any = self.action_endpoint
        action = action_for_name_or_text(ACTION_EXTRACT_SLOTS, self.domain, endpoint)
        try:
            events = await action.run(output_channel, self.nlg, tracker, self.domain)
        except EngineError:
            raise
        except Exception as error:
            raise ActionFailed(ACTION_EXTRACT_SLOTS, type(error).__name__) from error
        _refuse_foreign_events(ACTION_EXTRACT_SLOTS, events)
        await self._send_bot_messages(events, tracker, output_channel)
        tracker.update_with_events(events, self.domain)
        return tracker

    async def _run_prediction_loop(
        self, output_channel: OutputChannel, tracker: DialogueStateTracker
    ) -> None:
        going_on = True
        while going_on:
            try:
                action, prediction = self.predict_next_with_tracker_if_should(tracker)
            except ActionLimitReached as error:
                limit = self.max_number_of_predictions
                raise TurnFailed(f"over {limit} actions in one turn") from error
            if prediction.is_end_to_end_prediction:
                await self.run_action_extract_slots(output_channel, tracker)
            going_on = await self._run_action(action, tracker, output_channel, self.nlg, prediction)

    def _predict_next_with_tracker(self, tracker: DialogueStateTracker) -> PolicyPrediction:
        followup = tracker.followup_action
        if followup:
            tracker.clear_followup_action()
            if followup not in self.model.vocabulary.actions:
                raise TurnFailed(f"unknown follow-up action {followup!r}")
            return PolicyPrediction.for_action_name(self.domain, followup, FOLLOWUP_ACTION)
        target = self.model.dialogue_node
        return self.model.graph.run({PLACEHOLDER_TRACKER: tracker}, [target])[target]

    async def _run_action(
        self,
        action: Action,
        tracker: DialogueStateTracker,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        prediction: PolicyPrediction,
    ) -> bool:
        try:
            seen = _as_seen_by(action, tracker, prediction, self)
            events = await action.run(output_channel, nlg, seen, self.domain)
        except ActionExecutionRejection:
            tracker.update(
                ActionExecutionRejected(
                    action.name(), prediction.policy_name, prediction.max_confidence
                )
            )
            return self.should_predict_another_action(action.name())
        except EngineError:
            raise
        except Exception as error:
            raise ActionFailed(action.name(), type(error).__name__) from error
        _refuse_foreign_events(action.name(), events)
        self._log_action_on_tracker(tracker, action, events, prediction)
        if any(isinstance(event, UserUttered) for event in events):
            await self.run_action_extract_slots(output_channel, tracker)
        await self._send_bot_messages(events, tracker, output_channel)
        return self.should_predict_another_action(action.name())

    def _log_action_on_tracker(
        self,
        tracker: DialogueStateTracker,
        action: Action,
        events: list[Event] | None,
        prediction: PolicyPrediction,
    ) -> None:
        events = events or []
        if not any(isinstance(event, ActionExecutionRejected) for event in events):
            tracker.update_with_events(prediction.events, self.domain)
            executed: ActionExecuted = action.event_for_successful_execution(prediction)
            tracker.update(executed)
            if action.name() != ACTION_LISTEN_NAME:
                self.actions_run.append(action.name())
        tracker.update_with_events(events, self.domain)


def parse(
    model: Model, text: str, metadata: dict[str, Any], tracker: DialogueStateTracker | None = None
) -> dict[str, Any]:
    """What language understanding makes of ``text``, as Rasa's parse data with ``text_tokens``."""
    message = UserMessage(sender_id=tracker.sender_id if tracker else None, metadata=metadata)
    # The constructor strips the text, which would shift every offset.
    message.text = text
    results = model.graph.run(
        {PLACEHOLDER_MESSAGE: [message], PLACEHOLDER_TRACKER: tracker}, [model.nlu_node]
    )
    parsed: dict[str, Any] = results[model.nlu_node][0].as_dict(only_output_properties=True)
    found: dict[str, Any] = {
        "text": text,
        "intent": {"name": None, "confidence": 0.0},
        "entities": [],
        **parsed,
    }
    confidence = found["intent"].get("confidence")
    if confidence is None or not math.isfinite(confidence):
        raise TurnFailed("the intent classifier gave no confidence")
    return found


def _as_seen_by(
    action: Action,
    tracker: DialogueStateTracker,
    prediction: PolicyPrediction,
    processor: TurnProcessor,
) -> DialogueStateTracker:
    """A replayed copy where a rejection may have to undo something, else the tracker itself."""
    if not prediction.events and not isinstance(action, LoopAction):
        return tracker
    seen = tracker.copy()
    seen.update_with_events(prediction.events, processor.domain)
    return seen


def _refuse_foreign_events(action: str, events: list[Event] | None) -> None:
    for event in events or []:
        if event.type_name in REFUSED_EVENTS:
            raise EventRefused(action, event.type_name)
