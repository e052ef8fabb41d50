"""One-time codes over HTTP: the secure input's side. A code is never a message."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, SecretStr, StringConstraints, field_validator

from kefu.channels.callers import address_of
from kefu.channels.shopper import InRuntime, InSession
from kefu.errors import KefuError
from kefu.runtime import Runtime
from kefu.verification import checking, codes

router = APIRouter(prefix="/api/v1/shopper/verify", tags=["shopper"])

VerifyId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]


class Resend(BaseModel):
    model_config = ConfigDict(extra="forbid")

    verify_id: VerifyId


class Entered(Resend):
    """``code`` is what was typed, with or without blanks."""

    code: SecretStr

    @field_validator("code")
    @classmethod
    def _digits(cls, code: SecretStr) -> SecretStr:
        digits = code.get_secret_value().replace(" ", "")
        if len(digits) != codes.DIGITS or not (digits.isascii() and digits.isdigit()):
            raise ValueError("a code has six digits")
        return SecretStr(digits)


class Checked(BaseModel):
    """``done``: all is proved. Otherwise another ``verify_request`` follows."""

    purpose: str
    done: bool


class Resent(BaseModel):
    expires_at: str
    resend_at: str


@router.post("")
async def enter(body: Entered, request: Request, session: InSession, runtime: InRuntime) -> Checked:
    """Check a code; five wrong tries make it worthless."""
    await runtime.limits.message(session, address_of(request))
    return await check(runtime, session.conversation_id, body)


async def check(runtime: Runtime, conversation_id: str, body: Entered) -> Checked:
    """Compare the code that was entered in this conversation, and have the bot go on."""
    outcome = await runtime.database.write(
        partial(
            checking.check,
            conversation_id=conversation_id,
            verify_id=body.verify_id,
            code=body.code.get_secret_value(),
            key=runtime.code_key,
        )
    )
    if isinstance(outcome, KefuError):
        raise outcome
    if not outcome.done:
        runtime.dispatcher.wake()
    if outcome.needs_turn:
        runtime.runner.wake(conversation_id)
    return Checked(purpose=outcome.purpose, done=outcome.done)


@router.post("/resend")
async def resend(body: Resend, request: Request, session: InSession, runtime: InRuntime) -> Resent:
    """Send another code, a minute after the last at the earliest; the last one is then void."""
    address_key = codes.address_key(runtime.code_key, address_of(request))
    return await send_again(runtime, session.conversation_id, body.verify_id, address_key)


async def send_again(
    runtime: Runtime, conversation_id: str, verify_id: str, address_key: str | None
) -> Resent:
    """Have another code sent, counted against ``address_key``."""
    sent = await runtime.database.write(
        partial(
            checking.resend,
            conversation_id=conversation_id,
            verify_id=verify_id,
            key=runtime.code_key,
            address_key=address_key,
        )
    )
    runtime.dispatcher.wake()
    return Resent(expires_at=sent["expires_at"], resend_at=sent["resend_at"])
