"""What is said of the effects of a turn that was given up: after real effects in a real shop."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kefu.conversation import outcomes
from kefu.shop import demo, doors
from kefu.shop.changes import DayPart, OrderChange
from kefu.shop.gateway import ShopGateway
from kefu.shop.migrations import migrate
from kefu.shop.model import Order, OrderState, ReturnKind, ReturnReason, TurnRef, Viewer
from kefu.shop.sql_gateway import SqlGateway

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TURN = TurnRef("turn-1", NOW)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    migrate(f"sqlite:///{path}")
    demo.seed(f"sqlite:///{path}", NOW)
    return path


@pytest.fixture
def shop(seeded: Path, tmp_path: Path) -> Iterator[SqlGateway]:
    path = tmp_path / "shop.db"
    shutil.copy(seeded, path)
    gateway = SqlGateway(f"sqlite:///{path}")
    yield gateway
    gateway.close()


def viewer(account: str) -> Viewer:
    return Viewer("demo", account)


def first(shop: ShopGateway, account: str, *states: OrderState) -> Order:
    return shop.orders(viewer(account), states=states or None, limit=1).orders[0]


def urge(shop: ShopGateway) -> list[str]:
    number = first(shop, "u0001", OrderState.PAID).order_number
    shop.urge_shipping(viewer("u0001"), TURN, order_number=number)
    return [number, "提醒"]


def change(shop: ShopGateway) -> list[str]:
    number = first(shop, "u0001", OrderState.PAID).order_number
    shop.change_order(viewer("u0001"), TURN, order_number=number, change=OrderChange(note="放门口"))
    return [number, "修改"]


def cancel(shop: ShopGateway) -> list[str]:
    order = first(shop, "u0001", OrderState.PAID)
    done = shop.cancel_order(
        viewer("u0001"), TURN, order_number=order.order_number, reason="不想要了"
    )
    assert done.refund
    return [order.order_number, "已取消", done.refund.refund_id, "¥"]


def settle_twice(shop: ShopGateway) -> list[str]:
    number = first(shop, "u0008").order_number
    done = shop.settle_charge(viewer("u0008"), TURN, order_number=number)
    assert done.refund
    return [done.refund.refund_id, "¥"]


def settle_unbooked(shop: ShopGateway) -> list[str]:
    account = next(
        each
        for each in (f"u{number:04d}" for number in range(10, 25))
        if any(
            order.state is OrderState.UNPAID
            and order.payments
            and not order.payments[0].failure_code
            for order in shop.orders(viewer(each), limit=5).orders
        )
    )
    number = first(shop, account, OrderState.UNPAID).order_number
    shop.settle_charge(viewer(account), TURN, order_number=number)
    return [number, "已付款"]


def settle_nothing(shop: ShopGateway) -> list[str]:
    number = first(shop, "u0009").order_number
    shop.settle_charge(viewer("u0009"), TURN, order_number=number)
    return [number, "没有需要退的款项"]


def invoice(shop: ShopGateway) -> list[str]:
    number = first(shop, "u0009").order_number
    made = shop.request_invoice(
        viewer("u0009"), TURN, order_number=number, title="个人", tax_number=None, email=None
    )
    return [number, made.invoice_id]


def price(shop: ShopGateway) -> list[str]:
    for number in range(10, 25):
        who = viewer(f"u{number:04d}")
        for order in shop.orders(who, limit=3).orders:
            item = order.items[0].item_id
            claim = shop.price_claim(who, TURN, order_number=order.order_number, item_id=item)
            if claim and claim.verdict.allowed:
                refund = shop.claim_price(who, TURN, order_number=order.order_number, item_id=item)
                return ["价格保护", refund.refund_id, "¥"]
    raise AssertionError("the demo shop has nothing that became cheaper")


def request_return(shop: ShopGateway, kind: ReturnKind = ReturnKind.RETURN) -> str:
    order = first(shop, "u0009")
    made = shop.request_return(
        viewer("u0009"),
        TURN,
        order_number=order.order_number,
        item_id=order.items[0].item_id,
        reason=ReturnReason.DAMAGED,
        kind=kind,
    )
    return made.rma_number


def returned(shop: ShopGateway) -> list[str]:
    return ["退货申请", request_return(shop)]


def exchanged(shop: ShopGateway) -> list[str]:
    return ["换货申请", request_return(shop, ReturnKind.EXCHANGE)]


def withdrawn(shop: ShopGateway) -> list[str]:
    rma = request_return(shop)
    shop.cancel_return(viewer("u0009"), TURN, rma_number=rma)
    return [rma, "撤销"]


def sent_back(shop: ShopGateway) -> list[str]:
    for number in range(10, 25):
        who = viewer(f"u{number:04d}")
        for made in shop.returns(who):
            if made.state == "approved":
                shop.submit_return_tracking(
                    who,
                    TURN,
                    rma_number=made.rma_number,
                    carrier_code="shunfeng",
                    tracking_number="SF1234567890123",
                )
                return [made.rma_number, "SF1234567890123"]
    raise AssertionError("the demo shop has no approved return")


def book(shop: ShopGateway) -> list[str]:
    who, order, item = washing_machine(shop)
    day = (NOW + timedelta(days=3)).date()
    made = shop.book_installation(
        who, TURN, order_number=order, item_id=item, day=day, part=DayPart.MORNING
    )
    return [made.booking_id, day.isoformat()]


def washing_machine(shop: ShopGateway) -> tuple[Viewer, str, str]:
    for number in range(10, 25):
        who = viewer(f"u{number:04d}")
        for order in shop.orders(who, limit=3).orders:
            product = shop.product("demo", order.items[0].sku)
            if product and product.installable and order.signed_at:
                return who, order.order_number, order.items[0].item_id
    raise AssertionError("the demo shop has nothing to install")


def call_off(shop: ShopGateway) -> list[str]:
    number = book(shop)[0]
    who, order, item = washing_machine(shop)
    shop.cancel_installation(who, TURN, order_number=order, item_id=item)
    return [number, "取消"]


def unlock(shop: ShopGateway) -> list[str]:
    shop.unlock_account("demo", "u0007", TURN)
    return ["解锁"]


def reset(shop: ShopGateway) -> list[str]:
    shop.start_password_reset("demo", "u0001", TURN)
    return ["链接"]


def phone(shop: ShopGateway) -> list[str]:
    shop.change_phone("demo", "u0001", TURN, phone="13900001234")
    return ["139****1234"]


EFFECTS: dict[str, list[Callable[[ShopGateway], list[str]]]] = {
    "urge_shipping": [urge],
    "change_order": [change],
    "cancel_order": [cancel],
    "settle_charge": [settle_twice, settle_unbooked, settle_nothing],
    "request_invoice": [invoice],
    "claim_price": [price],
    "request_return": [returned, exchanged],
    "cancel_return": [withdrawn],
    "submit_return_tracking": [sent_back],
    "book_installation": [book],
    "cancel_installation": [call_off],
    "unlock_account": [unlock],
    "start_password_reset": [reset],
    "change_phone": [phone],
}


@pytest.mark.parametrize("effect", [each for group in EFFECTS.values() for each in group])
def test_each_effect_is_told_with_its_numbers(
    shop: SqlGateway, effect: Callable[[ShopGateway], list[str]]
) -> None:
    facts = effect(shop)
    (*_, told) = outcomes.sentences(shop.operations(TURN.turn_id))
    assert all(fact in told for fact in facts), told
    assert told.endswith("。")
    assert "None" not in told


def test_no_phone_number_and_no_address_is_told_in_full(shop: SqlGateway) -> None:
    number = first(shop, "u0001", OrderState.PAID).order_number
    wish = OrderChange(address="浙江省杭州市西湖区文一西路88号", recipient_phone="13900001234")
    shop.change_order(viewer("u0001"), TURN, order_number=number, change=wish)
    shop.change_phone("demo", "u0001", TURN, phone="13900001234")
    told = "".join(outcomes.facts(shop.operations(TURN.turn_id)))
    assert "13900001234" not in told
    assert "文一西路" not in told


def test_every_method_that_writes_has_a_sentence() -> None:
    """A method that takes a turn, and does more than read, is an operation of its name."""
    reads = {"price_claim", "check_guest", "operation"}
    parts = (doors.OrderChanges, doors.Charges, doors.AfterSale, doors.Accounts, ShopGateway)
    writes = {
        name
        for part in parts
        for name, method in inspect.getmembers(part, inspect.isfunction)
        if "turn" in inspect.signature(method).parameters and name not in reads
    }
    assert writes == set(EFFECTS)
