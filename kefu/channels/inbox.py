"""What the shopper's HTTP API and WebSocket share: take a message in, bring events out."""

from __future__ import annotations

import time
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from kefu.channels.tokens import Session
from kefu.conversation import events, messages
from kefu.conversation.live import RECHECK
from kefu.runtime import Runtime
from kefu.store.tables import Document

ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]


class IncomingMessage(BaseModel):
    """A text, or a pressed button by its id. ``client_message_id``: the same one is one message."""

    model_config = ConfigDict(extra="forbid")

    client_message_id: ClientMessageId
    text: str | None = None
    button: Annotated[str, StringConstraints(pattern=events.BUTTON_ID)] | None = None

    @model_validator(mode="after")
    def _one_content(self) -> IncomingMessage:
        if (self.text is None) == (self.button is None):
            raise ValueError("exactly one of text and button")
        return self


async def take(runtime: Runtime, session: Session, message: IncomingMessage) -> int:
    """Accept a message and have it answered; its ``seq``.

    Raises ``TooManyRequests``; what was accepted before may be sent again at any rate.
    """
    known = await runtime.database.read(
        partial(
            messages.find,
            conversation_id=session.conversation_id,
            author=messages.SHOPPER,
            client_message_id=message.client_message_id,
        )
    )
    if known is None:
        runtime.message_limit.spend(session.conversation_id)
    accepted = await runtime.database.write(
        partial(
            messages.accept,
            conversation_id=session.conversation_id,
            client_message_id=message.client_message_id,
            profile=runtime.profiles[session.profile],
            text=message.text,
            button_id=message.button,
        )
    )
    if accepted.needs_turn:
        runtime.runner.wake(session.conversation_id)
    return accepted.seq


async def wait_for_events(
    runtime: Runtime, conversation_id: str, after: int, wait: float
) -> list[Document]:
    """Events behind ``after``; waits up to ``wait`` seconds for the first."""
    end = time.monotonic() + wait
    read = partial(events.since, conversation_id=conversation_id, after=after)
    with runtime.live.listen(conversation_id) as listener:
        while True:
            found = await runtime.database.read(read)
            left = end - time.monotonic()
            if found or left <= 0 or runtime.live.closing:
                return found
            await listener.wait(min(left, RECHECK))
