"""Goods damaged, wrong or incomplete: from what is wrong to what is done about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kefu.shop.model import FreightPayer, ReturnKind, ReturnReason
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def talk(as_shopper: Any) -> Talk:
    """A down jacket and face masks, signed for yesterday."""
    return Talk(as_shopper("u0009"))


def titles(answer: Any) -> list[str]:
    return [each["title"] for each in answer.buttons]


def test_damaged_goods_go_back_at_the_sellers_cost(talk: Talk) -> None:
    offered = talk.says("面膜漏了一地", "quality_problem")
    assert titles(offered)[:3] == ["退货退款", "换货", "留下商品，退部分款"]
    confirm = talk.press("退货退款")
    assert "面膜漏了一地" in confirm.text
    talk.press("确认提交")
    (made,) = talk.bot.services.shop.returns(talk.bot.viewer)
    assert made.reason is ReturnReason.DAMAGED
    assert made.note == "面膜漏了一地"
    assert made.freight_payer is FreightPayer.SELLER


def test_what_is_missing_is_sent_after_by_a_ticket_with_evidence_asked_for(talk: Talk) -> None:
    assert "哪一件有问题" in talk.says("少发了一件", "wrong_or_missing_item").text
    offered = talk.press("羽绒服")
    assert titles(offered)[0] == "补发"
    assert "具体情况" in talk.press("补发").text
    confirm = talk.says("少了一个收纳袋", "nlu_fallback")
    assert "确认登记" in confirm.text
    assert "照片" in confirm.text
    done = talk.press("确认提交")
    (command,) = done.commands
    assert (command["type"], command["kind"]) == ("ticket", "service")
    assert command["order_number"] == talk.bot.orders()[0].order_number
    assert "补发" in command["subject"]
    assert "少了一个收纳袋" in command["details"]
    assert "照片" in done.text
    assert not talk.bot.services.shop.returns(talk.bot.viewer)


def test_which_of_wrong_and_missing_is_asked_where_the_words_do_not_tell(talk: Talk) -> None:
    talk.says("收到的东西不对", "wrong_or_missing_item")
    asked = talk.press("羽绒服")
    assert {"发错货", "少件或缺配件"} <= set(titles(asked))
    assert "不想要了" not in titles(asked)
    talk.press("发错货")
    assert "具体情况" in talk.press("换货").text
    confirm = talk.says("发成了红色的", "nlu_fallback")
    assert "换成：同款（黑色 L）" in confirm.text
    talk.press("确认提交")
    (made,) = talk.bot.services.shop.returns(talk.bot.viewer)
    assert (made.kind, made.wanted_variant) == (ReturnKind.EXCHANGE, None)


def test_who_says_at_once_what_to_do_is_not_asked(talk: Talk) -> None:
    confirm = talk.says("面膜漏了一地，我要退货", "quality_problem")
    assert "确认提交退货申请吗" in confirm.text


def test_the_note_may_be_left_out(talk: Talk) -> None:
    talk.says("有质量问题", "quality_problem")
    talk.press("羽绒服")
    talk.press("退货退款")
    confirm = talk.says("没有了", "deny")
    assert "确认提交退货申请吗" in confirm.text


def test_a_picture_is_asked_about_and_nothing_promised(talk: Talk) -> None:
    talk.says("有质量问题", "quality_problem")
    talk.press("羽绒服")
    asked = talk.says("照片发给谁呢？", "nlu_fallback")
    assert "售后页" in asked.text
    assert "怎么处理" in asked.text


def test_later_goods_are_not_kept_for_less(talk: Talk) -> None:
    talk.bot.now += timedelta(days=3)
    talk.says("有质量问题", "quality_problem")
    offered = talk.press("羽绒服")
    assert "留下商品，退部分款" not in titles(offered)
    assert "退货退款" in titles(offered)


def test_where_nothing_can_be_done_the_reason_and_a_person_are_given(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0007"))
    refused = talk.says("东西坏了", "quality_problem")
    assert "超过" in refused.text
    assert "/human_agent" in refused.payloads
    assert talk.bot.form is None


def test_late_goods_under_warranty_are_repaired(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0021"))
    confirm = talk.says("手表充不进电，坏了", "quality_problem")
    assert "确认提交维修申请吗" in confirm.text


def test_fresh_food_is_too_late_after_two_days(as_shopper: Any) -> None:
    bot: Bot = as_shopper("u0012")
    bot.now += timedelta(days=3)
    talk = Talk(bot)
    talk.says("葡萄烂了", "quality_problem")
    order = bot.orders()[0]
    fresh = next(item for item in order.items if item.category == "fresh_food")
    button = f'{{"order_number": "{order.order_number}", "item_id": "{fresh.item_id}"}}'
    assert "48小时" in talk.press_payload(f"/quality_problem{button}").text


def test_a_guest_proves_the_order_first(as_shopper: Any) -> None:
    guest = as_shopper(None)
    answer = guest.hears("杯子碎了", "quality_problem").runs("action_quality_problem")
    assert answer.followup == "guest_form"
    assert guest.slots["wanted_service"] == "quality_problem"


def test_more_words_before_the_confirmation_are_added(talk: Talk) -> None:
    talk.says("面膜漏了一地", "quality_problem")
    talk.press("退货退款")
    confirm = talk.says("外箱也湿了一大片", "nlu_fallback")
    assert "面膜漏了一地；外箱也湿了一大片" in confirm.text
    talk.press("确认提交")
    (made,) = talk.bot.services.shop.returns(talk.bot.viewer)
    assert made.note == "面膜漏了一地；外箱也湿了一大片"


def test_not_this_item_is_the_other_one(talk: Talk) -> None:
    talk.says("面膜漏了一地", "quality_problem")
    assert "轻薄羽绒服" in talk.says("不是这件", "nlu_fallback").text


@pytest.mark.parametrize("text", ["少一盒", "少给了两包", "缺一个杯子"])
def test_a_number_that_lacks_is_read_as_missing(talk: Talk, text: str) -> None:
    talk.says(text, "wrong_or_missing_item")
    assert titles(talk.press("羽绒服"))[0] == "补发"


def test_what_shall_be_done_is_no_reason(talk: Talk) -> None:
    talk.says("收到的东西不对", "wrong_or_missing_item")
    talk.press("羽绒服")
    again = talk.says("补发吧", "wrong_or_missing_item")
    assert {"发错货", "少件或缺配件"} <= set(titles(again))
