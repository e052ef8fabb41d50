"""A person: the right group, in and out of hours; shop or mall; what the agent reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kefu.shop.demo import demo_shoppers
from kefu.turn_token import TicketSummary
from tests.unit.actions.conftest import NOW, Answer
from tests.unit.actions.form_talk import Talk

# Beijing times: a Wednesday noon, its night, and a Sunday noon.
NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 18, 18, 30, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def call(answer: Answer) -> dict[str, Any]:
    (command,) = answer.commands
    assert command["type"] == "handoff"
    return command


def at(as_shopper: Any, profile: str, now: datetime, account: str | None = None) -> Talk:
    return Talk(as_shopper(account, profile=profile, now=now))


def customer(as_shopper: Any, profile: str, now: datetime) -> Talk:
    """A signed-in shopper of the profile with orders."""
    bots = (
        as_shopper(account, profile=profile, now=now) for account, _, _ in demo_shoppers(profile)
    )
    return Talk(next(bot for bot in bots if bot.orders()))


def test_nobody_waits_through_the_night(as_shopper: Any) -> None:
    talk = at(as_shopper, "tp", NIGHT)
    answer = talk.says("转人工", "human_agent")
    assert answer.commands == []
    assert "每天 9:00-21:00" in answer.text
    assert "今天09:00上班" in answer.text
    assert [each["title"] for each in answer.buttons] == ["我要留言"]


def test_a_message_left_at_night_becomes_a_ticket_to_call_back(as_shopper: Any) -> None:
    talk = at(as_shopper, "tp", NIGHT)
    talk.says("转人工", "human_agent")
    asked = talk.says("好的", "affirm")
    assert "写下您的问题" in asked.text
    contact = talk.says("我的包裹三天没动静了", "track_logistics")
    assert "手机号或邮箱" in contact.text
    assert "没法联系" in talk.says("不方便留", "nlu_fallback").text
    talk.says("13812345678", "inform")
    (command,) = talk.press("确认提交").commands
    assert (command["kind"], command["contact"]) == ("callback", "13812345678")
    assert command["details"] == "我的包裹三天没动静了"


def test_who_is_signed_in_may_be_called_on_the_accounts_own_phone(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0001"))
    talk.says("给我留言", "human_agent")
    asked = talk.says("想问问发票什么时候寄到", "invoice")
    if "手机号或邮箱" not in asked.text:
        asked = talk.says("发票寄到的时间想请人告诉我", "nlu_fallback")
    assert "****" in asked.buttons[0]["title"]
    talk.press("就用")
    (command,) = talk.press("确认提交").commands
    assert command["contact"] is None


def test_a_closed_group_is_helped_out_by_an_open_one(as_shopper: Any) -> None:
    talk = at(as_shopper, "tp", SUNDAY)
    talk.says("快递员态度太差了", "complaint")
    assert call(talk.says("转人工", "human_agent"))["group"] == "agents"
    weekday = at(as_shopper, "tp", NOON)
    weekday.says("快递员态度太差了", "complaint")
    assert call(weekday.says("转人工", "human_agent"))["group"] == "complaints"


@pytest.mark.parametrize(
    ("profile", "group"),
    [("tp", "complaints"), ("tiktokshop", "appeals"), ("tmall", "official"), ("demo", "agents")],
)
def test_the_person_in_charge_is_noted(as_shopper: Any, profile: str, group: str) -> None:
    talk = at(as_shopper, profile, NOON)
    answer = talk.says("叫你们负责人来", "human_agent")
    command = call(answer)
    assert command["group"] == group
    assert "负责人" in command["note"]
    assert "负责人" in answer.text


def test_other_calls_at_night_become_the_offer_too(as_shopper: Any) -> None:
    talk = at(as_shopper, "tp", NIGHT)
    talk.says("没解决", "not_solved")
    answer = talk.says("还是没解决", "not_solved")
    assert answer.commands == []
    assert "我要留言" in [each["title"] for each in answer.buttons]


def test_in_a_mall_the_shopper_chooses_shop_or_mall(as_shopper: Any) -> None:
    talk = customer(as_shopper, "tmall", NOON)
    asked = talk.says("转人工", "human_agent")
    assert [each["title"] for each in asked.buttons] == ["店铺客服", "官方客服"]
    orders = talk.press("店铺客服")
    assert not orders.commands
    seller = talk.bot.services.shop.order(talk.bot.viewer, talk.bot.orders()[0].order_number)
    assert seller
    chosen = talk.press_payload(orders.payloads[0])
    service = talk.bot.services.profiles["tmall"].seller(seller.seller_id)
    assert service
    assert call(chosen)["group"] == service.group


def test_asking_again_for_a_person_is_asked_nothing_more(as_shopper: Any) -> None:
    talk = at(as_shopper, "tmall", NOON)
    talk.says("你好", "greet")
    talk.says("转人工", "human_agent")
    assert call(talk.says("转人工！", "human_agent"))["group"] == "official"


@pytest.mark.parametrize(
    ("text", "context", "group"),
    [
        ("转人工", {"seller_id": "s02"}, "shop-digital"),
        ("找官方客服", {"seller_id": "s02"}, "official"),
        ("联系云裳服饰的客服", {}, "shop-clothes"),
        ("找平台的人", {}, "official"),
    ],
)
def test_words_and_context_name_the_side(
    as_shopper: Any, text: str, context: dict[str, str], group: str
) -> None:
    talk = Talk(as_shopper(None, profile="tmall", now=NOON, context=context))
    assert call(talk.says(text, "human_agent"))["group"] == group


def test_a_topic_of_the_malls_own_goes_to_the_mall(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None, profile="tmall", now=NOON, context={"seller_id": "s02"}))
    talk.says("有人冒充客服", "fraud_report")
    assert call(talk.says("转人工", "human_agent"))["group"] == "official"


def test_a_shop_that_sleeps_is_said_to(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None, profile="tmall", now=SUNDAY, context={"seller_id": "s02"}))
    answer = talk.says("转人工", "human_agent")
    assert answer.commands == []
    assert "极光数码专营店客服" in answer.text
    assert "明天09:00" in answer.text


def test_a_guest_without_orders_is_told_how_to_reach_a_shop(as_shopper: Any) -> None:
    answer = at(as_shopper, "tmall", NOON).says("找店铺客服", "human_agent")
    assert "哪家店" in answer.text
    assert '/human_agent{"group": "official"}' in answer.payloads


@pytest.mark.parametrize("text", ["找官方客服", "帮我联系卖家", "给我回电话"])
def test_words_that_were_not_understood_may_still_ask_for_somebody(
    as_shopper: Any, text: str
) -> None:
    bot = as_shopper(None, profile="tmall", now=NOON)
    answer = bot.hears(text, "nlu_fallback", ("nlu_fallback", "human_agent")).runs("action_clarify")
    assert "没太听懂" not in answer.text
    assert answer.commands or answer.buttons or answer.followup == "ticket_form"


def test_the_agent_reads_what_was_tried_and_what_is_open(as_shopper: Any) -> None:
    ticket = TicketSummary("TK202611220000000001", "complaint", "open", NOW + timedelta(hours=2))
    context = {"page": "/orders"}
    talk = Talk(as_shopper("u0001", tickets=(ticket,), context=context))
    number = talk.bot.orders()[0].order_number
    talk.says("我的订单", "order_status", order_number=number)
    talk.bot.slots["last_verdict"] = {"code": "already_shipped", "sentence": "已经发货，不能取消。"}
    note = call(talk.says("转人工", "human_agent"))["note"]
    for part in (
        "查订单",
        number,
        "已经发货，不能取消",
        "投诉 TK202611220000000001（待处理）",
        "页面 /orders",
    ):
        assert part in note


def test_a_guests_note_says_what_was_proved(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None))
    assert "没有登录" in call(talk.says("转人工", "human_agent"))["note"]


def test_channels_are_told_as_they_are_now(as_shopper: Any) -> None:
    noon = at(as_shopper, "tp", SUNDAY).says("怎么联系你们", "contact_info").text
    assert "在线客服：网站或 App 里的「在线咨询」，每天 9:00-21:00" in noon
    assert "现在在线；答复时间：1 分钟内" in noon
    assert "400-000-1200" in noon
    assert "现在休息，明天09:00开始" in noon


def test_a_named_channel_alone_is_told(as_shopper: Any) -> None:
    answer = at(as_shopper, "tpwallet", NOON).says("你们邮箱多少", "contact_info")
    assert "support@wallet.example.com" in answer.text
    assert "1 至 3 个工作日" in answer.text
    assert "热线" not in answer.text


def test_holidays_are_closed_days(as_shopper: Any) -> None:
    national_day = datetime(2026, 10, 1, 4, 0, tzinfo=UTC)
    answer = at(as_shopper, "tp", national_day).says("客服电话多少", "contact_info")
    assert "现在休息" in answer.text


def test_a_couriers_number_is_not_made_up(as_shopper: Any) -> None:
    answer = at(as_shopper, "tp", NOON).says("顺丰电话多少", "contact_info", courier="顺丰")
    assert "400" not in answer.text
    assert "/track_logistics" in answer.payloads


def test_partners_are_led_to_their_people(as_shopper: Any) -> None:
    talk = at(as_shopper, "tiktokshop", NOON)
    told = talk.says("商家怎么入驻", "merchant_service")
    assert "商家与合作伙伴支持" in told.text
    assert "https://seller.example.com" in told.text
    assert call(talk.press("转接"))["group"] == "partners"


def test_at_the_weekend_partners_leave_a_message(as_shopper: Any) -> None:
    told = at(as_shopper, "tiktokshop", SUNDAY).says("商家怎么入驻", "merchant_service")
    assert "明天10:00" in told.text
    assert [each["title"] for each in told.buttons] == ["我要留言"]


def test_a_scam_is_warned_of_first_and_reported_on_a_yes(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0001"))
    warned = talk.says("有人冒充客服让我转账，号码是13800001111", "fraud_report")
    assert warned.text.startswith("请先不要转账")
    assert "96110" in warned.text
    assert not warned.commands
    (command,) = talk.says("好的", "affirm").commands
    assert command["kind"] == "fraud"
    assert "冒充客服" in command["details"]


def test_money_that_is_gone_is_spoken_of_first(as_shopper: Any) -> None:
    warned = Talk(as_shopper(None)).says("我已经转账了3000，发现被骗了", "fraud_report")
    assert warned.text.startswith("如果钱已经转出")


def test_a_guests_report_asks_for_a_contact_once(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None))
    talk.says("有人冒充客服让我转账", "fraud_report")
    asked = talk.press("登记举报")
    assert "手机号或邮箱" in asked.text
    talk.press("不留联系方式")
    (command,) = talk.press("确认提交").commands
    assert command["kind"] == "fraud"


def test_a_served_talk_is_rated_once(as_shopper: Any) -> None:
    bot = as_shopper("u0001")
    bot.hears("你好", "greet").runs("action_affirm")
    assert bot.hears("谢谢", "thanks").runs("action_after_service").responses == []
    bot.hears("我的订单", "order_status").runs("action_order_status")
    asked = bot.hears("谢谢", "thanks").runs("action_after_service")
    assert [each["type"] for each in asked.commands] == ["rating_request"]
    assert "聊天记录" in asked.text
    bot.hears("我的订单", "order_status").runs("action_order_status")
    assert bot.hears("再见", "goodbye").runs("action_after_service").commands == []


def test_a_thanks_inside_a_form_asks_for_no_rating(as_shopper: Any) -> None:
    bot = as_shopper("u0001")
    bot.hears("我要退货", "return_request")
    bot.form = "return_form"
    assert bot.hears("谢谢", "thanks").runs("action_after_service").responses == []


def test_who_goes_on_asking_whether_somebody_is_there_is_offered_a_person(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0001"))
    talk.says("你好", "order_status")
    assert talk.says("在吗", "urge_reply").responses[0]["response"] == "utter_urge_reply"
    assert "/human_agent" in talk.says("人呢", "urge_reply").payloads
