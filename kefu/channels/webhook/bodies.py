"""What a shop's server may send. ``type`` says what for: the signature covers the body alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
)

from kefu.channels import ratings, verify
from kefu.channels.inbox import ClientMessageId
from kefu.channels.shopper import Context
from kefu.conversation import events

Word = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]*$")]
ConversationId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class User(BaseModel):
    """``id``: what the server calls the shopper by, an OpenID for instance.

    ``account_id`` is the shop's own, for who is signed in: the server vouches for it each time,
    and without it the shopper is a guest. ``name`` is what agents see.
    """

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,80}$")]
    name: Word | None = None
    account_id: Word | None = None


class _Message(BaseModel):
    """``message_id``: the same one of the same user is one message. ``at``: when it was written."""

    model_config = ConfigDict(extra="forbid")

    message_id: ClientMessageId
    user: User
    at: AwareDatetime | None = None
    context: Context = Context()


class Text(_Message):
    type: Literal["text"]
    text: str


class Button(_Message):
    """``button`` is the id of one that an event of the talk showed."""

    type: Literal["button"]
    button: Annotated[str, StringConstraints(pattern=events.BUTTON_ID)]


class Image(_Message):
    """The part ``message`` of a form whose part ``file`` is the picture."""

    type: Literal["image"]


class _InTalk(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: User
    conversation_id: ConversationId


class Verify(_InTalk, verify.Entered):
    """The code that was typed into a field of its own, never into the talk."""

    type: Literal["verify"]


class VerifyResend(_InTalk, verify.Resend):
    type: Literal["verify_resend"]


class Rating(_InTalk, ratings.Given):
    type: Literal["rating"]


class QueueLeave(_InTalk):
    """The shopper no longer waits for a person."""

    type: Literal["queue_leave"]


class Close(_InTalk):
    type: Literal["close"]


class Ready(BaseModel):
    """The server is back: what it did not take is sent again at once."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["ready"]


InTalk = Verify | VerifyResend | Rating | QueueLeave | Close
Body = Annotated[Text | Button | InTalk | Ready, Discriminator("type")]


class Taken(BaseModel):
    """The message is stored; ``seq`` is its place in the talk."""

    seq: int
    conversation_id: str


class Standing(BaseModel):
    """``state``: bot, waiting, assigned or closed."""

    conversation_id: str
    state: str


class Awaited(BaseModel):
    """``conversations``: how many have something that is sent again now."""

    conversations: int = Field(ge=0)
