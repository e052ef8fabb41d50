"""Sending goods back: the address, the freight, the parcel's number, taking it back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import OrderState, Return, ReturnState
from kefu.shop.read_only import without_writes
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def talk(as_shopper: Any) -> Talk:
    """One approved return of jeans, whose parcel is awaited."""
    return Talk(as_shopper("u0019"))


def returned(talk: Talk) -> Return:
    (made,) = talk.bot.services.shop.returns(talk.bot.viewer)
    return made


def test_the_address_is_shown_with_the_way_to_tell_the_number(talk: Talk) -> None:
    shown = talk.says("退货寄到哪里", "return_shipping")
    assert shown.cards[0]["return_address"] == returned(talk).return_address
    assert "单号" in talk.press("填写寄回单号").text


def test_courier_and_number_come_at_once(talk: Talk) -> None:
    talk.says("退货地址", "return_shipping")
    talk.press("填写寄回单号")
    confirm = talk.says("中通 78012345678901", "inform", courier="中通")
    assert "中通 78012345678901" in confirm.text
    assert returned(talk).state is ReturnState.APPROVED
    done = talk.press("确认提交")
    made = returned(talk)
    assert (made.carrier_code, made.tracking_number) == ("zhongtong", "78012345678901")
    assert made.state is ReturnState.SHIPPED_BACK
    assert "78012345678901" in done.text


def test_the_number_is_corrected_and_then_the_courier(talk: Talk) -> None:
    talk.says("退货寄出了，单号中通78012345678901", "return_shipping")
    assert "78012345678902" in talk.says("不对，是78012345678902", "inform").text
    assert "圆通 78012345678902" in talk.says("不是中通，是圆通", "inform").text
    talk.says("对的", "affirm")
    assert returned(talk).carrier_code == "yuantong"


def test_a_number_that_tells_its_courier_needs_no_question(talk: Talk) -> None:
    confirm = talk.says("退货单号是SF1234567890123", "return_shipping")
    assert "顺丰 SF1234567890123" in confirm.text


def test_the_courier_is_asked_for_with_buttons(talk: Talk) -> None:
    asked = talk.says("退货单号78012345678901", "return_shipping")
    assert "哪家快递" in asked.text
    assert "韵达 78012345678901" in talk.press("韵达").text


def test_a_sent_number_may_be_corrected_afterwards(talk: Talk) -> None:
    talk.says("退货单号是SF1234567890123", "return_shipping")
    talk.press("确认提交")
    talk.says("快递单号写错了，应该是SF1234567890124", "return_shipping")
    talk.press("确认提交")
    assert returned(talk).tracking_number == "SF1234567890124"


def test_a_phone_an_order_and_an_rma_are_no_parcel(talk: Talk) -> None:
    talk.says("填写退货单号", "return_shipping")
    number = talk.bot.orders()[0].order_number
    for words in ("13812345678", number, returned(talk).rma_number):
        talk.says(words, "nlu_fallback")
        assert talk.bot.slots["parcel_number"] is None


def test_a_question_about_freight_is_answered_and_the_form_asks_again(talk: Talk) -> None:
    talk.says("填写退货单号", "return_shipping")
    answer = talk.says("运费谁出", "return_shipping")
    assert "承担" in answer.text
    assert "运单号发给我" in answer.text


def test_an_old_confirmation_confirms_no_other_parcel(talk: Talk) -> None:
    talk.says("退货单号是SF1234567890123", "return_shipping")
    old = talk.last.payloads[0].replace(returned(talk).rma_number, "RMA0000000000")
    talk.press_payload(old)
    assert returned(talk).state is ReturnState.APPROVED


def test_freight_is_told_by_the_orders_own_data(as_shopper: Any) -> None:
    mall = Talk(as_shopper("m0013", profile="tmall"))
    told = mall.says("换货的运费谁出", "return_shipping")
    assert "运费险" in told.text
    assert "小白板鞋" in told.text


def test_without_any_return_the_rule_is_told(as_shopper: Any) -> None:
    told = Talk(as_shopper("u0009")).says("退货运费谁出", "return_shipping")
    assert "商家承担" in told.text
    assert "/return_request" in told.payloads


def test_without_any_return_a_number_is_not_taken(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0009"))
    told = talk.says("退货单号是SF1234567890123", "return_shipping")
    assert "还没有需要寄回" in told.text
    assert "/return_request" in told.payloads
    assert talk.bot.form is None


def test_how_to_pack_is_answered_by_the_article(talk: Talk) -> None:
    told = talk.says("可以上门取件吗", "return_shipping")
    assert told.cards[0]["type"] == "article"


def test_someone_elses_rma_is_as_unknown_as_none(talk: Talk, as_shopper: Any) -> None:
    other = Talk(as_shopper("u0009"))
    rma = returned(talk).rma_number
    mine = other.says(f"{rma}寄到哪", "return_shipping")
    none = other.says("RMA0000000000寄到哪", "return_shipping")
    assert mine.text == none.text
    assert "没有查到" in mine.text


def test_a_bare_parcel_number_is_that_of_the_awaited_return(talk: Talk) -> None:
    confirm = talk.says("SF1234567890123", "inform", tracking_number="SF1234567890123")
    assert "确认提交吗" in confirm.text


def test_two_parcels_are_told_apart(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0005"))
    asked = talk.says("填写退货单号", "return_shipping")
    assert "哪一件" in asked.text
    assert "运单号" in talk.press("小白板鞋").text
    talk.says("顺丰 SF1234567890123", "inform")
    talk.press("确认提交")
    sent = {each.item_name: each for each in talk.bot.services.shop.returns(talk.bot.viewer)}
    assert sent["小白板鞋"].tracking_number == "SF1234567890123"


def test_a_shop_that_is_read_only_gets_a_ticket(talk: Talk) -> None:
    talk.bot.services = replace(talk.bot.services, shop=without_writes(talk.bot.services.shop))
    talk.says("退货单号是SF1234567890123", "return_shipping")
    (command,) = talk.press("确认提交").commands
    assert "SF1234567890123" in command["details"]


def test_a_shop_that_fails_ends_the_form(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    talk.says("退货单号是SF1234567890123", "return_shipping")

    def down(*_: object, **__: object) -> None:
        raise ShopUnavailable("gone")

    monkeypatch.setattr(talk.bot.services.shop, "submit_return_tracking", down)
    done = talk.press("确认提交")
    assert "没有提交" in done.text
    assert talk.bot.slots["parcel_number"] is None


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("撤销退货申请", "refund_progress"),
        ("不退了，帮我把申请取消", "return_request"),
        ("我不退了", "refund_progress"),
    ],
)
def test_a_return_is_taken_back_once_confirmed(talk: Talk, words: str, intent: str) -> None:
    asked = talk.says(words, intent)
    assert returned(talk).rma_number in asked.text
    assert returned(talk).state is ReturnState.APPROVED
    done = talk.press("确认撤销")
    assert returned(talk).state is ReturnState.CLOSED
    assert "已经撤销" in done.text


def test_saying_it_again_confirms_and_a_no_keeps_it(talk: Talk) -> None:
    talk.says("撤销退货申请", "refund_progress")
    kept = talk.press("不撤销了")
    assert "保留" in kept.text
    assert returned(talk).state is ReturnState.APPROVED
    talk.says("撤销退货申请", "refund_progress")
    talk.says("确认撤销", "affirm")
    assert returned(talk).state is ReturnState.CLOSED


def test_what_was_sent_back_is_not_taken_back(talk: Talk) -> None:
    talk.says("退货单号是SF1234567890123", "return_shipping")
    talk.press("确认提交")
    told = talk.says("撤销退货申请", "refund_progress")
    assert "已经寄回" in told.text
    assert returned(talk).state is ReturnState.SHIPPED_BACK


def test_why_it_was_taken_back_is_only_a_question(talk: Talk) -> None:
    told = talk.says("为什么退货申请被取消了", "refund_progress")
    assert talk.bot.form is None
    assert told.cards


def test_nothing_to_take_back_leads_to_progress(as_shopper: Any) -> None:
    told = Talk(as_shopper("u0009")).says("撤销退货申请", "refund_progress")
    assert "没有查到" in told.text


def test_the_case_that_the_chat_was_opened_from_is_told(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0005"))
    rma = talk.bot.services.shop.returns(talk.bot.viewer)[0].rma_number
    talk.bot.context = {"case_id": rma}
    told = talk.says("进度怎么样了", "refund_progress")
    assert [card["rma_number"] for card in told.cards] == [rma]


def test_an_exchange_is_told_in_its_own_words(as_shopper: Any) -> None:
    mall = Talk(as_shopper("m0013", profile="tmall"))
    told = mall.says("换货进度", "refund_progress")
    assert "小白板鞋" in told.text
    assert told.cards[0]["kind"] == "exchange"
    assert "退款" not in told.text


def test_a_rejected_return_may_be_appealed(as_shopper: Any) -> None:
    mall = Talk(as_shopper("m0019", profile="tmall"))
    told = mall.says("退货进度", "refund_progress")
    assert any(each.startswith("/dispute_appeal") for each in told.payloads)


def test_a_refund_is_told_with_how_long_its_way_takes(as_shopper: Any) -> None:
    told = Talk(as_shopper("u0006")).says("退款到哪了", "refund_progress")
    assert "3 至 15 个工作日" in told.text


def test_orders_that_cannot_be_returned_have_no_address(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0003"))
    assert not talk.bot.orders(OrderState.SIGNED)
    told = talk.says("退货地址", "return_shipping")
    assert "/return_request" not in told.payloads


def test_a_guest_is_told_the_rules_and_proves_an_order_for_more(as_shopper: Any) -> None:
    guest = Talk(as_shopper(None))
    assert guest.says("退货运费谁出", "return_shipping").cards[0]["type"] == "article"
    assert "没有登录" in guest.says("退货地址发我", "return_shipping").text


@pytest.mark.parametrize("action", ["action_clarify", "action_inform"])
@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("单号写错了，应该是78012345678902", "parcel_form"),
        ("算了，帮我撤销退货申请", "withdraw_form"),
    ],
)
def test_what_was_not_understood_is_read_beside_the_return_that_stands(
    talk: Talk, action: str, words: str, form: str
) -> None:
    assert talk.bot.hears(words, "nlu_fallback").runs(action).followup == form


def test_the_progress_of_an_exchange_is_told_however_it_was_taken(as_shopper: Any) -> None:
    mall = as_shopper("m0013", profile="tmall")
    answer = mall.hears("换货进度", "nlu_fallback").runs("action_clarify")
    assert answer.cards[0]["kind"] == "exchange"


def test_a_corrected_number_leaves_the_courier_as_it_was(talk: Talk) -> None:
    talk.says("中通 78012345678901，退货寄出了", "return_shipping")
    talk.press("确认提交")
    confirm = talk.says("单号写错了，应该是78012345678902", "return_shipping")
    assert "中通 78012345678902" in confirm.text
