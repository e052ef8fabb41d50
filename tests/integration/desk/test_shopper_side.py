"""The shopper's side of a talk, and what agents do there: once, audited, told, and only theirs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from sqlalchemy import select, update

import kefu.shop
from kefu.desk import shopper_actions
from kefu.desk.shopper_actions import ShopDesk
from kefu.settings import Settings
from kefu.shop import demo
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import OrderState, Viewer
from kefu.shop.sql_gateway import SqlGateway
from kefu.store.desk_tables import ShopperAction
from kefu.store.service_tables import Ticket
from kefu.store.tables import Audit
from tests.desk_stage import Desk, Shopper, texts
from tests.engine_server import EngineServer
from tests.integration.desk.staff import Person, calling, person
from tests.shop_server import KEY as SHOP_KEY
from tests.shop_server import ShopServer

pytestmark = pytest.mark.either_database

Json = dict[str, Any]
KEY = "the key of the shop's own server, 32 bytes"
ADDRESS = "浙江省杭州市西湖区文一西路88号3幢201室"


@pytest.fixture(scope="session")
def shop_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop and the mall, with their people and orders."""
    path = tmp_path_factory.mktemp("shops") / "shop.db"
    url = f"sqlite:///{path}"
    kefu.shop.migrate(url)
    demo.seed(url, datetime.now(UTC), profiles=["demo", "tmall"])
    return path


@pytest.fixture(autouse=True)
def identity_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", KEY)
    monkeypatch.setenv("KEFU_TMALL_IDENTITY_KEY", KEY)


def signed(profile: str, account_id: str) -> str:
    issuer = {"demo": "demo-shop", "tmall": "tmall"}[profile]
    body = {"iss": issuer, "aud": profile, "sub": account_id, "name": "顾客"}
    return jwt.encode({**body, "exp": datetime.now(UTC) + timedelta(minutes=5)}, KEY, "HS256")


@pytest.fixture
async def wang(desk: Desk) -> Person:
    return await person(desk, "wang", roles={"*": ("agent",)})


@pytest.fixture
def serve(desk: Desk, engine: EngineServer, wang: Person) -> Callable[..., Any]:
    """A talk of this account, which wang has."""

    async def talk(account_id: str | None, profile: str = "demo", **more: Any) -> Shopper:
        token = signed(profile, account_id) if account_id else None
        shopper = await calling(desk, engine, profile=profile, token=token, **more)
        assert (await wang.do(shopper, "claim")).status_code == 204
        await shopper.until_state("assigned")
        return shopper

    return talk


def order_in(desk: Desk, account_id: str, state: OrderState, profile: str = "demo") -> str:
    page = desk.runtime.shop.orders(Viewer(profile, account_id), states=[state], limit=1)
    return page.orders[0].order_number


async def act(
    who: Person, shopper: Shopper, name: str, key: str = "operation-1", **more: Any
) -> Any:
    body = {"operation_id": key, "name": name, "fields": more.pop("fields", {}), **more}
    return await who.do(shopper, "shopper-actions", body)


def offered(side: Json, name: str, number: str | None = None) -> Json:
    return next(
        each for each in side["actions"] if each["name"] == name and each["order_number"] == number
    )


async def test_everything_about_the_shopper_is_at_hand(
    desk: Desk, wang: Person, serve: Callable[..., Any]
) -> None:
    first = await serve("u0001")
    assert (await wang.do(first, "close")).status_code == 204
    talk = await serve("u0001")
    side = await wang.get(f"/conversations/{talk.conversation_id}/shopper")
    assert (side["account"]["account_id"], side["account"]["name"]) == ("u0001", "李明")
    assert "*" in side["account"]["phone_masked"]
    assert side["problem"] is None
    newest = side["orders"][0]
    assert {"order_number", "items", "payments", "shipments", "returns", "refunds"} <= set(newest)
    assert any(each["shipments"] for each in side["orders"])
    assert [each["conversation_id"] for each in side["earlier"]] == [first.conversation_id]
    assert side["earlier"][0]["agent_name"] == "客服wang"
    assert side["earlier"][0]["ended_at"]
    paid = order_in(desk, "u0001", OrderState.PAID)
    shipped = order_in(desk, "u0001", OrderState.SHIPPED)
    assert offered(side, "urge_shipping", paid)["allowed"]
    assert not offered(side, "urge_shipping", shipped)["allowed"]
    assert "已经发货" in offered(side, "urge_shipping", shipped)["why_not"]
    names = [each["name"] for each in offered(side, "open_return", paid)["fields"]]
    assert names == ["item_id", "kind", "reason", "wanted_variant", "note"]
    assert not offered(side, "unlock_account")["allowed"]


async def test_a_guest_shows_nothing_that_is_not_proved(
    wang: Person, serve: Callable[..., Any]
) -> None:
    talk = await serve(None)
    side = await wang.get(f"/conversations/{talk.conversation_id}/shopper")
    assert (side["account"], side["orders"], side["earlier"]) == (None, [], [])
    unlock = offered(side, "unlock_account")
    assert (unlock["allowed"], "没有登录" in unlock["why_not"]) == (False, True)
    refused = await act(wang, talk, "unlock_account")
    assert (refused.status_code, refused.json()["code"]) == (409, "rule_refused")


async def test_an_action_is_done_once_told_and_audited(
    desk: Desk, wang: Person, serve: Callable[..., Any]
) -> None:
    talk = await serve("u0001")
    number = order_in(desk, "u0001", OrderState.PAID)
    answers = await asyncio.gather(
        *(act(wang, talk, "urge_shipping", order_number=number) for _ in range(4))
    )
    again = await act(wang, talk, "urge_shipping", order_number=number)
    assert {each.status_code for each in (*answers, again)} == {200}, again.text
    assert all(each.json() == again.json() for each in answers)
    assert again.json()["done"]
    sentence = again.json()["text"]
    view = await talk.until_said(sentence)
    assert texts(view, "system").count(sentence) == 1
    (row,) = await desk.runtime.database.read(
        lambda session: session.scalars(select(ShopperAction)).all()
    )
    operations = desk.runtime.shop.operations(row.operation)
    assert [(each.name, each.target) for each in operations] == [("urge_shipping", number)]
    audits = await desk.runtime.database.read(
        lambda session: session.execute(
            select(Audit.actor, Audit.action, Audit.detail).where(
                Audit.action.like("shopper_action%")
            )
        ).all()
    )
    assert [(actor, action) for actor, action, _ in audits] == [
        (f"staff:{wang.staff_id}", "shopper_action_begun"),
        (f"staff:{wang.staff_id}", "shopper_action"),
    ]
    side = await wang.get(f"/conversations/{talk.conversation_id}/shopper")
    urging = offered(side, "urge_shipping", number)
    assert (urging["allowed"], "已经催过" in urging["why_not"]) == (False, True)
    other = await act(wang, talk, "change_address", order_number=number, fields={"note": "x"})
    assert (other.status_code, other.json()["code"]) == (409, "operation_conflict")


async def test_an_address_is_changed_and_stays_out_of_the_audit(
    desk: Desk, wang: Person, serve: Callable[..., Any]
) -> None:
    talk = await serve("u0001")
    number = order_in(desk, "u0001", OrderState.PAID)
    fields = {"address": ADDRESS, "recipient_phone": "13912345678"}
    done = await act(wang, talk, "change_address", order_number=number, fields=fields)
    assert done.status_code == 200, done.text
    assert "西湖区" in done.json()["card"]["address_masked"]
    everything = await desk.runtime.database.read(
        lambda session: str(session.scalars(select(Audit.detail)).all())
    )
    assert "文一西路" not in everything
    assert "13912345678" not in everything
    bad = await act(
        wang, talk, "change_address", "operation-2", order_number=number,
        fields={"recipient_phone": "12"},
    )  # fmt: skip
    assert (bad.status_code, bad.json()["code"]) == (409, "rule_refused")
    for fields, code in (({}, "action_refused"), ({"colour": "red"}, "action_refused")):
        refused = await act(
            wang, talk, "change_address", "operation-3", order_number=number, fields=fields
        )
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_returns_refunds_and_locks_are_served(
    desk: Desk, wang: Person, serve: Callable[..., Any]
) -> None:
    returns = await serve("u0009")
    number = order_in(desk, "u0009", OrderState.SIGNED)
    side = await wang.get(f"/conversations/{returns.conversation_id}/shopper")
    item = offered(side, "open_return", number)["fields"][0]["options"][0]["value"]
    fields = {"item_id": item, "kind": "return", "reason": "no_reason"}
    missing = await act(wang, returns, "open_return", order_number=number)
    assert (missing.status_code, missing.json()["code"]) == (422, "action_refused")
    opened = await act(
        wang, returns, "open_return", "op-return", order_number=number, fields=fields
    )
    assert opened.status_code == 200, opened.text
    assert opened.json()["card"]["rma_number"].startswith("RMA")

    twice = await serve("u0008")
    number = order_in(desk, "u0008", OrderState.PAID)
    surplus = await act(wang, twice, "request_refund", "op-refund", order_number=number)
    assert surplus.status_code == 200, surplus.text
    assert surplus.json()["card"]["type"] == "refund"
    assert desk.runtime.shop.order(Viewer("demo", "u0008"), number).state is OrderState.PAID  # type: ignore[union-attr]

    cancelled = await serve("u0001")
    number = order_in(desk, "u0001", OrderState.PAID)
    done = await act(
        wang, cancelled, "request_refund", "op-cancel", order_number=number,
        fields={"reason": "顾客不想要了"},
    )  # fmt: skip
    assert done.status_code == 200, done.text
    order = desk.runtime.shop.order(Viewer("demo", "u0001"), number)
    assert order is not None
    assert order.state is OrderState.CANCELLED

    locked = await serve("u0007")
    unlocked = await act(wang, locked, "unlock_account", "op-unlock")
    assert unlocked.status_code == 200, unlocked.text
    account = desk.runtime.shop.account(Viewer("demo", "u0007"))
    assert account is not None
    assert not account.locked


async def test_only_the_shoppers_own_orders_and_only_by_the_agent_who_has_the_talk(
    desk: Desk, wang: Person, serve: Callable[..., Any]
) -> None:
    talk = await serve("u0001")
    others = order_in(desk, "u0007", OrderState.PAID)
    foreign = await act(wang, talk, "urge_shipping", order_number=others)
    assert (foreign.status_code, foreign.json()["code"]) == (404, "order_not_found")
    li = await person(desk, "li")
    number = order_in(desk, "u0001", OrderState.PAID)
    meddling = await act(li, talk, "urge_shipping", order_number=number)
    assert meddling.status_code == 409
    assert "客服wang" in meddling.json()["title"]


async def test_a_sellers_agent_sees_only_that_sellers_orders_and_talks(
    desk: Desk, engine: EngineServer, wang: Person, serve: Callable[..., Any]
) -> None:
    seller = await person(
        desk, "s1", roles={"tmall": ("agent",)}, groups={"tmall": ("shop-clothes",)}
    )
    officials = await calling(
        desk, engine, profile="tmall", token=signed("tmall", "m0001"), group="official"
    )
    hidden = await seller.client.get(f"/api/v1/desk/conversations/{officials.conversation_id}")
    assert (hidden.status_code, hidden.json()["code"]) == (404, "conversation_not_found")
    listed = await seller.get("/conversations?state=waiting")
    assert listed["conversations"] == []

    theirs = await calling(
        desk, engine, profile="tmall", token=signed("tmall", "m0001"), group="shop-clothes"
    )
    assert (await seller.do(theirs, "claim")).status_code == 204
    side = await seller.get(f"/conversations/{theirs.conversation_id}/shopper")
    assert {each["seller_id"] for each in side["orders"]} == {"s01"}
    assert side["earlier"] == []
    assert all(each["name"] != "unlock_account" for each in side["actions"])
    shop = desk.runtime.shop
    viewer = Viewer("tmall", "m0001")
    other = next(
        each for each in shop.orders(viewer, limit=20).orders
        if each.seller_id == "s02" and each.state is OrderState.PAID
    )  # fmt: skip
    denied = await act(seller, theirs, "urge_shipping", order_number=other.order_number)
    assert (denied.status_code, denied.json()["code"]) == (404, "order_not_found")
    unlock = await act(seller, theirs, "unlock_account", "op-unlock")
    assert unlock.status_code == 422
    assert (
        desk.runtime.shop.operations(
            shopper_actions.operation_key(theirs.conversation_id, seller.staff_id, "operation-1")
        )
        == ()
    )
    # A canned response names no order of another seller's.
    await theirs.say(f"订单 {other.order_number} 到哪了")
    canned = (await seller.get("/canned?profile=tmall&q=wl"))["canned"][0]["canned_id"]
    query = f"conversation_id={theirs.conversation_id}"
    filled = await seller.get(f"/canned/{canned}/filled?{query}")
    assert set(filled["missing"]) == {"order_number", "tracking_number"}
    assert other.order_number not in filled["text"]
    # Their own tickets are the ones of their talks.
    form = {"profile": "tmall", "kind": "complaint", "details": "x", "contact": "a@b.cn"}
    number = (await desk.client().post("/api/v1/shopper/tickets", json=form)).json()["number"]
    unseen = await seller.client.get(f"/api/v1/desk/tickets/{number}")
    assert unseen.status_code == 404
    await wang.put(f"/tickets/{number}/assignee", {"staff_id": seller.staff_id})
    assert (await seller.get(f"/tickets/{number}"))["assigned_to"] == seller.staff_id


async def test_a_read_only_shop_gets_a_ticket_instead(
    settings: Settings, engine: EngineServer, start_desk: Callable[..., Any]
) -> None:
    settings.shop_read_only = True
    desk: Desk = await start_desk()
    wang = await person(desk, "wang")
    talk = await calling(desk, engine, token=signed("demo", "u0001"))
    await wang.do(talk, "claim")
    number = order_in(desk, "u0001", OrderState.PAID)
    asked = [await act(wang, talk, "urge_shipping", order_number=number) for _ in range(2)]
    assert asked[0].status_code == 200, asked[0].text
    assert asked[0].json() == asked[1].json()
    body = asked[0].json()
    assert not body["done"]
    (ticket,) = await desk.runtime.database.read(
        lambda session: session.scalars(select(Ticket)).all()
    )
    assert (ticket.number, ticket.order_number) == (body["ticket"], number)
    assert "催发货" in ticket.details
    await talk.until_said(ticket.number)


async def test_a_shop_behind_http_is_asked_with_the_same_key_and_does_it_once(
    settings: Settings, engine: EngineServer, start_desk: Callable[..., Any]
) -> None:
    shop = SqlGateway(settings.shop_database)
    with ShopServer(shop) as server:
        settings.shop_url, settings.shop_key = server.url, SHOP_KEY
        desk: Desk = await start_desk()
        wang = await person(desk, "wang")
        talk = await calling(desk, engine, token=signed("demo", "u0001"))
        await wang.do(talk, "claim")
        side = await wang.get(f"/conversations/{talk.conversation_id}/shopper")
        assert side["account"]["name"] == "李明"
        number = order_in(desk, "u0001", OrderState.PAID)
        fields = {"address": ADDRESS}
        asked = [
            await act(wang, talk, "change_address", order_number=number, fields=fields)
            for _ in range(2)
        ]
        assert asked[0].status_code == 200, asked[0].text
        assert asked[0].json() == asked[1].json()
        key = shopper_actions.operation_key(talk.conversation_id, wang.staff_id, "operation-1")
        assert [each.name for each in shop.operations(key)] == ["change_order"]
    shop.close()


async def test_a_double_that_begins_when_the_first_is_done_tells_it_no_second_time(
    desk: Desk, wang: Person, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await serve("u0001")
    number = order_in(desk, "u0001", OrderState.PAID)
    read, done = threading.Event(), threading.Event()
    subject_of, held = ShopDesk._subject, threading.Semaphore(1)

    def late_once(self: ShopDesk, *asked: Any) -> Any:
        if held.acquire(blocking=False):
            read.set()
            assert done.wait(10)
        return subject_of(self, *asked)

    monkeypatch.setattr(ShopDesk, "_subject", late_once)
    double = asyncio.create_task(act(wang, talk, "urge_shipping", order_number=number))
    await asyncio.to_thread(read.wait, 10)
    first = await act(wang, talk, "urge_shipping", order_number=number)
    done.set()
    assert (await double).json() == first.json()
    view = await talk.until_said(first.json()["text"])
    assert texts(view, "system").count(first.json()["text"]) == 1


async def test_while_the_shop_is_away_the_desks_own_side_is_served(
    desk: Desk, wang: Person, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await serve("u0001")
    number = order_in(desk, "u0001", OrderState.PAID)
    away = _Away(desk.runtime.shop)
    monkeypatch.setattr(desk.runtime.shop_desk, "_shop", away)
    refused = await act(wang, talk, "urge_shipping", order_number=number)
    assert (refused.status_code, refused.json()["code"]) == (503, "shop_unavailable")
    monkeypatch.undo()
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", KEY)
    done = await act(wang, talk, "urge_shipping", order_number=number)
    assert done.status_code == 200, "the same operation again, once the shop is back"


class _Away:
    """A shop that does not answer."""

    def __init__(self, shop: Any) -> None:
        self._shop = shop

    def __getattr__(self, name: str) -> Any:
        def refuse(*_arguments: object, **_named: object) -> None:
            raise ShopUnavailable("away")

        return refuse


async def test_what_a_dead_desk_had_done_is_told_after_all(
    desk: Desk, wang: Person, serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop did it, and the desk died before it could say so."""
    talk = await serve("u0001")
    number = order_in(desk, "u0001", OrderState.PAID)

    async def died(*_arguments: object) -> None:
        raise ConnectionError("the desk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(ShopDesk, "_told", died)
        lost = await act(wang, talk, "urge_shipping", order_number=number)
        assert lost.status_code == 500
    path = f"/conversations/{talk.conversation_id}/shopper"
    await wang.get(path)
    assert "已提醒商家" not in str(texts(await _fresh(talk), "system"))
    await desk.runtime.database.write(
        lambda session: session.execute(
            update(ShopperAction).values(at=datetime.now(UTC) - timedelta(minutes=5))
        )
    )
    await wang.get(path)
    view = await talk.until_said("已提醒商家")
    await wang.get(path)
    assert str(texts(await _fresh(talk), "system")).count("已提醒商家") == 1
    assert view["state"] == "assigned"
    retried = await act(wang, talk, "urge_shipping", order_number=number)
    assert retried.json()["done"]


async def _fresh(talk: Shopper) -> Json:
    await talk.read()
    return talk.view
