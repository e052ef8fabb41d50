"""A local server that speaks the 快递100 real-time query protocol, signature check included."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

CUSTOMER = "DEMO-CUSTOMER"
KEY = "demo-key"


@dataclass
class Parcel:
    """What the carrier knows; ``events`` are (Beijing time, text), newest first."""

    com: str
    num: str
    state: str
    events: list[tuple[str, str]]
    phone_tail: str | None = None


@dataclass
class CarrierServer:
    """``with CarrierServer() as server``: asks go to ``server.url``.

    ``mode``: ok, slow (``delay`` seconds before the answer), hang (never answers), trickle (a
    byte every 0.1 s), http_500, flaky (an HTTP 500 to each odd ask), busy, garbage.
    """

    mode: str = "ok"
    delay: float = 0.0
    parcels: dict[str, Parcel] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def __enter__(self) -> CarrierServer:
        self._released = threading.Event()
        self._http = _Http(("127.0.0.1", 0), _Handler)
        self._http.carrier = self
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}/poll/query.do"

    def add(self, parcel: Parcel) -> None:
        self.parcels[parcel.num] = parcel

    def answer(self, form: dict[str, str]) -> dict[str, Any]:
        """The reply to a query, as the protocol has it."""
        text = form.get("param", "")
        sign = hashlib.md5((text + KEY + CUSTOMER).encode()).hexdigest().upper()
        if form.get("customer") != CUSTOMER or form.get("sign") != sign:
            return _error("503", "验证签名失败")
        param = json.loads(text)
        self.asked.append(param)
        if self.mode == "busy":
            return _error("502", "服务器繁忙")
        parcel = self.parcels.get(param["num"])
        if parcel is None or parcel.com != param["com"]:
            return _error("500", "查询无结果，请隔段时间再查")
        if parcel.phone_tail and parcel.phone_tail != param.get("phone"):
            return _error("408", "验证码错误")
        return {
            "message": "ok",
            "state": parcel.state,
            "status": "200",
            "condition": "F00",
            "ischeck": "1" if parcel.state == "3" else "0",
            "com": parcel.com,
            "nu": parcel.num,
            "data": [{"time": at, "ftime": at, "context": what} for at, what in parcel.events],
        }

    def wait_released(self, seconds: float) -> None:
        self._released.wait(seconds)


def _error(code: str, message: str) -> dict[str, Any]:
    return {"result": False, "returnCode": code, "message": message}


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    carrier: CarrierServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone away is what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        carrier = self.server.carrier
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path != "/poll/query.do":
            self.send_error(404)
            return
        form = {name: values[0] for name, values in parse_qs(body).items()}
        reply = json.dumps(carrier.answer(form), ensure_ascii=False).encode()
        mode = carrier.mode
        if mode == "hang":
            carrier.wait_released(30)
            return
        if mode == "slow":
            time.sleep(carrier.delay)
        if mode == "http_500" or (mode == "flaky" and len(carrier.asked) % 2):
            self.send_error(500)
            return
        if mode == "garbage":
            reply = b"<html>maintenance</html>"
        self._send(reply, trickle=mode == "trickle")

    def _send(self, reply: bytes, *, trickle: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        if not trickle:
            self.wfile.write(reply)
            return
        for byte in reply:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.1)
