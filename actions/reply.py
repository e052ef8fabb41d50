"""What an action answers: sentences with buttons and cards, commands, tracker events."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import (  # pyright: ignore[reportMissingTypeStubs]
    ActiveLoop,
    FollowupAction,
    SlotSet,
)

from kefu.shop.model import Verdict

Button = dict[str, str]
Card = dict[str, Any]

OFFER_SLOT = "offered_intent"
VERDICT_SLOT = "last_verdict"


def button(title: str, intent: str, **entities: str) -> Button:
    """A button that stands for ``intent``, with entities where it needs them."""
    payload = f"/{intent}"
    if entities:
        payload += json.dumps(entities, ensure_ascii=False)
    return {"title": title, "payload": payload}


def read_payload(payload: str) -> tuple[str, dict[str, str]] | None:
    """The intent and entities of a button made by ``button``."""
    found = re.fullmatch(r"/(\w+)(\{.*\})?", payload)
    return (found.group(1), json.loads(found.group(2) or "{}")) if found else None


PERSON = button("转人工", "human_agent")


class Reply:
    """Gathers the answer of one action; nothing leaves before the action ends without an error."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def say(self, text: str, buttons: Sequence[Button] = (), cards: Sequence[Card] = ()) -> None:
        """One message bubble."""
        message: dict[str, Any] = {"text": text, "buttons": list(buttons)}
        if cards:
            message["json_message"] = {"cards": list(cards)}
        self.messages.append(message)

    def respond(self, response: str) -> None:
        """One of the texts that ``domain.yml`` holds ready."""
        self.messages.append({"response": response})

    def apologise(self, text: str) -> None:
        """Say what is out of order and offer a person."""
        self.offer_person(text, ask="需要为您转接人工客服吗？")

    def offer_person(
        self, text: str, *, ask: str = "需要转人工客服吗？", buttons: Sequence[Button] = ()
    ) -> None:
        """Say ``text`` and ask whether a person shall take over; a bare yes will do as answer."""
        self.say(f"{text}{ask}", [*buttons, PERSON])
        self.remember(OFFER_SLOT, PERSON)

    def offer(self, text: str, service: Button, others: Sequence[Button] = ()) -> None:
        """Say ``text`` and offer a service with a button; a bare yes will do as a press on it."""
        self.say(text, [service, *others])
        self.remember(OFFER_SLOT, service)

    def command(self, type_: str, **fields: Any) -> None:
        """Have the desk do something; it is done when the turn is committed."""
        self.messages.append({"json_message": {"command": {"type": type_, **fields}}})

    def hand_off(self, reason: str, note: str, group: str | None = None) -> None:
        """Give the talk to a person; ``note`` is what the agent reads first.

        Without a ``group`` the one whose business it is takes over.
        """
        self.command("handoff", reason=reason, group=group, note=note)

    def refused(self, verdict: Verdict) -> None:
        """Keep in mind what a rule has just forbidden: a bare 「为什么」 asks for its reason."""
        self.remember(VERDICT_SLOT, {"code": verdict.code, "sentence": verdict.sentence})

    def remember(self, slot: str, value: object) -> None:
        self.events.append(dict(SlotSet(slot, value)))

    def remember_all(self, values: Mapping[str, object]) -> None:
        for slot, value in values.items():
            self.remember(slot, value)

    def go_on_with(self, action: str) -> None:
        """Run another action or form in this same turn."""
        self.events.append(dict(FollowupAction(action)))

    def end_form(self) -> None:
        """Leave the active form, whatever it still lacks."""
        self.events.append(dict(ActiveLoop(None)))
        self.remember("requested_slot", None)
