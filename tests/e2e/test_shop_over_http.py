"""Conversations on a shop behind its own HTTP service: the same as on the bundled tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from kefu.shop import open_gateway
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import OrderState, Viewer
from tests.e2e import people
from tests.e2e.shopper import Shopper, cards
from tests.e2e.stack import Stack, running_stack
from tests.e2e.test_codes import enter, newest_code
from tests.e2e.test_conversations import go_through_return


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running_stack(tmp_path_factory.mktemp("kefu"), "http") as running:
        yield running


@pytest.fixture(scope="module")
def shop(stack: Stack) -> Iterator[ShopGateway]:
    """The data behind the service, looked at directly."""
    with closing(open_gateway(stack.shop_database)) as shop:
        yield shop


def test_all_parts_are_ready_and_nothing_was_migrated_or_seeded(stack: Stack) -> None:
    ready = httpx.get(f"{stack.base_url}/readyz").json()
    assert ready["parts"]["shop"] is True
    assert not any("Seeding" in line for line in stack.lines)


def test_a_return_is_opened_in_the_shop(stack: Stack, shop: ShopGateway) -> None:
    account, order, item = people.with_returnable(shop)
    with closing(Shopper(stack.base_url, account)) as shopper:
        rma = go_through_return(shopper, order.order_number, item.name)
    (opened,) = [r for r in shop.returns(Viewer("demo", account), 50) if r.rma_number == rma]
    assert (opened.order_number, opened.item_id) == (order.order_number, item.item_id)


def test_a_guest_proves_an_order_and_sees_it(stack: Stack, shop: ShopGateway) -> None:
    _, order = people.owner_of(
        shop, lambda order: bool(order.shipments) and order.state is OrderState.SHIPPED
    )
    with closing(Shopper(stack.base_url)) as guest:
        guest.say("我的快递到哪了")
        guest.say(order.order_number)
        answer = guest.say(order.shipments[0].recipient_phone_tail)
        assert cards(answer, "logistics") or cards(answer, "order"), answer


def test_a_code_is_sent_by_the_shop_itself(stack: Stack, shop: ShopGateway) -> None:
    locked = Viewer("demo", "u0007")
    with closing(Shopper(stack.base_url, "u0007")) as shopper:
        shopper.say("我的账号被锁定了怎么办")
        shopper.press("发送验证码")
        assert enter(shopper, newest_code(stack)) == {"purpose": "unlock", "done": True}
        shopper.read_until(lambda event: "已经解锁" in (event.get("text") or ""))
    account = shop.account(locked)
    assert account
    assert not account.locked


def test_only_an_account_of_the_shop_can_be_chosen(stack: Stack) -> None:
    sessions = f"{stack.base_url}/api/v1/shopper/sessions"
    for account, status in (("u0001", 200), ("u9999", 401)):
        answer = httpx.post(sessions, json={"profile": "demo", "demo_account": account})
        assert answer.status_code == status


def test_no_order_number_reaches_the_log(stack: Stack) -> None:
    assert not re.search(r"KF20\d{12}", "".join(stack.lines))
