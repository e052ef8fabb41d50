"""Calls to the action server: one kept connection, only what is needed, and no swallowed failure.

A ``POST {url}/webhook`` as Rasa's own, with the turn token in ``X-Kefu-Turn-Token``. The domain
goes along only to validators, and there reduced to ``slots`` and ``forms``.
"""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import jsonschema.validators
from rasa.core.actions.action import (
    ActionExecutionRejection,
    ActionExtractSlots,
    RemoteAction,
)
from rasa.core.channels.channel import OutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, Event, SlotSet, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from kefu_engine import RASA_VERSION
from kefu_engine.errors import ActionFailed, ActionsUnreachable

TOKEN_HEADER = "X-Kefu-Turn-Token"  # noqa: S105 - the name of a header
_VALIDATORS = ("validate_", "action_validate_")


def _compile_schema() -> Any:
    schema = RemoteAction.action_response_format_spec()
    return jsonschema.validators.validator_for(schema)(schema)


_ANSWER = _compile_schema()


class ActionServer:
    """The HTTP session to the action server that all turns share; made inside the event loop.

    ``deadline`` bounds one call in seconds.
    """

    def __init__(self, url: str, deadline: float) -> None:
        self.webhook = f"{url.removesuffix('/webhook').rstrip('/')}/webhook"
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=deadline),
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
        )

    async def close(self) -> None:
        await self._session.close()

    async def post(self, action: str, body: dict[str, Any], turn_token: str) -> dict[str, Any]:
        """The server's answer; raises ``ActionFailed`` or ``ActionExecutionRejection``."""
        data = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", TOKEN_HEADER: turn_token}
        try:
            async with self._session.post(self.webhook, data=data, headers=headers) as response:
                status, raw = response.status, await response.read()
        except TimeoutError as error:
            raise ActionFailed(action, "the action server took too long") from error
        except aiohttp.ClientConnectorError as error:
            raise ActionsUnreachable(action, "no action server listens") from error
        except aiohttp.ClientError as error:
            raise ActionFailed(action, f"no answer: {type(error).__name__}") from error
        if status not in (200, 400):
            raise ActionFailed(action, f"the action server answered {status}")
        try:
            answer = json.loads(raw)
        except ValueError as error:
            raise ActionFailed(action, f"the answer ({status}) is not JSON") from error
        if status == 400:
            raise _rejection(action, answer)
        return answer


def _rejection(action: str, answer: Any) -> Exception:
    if isinstance(answer, dict) and answer.get("action_name"):
        return ActionExecutionRejection(answer["action_name"], answer.get("error"))
    return ActionFailed(action, "the action server refused the call (400)")


class TurnActions:
    """What one turn's actions call through; Rasa hands it to them as their endpoint."""

    def __init__(self, server: ActionServer, turn_token: str, domain: dict[str, Any]) -> None:
        self.server = server
        self.turn_token = turn_token
        self.domain = domain


class ActionCall(RemoteAction):
    """A custom action of the action server."""

    action_endpoint: TurnActions

    async def run(
        self,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        """The events the action returned, its messages first.

        Raises ``ActionFailed`` for anything but an answer, and ``ActionExecutionRejection``.
        """
        name = self.name()
        body = {
            "next_action": name,
            "sender_id": tracker.sender_id,
            "tracker": tracker.current_state(EventVerbosity.ALL),
            "version": RASA_VERSION,
            "domain": self.action_endpoint.domain if name.startswith(_VALIDATORS) else {},
        }
        turn = self.action_endpoint
        answer = await turn.server.post(name, body, turn.turn_token)
        problem = next(_ANSWER.iter_errors(answer), None)
        if problem is not None:
            raise ActionFailed(name, f"the answer does not fit the schema at {problem.json_path}")
        messages = await self._utter_responses(
            answer.get("responses") or [], output_channel, nlg, tracker
        )
        try:
            return [*messages, *deserialise_events(answer.get("events") or [])]
        except (ValueError, KeyError, TypeError) as error:
            raise ActionFailed(name, f"the answer holds an invalid event: {error}") from error


class SlotExtraction(ActionExtractSlots):
    """Rasa's slot extraction, whose custom actions fail the turn instead of logging a warning."""

    async def _run_custom_action(
        self,
        custom_action: str,
        output_channel: OutputChannel,
        nlg: NaturalLanguageGenerator,
        tracker: DialogueStateTracker,
        domain: Domain,
    ) -> list[Event]:
        call = ActionCall(custom_action, self._action_endpoint)
        try:
            events = await call.run(output_channel, nlg, tracker, domain)
        except ActionExecutionRejection as error:
            raise ActionFailed(custom_action, "slot extraction cannot be rejected") from error
        for event in events:
            if not isinstance(event, (SlotSet, BotUttered)):
                raise ActionFailed(
                    custom_action, f"slot extraction cannot return {event.type_name!r}"
                )
        return events
