"""What all requests about an order share: choosing it, correcting, leaving, doing it once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import OrderState
from kefu.shop.read_only import without_writes
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


def cancelled(bot: Bot) -> list[str]:
    return [order.order_number for order in bot.orders(OrderState.CANCELLED)]


def paid(bot: Bot) -> str:
    return bot.orders(OrderState.PAID)[0].order_number


def summed_up(bot: Bot, number: str) -> Talk:
    talk = Talk(bot)
    talk.says("拍错了，取消这单", "cancel_order", order_number=number)
    assert "确认取消吗" in talk.last.text
    return talk


def test_forty_orders_are_offered_by_pages(as_shopper: Any) -> None:
    bot = next(
        each
        for each in (as_shopper(f"u{number:04d}") for number in range(10, 30))
        if len(each.orders()) == 40
    )
    talk = Talk(bot)
    open_orders = bot.orders(OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED)
    first = talk.says("取消订单", "cancel_order")
    assert "直接发订单号" in first.text
    assert sum("order_number" in payload for payload in first.payloads) == 5
    second = talk.press("更多订单")
    shown = [json.loads(p.removeprefix("/cancel_order")) for p in second.payloads if "KF" in p]
    assert [each["order_number"] for each in shown] == [
        order.order_number for order in open_orders[5:10]
    ]


def test_the_first_of_the_offered_orders_is_chosen_in_words(bot: Bot) -> None:
    talk = Talk(bot)
    offered = talk.says("取消订单", "cancel_order").payloads
    talk.says("第二个")
    assert bot.slots["order_chosen"] in offered[1]


def test_without_any_order_there_is_nothing_to_fill_in(as_shopper: Any) -> None:
    for intent in ("cancel_order", "change_order", "invoice", "price_protection"):
        talk = Talk(as_shopper("u0002"))
        assert "没有订单" in talk.says("订单", intent).text
        assert talk.bot.form is None


def test_not_this_order_asks_for_another(bot: Bot) -> None:
    number = paid(bot)
    talk = summed_up(bot, number)
    answer = talk.says("不是这个订单", "deny")
    assert "哪一笔" in answer.text
    assert bot.form == "order_form"
    other = next(
        order.order_number for order in bot.orders(OrderState.PAID) if order.order_number != number
    )
    answer = talk.press_payload(next(each for each in answer.payloads if other in each))
    assert other in answer.text
    assert "拍错" in answer.text


def test_the_only_order_cannot_be_exchanged_for_another(as_shopper: Any) -> None:
    bot = as_shopper("u0011")
    talk = Talk(bot)
    talk.says("拍错了，取消订单", "cancel_order")
    answer = talk.says("换一个订单", "deny")
    assert "只有这一笔" in answer.text
    assert "确认取消吗" in answer.text


def test_an_unknown_number_in_the_form_is_asked_again(as_shopper: Any) -> None:
    bot = as_shopper("u0001")
    talk = Talk(bot)
    talk.says("取消订单", "cancel_order")
    answer = talk.says("KF20200101000000", order_number="KF20200101000000")
    assert "没有查到这笔订单" in answer.text
    assert "哪一笔" in answer.text


@pytest.mark.parametrize(
    ("text", "intent"),
    [("算了", "nlu_fallback"), ("不用了", "deny"), ("不取消了", "cancel_order"), ("", "deny")],
)
def test_who_leaves_has_nothing_done(bot: Bot, text: str, intent: str) -> None:
    before = cancelled(bot)
    talk = summed_up(bot, paid(bot))
    answer = talk.says(text, intent) if text else talk.press("不取消了")
    assert "没有取消" in answer.text
    assert bot.form is None
    assert cancelled(bot) == before


def test_another_question_is_answered_and_the_form_asks_again(bot: Bot) -> None:
    talk = summed_up(bot, paid(bot))
    answer = talk.says("会员有什么好处", "membership")
    assert "确认取消吗" in answer.responses[-1]["text"]
    assert len(answer.responses) > 1


def test_another_request_about_an_order_takes_the_place_of_this_one(bot: Bot) -> None:
    before = cancelled(bot)
    number = paid(bot)
    talk = summed_up(bot, number)
    answer = talk.says("那还是改一下电话吧 13911112222", "change_order", phone="13911112222")
    assert "联系电话：139****2222" in answer.text
    assert "确认取消" not in answer.text
    talk.says("确认", "affirm")
    assert cancelled(bot) == before
    assert bot.services.shop.operations(bot.turn_id)[0].name == "change_order"


def test_a_person_is_called_out_of_the_form(bot: Bot) -> None:
    talk = summed_up(bot, paid(bot))
    (command,) = talk.says("转人工", "human_agent").commands
    assert command["type"] == "handoff"
    assert bot.form is None


def test_a_confirmation_of_something_else_does_not_count(bot: Bot) -> None:
    number = paid(bot)
    talk = summed_up(bot, number)
    old = talk.last.payloads[0]
    talk.says("其实是发货太慢", "cancel_order")
    answer = talk.press_payload(old)
    assert number not in cancelled(bot)
    assert "确认取消吗" in answer.text


def test_an_old_confirmation_is_explained(bot: Bot) -> None:
    number = paid(bot)
    talk = summed_up(bot, number)
    yes = talk.last.payloads[0]
    talk.press_payload(yes)
    assert number in cancelled(bot)
    answer = talk.press_payload(yes)
    assert "已经结束" in answer.text
    assert bot.services.shop.operations(bot.turn_id) == ()


@pytest.mark.parametrize("text", ["取消吗", "取消要多久", "为什么要取消"])
def test_a_question_is_no_confirmation(bot: Bot, text: str) -> None:
    number = paid(bot)
    summed_up(bot, number).says(text, "cancel_order")
    assert number not in cancelled(bot)


@pytest.mark.parametrize("text", ["确认取消", "取消吧", "好的，麻烦取消一下", "对 取消掉"])
def test_the_word_for_it_is_a_confirmation(bot: Bot, text: str) -> None:
    number = paid(bot)
    summed_up(bot, number).says(text, "cancel_order")
    assert number in cancelled(bot)


def test_the_same_turn_again_tells_the_same(bot: Bot) -> None:
    number = paid(bot)
    talk = summed_up(bot, number)
    slots, events, form = dict(bot.slots), list(bot.events), bot.form
    first = talk.press("确认取消")
    bot.slots, bot.events, bot.form = slots, events, form
    talk.turns -= 1
    again = talk.says("确认取消", "affirm")
    assert first.text == again.text
    assert len(bot.services.shop.operations(bot.turn_id)) == 1


def test_an_order_that_changed_meanwhile_is_refused_honestly(bot: Bot) -> None:
    number = paid(bot)
    talk = summed_up(bot, number)
    other = Bot(bot.services, turn_id="elsewhere")
    talk_elsewhere = summed_up(other, number)
    talk_elsewhere.turns = 50
    talk_elsewhere.press("确认取消")
    answer = talk.press("确认取消")
    assert "已经取消" in answer.text
    assert bot.form is None


def test_a_shop_that_is_down_ends_the_form_with_an_apology(
    bot: Bot, shop: SqlGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = summed_up(bot, paid(bot))

    def down(*_: object, **__: object) -> None:
        raise ShopUnavailable("no route")

    monkeypatch.setattr(shop, "cancel_order", down)
    answer = talk.press("确认取消")
    assert "没有提交" in answer.text
    assert bot.form is None


def test_messages_that_fit_nothing_call_a_person_in_the_end(bot: Bot) -> None:
    talk = Talk(bot)
    talk.says("取消订单", "cancel_order")
    commands: list[Any] = []
    for _ in range(3):
        commands = talk.says("哔哔啵啵", "nlu_fallback").commands
    assert [each["reason"] for each in commands] == ["low_confidence"]


@pytest.mark.parametrize(
    ("text", "intent", "press", "detail"),
    [
        ("拍错了，取消订单", "cancel_order", "确认取消", "拍错"),
        ("电话改成13911112222", "change_order", "确认修改", "13911112222"),
        ("开发票，个人的，发到 a@example.com", "invoice", "确认开票", "a@example.com"),
    ],
)
def test_where_nothing_may_be_written_people_do_it(
    bot: Bot, shop: SqlGateway, text: str, intent: str, press: str, detail: str
) -> None:
    number = paid(bot)
    object.__setattr__(bot.services, "shop", without_writes(shop))
    talk = Talk(bot)
    talk.says(text, intent, order_number=number)
    answer = talk.press(press)
    (command,) = answer.commands
    assert (command["type"], command["kind"]) == ("ticket", "service")
    assert command["order_number"] == number
    assert detail in command["details"]
    assert "登记" in answer.text
    assert number not in cancelled(bot)


def test_a_guest_proves_the_order_first_and_then_goes_on(as_shopper: Any) -> None:
    guest = as_shopper(None)
    talk = Talk(guest)
    assert "后四位" in talk.says("我要改订单备注", "change_order").text
    number = paid(as_shopper("u0001"))
    proved = as_shopper(None, verified=frozenset({number}))
    answer = Talk(proved).says("我要改订单备注", "change_order")
    assert "备注" in answer.text
    assert proved.slots["order_chosen"] == number


def test_a_guest_is_told_at_once_what_needs_an_account(as_shopper: Any) -> None:
    for text, intent in (("取消订单", "cancel_order"), ("收货地址填错了", "change_order")):
        answer = Talk(as_shopper(None)).says(text, intent)
        assert "登录" in answer.text
        assert "后四位" not in answer.text


def test_a_guest_signs_in_before_an_order_is_cancelled_or_sent_elsewhere(as_shopper: Any) -> None:
    number = paid(as_shopper("u0001"))
    for words, intent in (("拍错了，取消订单", "cancel_order"), ("改收货地址", "change_order")):
        proved = as_shopper(None, verified=frozenset({number}))
        answer = Talk(proved).says(words, intent)
        assert "登录下单的账号" in answer.text
        assert proved.form is None


def test_a_guest_cannot_name_a_strangers_order_within_the_form(as_shopper: Any) -> None:
    number = paid(as_shopper("u0001"))
    foreign = as_shopper("u0009").orders()[0].order_number
    guest = as_shopper(None, verified=frozenset({number}))
    talk = Talk(guest)
    talk.says("我要改订单备注", "change_order")
    assert guest.slots["order_chosen"] == number
    answer = talk.says(foreign, order_number=foreign)
    assert foreign not in answer.text
    assert guest.slots["order_chosen"] != foreign
