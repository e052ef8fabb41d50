"""What the shopper's HTTP API and WebSocket share: take a message in, bring events out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from sqlalchemy.orm import Session as Transaction

from kefu.attachments import rows
from kefu.channels.tokens import Session
from kefu.conversation import events, messages, picture_messages
from kefu.conversation.messages import Accepted
from kefu.runtime import Runtime
from kefu.store.tables import Document

ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]


class IncomingMessage(BaseModel):
    """A text, a pressed button or an uploaded picture, these two by their ids.

    ``client_message_id``: the same one is one message.
    """

    model_config = ConfigDict(extra="forbid")

    client_message_id: ClientMessageId
    text: str | None = None
    button: Annotated[str, StringConstraints(pattern=events.BUTTON_ID)] | None = None
    attachment_id: Annotated[str, StringConstraints(pattern=rows.ID)] | None = None

    @model_validator(mode="after")
    def _one_content(self) -> IncomingMessage:
        given = [self.text, self.button, self.attachment_id]
        if given.count(None) != len(given) - 1:
            raise ValueError("exactly one of text, button and attachment_id")
        return self


async def take(runtime: Runtime, session: Session, message: IncomingMessage, address: str) -> int:
    """Accept a message sent from ``address`` and have it answered; its ``seq``.

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
        await runtime.limits.message(session, address)
    accepted = await runtime.database.write(_acceptance(runtime, session, message))
    if accepted.needs_turn:
        runtime.runner.wake(session.conversation_id)
    return accepted.seq


def _acceptance(
    runtime: Runtime, session: Session, message: IncomingMessage
) -> Callable[[Transaction], Accepted]:
    """What stores the message."""
    if message.attachment_id is not None:
        return partial(
            picture_messages.accept,
            conversation_id=session.conversation_id,
            client_message_id=message.client_message_id,
            attachment_id=message.attachment_id,
        )
    return partial(
        messages.accept,
        conversation_id=session.conversation_id,
        client_message_id=message.client_message_id,
        profile=runtime.profiles[session.profile],
        text=message.text,
        button_id=message.button,
    )


@dataclass(frozen=True, slots=True)
class Waited:
    """``passing``: what is not stored and has no ``seq``."""

    events: list[Document]
    passing: list[Document]


async def wait_for_events(
    runtime: Runtime, conversation_id: str, after: int, wait: float, *, shopper: bool = False
) -> Waited:
    """Events behind ``after``; waits up to ``wait`` seconds for the first, stored or passing.

    ``shopper``: it is the shopper who waits, and not one of the staff.
    """
    end = time.monotonic() + wait
    passing: list[Document] = []
    read = partial(events.since, conversation_id=conversation_id, after=after)
    with runtime.live.listen(conversation_id, after, shopper=shopper) as listener:
        while True:
            found = await runtime.database.read(read)
            left = end - time.monotonic()
            if found or passing or left <= 0 or runtime.live.closing:
                return Waited(found, passing)
            passing = await listener.wait(left)
