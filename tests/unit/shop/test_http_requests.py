"""The idempotency keys and headers of what is asked of a shop's own service."""

from __future__ import annotations

import dataclasses
import re

import pytest

from kefu.shop import http_requests
from kefu.shop.gateway import ShopGateway
from kefu.shop.http_door import headers_of, is_segment
from kefu.shop.http_requests import (
    CancelOrder,
    ClaimPrice,
    OperationRequest,
    UnlockAccount,
    UrgeShipping,
    idempotency_key,
)
from kefu.shop.http_transport import Call, is_http
from kefu.shop.model import TurnRef, Viewer
from tests.shop_data import NOW

ME = Viewer("p", "a1")
TURN = TurnRef("0f9a", NOW)
STRING = re.compile(r'"[\x20\x21\x23-\x5b\x5d-\x7e]+"')


def cancel(turn: TurnRef = TURN, number: str = "KF1", reason: str = "不想要了") -> str:
    return CancelOrder(turn=turn, order_number=number, reason=reason).idempotency_key(ME)


def test_a_key_is_of_the_turn_the_operation_and_the_target():
    assert re.fullmatch(r'"0f9a:cancel_order:[0-9a-f]{16}"', cancel())
    assert cancel() == cancel(reason="买错了"), "other arguments must meet the same key"
    urge = UrgeShipping(turn=TURN, order_number="KF1").idempotency_key(ME)
    assert len({cancel(), cancel(number="KF2"), cancel(TurnRef("0f9b", NOW)), urge}) == 4


def test_what_was_asked_for_is_the_target():
    claim = ClaimPrice(turn=TURN, order_number="KF1", item_id="KF1-2")
    assert claim.target(ME) == "KF1/KF1-2"
    assert UnlockAccount(turn=TURN).target(ME) == "a1"


@pytest.mark.parametrize("cause", ["长" * 300, "a\nb", 'a"b', "a\\b", "\0", "x" * 65, "😀"])
def test_a_key_is_a_string_whatever_it_is_made_of(cause: str):
    key = idempotency_key(cause, "send_notice", "\0退\n")
    assert STRING.fullmatch(key)
    assert len(key) < 256
    assert key != idempotency_key(cause + "x", "send_notice", "\0退\n")


def test_every_operation_is_a_method_of_the_gateway_with_the_same_arguments():
    found = [
        each
        for each in vars(http_requests).values()
        if isinstance(each, type) and issubclass(each, OperationRequest) and hasattr(each, "NAME")
    ]
    assert len({each.NAME for each in found}) == len(found) == 14
    for each in found:
        arguments = set(getattr(ShopGateway, each.NAME).__annotations__) - {
            "return",
            "viewer",
            "profile",
            "account_id",
        }
        assert {field.name for field in dataclasses.fields(each)} == arguments, each.NAME


def test_headers_say_who_asks():
    viewer = Viewer("p", "u=1 甲", frozenset({"KF2", "KF1,x"}))
    assert headers_of(viewer) == {
        "Kefu-Profile": "p",
        "Kefu-Account": "u%3D1%20%E7%94%B2",
        "Kefu-Verified-Orders": "KF1%2Cx,KF2",
    }
    assert headers_of(Viewer("p")) == {"Kefu-Profile": "p"}


@pytest.mark.parametrize("typed", ["", " a", "a\r\nKefu-Account: b", "\0", "x" * 65])
def test_what_can_be_nobody_is_not_sent(typed: str):
    assert headers_of(Viewer(typed, typed, frozenset({typed}))) == {}


@pytest.mark.parametrize(
    ("text", "fits"),
    [("KF1", True), ("订单 1%2F", True), ("a/b", False), ("..", False), (".", False), ("", False)],
)
def test_a_part_of_a_path_is_one_part(text: str, fits: bool):
    assert is_segment(text) is fits


def test_a_call_is_named_without_what_it_asks_for():
    assert Call("GET", "/v1/orders/KF1/invoices").name == "GET /v1/orders"
    assert Call("POST", "/v1/operations/cancel_order").name == "POST /v1/operations/cancel_order"


@pytest.mark.parametrize(
    ("url", "served"),
    [
        ("https://shop.example", True),
        ("HTTP://127.0.0.1:1/x", True),
        ("sqlite:///http.db", False),
        ("postgresql://a:p[w@db/shop", False),
        ("", False),
    ],
)
def test_the_scheme_tells_a_service_from_a_database(url: str, served: bool):
    assert is_http(url) is served
