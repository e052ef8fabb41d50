"""The staff's WebSocket: the inbox, the events of the talks that are watched, signs of life."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.websockets import WebSocketState

from kefu.accounts import sessions
from kefu.accounts.errors import NotLoggedIn, RequestForged
from kefu.attachments.addresses import for_staff
from kefu.background import until_first_ends
from kefu.channels.callers import from_own_page
from kefu.channels.signals import Read, Typing, pass_on
from kefu.conversation import events
from kefu.conversation.errors import ConversationNotFound
from kefu.desk import authors, backstage, board, notes, reading
from kefu.desk.access import COOKIE
from kefu.desk.frames import MOST_WATCHED, SAID, Hello, Ping, Reads, Said, Types, Unwatch, Watch
from kefu.desk.scope import Scope, scope_of
from kefu.errors import KefuError
from kefu.handoff.skills import SERVING_ROLES
from kefu.runtime import Runtime
from kefu.store.base import Document
from kefu.store.database import DatabaseUnavailable

router = APIRouter(tags=["desk"])

FIRST_FRAME_SECONDS = 5.0
FIRST_FRAME_BYTES = 4096
DATABASE_AWAY_SECONDS = 1.0
# A page that says nothing for so long is gone, whatever its connection says.
SILENCE_SECONDS = 60.0

BAD_FRAME = 4400
REFUSED = 4401
TOO_LATE = 4408
TOO_LARGE = 4413
GOING_AWAY = 1001
BROKEN = 1011

Found = TypeVar("Found")
log = structlog.get_logger("kefu.desk")


class _Closing(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@router.websocket("/api/v1/desk/ws")
async def connect(websocket: WebSocket) -> None:
    """Hold the connection until either side ends it or the session ends."""
    await websocket.accept()
    line = Line(websocket, websocket.app.state.runtime)
    try:
        try:
            await line.hold(await line.greet())
        finally:
            # Before the socket is closed: nobody may send on it then.
            await line.end()
    except _Closing as closing:
        await websocket.close(closing.code)
    except WebSocketDisconnect:
        return


class Line:
    """One open socket of a member of the staff."""

    def __init__(self, websocket: WebSocket, runtime: Runtime) -> None:
        self._websocket = websocket
        self._runtime = runtime
        self._key = websocket.cookies.get(COOKIE)
        self._sending = asyncio.Lock()
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._broken = asyncio.Event()
        self._scope: Scope | None = None

    @property
    def scope(self) -> Scope:
        assert self._scope is not None
        return self._scope

    async def greet(self) -> Hello:
        """Check origin, cookie and first frame."""
        if not from_own_page(self._websocket):
            raise _Closing(REFUSED)
        try:
            async with asyncio.timeout(FIRST_FRAME_SECONDS):
                frame = await self._frame()
        except TimeoutError:
            raise _Closing(TOO_LATE) from None
        if len(frame.encode()) > FIRST_FRAME_BYTES:
            raise _Closing(TOO_LARGE)
        try:
            hello = Hello.model_validate_json(frame)
            sessions.check_csrf(self._key or "", self._runtime.csrf_key, hello.csrf_token)
            await self._refresh()
            self.scope.require_any(SERVING_ROLES)
        except ValidationError:
            raise _Closing(BAD_FRAME) from None
        except KefuError as error:
            if isinstance(error, DatabaseUnavailable):
                raise _Closing(GOING_AWAY) from None
            raise _Closing(REFUSED) from None
        return hello

    async def hold(self, hello: Hello) -> None:
        await self._runtime.beats.beat(self.scope.staff_id)
        for conversation_id, after in hello.watch.items():
            self._watch(conversation_id, after)
        await until_first_ends(self._push_inbox(), self._receive(), self._end_if_broken())

    async def end(self) -> None:
        tasks = list(self._watching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(self) -> None:
        """Who it is and what they may see, as it stands now; raises ``NotLoggedIn``."""

        def find(session: Any) -> Scope:
            member = sessions.find(session, self._key)
            return scope_of(session, member, self._runtime.profiles)

        self._scope = await self._runtime.database.read(find)

    async def _push_inbox(self) -> None:
        last: Document | None = None
        with self._runtime.board_news.listen() as changed:
            while True:
                if self._runtime.live.closing:
                    raise _Closing(GOING_AWAY)
                latest = self._runtime.board_news.latest
                if latest is not None and changed.is_set():
                    changed.clear()
                    found = board.inbox(latest, self.scope)
                    if found != last:
                        await self._send({"type": "inbox", "inbox": found})
                        last = found
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await changed.wait()

    async def _receive(self) -> None:
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    frame = await self._frame()
            except TimeoutError:
                raise _Closing(TOO_LATE) from None
            try:
                said = SAID.validate_json(frame)
            except ValidationError:
                raise _Closing(BAD_FRAME) from None
            try:
                await self._take(said)
            except ConversationNotFound:
                # Out of sight since the page showed it: the inbox says so.
                continue
            except DatabaseUnavailable:
                continue
            except (NotLoggedIn, RequestForged):
                await self._send({"type": "forced_out"})
                raise _Closing(REFUSED) from None

    async def _take(self, said: Said) -> None:
        match said:
            case Ping():
                await self._refresh()
                await self._runtime.beats.beat(self.scope.staff_id)
                await self._send({"type": "pong"})
            case Watch():
                self._watch(said.conversation_id, said.after)
            case Unwatch():
                task = self._watching.pop(said.conversation_id, None)
                if task:
                    task.cancel()
            case Types():
                await self._types(said.conversation_id)
            case Reads():
                await self._reads(said.conversation_id, said.up_to)

    async def _types(self, conversation_id: str) -> None:
        """Shown to the shopper where it is one's own talk, to colleagues at any rate."""
        staff = self.scope.member.staff
        talk = await self._runtime.database.read(
            partial(self.scope.find, conversation_id=conversation_id)
        )
        live = self._runtime.live
        if talk.assigned_to == staff.staff_id:
            pass_on(live, conversation_id, Typing(), "agent")
        told = {"type": "typing", "from": "agent", "staff_id": staff.staff_id, "name": staff.name}
        backstage.tell(live, conversation_id, told)

    async def _reads(self, conversation_id: str, up_to: int) -> None:
        scope = self.scope
        read = await self._runtime.database.write(
            partial(reading.mark, conversation_id=conversation_id, scope=scope, up_to=up_to)
        )
        if read:
            pass_on(self._runtime.live, conversation_id, Read(up_to=read), "agent")

    def _watch(self, conversation_id: str, after: int) -> None:
        before = self._watching.pop(conversation_id, None)
        if before:
            before.cancel()
        if len(self._watching) >= MOST_WATCHED:
            oldest = next(iter(self._watching))
            self._watching.pop(oldest).cancel()
        self._watching[conversation_id] = asyncio.create_task(self._follow(conversation_id, after))

    async def _follow(self, conversation_id: str, after: int) -> None:
        """Push a talk's events as long as the member may see it.

        A page whose talk stood still would look alive: whatever else ends this ends the line,
        so that the page connects anew and gets what it missed.
        """
        try:
            await until_first_ends(
                self._follow_talk(conversation_id, after), self._follow_backstage(conversation_id)
            )
        except (ConversationNotFound, WebSocketDisconnect):
            return
        except Exception:
            log.exception("a talk cannot be followed", conversation_id=conversation_id)
            self._broken.set()

    async def _end_if_broken(self) -> None:
        await self._broken.wait()
        raise _Closing(BROKEN)

    async def _follow_talk(self, conversation_id: str, after: int) -> None:
        with self._runtime.live.listen(conversation_id, after) as listener:
            while True:
                found = await self._since(conversation_id, listener.seen)
                for event in for_staff(found):
                    await self._tell(conversation_id, event)
                    listener.seen = event["seq"]
                if found:
                    continue
                for event in await listener.wait():
                    # Colleagues' typing comes with a name from backstage.
                    if (event["type"], event.get("from")) != ("typing", "agent"):
                        await self._tell(conversation_id, event)

    async def _follow_backstage(self, conversation_id: str) -> None:
        with self._runtime.live.listen(backstage.key(conversation_id)) as listener:
            while True:
                for event in await listener.wait():
                    if event["type"] == "note":
                        await self._send_note(conversation_id, event["note_id"])
                    elif event.get("staff_id") != self.scope.staff_id:
                        await self._tell(conversation_id, event)

    async def _send_note(self, conversation_id: str, note_id: int) -> None:
        note = await self._patiently(
            lambda session: notes.visible_note(session, note_id=note_id, scope=self.scope)
        )
        if note is not None:
            await self._send({"type": "note", "conversation_id": conversation_id, "note": note})

    async def _since(self, conversation_id: str, after: int) -> list[Document]:
        """Events behind ``after`` of a talk that is still in sight."""

        def read(session: Session) -> list[Document]:
            self.scope.find(session, conversation_id)
            found = events.since(session, conversation_id, after)
            return authors.signed(session, conversation_id, found)

        return await self._patiently(read)

    async def _patiently(self, read: Callable[[Session], Found]) -> Found:
        """While the database is away, the socket waits for it."""
        while True:
            try:
                return await self._runtime.database.read(read)
            except DatabaseUnavailable:
                await asyncio.sleep(DATABASE_AWAY_SECONDS)

    async def _tell(self, conversation_id: str, event: Document) -> None:
        await self._send({"type": "event", "conversation_id": conversation_id, "event": event})

    async def _send(self, frame: Document) -> None:
        async with self._sending:
            try:
                await self._websocket.send_json(frame)
            except RuntimeError:
                if self._websocket.client_state is not WebSocketState.DISCONNECTED:
                    raise
                raise WebSocketDisconnect(BROKEN) from None

    async def _frame(self) -> str:
        """The next text frame; a binary one is refused."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        text = message.get("text")
        if text is None:
            raise _Closing(BAD_FRAME)
        return text
