"""What a shop's own service answers becomes exact values, or one of the gateway's errors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from kefu.shop.gateway import OperationConflict, RuleRefused, ShopReadOnly, ShopUnavailable
from kefu.shop.http_answers import adapter, find_value, read_nothing, read_value
from kefu.shop.http_transport import Answer
from kefu.shop.model import Account, Order, OrderPage, OrderState, ReturnState, Verdict
from tests.shop_data import NOW, order_value, return_value

PROBLEM = "application/problem+json"


def ok(value: object) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Answer(200, "application/json", body)


def problem(status: int, code: str, **more: object) -> Answer:
    body = {"status": status, "code": code, "title": "…"} | more
    return Answer(status, PROBLEM, json.dumps(body).encode())


def account(**more: Any) -> dict[str, Any]:
    fields = {
        "account_id": "a1",
        "name": "张三",
        "phone_masked": "138****5678",
        "email_masked": None,
        "member_level": "金卡会员",
        "locked": True,
        "lock_reason": "连续输错密码",
        "locked_until": "2026-11-10T12:00:00+08:00",
    }
    return fields | more


@pytest.mark.parametrize(
    "order",
    [
        order_value(OrderState.SIGNED, signed_at=NOW, categories=("clothing", "fresh_food")),
        order_value(returns=(return_value(ReturnState.REQUESTED),), note="退\0\n'\"😀"),
    ],
)
def test_what_is_written_is_what_is_read(order: Order):
    page = OrderPage((order,), 1)
    sent = adapter(OrderPage).dump_json(page)
    assert read_value(OrderPage, ok(sent), "orders") == page


def test_times_come_in_any_zone_and_leave_in_utc():
    found = read_value(Account, ok(account()), "account")
    assert found.locked_until == datetime(2026, 11, 10, 4, tzinfo=UTC)
    assert found.locked_until.tzinfo is UTC
    order = order_value(signed_at=NOW.astimezone(timezone(timedelta(hours=8))))
    (back,) = read_value(tuple[Order, ...], ok(adapter(Any).dump_json([order])), "orders")
    assert back.signed_at == NOW
    assert back.placed_at.tzinfo is UTC


def test_what_is_not_known_here_is_passed_over():
    assert read_value(Account, ok(account(loyalty={"points": 3})), "account").name == "张三"


@pytest.mark.parametrize(
    "wrong",
    [
        {"locked_until": "2026-11-10T12:00:00"},
        {"locked_until": 1_795_000_000},
        {"locked": "yes"},
        {"locked": 1},
        {"name": None},
        {"account_id": 13900005678},
    ],
)
def test_nothing_is_guessed(wrong: dict[str, Any]):
    with pytest.raises(ShopUnavailable) as caught:
        read_value(Account, ok(account(**wrong)), "account")
    assert caught.value.detail.startswith("account: the answer is not as documented: ")
    assert "13900005678" not in caught.value.detail
    assert "张三" not in caught.value.detail


@pytest.mark.parametrize(
    "body", [b"", b"{", b"null", b"[]", b"\xff", b'{"a": NaN}', b"[" * 100_000]
)
def test_what_is_no_such_value_is_no_answer(body: bytes):
    with pytest.raises(ShopUnavailable):
        read_value(Account, ok(body), "account")


def test_only_the_service_can_say_that_something_is_not_there():
    assert find_value(Account, problem(404, "not_found"), "account") is None
    for answer in (
        Answer(404, "text/html", b"not_found"),
        Answer(404, "application/json", problem(404, "not_found").body),
        problem(404, "no_such_path"),
        problem(410, "not_found"),
        Answer(404, PROBLEM, b""),
    ):
        with pytest.raises(ShopUnavailable):
            find_value(Account, answer, "account")
    with pytest.raises(ShopUnavailable):
        read_value(Account, problem(404, "not_found"), "account")


def test_each_problem_is_its_error():
    verdict = {"allowed": False, "code": "too_late", "sentence": "已经发货，不能修改了。"}
    with pytest.raises(RuleRefused) as refused:
        read_value(Order, problem(409, "rule_refused", verdict=verdict), "change_order")
    assert refused.value.verdict == Verdict(False, "too_late", "已经发货，不能修改了。")
    assert refused.value.sentence == "已经发货，不能修改了。"
    with pytest.raises(OperationConflict):
        read_value(Order, problem(422, "operation_conflict"), "change_order")
    with pytest.raises(ShopReadOnly):
        read_value(Order, problem(409, "shop_read_only"), "change_order")


@pytest.mark.parametrize(
    "answer",
    [
        problem(409, "rule_refused"),
        problem(409, "rule_refused", verdict={"allowed": True}),
        problem(409, "rule_refused", verdict={"allowed": "no", "sentence": "不行"}),
        problem(409, "rule_refused", verdict={"allowed": False, "code": "too_late"}),
        problem(500, "internal_error"),
        problem(401, "signature_invalid"),
        Answer(409, "application/json", problem(409, "shop_read_only").body),
        Answer(200, PROBLEM, problem(200, "shop_read_only").body),
        Answer(201, "application/json", b"{}"),
        Answer(204, "", b""),
        Answer(302, "text/html", b""),
    ],
)
def test_every_other_answer_means_that_the_shop_is_away(answer: Answer):
    with pytest.raises(ShopUnavailable):
        read_value(Order, answer, "change_order")


def test_a_strange_code_is_not_repeated():
    with pytest.raises(ShopUnavailable) as caught:
        read_value(Order, problem(500, "no phone 13900005678"), "order")
    assert caught.value.detail == "order: the shop's service answers 500"


def test_nothing_is_204():
    read_nothing(Answer(204, "", b""), "ping")
    for answer in (ok({}), problem(503, "shop_unavailable")):
        with pytest.raises(ShopUnavailable):
            read_nothing(answer, "ping")
