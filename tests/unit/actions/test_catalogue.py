"""Goods: specs, stock and freight as the catalogue has them, and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.unit.actions.conftest import Bot

QUESTION, STOCK, SHIPPING = (
    "action_product_question",
    "action_stock_availability",
    "action_shipping_policy",
)


def ask(bot: Bot, text: str, action: str = QUESTION) -> Any:
    return bot.hears(text, action.removeprefix("action_")).runs(action)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("真无线蓝牙耳机防水吗", "防水：IPX4"),
        ("机械键盘有多少键", "键数：87键"),
        ("羊毛混纺大衣什么材质", "面料：羊毛70%"),
        ("少儿百科绘本适合几岁", "适读：3至6岁"),
    ],
)
def test_a_point_of_the_page_is_quoted(bot: Bot, text: str, told: str) -> None:
    assert told in ask(bot, text).text


def test_what_the_page_does_not_say_is_not_invented(bot: Bot) -> None:
    answer = ask(bot, "真无线蓝牙耳机保质期多久")
    assert "没有写" in answer.text
    assert "续航" in answer.text
    assert "/human_agent" in answer.payloads


def test_the_words_of_the_name_are_not_the_question(bot: Bot) -> None:
    assert "蓝牙：5.3" not in ask(bot, "真无线蓝牙耳机防水吗").text


def test_the_product_stays_in_mind_for_half_an_hour(bot: Bot) -> None:
    ask(bot, "真无线蓝牙耳机防水吗")
    assert "有货" in ask(bot, "有货吗", STOCK).text
    bot.now += timedelta(minutes=31)
    assert "哪一件商品" in ask(bot, "有货吗", STOCK).text


@pytest.mark.parametrize("kind", ["sku", "order item"])
def test_the_page_that_the_chat_was_opened_from_is_meant(bot: Bot, kind: str) -> None:
    item = bot.orders()[0].items[0]
    bot.context = {"item_id": item.sku if kind == "sku" else item.item_id}
    assert item.name in ask(bot, "多少钱").text


def test_several_are_asked_with_buttons_that_carry_the_question(bot: Bot) -> None:
    answer = ask(bot, "纯棉的会缩水吗")
    assert "哪一件" in answer.text
    names = [each["title"] for each in answer.buttons]
    assert {"纯棉圆领短袖T恤", "四件套纯棉床品"} <= set(names)
    entities = json.loads(answer.payloads[names.index("纯棉圆领短袖T恤")].partition("question")[2])
    chosen = bot.hears("", "product_question", (), **entities).runs(QUESTION)
    assert "洗涤：可机洗" in chosen.text


def test_sold_out_goods_are_told_with_their_day(bot: Bot) -> None:
    answer = ask(bot, "羊毛混纺大衣有货吗", STOCK)
    assert "暂时缺货" in answer.text
    assert "补货" in answer.text


def test_freight_and_place_are_the_products_own(bot: Bot) -> None:
    answer = ask(bot, "真无线蓝牙耳机运费多少", SHIPPING)
    assert "运费¥8.00，订单满¥99.00包邮" in answer.text
    assert "48小时内发出" in answer.text


@pytest.mark.parametrize("text", ["西藏寄不寄", "运费怎么算"])
def test_the_general_rules_come_out_of_the_library(bot: Bot, text: str) -> None:
    answer = ask(bot, text, SHIPPING)
    assert [card["type"] for card in answer.cards] == ["article"]


def test_no_product_at_all_is_asked_for(bot: Bot) -> None:
    assert "哪一件商品" in ask(bot, "质量怎么样").text


def test_in_a_mall_the_shops_own_people_know_more(as_shopper: Any) -> None:
    answer = ask(as_shopper("m0001", profile="tmall"), "羽绒服充绒量多少")
    assert "充绒量：110克" in answer.text
    assert any("shop-clothes" in payload for payload in answer.payloads)
