"""Conversations through the public API with the real processes and the demo shop."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Order, OrderState, Viewer
from tests.e2e import people
from tests.e2e.shopper import Open, Shopper, buttons_of, cards, texts
from tests.e2e.stack import Stack


def test_a_new_chat_greets_and_offers_the_common_questions(open_chat: Open) -> None:
    shopper = open_chat("u0001")
    (greeting, *_) = shopper.read(wait=5)
    assert greeting["from"] == "bot"
    assert {"查订单", "转人工"} <= {button["title"] for button in buttons_of(greeting)}
    assert "payload" not in str(greeting)


def test_order_status_comes_from_the_order_database(open_chat: Open, shop: ShopGateway) -> None:
    account, order = people.owner_of(shop, lambda order: order.state is OrderState.PAID)
    answer = open_chat(account).say(f"帮我看下订单{order.order_number}现在什么状态")
    (card,) = cards(answer, "order")
    assert card["order_number"] == order.order_number
    assert card["total"] == order.total
    assert card["items"][0]["name"] == order.items[0].name


def test_where_is_my_order_shows_the_parcel(open_chat: Open, shop: ShopGateway) -> None:
    account, order = people.owner_of(
        shop, lambda order: order.state is OrderState.SHIPPED and len(order.shipments) == 1
    )
    answer = open_chat(account).say(f"我的订单到哪了 {order.order_number}")
    (card,) = cards(answer, "logistics")
    assert card["tracking_number"] == order.shipments[0].tracking_number
    assert card["events"]
    times = [event["at"] for event in card["events"]]
    assert times == sorted(times, reverse=True)


def test_without_a_number_one_parcel_is_shown_and_several_are_offered(
    open_chat: Open, shop: ShopGateway
) -> None:
    def parcels(order: Order) -> bool:
        return order.state is OrderState.SHIPPED and order.placed_at > recently()

    account, _ = people.owner_of(shop, parcels)
    numbers = {
        shipment.tracking_number
        for order in shop.orders(Viewer("demo", account), limit=50).orders
        for shipment in order.shipments
    }
    shopper = open_chat(account)
    answer = shopper.say("我的订单到哪了")
    assert not cards(answer, "order"), "a parcel was asked for, not a list of orders"
    if not cards(answer, "logistics"):
        titles = [b["title"] for event in answer for b in buttons_of(event)]
        assert all("已发货" in t or "签收" in t or "派送" in t for t in titles[:-1]), titles
        answer = shopper.press(titles[0])
    (card,) = cards(answer, "logistics")
    assert card["tracking_number"] in numbers


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(days=14)


def test_a_failed_payment_is_explained(open_chat: Open, shop: ShopGateway) -> None:
    for viewer in people.viewers():
        failed = shop.failed_payments(viewer)
        if len(failed) == 1:
            break
    else:
        raise AssertionError("no shopper with one failed payment")
    answer = open_chat(viewer.account_id).say("付款一直失败怎么办")
    (card,) = cards(answer, "payment")
    assert card["order_number"] == failed[0].order_number
    assert card["failure_text"]


def test_a_return_ends_with_its_rma_number(open_chat: Open, shop: ShopGateway) -> None:
    account, order, item = people.with_returnable(shop)
    shopper = open_chat(account)
    rma = go_through_return(shopper, order.order_number, item.name)
    (opened,) = [r for r in shop.returns(Viewer("demo", account), 50) if r.rma_number == rma]
    assert (opened.order_number, opened.item_id) == (order.order_number, item.item_id)


def go_through_return(shopper: Shopper, order_number: str, item_name: str) -> str:
    """From the wish to the RMA number, by buttons wherever there are some."""
    answer = bring_to_confirmation(shopper, order_number, item_name)
    answer = shopper.press("确认")
    opened = cards(answer, "return")
    assert opened, answer
    (card,) = opened
    assert re.fullmatch(r"RMA\d{10}", card["rma_number"]), card
    return str(card["rma_number"])


def bring_to_confirmation(shopper: Shopper, order_number: str, item_name: str) -> list[object]:
    answer = shopper.say(f"不喜欢，想退货，订单{order_number}")
    for _ in range(5):
        titles = [b["title"] for event in answer for b in buttons_of(event)]
        if any("确认" in title for title in titles):
            return list(answer)
        wanted = [t for t in titles if item_name[:4] in t] or [t for t in titles if "不想要" in t]
        wanted += [t for t in titles if "七天" in t or "7天" in t]
        assert wanted, answer
        answer = shopper.press(wanted[0])
    raise AssertionError(f"never asked for a confirmation: {answer}")


def test_someone_elses_order_and_an_unknown_one_get_the_same_answer(
    open_chat: Open, shop: ShopGateway
) -> None:
    account, _ = people.owner_of(shop, lambda order: True)
    _, foreign = people.owner_of(shop, lambda order: True, skip=5)
    unknown = "KF20200101000000"
    foreign_answer = open_chat(account).say(f"查一下订单{foreign.order_number}")
    unknown_answer = open_chat(account).say(f"查一下订单{unknown}")
    assert not cards(foreign_answer, "order")
    blank = re.compile(r"KF\d+")
    assert blank.sub("", texts(foreign_answer)) == blank.sub("", texts(unknown_answer))
    assert foreign.items[0].name not in texts(foreign_answer)


def test_a_guest_proves_an_order_and_sees_it(open_chat: Open, shop: ShopGateway) -> None:
    _, order = people.owner_of(
        shop, lambda order: bool(order.shipments) and order.state is OrderState.SHIPPED
    )
    guest = open_chat()
    asked = guest.say("我的快递到哪了")
    assert "订单号" in texts(asked)
    guest.say(order.order_number)
    tail = order.shipments[0].recipient_phone_tail
    answer = guest.say(tail)
    assert cards(answer, "logistics") or cards(answer, "order"), answer
    again = guest.say(f"订单{order.order_number}是什么状态")
    assert cards(again, "order"), "a verified order stays verified in this conversation"


def test_a_guest_who_guesses_is_blocked_after_five_tries(
    open_chat: Open, shop: ShopGateway
) -> None:
    _, order = people.owner_of(
        shop, lambda order: bool(order.shipments) and order.state is OrderState.SIGNED, skip=3
    )
    tail = order.shipments[0].recipient_phone_tail
    wrong = f"{(int(tail) + 1) % 10000:04d}"
    guest = open_chat()
    guest.say("查订单")
    answer = guest.say(order.order_number)
    for _ in range(5):
        answer = guest.say(wrong)
        if "手机" not in texts(answer) or "订单号" in texts(answer):
            guest.say(order.order_number)
    fresh = open_chat()
    fresh.say("查订单")
    fresh.say(order.order_number)
    blocked = fresh.say(tail)
    assert not cards(blocked, "order"), "the right digits must not help while the number is blocked"


def test_asking_for_a_person_waits_in_the_queue_where_an_agent_sees_it(
    stack: Stack, open_chat: Open
) -> None:
    shopper = open_chat("u0003")
    answer = shopper.say("转人工")
    assert any(event.get("state") == "waiting" for event in answer), answer
    assert shopper.session["conversation_id"] in stack.waiting()


def test_two_misunderstandings_in_a_row_reach_a_person(stack: Stack, open_chat: Open) -> None:
    shopper = open_chat("u0004")
    first = shopper.say("阿巴阿巴呜啦啦")
    assert not any(event.get("state") == "waiting" for event in first), first
    assert any(buttons_of(event) for event in first), "suggestions or a person are offered"
    second = shopper.say("哔哩吧啦嘟噜噜")
    second += [] if any(e["type"] == "state" for e in second) else shopper.read(wait=5)
    assert any(event.get("state") == "waiting" for event in second), second
    assert shopper.session["conversation_id"] in stack.waiting()


def test_the_same_message_sent_many_times_is_one_message_and_one_turn(open_chat: Open) -> None:
    shopper = open_chat("u0001")
    shopper.read(wait=5)
    with ThreadPoolExecutor(10) as pool:
        sent = list(pool.map(lambda _: shopper.post("same-id", text="你好"), range(12)))
    assert {answer.status_code for answer in sent} == {202}
    assert len({answer.json()["seq"] for answer in sent}) == 1
    shopper.read_until(lambda event: event.get("from") == "bot")
    later = shopper.post("same-id", text="你好")
    assert later.json()["seq"] == sent[0].json()["seq"]
    shopper.say("谢谢")
    own = [event for event in shopper.events if event.get("from") == "shopper"]
    assert [event["text"] for event in own] == ["你好", "谢谢"]
