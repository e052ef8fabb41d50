"""The shopper API over a WebSocket: the same events pushed, messages accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

from fastapi import WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kefu.channels import tokens
from kefu.channels.errors import SessionRefused, TooManyConnections
from kefu.channels.inbox import IncomingMessage, take
from kefu.channels.tokens import Session
from kefu.conversation import events
from kefu.conversation.live import RECHECK
from kefu.errors import KefuError
from kefu.runtime import Runtime

FIRST_FRAME_SECONDS = 5.0
FIRST_FRAME_BYTES = 4096

BAD_FRAME = 4400
REFUSED = 4401
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
        session, after = await _greet(websocket, runtime)
        left = (session.expires_at - datetime.now(UTC)).total_seconds()
        with runtime.connection_limit.hold(session.conversation_id):
            async with asyncio.timeout(left):
                await _both(
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
        return tokens.verify(hello.session_token, runtime.session_key), hello.after
    except ValidationError:
        raise _Closing(BAD_FRAME) from None
    except SessionRefused:
        raise _Closing(REFUSED) from None


async def _both(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run jobs until the first ends; its exception is raised after the others have stopped."""
    tasks = [asyncio.create_task(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def _push(websocket: WebSocket, runtime: Runtime, session: Session, after: int) -> None:
    with runtime.live.listen(session.conversation_id) as listener:
        while True:
            read = partial(events.since, conversation_id=session.conversation_id, after=after)
            found = await runtime.database.read(read)
            for event in found:
                await websocket.send_json(event)
                after = event["seq"]
            if found:
                continue
            if runtime.live.closing:
                raise _Closing(GOING_AWAY)
            for event in await listener.wait(RECHECK):
                await websocket.send_json(event)


async def _receive(websocket: WebSocket, runtime: Runtime, session: Session) -> None:
    while True:
        frame = await _frame(websocket)
        try:
            message = _Frame.model_validate_json(frame)
        except ValidationError:
            raise _Closing(BAD_FRAME) from None
        answer: dict[str, Any] = {"client_message_id": message.client_message_id}
        try:
            answer |= {"type": "ack", "seq": await take(runtime, session, message)}
        except KefuError as error:
            answer |= {"type": "error", "problem": error.as_problem()}
        await websocket.send_json(answer)


class _Frame(IncomingMessage):
    type: str = Field(pattern="^message$")


async def _frame(websocket: WebSocket) -> str:
    """The next text frame; a binary one is refused."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text")
    if text is None:
        raise _Closing(BAD_FRAME)
    return text
