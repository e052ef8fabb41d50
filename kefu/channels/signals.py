"""What is worth knowing for a moment only: somebody types, somebody has read."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from cachetools import TTLCache
from pydantic import BaseModel, ConfigDict, Field

from kefu.conversation import events
from kefu.conversation.live import Live
from kefu.conversation.messages import SHOPPER
from kefu.runtime import Runtime

# Seconds in which a second "typing" says nothing new.
TYPING_LASTS = 1.0

_typing = TTLCache[tuple[str, str], bool, float](10_000, TYPING_LASTS)


class Typing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: Literal["typing"] = "typing"


class Read(BaseModel):
    """``up_to``: the ``seq`` of the last event that the screen has shown."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["read"] = "read"
    up_to: int = Field(ge=1, le=2**31 - 1)


Signal = Annotated[Typing | Read, Field(discriminator="type")]


def pass_on(live: Live, conversation_id: str, body: Typing | Read, sender: str) -> None:
    """Show it to those who listen now, unless it says nothing new."""
    if isinstance(body, Read):
        if sender == SHOPPER and body.up_to <= live.read_up_to(conversation_id):
            return
    elif (conversation_id, sender) in _typing:
        return
    else:
        _typing[conversation_id, sender] = True
    live.pass_by(conversation_id, {"from": sender, **body.model_dump()})


async def pass_on_from_shopper(runtime: Runtime, conversation_id: str, body: Typing | Read) -> None:
    """The same for a shopper, who can have read nothing that was not said yet."""
    if isinstance(body, Read) and body.up_to > runtime.live.read_up_to(conversation_id):
        find = partial(events.find, conversation_id=conversation_id)
        last_seq = (await runtime.database.read(find)).last_seq
        body = body.model_copy(update={"up_to": min(body.up_to, last_seq)})
    pass_on(runtime.live, conversation_id, body, SHOPPER)
