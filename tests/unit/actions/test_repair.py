"""Warranty and repair."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from actions.turn import normalise
from kefu.shop.model import FreightPayer, ReturnKind
from tests.unit.actions.conftest import NOW
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def talk(as_shopper: Any) -> Talk:
    """A watch with twelve months of warranty, signed for a hundred days ago."""
    return Talk(as_shopper("u0021"))


def test_the_end_of_the_warranty_is_told_with_the_way_to_a_repair(talk: Talk) -> None:
    told = talk.says("手表还在保修期吗", "repair_warranty")
    assert "到2027年8月14日为止" in told.text
    asked = talk.press("申请维修")
    assert "描述一下故障" in asked.text
    confirm = talk.says("充不进电，屏幕也不亮", "quality_problem")
    assert "充不进电" in confirm.text
    talk.press("确认提交")
    (made,) = talk.bot.services.shop.returns(talk.bot.viewer)
    assert (made.kind, made.refund_amount) == (ReturnKind.REPAIR, 0)
    assert made.freight_payer is FreightPayer.SELLER
    assert made.note == "充不进电，屏幕也不亮"


def test_a_fault_told_at_once_needs_no_description(talk: Talk) -> None:
    confirm = talk.says("智能手表充不进电没反应了，要报修", "repair_warranty")
    assert "确认提交维修申请吗" in confirm.text


def test_a_short_wish_is_asked_for_the_fault(talk: Talk) -> None:
    assert "描述一下故障" in talk.says("手表坏了报修", "repair_warranty").text


def test_past_the_warranty_it_is_told_and_a_person_quotes_the_price(talk: Talk) -> None:
    talk.bot.now += timedelta(days=300)
    told = talk.says("手表坏了要报修", "repair_warranty")
    assert "付费维修" in told.text
    assert "到8月14日为止" in normalise(told.text)
    assert told.payloads == ["/human_agent"]
    assert talk.bot.form is None


def test_goods_without_warranty_are_told_so(as_shopper: Any) -> None:
    told = Talk(as_shopper("u0009")).says("羽绒服拉链坏了能修吗", "repair_warranty")
    assert "没有免费保修" in told.text
    assert "/human_agent" in told.payloads


def test_which_of_several_goods_is_asked(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0009"))
    asked = talk.says("保修多久", "repair_warranty")
    assert "哪一件" in asked.text
    assert "保修" in talk.press("面膜").text


def test_which_of_several_orders_is_asked(as_shopper: Any) -> None:
    asked = Talk(as_shopper("u0020")).says("我要保修", "repair_warranty")
    assert "哪一笔" in asked.text
    assert len([each for each in asked.payloads if "order_number" in each]) == 5


@pytest.mark.parametrize("account", ["u0002", "u0011"])
def test_with_nothing_received_it_is_told(as_shopper: Any, account: str) -> None:
    told = Talk(as_shopper(account)).says("保修多久", "repair_warranty")
    assert "没有" in told.text
    assert "/human_agent" in told.payloads


def test_an_unknown_order_is_not_found(talk: Talk) -> None:
    number = "KF20200101000000"
    told = talk.says(f"{number}还在保吗", "repair_warranty", order_number=number)
    assert "没有查到这笔订单" in told.text


def test_in_the_mall_the_brand_repairs_its_own(as_shopper: Any) -> None:
    talk = Talk(as_shopper("m0018", profile="tmall", now=NOW + timedelta(days=1)))
    told = talk.says("空调不制冷了要报修", "repair_warranty")
    assert "品牌售后服务" in told.text
    assert "周一至周六" in told.text
    (command,) = talk.press("联系品牌售后服务").commands
    assert (command["type"], command["group"]) == ("handoff", "brand-care")
    assert command["seller_id"] == "s02"


def test_in_the_mall_it_may_be_applied_for_as_well(as_shopper: Any) -> None:
    talk = Talk(as_shopper("m0018", profile="tmall"))
    talk.says("空调还在保修期吗", "repair_warranty")
    assert "描述一下故障" in talk.press("申请维修").text


def test_the_fault_is_told_in_whatever_words_and_a_yes_is_none(talk: Talk) -> None:
    talk.says("能修吗", "repair_warranty")
    talk.press("申请维修")
    assert "会先报价" in talk.says("修要钱吗", "repair_warranty").text
    shown = talk.says("有几个键按不动", "nlu_fallback")
    assert "有几个键按不动" in shown.text


def test_nothing_to_add_is_said_with_a_yes(talk: Talk) -> None:
    talk.says("能修吗", "repair_warranty")
    talk.press("申请维修")
    assert "提交吧" not in talk.says("嗯 提交吧", "affirm").text
