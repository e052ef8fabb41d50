"""What the staff's page says over its WebSocket."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MOST_WATCHED = 50

ConversationId = Annotated[str, Field(min_length=1, max_length=40)]
Seq = Annotated[int, Field(ge=0, le=2**31 - 1)]


class _Frame(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Hello(_Frame):
    """The first frame; ``watch``: from which ``seq`` on, by conversation."""

    csrf_token: str
    watch: dict[ConversationId, Seq] = Field(default={}, max_length=MOST_WATCHED)


class Watch(_Frame):
    type: Literal["watch"]
    conversation_id: ConversationId
    after: Seq = 0


class Unwatch(_Frame):
    type: Literal["unwatch"]
    conversation_id: ConversationId


class Ping(_Frame):
    type: Literal["ping"]


class Types(_Frame):
    type: Literal["typing"]
    conversation_id: ConversationId


class Reads(_Frame):
    type: Literal["read"]
    conversation_id: ConversationId
    up_to: Annotated[int, Field(ge=1, le=2**31 - 1)]


Said = Watch | Unwatch | Ping | Types | Reads
SAID: TypeAdapter[Said] = TypeAdapter(Annotated[Said, Field(discriminator="type")])
