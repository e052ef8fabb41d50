"""The real action server over HTTP: its token, its deadline, a slow carrier that delays nobody."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from kefu.settings import Settings
from kefu.shop import demo
from kefu.shop.migrations import migrate
from kefu.shop.model import OrderState, Viewer
from kefu.shop.sql_gateway import SqlGateway
from kefu.turn_token import HEADER, TurnClaims, sign

ROOT = Path(__file__).parents[3]
NOW = datetime.now(UTC)
SECRET = "integration"
KEY = Settings(secret=SECRET).derive_key("turn-token")
CLAIMS = TurnClaims("turn-1", "talk-1", "demo", "u0001", NOW)
MODEL = "a" * 64


class SlowCarrier(BaseHTTPRequestHandler):
    """Takes its time, then has nothing to say."""

    seconds = 3.0
    asked = threading.Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.set()
        time.sleep(self.seconds)
        body = '{"result": false, "returnCode": "500", "message": "查询无结果"}'.encode()
        with suppress(BrokenPipeError):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def carrier_url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowCarrier) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/poll/query.do"
        server.shutdown()


@pytest.fixture(scope="module")
def shop_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    migrate(url)
    demo.seed(url, NOW)
    return url


def start(shop_url: str, log: Path, port: int, **environment: str) -> subprocess.Popen[bytes]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with log.open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "actions", "--port", str(port)],
            cwd=ROOT,
            env={
                **inherited,
                "KEFU_SECRET": SECRET,
                "KEFU_SHOP_URL": shop_url,
                "KEFU_CARRIER_CUSTOMER": "customer",
                "KEFU_CARRIER_KEY": "key",
                **environment,
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def free_port() -> int:
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowCarrier) as server:
        return int(server.server_address[1])


class Server:
    def __init__(self, url: str, log: Path) -> None:
        self.http = httpx.Client(base_url=url, timeout=20)
        self.log = log

    def call(
        self,
        action: str,
        claims: TurnClaims = CLAIMS,
        *,
        token: str | None = None,
        ranking: tuple[str, ...] = (),
        **entities: str,
    ) -> httpx.Response:
        found = [{"entity": name, "value": value} for name, value in entities.items()]
        message: dict[str, Any] = {"text": "查一下", "intent": {"name": "x"}, "entities": found}
        if ranking:
            message["intent_ranking"] = [{"name": name, "confidence": 0.3} for name in ranking]
        body = {
            "next_action": action,
            "sender_id": "talk-1",
            "tracker": {
                "sender_id": "talk-1",
                "slots": {},
                "latest_message": message,
                "events": [{"event": "user", "text": "查一下", "parse_data": message}],
            },
        }
        signed = sign(claims, KEY, timedelta(minutes=1)) if token is None else token
        return self.http.post("/webhook", json=body, headers={HEADER: signed} if signed else {})


@pytest.fixture(scope="module")
def server(
    shop_url: str, carrier_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    log = tmp_path_factory.mktemp("log") / "actions.log"
    models = tmp_path_factory.mktemp("models")
    card = {"titles": {"requests": {"trade_in": "以旧换新", "invoice": "开发票"}}}
    (models / f"{MODEL}.json").write_text(json.dumps(card), encoding="utf-8")
    port = free_port()
    process = start(shop_url, log, port, KEFU_CARRIER_URL=carrier_url, KEFU_MODELS_DIR=str(models))
    running = Server(f"http://127.0.0.1:{port}", log)
    try:
        wait_until_up(running, process)
        yield running
    finally:
        running.http.close()
        process.terminate()
        process.wait(30)


def wait_until_up(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while time.monotonic() < end:
        try:
            if server.http.get("/health").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            assert process.poll() is None, server.log.read_text()
            time.sleep(0.1)
    raise AssertionError(server.log.read_text())


@pytest.fixture(scope="module")
def tracked_order(shop_url: str) -> str:
    """An order on its way, so that its carrier is asked."""
    gateway = SqlGateway(shop_url)
    orders = gateway.orders(Viewer("demo", "u0001"), states=[OrderState.SHIPPED], limit=50).orders
    gateway.close()
    return next(order.order_number for order in orders if order.shipments)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "not-a-token",
        sign(CLAIMS, b"another key of thirty-two bytes!", timedelta(minutes=1)),
        sign(CLAIMS, KEY, timedelta(minutes=-1)),
    ],
    ids=["missing", "garbage", "forged", "expired"],
)
def test_a_call_without_a_valid_token_is_refused(server: Server, token: str) -> None:
    answer = server.call("action_order_status", token=token)
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    assert answer.json()["code"] == "turn_token_refused"
    assert "KF" not in answer.text


def test_a_model_brings_its_own_words_for_the_buttons(server: Server) -> None:
    ranking = ("trade_in", "greet", "invoice")

    def titles(model: str | None) -> list[str]:
        answer = server.call("action_clarify", replace(CLAIMS, model=model), ranking=ranking)
        [said] = answer.json()["responses"]
        return [button["title"] for button in said["buttons"]]

    assert titles(MODEL) == ["以旧换新", "开发票", "转人工"]
    # Of a model without a card here, and of none, nothing is known but the project's own.
    assert titles("b" * 64) == titles(None) == ["发票", "转人工"]


def test_a_valid_token_gets_the_shoppers_own_orders(server: Server, shop_url: str) -> None:
    answer = server.call("action_order_status", replace(CLAIMS, account_id="u0011"))
    assert answer.status_code == httpx.codes.OK
    gateway = SqlGateway(shop_url)
    (order,) = gateway.orders(Viewer("demo", "u0011")).orders
    gateway.close()
    assert order.order_number in answer.text


def test_a_turn_that_only_looks_reads_and_changes_nothing(server: Server, shop_url: str) -> None:
    gateway = SqlGateway(shop_url)
    (paid,) = gateway.orders(Viewer("demo", "u0001"), states=[OrderState.PAID], limit=1).orders
    number = paid.order_number
    looking = replace(CLAIMS, turn_id="look-1", looking=True)
    told = server.call("action_order_status", looking, order_number=number)
    assert told.status_code == httpx.codes.OK
    assert number in told.text
    refused = server.call("action_urge_shipping", looking, order_number=number)
    assert refused.status_code == httpx.codes.INTERNAL_SERVER_ERROR
    assert gateway.operations("look-1") == ()
    done = replace(CLAIMS, turn_id="turn-urge")
    assert server.call("action_urge_shipping", done, order_number=number).status_code == 200
    assert [each.name for each in gateway.operations("turn-urge")] == ["urge_shipping"]
    gateway.close()


def test_a_slow_carrier_delays_no_other_shopper(server: Server, tracked_order: str) -> None:
    server.call("action_handoff")
    SlowCarrier.asked.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(server.call, "action_track_logistics", order_number=tracked_order)
        assert SlowCarrier.asked.wait(30)
        assert server.call("action_order_status").status_code == httpx.codes.OK
        assert not slow.done(), "whoever asks for something else does not wait for the carrier"
        answer = slow.result()
    assert answer.status_code == httpx.codes.OK
    assert "tracking_number" in answer.text


def test_an_action_past_its_deadline_is_a_typed_error(
    shop_url: str, carrier_url: str, tracked_order: str, tmp_path: Path
) -> None:
    port = free_port()
    process = start(
        shop_url,
        tmp_path / "actions.log",
        port,
        KEFU_CARRIER_URL=carrier_url,
        KEFU_ACTION_DEADLINE="0.5",
    )
    try:
        hasty = Server(f"http://127.0.0.1:{port}", tmp_path / "actions.log")
        wait_until_up(hasty, process)
        answer = hasty.call("action_track_logistics", order_number=tracked_order)
        assert answer.status_code == httpx.codes.GATEWAY_TIMEOUT
        assert answer.json()["code"] == "deadline_exceeded"
        hasty.http.close()
    finally:
        process.terminate()
        process.wait(30)


def test_what_is_no_call_or_no_action_is_refused_in_the_protocols_shape(server: Server) -> None:
    assert server.call("action_unknown").status_code == httpx.codes.NOT_FOUND
    assert server.call("action_unknown").json()["action_name"] == "action_unknown"
    headers = {HEADER: sign(CLAIMS, KEY, timedelta(minutes=1))}
    for body in (b"{", b"[]", b'{"next_action": "action_handoff"}'):
        answer = server.http.post("/webhook", content=body, headers=headers)
        assert answer.status_code == httpx.codes.BAD_REQUEST
        assert answer.json()["code"] == "bad_request"


def test_an_action_that_breaks_is_an_error_and_its_log_quotes_nobody(server: Server) -> None:
    secret = "我的密码是hunter2"
    body = {
        "next_action": "action_order_status",
        "tracker": {
            "sender_id": "talk-1",
            "slots": {},
            "latest_message": {
                "text": secret,
                "intent": {"name": "x"},
                "entities": [],
                "intent_ranking": [{"no_name": secret}],
            },
        },
    }
    headers = {HEADER: sign(CLAIMS, KEY, timedelta(minutes=1))}
    answer = server.http.post("/webhook", json=body, headers=headers)
    assert answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR
    assert answer.json()["code"] == "action_failed"
    log = server.log.read_text()
    assert "action_order_status failed with KeyError" in log
    assert "hunter2" not in answer.text + log


def test_it_answers_no_other_origin(server: Server) -> None:
    preflight = server.http.options(
        "/webhook",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert "access-control-allow-origin" not in preflight.headers
