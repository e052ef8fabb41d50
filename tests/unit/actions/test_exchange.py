"""Exchanging goods: what may be had instead, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kefu.shop.catalogue import Product
from kefu.shop.model import Return, ReturnKind, ReturnReason
from kefu.shop.read_only import without_writes
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


@pytest.fixture
def talk(as_shopper: Any) -> Talk:
    """Shoes (白灰 39; also sold as 黑红 42 and 全黑 43) signed for yesterday."""
    return Talk(as_shopper("u0013"))


def opened(bot: Bot) -> tuple[Return, ...]:
    return bot.services.shop.returns(bot.viewer)


def test_from_the_wish_to_the_rma(talk: Talk) -> None:
    asked = talk.says("鞋子小了，想换货", "exchange_request")
    assert [each["title"] for each in asked.buttons[:2]] == ["黑红 42", "全黑 43"]
    confirm = talk.press("全黑 43")
    assert "换成：全黑 43" in confirm.text
    assert "运费" in confirm.text
    assert not opened(talk.bot)
    done = talk.press("确认提交")
    (made,) = opened(talk.bot)
    assert (made.kind, made.wanted_variant) == (ReturnKind.EXCHANGE, "全黑 43")
    assert made.reason is ReturnReason.WRONG_SIZE
    assert made.rma_number in done.text
    assert done.cards[0]["kind"] == "exchange"
    assert "运费需要您承担" in done.text


@pytest.mark.parametrize(
    ("words", "variant"),
    [
        ("换成42的", "黑红 42"),
        ("全黑的", "全黑 43"),
        ("第二个", "全黑 43"),
        ("黑红色 42", "黑红 42"),
    ],
)
def test_the_variant_is_understood_from_words(talk: Talk, words: str, variant: str) -> None:
    talk.says("鞋子小了，想换货", "exchange_request")
    assert f"换成：{variant}" in talk.says(words, "nlu_fallback").text


def test_the_wish_and_the_variant_may_come_at_once(talk: Talk) -> None:
    assert "换成：全黑 43" in talk.says("鞋子小了，换成全黑43的", "exchange_request").text


def test_what_is_not_sold_is_said_and_asked_again(talk: Talk) -> None:
    talk.says("鞋子小了，想换货", "exchange_request")
    again = talk.says("要绿色的", "nlu_fallback")
    assert "没有您说的这一种" in again.text
    assert "黑红 42" in str(again.buttons)


def test_the_variant_is_corrected_at_the_confirmation(talk: Talk) -> None:
    talk.says("鞋子小了，换成42的", "exchange_request")
    assert "换成：全黑 43" in talk.says("不对，换成全黑的", "exchange_request").text
    talk.press("确认提交")
    assert opened(talk.bot)[0].wanted_variant == "全黑 43"


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("算了还是换货吧", "exchange_request"),
        ("可以改成换货吗", "exchange_request"),
        ("不退了，换货", "deny"),
        ("能不能换一双别的", "exchange_request"),
    ],
)
def test_a_return_turns_into_an_exchange(talk: Talk, words: str, intent: str) -> None:
    talk.says("我要退货", "return_request")
    asked = talk.says(words, intent)
    assert "改为换货" in asked.text
    assert "要换" in asked.text
    talk.says("太小了", "nlu_fallback")
    talk.press("黑红 42")
    talk.press("确认提交")
    assert opened(talk.bot)[0].kind is ReturnKind.EXCHANGE


def test_an_exchange_turns_into_a_return(talk: Talk) -> None:
    talk.says("鞋子小了，想换货", "exchange_request")
    confirm = talk.says("不换了，直接退货吧", "return_request")
    assert "预计退款" in confirm.text
    talk.press("确认提交")
    assert opened(talk.bot)[0].kind is ReturnKind.RETURN


def test_who_gives_up_changes_nothing(talk: Talk) -> None:
    talk.says("鞋子小了，想换货", "exchange_request")
    assert "先不换了" in talk.says("不换了", "nlu_fallback").text
    assert talk.bot.form is None
    assert not opened(talk.bot)


def test_goods_sold_out_are_told_so_with_the_way_to_a_return(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = talk.bot.services.shop
    product = shop.product("demo", talk.bot.orders()[0].items[0].sku)
    assert product is not None
    gone = replace(product, stock=0)

    def sold_out(*_: object) -> Product:
        return gone

    monkeypatch.setattr(shop, "product", sold_out)
    asked = talk.says("鞋子小了，想换货", "exchange_request")
    assert "没有库存" in asked.text
    assert "预计退款" in talk.press("改成退货").text


def test_what_is_too_late_is_refused_and_a_repair_offered(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0010"))
    refused = talk.says("鞋子大了想换", "exchange_request")
    assert "不能换货" in refused.text
    assert any("repair_warranty" in each and "repair" in each for each in refused.payloads)
    asked = talk.press("申请维修")
    assert "故障" in asked.text


def test_an_old_choice_of_colour_is_explained(talk: Talk) -> None:
    asked = talk.says("鞋子小了，想换货", "exchange_request")
    talk.says("不换了", "nlu_fallback")
    late = talk.press_payload(asked.payloads[0])
    assert "没有提交任何内容" in late.text


def test_a_shop_that_is_read_only_gets_a_ticket(talk: Talk) -> None:
    talk.bot.services = replace(talk.bot.services, shop=without_writes(talk.bot.services.shop))
    talk.says("鞋子小了，换成42的", "exchange_request")
    done = talk.press("确认提交")
    (command,) = done.commands
    assert (command["type"], command["kind"]) == ("ticket", "service")
    assert "换成：黑红 42" in command["details"]
    assert "登记" in done.text
    assert not opened(talk.bot)


def test_the_wrong_order_is_chosen_anew(as_shopper: Any) -> None:
    talk = Talk(as_shopper("u0013"))
    talk.says("鞋子小了，想换货", "exchange_request")
    again = talk.says("不是这个订单", "nlu_fallback")
    assert "只有这一件" in again.text


@pytest.mark.parametrize("account", ["u0013", None])
def test_the_rules_are_told_to_anybody(as_shopper: Any, account: str | None) -> None:
    talk = Talk(as_shopper(account))
    told = talk.says("换货流程是什么", "exchange_request")
    assert told.cards[0]["type"] == "article"
    assert "/exchange_request" in told.payloads
    assert talk.bot.form is None


def test_what_is_no_colour_is_not_answered_like_one(talk: Talk) -> None:
    talk.says("鞋子小了想换一双", "exchange_request")
    assert "目前没有您说的" in talk.says("荧光绿99码", "inform").text
    for text, intent in (("确认", "affirm"), ("查进度", "nlu_fallback")):
        assert "目前没有您说的" not in talk.says(text, intent).text


def test_who_finds_no_size_may_send_it_back_in_few_words(talk: Talk) -> None:
    talk.says("鞋子小了想换一双", "exchange_request")
    assert "退货" in talk.says("没有小的那退了", "nlu_fallback").text
    assert talk.bot.slots["return_kind"] == "return"
