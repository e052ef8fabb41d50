"""A shop's server on both sides of the webhook channel: it signs, and really listens."""

from __future__ import annotations

import hashlib
import hmac
import json
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

Json = dict[str, Any]

KEY_ENV = "KEFU_TEST_WEBHOOK_KEY"
KEY = "a key of the tests with enough characters"
OTHER_KEY_ENV = "KEFU_TEST_OTHER_WEBHOOK_KEY"
OTHER_KEY = "another key of the tests, for another brand"


def sign(body: bytes, key: str = KEY, at: float | None = None) -> dict[str, str]:
    """Written anew, so that a mistake in Kefu's own shows."""
    seconds = str(int(time.time() if at is None else at))
    digest = hmac.new(key.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Kefu-Timestamp": seconds, "X-Kefu-Signature": f"v1={digest}"}


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A desk that was killed does not wait for its answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Receiver:
    """Takes events. ``behave`` decides on each with a status, and may take its time.

    ``tried`` are all envelopes that came, ``taken`` those that were answered with 2xx.
    """

    def __init__(self) -> None:
        self.port = 0
        self.tried: list[Json] = []
        self.taken: list[Json] = []
        self.headers: list[dict[str, str]] = []
        self.behave: Callable[[Json], int] = lambda _: 200
        self._server: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/kefu"

    def start(self) -> None:
        """Listen, after ``stop`` on the same port again."""
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sent = sign(body, at=int(self.headers["X-Kefu-Timestamp"]))
                assert sent["X-Kefu-Signature"] == self.headers["X-Kefu-Signature"]
                envelope = json.loads(body)
                receiver.headers.append(dict(self.headers))
                receiver.tried.append(envelope)
                status = receiver.behave(envelope)
                if status < 300:
                    receiver.taken.append(envelope)
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("Location", receiver.url)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self._server = _Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]
        serving = {"poll_interval": 0.02}
        threading.Thread(target=self._server.serve_forever, kwargs=serving, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def seqs(self, conversation_id: str) -> list[int]:
        """Of the events that were taken."""
        mine = [each for each in self.taken if each["conversation_id"] == conversation_id]
        return [each["event"]["seq"] for each in mine]

    def events(self, type_: str) -> list[Json]:
        return [each["event"] for each in self.taken if each["event"]["type"] == type_]

    def texts(self) -> list[str]:
        return [event["text"] or "" for event in self.events("message")]


@contextmanager
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    server.start()
    try:
        yield server
    finally:
        server.stop()


class ShopServer:
    """Sends what a shopper does, signed; ``user`` is who."""

    def __init__(self, client: httpx.AsyncClient, user_id: str, profile: str = "demo") -> None:
        self.client = client
        self.path = f"/api/v1/channels/webhook/{profile}"
        self.user: Json = {"id": user_id}
        self.key = KEY

    async def post(self, content: Json, **more: Any) -> httpx.Response:
        return await self.post_raw(json.dumps(content, ensure_ascii=False).encode(), **more)

    async def post_raw(self, body: bytes, **headers: str) -> httpx.Response:
        signed = {"Content-Type": "application/json", **sign(body, self.key), **headers}
        return await self.client.post(self.path, content=body, headers=signed)

    def message(self, text: str, message_id: str | None = None, **more: Any) -> Json:
        return {
            "message_id": message_id or uuid.uuid4().hex,
            "user": self.user,
            "type": "text",
            "text": text,
            **more,
        }

    async def say(self, text: str, message_id: str | None = None, **more: Any) -> Json:
        response = await self.post(self.message(text, message_id, **more))
        assert response.status_code == 202, response.text
        return response.json()

    async def press(self, button: str) -> httpx.Response:
        body = {"message_id": uuid.uuid4().hex, "user": self.user, "type": "button"}
        return await self.post({**body, "button": button})

    async def act(self, type_: str, conversation_id: str, **more: Any) -> httpx.Response:
        """What is done in a talk and is no message."""
        body = {"type": type_, "user": self.user, "conversation_id": conversation_id, **more}
        return await self.post(body)

    async def picture(self, content: bytes, message_id: str, **headers: str) -> httpx.Response:
        message = {"message_id": message_id, "user": self.user, "type": "image"}
        files = {"file": ("a.png", content, "image/png")}
        request = self.client.build_request(
            "POST", f"{self.path}/images", data={"message": json.dumps(message)}, files=files
        )
        body = await request.aread()
        request.headers.update({**sign(body, self.key), **headers})
        return await self.client.send(request)


def profiles_with_channel(tmp_path: Path, url: str, **more: str) -> Path:
    """A copy of the profiles: ``demo`` and ``tp`` have a channel, each with a key of its own."""
    data = Path("data").absolute()
    made = tmp_path / "data"
    (made / "profiles").mkdir(parents=True)
    (made / "knowledge").symlink_to(data / "knowledge")
    for path in (data / "profiles").glob("*.yml"):
        (made / "profiles" / path.name).symlink_to(path)
    for name, variable in (("demo", KEY_ENV), ("tp", OTHER_KEY_ENV)):
        copy = made / "profiles" / f"{name}.yml"
        text = copy.read_text("utf-8")
        copy.unlink()
        lines = [line for line in text.splitlines() if not line.startswith("webhook_channel")]
        settings = {"url": url, "key_env": variable, **more}
        block = ", ".join(f"{key}: {value}" for key, value in settings.items())
        copy.write_text("\n".join([*lines, f"webhook_channel: {{{block}}}", ""]), "utf-8")
    return made / "profiles"
