"""``docs/shop-api.yaml`` is what the reference server serves and what the gateway asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import parse_qs

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from ruamel.yaml import YAML

from kefu.errors import KefuError
from kefu.shop import HttpAccess, migrate, open_gateway
from kefu.shop.after_sale_tables import ReturnRow
from kefu.shop.changes import DayPart, OrderChange
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway, ShopUnavailable
from kefu.shop.model import OrderState, PaymentState, ReturnReason, TurnRef, Viewer
from kefu.shop.people import ContactChannel
from kefu.shop.policy import ShopPolicy
from kefu.shop.read_only import without_writes
from kefu.shop.schema import CouponRow, PaymentRow
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_data import NOW, ShopData
from tests.shop_faults import Exchange
from tests.shop_server import DOCUMENT, KEY, ShopServer, document
from tests.shopper import Shopper

ACCESS = HttpAccess(KEY, deadline=10)
LOCAL = {"close", "return_verdict", "operation"}
"""What the gateway answers without an endpoint of its own."""

METHODS = {
    name
    for part in ShopGateway.__mro__
    for name, member in vars(part).items()
    if callable(member) and not name.startswith("_")
}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return YAML(typ="safe").load(DOCUMENT)


@dataclass
class Document:
    """The document, to hold exchanges against."""

    description: dict[str, Any]
    openapi: OpenAPI = field(init=False)

    def __post_init__(self) -> None:
        config = Config(extra_media_type_deserializers={"application/problem+json": json.loads})
        self.openapi = OpenAPI.from_dict(self.description, config=config)

    def hold(self, seen: Exchange) -> str:
        """Check an exchange; the endpoint's operation id."""
        request = request_of(seen)
        if seen.status != 400:
            self.openapi.validate_request(request)
        response = MockResponse(seen.answer, seen.status, content_type=seen.media_type)
        self.openapi.validate_response(request, response)
        paths = self.description["paths"]
        found = next(paths[name] for name in paths if fits(name, seen.path))
        return found[seen.method.lower()]["operationId"]


@pytest.fixture(scope="module")
def checked(description: dict[str, Any]) -> Document:
    return Document(description)


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
    policy = ShopPolicy(return_address="总仓退货部")
    with closing(SqlGateway(url, {"p": policy})) as bundled, ShopServer(bundled) as server:
        yield server


@pytest.fixture
def shop(server: ShopServer) -> Iterator[ShopGateway]:
    server.gate.seen.clear()
    with closing(open_gateway(server.url, http=ACCESS)) as shop:
        yield shop


def request_of(seen: Exchange) -> MockRequest:
    return MockRequest(
        "http://shop.example",
        seen.method.lower(),
        seen.path,
        args=parse_qs(seen.query, keep_blank_values=True),
        headers=seen.headers,
        data=seen.body,
        content_type=seen.headers.get("content-type", ""),
    )


def fits(template: str, path: str) -> bool:
    parts, wanted = path.split("/"), template.split("/")
    pairs = list(zip(parts, wanted, strict=False))
    return len(parts) == len(wanted) and all(b.startswith("{") or a == b for a, b in pairs)


def test_the_document_is_what_the_reference_server_serves():
    assert DOCUMENT.read_text() == document(), "run `python -m tests.shop_server`"


def test_the_document_has_an_endpoint_for_every_method(description: dict[str, Any]):
    paths = description["paths"].values()
    found = [operation["operationId"] for path in paths for operation in path.values()]
    assert sorted(found) == sorted(METHODS - LOCAL)


def everything(shop: ShopGateway, data: ShopData) -> None:
    """Every method that has an endpoint, where there is something to answer."""
    signed = Shopper.with_order(shop, data, seller_id=data.seller())
    signed.sells(price=8000, installable=True)
    reads(shop, data, signed)
    services(shop, data)
    after_sale(shop, signed)
    accounts(shop, data)


def reads(shop: ShopGateway, data: ShopData, owner: Shopper) -> None:
    unpaid = Shopper.with_order(shop, data, OrderState.UNPAID, failure_code="TIMEOUT")
    coupon = {
        "profile": "p",
        "coupon_id": f"C{owner.number}",
        "account_id": owner.account,
        "name": "满199减20优惠券",
        "amount": 2000,
        "minimum": 19900,
        "category": "",
        "valid_from": NOW,
        "valid_until": NOW,
        "used_at": None,
    }
    data.insert(CouponRow, coupon)
    viewer, number, item = owner.viewer, owner.number, owner.item
    shop.ping()
    assert shop.account(viewer)
    assert shop.membership(viewer)
    assert shop.coupons(viewer)
    order = shop.order(viewer, number)
    assert order
    assert shop.orders(viewer, states=[OrderState.SIGNED, OrderState.PAID], limit=1).total == 1
    assert shop.failed_payments(unpaid.viewer)
    assert shop.price_claim(viewer, owner.turn(), order_number=number, item_id=item)
    assert shop.products("p", "商品")
    assert shop.product("p", order.items[0].sku)
    assert shop.seller("p", order.seller_id or "")
    assert shop.contacts("p", owner.account)
    assert shop.find_contact("p", owner.account)
    guess = TurnRef(f"guess-{number}", NOW)
    assert shop.check_guest("p", number, "5678", guess).order == order
    shop.send_notice(
        "p",
        owner.account,
        notice_id=f"n-{number}",
        kind="verify_code",
        channel=ContactChannel.SMS,
        payload={"code": "123456"},
    )


def services(shop: ShopGateway, data: ShopData) -> None:
    paid = Shopper.with_order(shop, data, OrderState.PAID)
    paid.sells(price=8000, installable=True)
    viewer, number, item = paid.viewer, paid.number, paid.item
    shop.urge_shipping(viewer, paid.turn(), order_number=number)
    change = OrderChange(note="请放驿站")
    shop.change_order(viewer, paid.turn(), order_number=number, change=change)
    bill = {"title": "青禾科技有限公司", "tax_number": "91330106MA2CFB1X0K", "email": None}
    shop.request_invoice(viewer, paid.turn(), order_number=number, **bill)
    assert shop.invoices(viewer, number)
    shop.claim_price(viewer, paid.turn(), order_number=number, item_id=item)
    again = {"payment_id": f"again-{number}", "order_number": number, "amount": 10000}
    data.insert(PaymentRow, payment() | again)
    assert shop.settle_charge(viewer, paid.turn(), order_number=number).refund
    assert shop.cancel_order(viewer, paid.turn(), order_number=number, reason="不想要了").refund
    assert shop.refunds(viewer)
    assert len(shop.operations(paid.turn().turn_id)) == 6


def payment() -> dict[str, Any]:
    return {
        "profile": "p",
        "method": "alipay",
        "bank": None,
        "card_tail": None,
        "state": PaymentState.SUCCEEDED,
        "failure_code": None,
        "created_at": NOW,
        "finished_at": NOW,
    }


def after_sale(shop: ShopGateway, owner: Shopper) -> None:
    viewer = owner.viewer
    asked = {"order_number": owner.number, "item_id": owner.item}
    day = date(2026, 11, 13)
    shop.book_installation(viewer, owner.turn(), day=day, part=DayPart.EVENING, **asked)
    assert shop.installations(viewer, owner.number)
    shop.cancel_installation(viewer, owner.turn(), **asked)
    made = shop.request_return(viewer, owner.turn(), reason=ReturnReason.DAMAGED, **asked)
    assert shop.returns(viewer) == (made,)
    assert shop.return_by_number(viewer, made.rma_number) == made
    number = made.rma_number
    with pytest.raises(OperationConflict):
        shop.request_return(viewer, owner.turn(), reason=ReturnReason.OTHER, **asked)
    with pytest.raises(RuleRefused):
        shop.request_return(viewer, owner.turn("b"), reason=ReturnReason.DAMAGED, **asked)
    owner.change(ReturnRow, {"rma_number": number}, state="approved")
    parcel = {"carrier_code": "shunfeng", "tracking_number": "SF1234567890123"}
    shop.submit_return_tracking(viewer, owner.turn(), rma_number=number, **parcel)
    with pytest.raises(RuleRefused):
        shop.cancel_return(viewer, owner.turn(), rma_number=number)
    owner.change(ReturnRow, {"rma_number": number}, state="requested")
    shop.cancel_return(viewer, owner.turn(), rma_number=number)


def accounts(shop: ShopGateway, data: ShopData) -> None:
    account = data.account(phone="13700000001", locked=True, lock_reason="连续输错密码")
    data.account(phone="13700000002")
    turn = TurnRef(f"own-{account}", NOW)
    with suppress(RuleRefused):
        shop.unlock_account("p", account, turn)
    assert shop.start_password_reset("p", account, turn).url
    shop.change_phone("p", account, turn, phone="13700000003")
    with pytest.raises(RuleRefused):
        shop.change_phone("p", account, TurnRef("x" + account, NOW), phone="13700000002")


def test_all_that_is_asked_and_answered_is_as_documented(
    shop: ShopGateway, server: ShopServer, data: ShopData, checked: Document
):
    everything(shop, data)
    asked = {checked.hold(each) for each in server.gate.seen}
    assert asked == METHODS - LOCAL
    assert {each.status for each in server.gate.seen} == {200, 204, 409, 422}


def test_what_is_not_there_is_answered_as_documented(
    shop: ShopGateway, server: ShopServer, checked: Document
):
    stranger = Viewer("p", "nobody")
    assert shop.account(stranger) is None
    assert shop.membership(stranger) is None
    assert shop.order(stranger, "KF1") is None
    assert shop.return_by_number(stranger, "RMA1") is None
    turn = TurnRef("t", NOW)
    assert shop.price_claim(stranger, turn, order_number="KF1", item_id="1") is None
    assert shop.product("p", "none") is None
    assert shop.seller("p", "none") is None
    assert shop.find_contact("p", "none") is None
    for each in server.gate.seen:
        assert each.status == 404
        checked.hold(each)


def test_troubles_are_answered_as_documented(url: str, data: ShopData, checked: Document):
    closed = without_writes(SqlGateway(url))
    away = SqlGateway("postgresql://nobody@127.0.0.1:1/none")
    for shop, status in ((closed, 409), (away, 503)):
        with closing(shop), ShopServer(shop) as server:
            with closing(open_gateway(server.url, http=ACCESS)) as gateway:
                owner = Shopper.with_order(gateway, data)
                with pytest.raises(KefuError):
                    gateway.urge_shipping(owner.viewer, owner.turn(), order_number=owner.number)
            wrong = HttpAccess("w" * 40, deadline=10)
            with (
                closing(open_gateway(server.url, http=wrong)) as gateway,
                pytest.raises(ShopUnavailable),
            ):
                gateway.account(owner.viewer)
            assert [each.status for each in server.gate.seen] == [status, 401]
            for each in server.gate.seen:
                checked.hold(each)


def test_a_request_that_is_not_as_documented_is_told_so(
    shop: ShopGateway, server: ShopServer, checked: Document
):
    with pytest.raises(ShopUnavailable, match="400 request_invalid"):
        shop.orders(Viewer("p", "a"), limit=10_000)
    (seen,) = server.gate.seen
    checked.hold(seen)
    with pytest.raises(Exception, match=r"(?i)limit|parameter"):
        checked.openapi.validate_request(request_of(seen))


def test_an_answer_that_is_not_as_documented_would_be_noticed(
    shop: ShopGateway, server: ShopServer, data: ShopData, checked: Document
):
    owner = Shopper.with_order(shop, data)
    shop.order(owner.viewer, owner.number)
    (seen,) = server.gate.seen
    checked.hold(seen)
    seen.answer = seen.answer.replace(b'"total":10000', b'"total":"100.00"')
    with pytest.raises(Exception, match=r"(?i)invalid"):
        checked.hold(seen)
