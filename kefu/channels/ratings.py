"""The shopper's answer to ``rating_request``."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kefu.channels.callers import address_of
from kefu.channels.shopper import InRuntime, InSession, Sequence
from kefu.conversation.messages import clean
from kefu.ratings import giving
from kefu.runtime import Runtime

router = APIRouter(prefix="/api/v1/shopper/rating", tags=["shopper"])

LONGEST_TEXT = 500


class Given(BaseModel):
    """``seq`` is that of the ``rating_request``."""

    model_config = ConfigDict(extra="forbid")

    seq: int = Field(ge=1, le=2**31 - 1)
    stars: int = Field(ge=1, le=5)
    reasons: list[giving.Reason] = Field(default=[], max_length=9)
    text: Annotated[str, StringConstraints(max_length=LONGEST_TEXT)] = ""


@router.post("")
async def rate(body: Given, request: Request, session: InSession, runtime: InRuntime) -> Sequence:
    """Rate the service; for a day the same request changes the rating."""
    await runtime.limits.message(session, address_of(request))
    return await give(runtime, session.conversation_id, session.profile, body)


async def give(runtime: Runtime, conversation_id: str, profile: str, body: Given) -> Sequence:
    """Store what was given in this conversation."""
    opinion = giving.Opinion(
        body.stars, body.reasons, clean(body.text) if body.text.strip() else ""
    )
    given = await runtime.database.write(
        partial(
            giving.rate,
            conversation_id=conversation_id,
            profile=runtime.profiles[profile],
            seq=body.seq,
            opinion=opinion,
        )
    )
    return Sequence(seq=given)
