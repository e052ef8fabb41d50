"""The shopper API over a WebSocket: the same events pushed, messages accepted."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kefu.background import until_first_ends
from kefu.channels import tokens
from kefu.channels.callers import address_of, require_origin
from kefu.channels.errors import OriginRefused, SessionRefused, TooManyConnections
from kefu.channels.inbox import IncomingMessage, take
from kefu.channels.signals import Read, Typing, pass_on_from_shopper
from kefu.channels.tokens import Session
from kefu.conversation import events
from kefu.errors import KefuError
from kefu.runtime import Runtime
from kefu.store.database import DatabaseUnavailable
from kefu.store.tables import Document

FIRST_FRAME_SECONDS = 5.0
FIRST_FRAME_BYTES = 4096
DATABASE_AWAY_SECONDS = 1.0

BAD_FRAME = 4400
REFUSED = 4401
FOREIGN_PAGE = 4403
TOO_LATE = 4408
TOO_LARGE = 4413
TOO_MANY = 4429
GOING_AWAY = 1001


class Hello(BaseModel):
    """The first frame."""

    model_config = ConfigDict(extra="forbid")

    session_token: str
    after: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0


class _Closing(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


async def serve(websocket: WebSocket, runtime: Runtime) -> None:
    """Hold the connection until either side ends it or the session token runs out."""
    await websocket.accept()
    try:
        with runtime.limits.greeting(address_of(websocket)):
            session, after = await _greet(websocket, runtime)
        left = (session.expires_at - datetime.now(UTC)).total_seconds()
        with runtime.limits.connections.hold(session.conversation_id):
            async with asyncio.timeout(left):
                await until_first_ends(
                    _push(websocket, runtime, session, after), _receive(websocket, runtime, session)
                )
    except TimeoutError:
        await websocket.close(REFUSED)
    except TooManyConnections:
        await websocket.close(TOO_MANY)
    except _Closing as closing:
        await websocket.close(closing.code)
    except WebSocketDisconnect:
        return


async def _greet(websocket: WebSocket, runtime: Runtime) -> tuple[Session, int]:
    try:
        async with asyncio.timeout(FIRST_FRAME_SECONDS):
            frame = await _frame(websocket)
    except TimeoutError:
        raise _Closing(TOO_LATE) from None
    if len(frame.encode()) > FIRST_FRAME_BYTES:
        raise _Closing(TOO_LARGE)
    try:
        hello = Hello.model_validate_json(frame)
        session = tokens.verify(hello.session_token, runtime.session_key)
        require_origin(websocket, runtime.profiles.get(session.profile))
    except ValidationError:
        raise _Closing(BAD_FRAME) from None
    except SessionRefused:
        raise _Closing(REFUSED) from None
    except OriginRefused:
        raise _Closing(FOREIGN_PAGE) from None
    return session, hello.after


async def _push(websocket: WebSocket, runtime: Runtime, session: Session, after: int) -> None:
    with runtime.live.listen(session.conversation_id, after, shopper=True) as listener:
        while True:
            found = await _since(runtime, session.conversation_id, listener.seen)
            for event in runtime.addresses.for_shopper(found):
                await websocket.send_json(event)
                listener.seen = event["seq"]
            if len(found) == events.PAGE:
                continue
            # Whatever was committed behind this read has woken the listener again.
            if runtime.live.closing:
                raise _Closing(GOING_AWAY)
            for event in await listener.wait():
                await websocket.send_json(event)


async def _since(runtime: Runtime, conversation_id: str, after: int) -> list[Document]:
    """Events behind ``after``; while the database is away, the socket waits for it."""
    read = partial(events.since, conversation_id=conversation_id, after=after)
    while True:
        try:
            return await runtime.database.read(read)
        except DatabaseUnavailable:
            if runtime.live.closing:
                raise _Closing(GOING_AWAY) from None
            await asyncio.sleep(DATABASE_AWAY_SECONDS)


async def _receive(websocket: WebSocket, runtime: Runtime, session: Session) -> None:
    address = address_of(websocket)
    while True:
        frame = await _frame(websocket)
        try:
            message = _FRAMES.validate_json(frame)
        except ValidationError:
            raise _Closing(BAD_FRAME) from None
        if not isinstance(message, _Message):
            # A signal has no answer: one too many is as lost as one that nobody hears.
            with suppress(KefuError):
                await runtime.limits.quiet(session)
                await pass_on_from_shopper(runtime, session.conversation_id, message)
            continue
        answer: dict[str, Any] = {"client_message_id": message.client_message_id}
        try:
            answer |= {"type": "ack", "seq": await take(runtime, session, message, address)}
        except KefuError as error:
            answer |= {"type": "error", "problem": error.as_problem()}
        await websocket.send_json(answer)


class _Message(IncomingMessage):
    type: Literal["message"]


_FRAMES: TypeAdapter[_Message | Typing | Read] = TypeAdapter(
    Annotated[_Message | Typing | Read, Field(discriminator="type")]
)


async def _frame(websocket: WebSocket) -> str:
    """The next text frame; a binary one is refused."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text")
    if text is None:
        raise _Closing(BAD_FRAME)
    return text
