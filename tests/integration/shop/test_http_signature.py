"""Only Kefu's own requests are served: fresh, unchanged, signed with the shared key, and once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import time_machine

from kefu.shop import HttpAccess, migrate, open_gateway
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.http_requests import idempotency_key
from kefu.shop.http_signature import RequestSigner
from kefu.shop.http_transport import ShopSettingsWrong
from kefu.shop.ledger import OperationRow
from kefu.shop.model import OrderState, Viewer
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_data import NOW, ShopData
from tests.shop_server import KEY, ShopServer

ACCESS = HttpAccess(KEY, deadline=10)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}"
    migrate(url)
    return url


@pytest.fixture(scope="module")
def data(url: str) -> Iterator[ShopData]:
    with closing(ShopData(url)) as data:
        yield data


@pytest.fixture(scope="module")
def server(url: str) -> Iterator[ShopServer]:
    with closing(SqlGateway(url)) as bundled, ShopServer(bundled) as server:
        yield server


class Asking:
    """One shopper's request to cancel an order, to be bent before it is sent."""

    def __init__(self, server: ShopServer, data: ShopData) -> None:
        self.data = data
        self.account = data.account()
        self.number = data.order(self.account, OrderState.PAID)
        turn = {"turn_id": f"t-{self.number}", "now": NOW.isoformat()}
        body = {"turn": turn, "order_number": self.number, "reason": "不想要了"}
        self.request = requests.Request(
            "POST",
            f"{server.url}/v1/operations/cancel_order",
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Kefu-Profile": "p",
                "Kefu-Account": self.account,
                "Idempotency-Key": idempotency_key(turn["turn_id"], "cancel_order", self.number),
            },
        ).prepare()

    def sign(self, key: str = KEY) -> None:
        self.request.headers.pop("Content-Digest", None)
        RequestSigner(key).sign(self.request, self.request.body)

    def send(self) -> tuple[int, Any]:
        with requests.Session() as session:
            answer = session.send(self.request, timeout=10)
        return answer.status_code, answer.json().get("code")

    def done(self) -> int:
        return self.data.count(OperationRow, target=self.number)


@pytest.fixture
def asking(server: ShopServer, data: ShopData) -> Asking:
    return Asking(server, data)


def test_a_signed_request_is_served_once(asking: Asking):
    asking.sign()
    assert asking.send()[0] == 200
    assert asking.send() == (401, "signature_replayed")
    asking.sign()
    assert asking.send()[0] == 200, "the same again under a new nonce is a repeat"
    assert asking.done() == 1


def test_without_a_signature_nothing_is_served(asking: Asking):
    assert asking.send() == (401, "signature_invalid")
    assert asking.done() == 0


@pytest.mark.parametrize("key", ["another-secret-of-the-same-length-1", KEY.upper(), KEY[:-1]])
def test_another_key_is_refused(asking: Asking, key: str):
    asking.sign(key)
    assert asking.send() == (401, "signature_invalid")
    assert asking.done() == 0


@pytest.mark.parametrize("off", [timedelta(minutes=-6), timedelta(minutes=6), timedelta(days=-365)])
def test_a_clock_that_is_far_off_is_refused(asking: Asking, off: timedelta):
    with time_machine.travel(datetime.now(UTC) + off, tick=False):
        asking.sign()
    assert asking.send() == (401, "signature_invalid")
    assert asking.done() == 0


@pytest.mark.parametrize("off", [timedelta(minutes=-4), timedelta(seconds=20)])
def test_clocks_need_not_agree_to_the_second(asking: Asking, off: timedelta):
    with time_machine.travel(datetime.now(UTC) + off, tick=False):
        asking.sign()
    assert asking.send()[0] == 200


@pytest.mark.parametrize(
    "header",
    ["Kefu-Profile", "Kefu-Account", "Idempotency-Key", "Content-Digest", "Content-Type"],
)
def test_a_changed_header_is_refused(asking: Asking, header: str):
    asking.sign()
    asking.request.headers[header] += "1"
    assert asking.send() == (401, "signature_invalid")
    assert asking.done() == 0


@pytest.mark.parametrize("header", ["Kefu-Account", "Idempotency-Key", "Content-Digest"])
def test_a_removed_header_is_refused(asking: Asking, header: str):
    asking.sign()
    del asking.request.headers[header]
    assert asking.send() == (401, "signature_invalid")


def test_an_added_header_is_refused(asking: Asking):
    del asking.request.headers["Kefu-Account"]
    asking.sign()
    asking.request.headers["Kefu-Account"] = asking.account
    assert asking.send() == (401, "signature_invalid")
    assert asking.done() == 0


def test_proved_orders_cannot_be_slipped_in(asking: Asking):
    asking.sign()
    asking.request.headers["Kefu-Verified-Orders"] = asking.number
    assert asking.send() == (401, "signature_invalid")


def test_a_changed_body_is_refused(asking: Asking):
    asking.sign()
    asking.request.body = asking.request.body.replace(b"u4e0d", b"u4e0e")
    assert asking.send() == (401, "signature_invalid")
    assert asking.done() == 0


@pytest.mark.parametrize("old", ["/v1/", "cancel_order"])
def test_another_path_is_refused(asking: Asking, old: str):
    asking.sign()
    new = {"/v1/": "/v1/x/../", "cancel_order": "settle_charge"}[old]
    asking.request.url = asking.request.url.replace(old, new)
    assert asking.send() == (401, "signature_invalid")


def test_a_changed_query_is_refused(server: ShopServer):
    request = requests.Request("GET", f"{server.url}/v1/operations?turn_id=a").prepare()
    RequestSigner(KEY).sign(request, b"")
    request.url = f"{server.url}/v1/operations?turn_id=b"
    with requests.Session() as session:
        assert session.send(request, timeout=10).status_code == 401


def test_a_key_that_the_shop_does_not_know_makes_it_unavailable(server: ShopServer):
    wrong = HttpAccess("w" * 40, deadline=10)
    with (
        closing(open_gateway(server.url, http=wrong)) as shop,
        pytest.raises(ShopUnavailable, match="401 signature_invalid"),
    ):
        shop.ping()


@pytest.mark.parametrize(
    "typed", ["..", ".", "a/b", "%2e%2e", "a?b=c", "a#b", "a\\b", "订单", "+ &"]
)
def test_nothing_typed_reaches_another_path(server: ShopServer, data: ShopData, typed: str):
    server.gate.seen.clear()
    with closing(open_gateway(server.url, http=ACCESS)) as shop:
        account = data.account()
        assert shop.order(Viewer("p", account), typed) is None
        assert shop.invoices(Viewer("p", account), typed) == ()
        mine = data.order(account, order_number=typed)
        found = shop.order(Viewer("p", account), typed)
    assert {each.status for each in server.gate.seen} <= {200, 404}
    assert all(each.path.startswith("/v1/orders/") for each in server.gate.seen)
    assert found is None or found.order_number == mine
    assert found is not None or typed in ("..", ".", "a/b", "a\\b")


def test_ids_of_any_letters_reach_the_shop_whole(server: ShopServer, data: ShopData):
    number = data.order(data.account(), OrderState.PAID, order_number="订单, 甲=1")
    other = data.order(data.account(), OrderState.PAID)
    with closing(open_gateway(server.url, http=ACCESS)) as shop:
        guest = Viewer("p", None, frozenset({number, other, "\0", "x" * 99}))
        assert {each.order_number for each in shop.orders(guest).orders} == {number, other}


@pytest.mark.parametrize("key", ["", "short", "x" * 31])
def test_a_weak_key_is_refused_at_once(key: str):
    with pytest.raises(ShopSettingsWrong, match="KEFU_SHOP_KEY"):
        open_gateway("https://shop.example", http=HttpAccess(key))


def test_authorities_that_cannot_be_read_are_refused_at_once(tmp_path: Path):
    access = HttpAccess(KEY, authorities=tmp_path / "none.pem")
    with pytest.raises(ShopSettingsWrong, match="KEFU_SHOP_AUTHORITIES"):
        open_gateway("https://shop.example", http=access)


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://user:secret@shop.example",
        "https://shop.example/?a=b",
        "https://shop.example:port",
        "http://[",
    ],
)
def test_an_address_that_is_none_is_refused_at_once(url: str):
    with pytest.raises(ShopSettingsWrong, match="KEFU_SHOP_URL") as refused:
        open_gateway(url, http=ACCESS)
    assert "secret" not in str(refused.value)
