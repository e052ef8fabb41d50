from __future__ import annotations

from typing import Any

import pytest

from kefu.conversation.errors import TurnRefused
from kefu.conversation.voice import spoken
from kefu.profiles import Profile

WALLET = Profile(
    profile="wallet",
    brand="钱包",
    greeting="您好",
    services_off=["track_logistics"],
    terms={"订单": "交易", "订单号": "交易号", "待发货": "处理中", "交易": "不该再换"},
)
PLAIN = Profile(profile="plain", brand="店", greeting="您好")


def reply(text: str | None = None, **more: Any) -> dict[str, Any]:
    return {"text": text, "buttons": [], "cards": [], **more}


def test_terms_are_replaced_once_and_the_longer_one_first() -> None:
    said = spoken(reply("请告诉我订单号，我来查订单。"), WALLET)
    assert said["text"] == "请告诉我交易号，我来查交易。"


def test_titles_of_buttons_and_labels_of_cards_are_in_terms_too() -> None:
    card = {
        "type": "order",
        "order_number": "订单1",
        "state_text": "待发货",
        "items": [{"name": "订单夹"}],
        "buttons": [{"title": "看订单", "payload": '/order_status{"order_number": "订单1"}'}],
    }
    button = {"title": "查订单", "payload": "/order_status"}
    said = spoken(reply("好的", buttons=[button], cards=[card]), WALLET)
    assert said["buttons"] == [{"title": "查交易", "payload": "/order_status"}]
    (shown,) = said["cards"]
    assert shown["state_text"] == "处理中"
    # Data stay as they are.
    assert (shown["order_number"], shown["items"]) == ("订单1", [{"name": "订单夹"}])
    assert shown["buttons"] == [
        {"title": "看交易", "payload": '/order_status{"order_number": "订单1"}'}
    ]
    assert card["state_text"] == "待发货"


def test_an_article_is_quoted_word_for_word() -> None:
    card = {"type": "article", "title": "怎样查订单", "section": "订单", "url": "/help/wallet/x"}
    said = spoken(reply("《怎样查订单》\n订单在首页。", cards=[card]), WALLET)
    assert said["text"] == "《怎样查订单》\n订单在首页。"
    assert said["cards"] == [card]


def test_buttons_of_services_that_are_off_are_left_out() -> None:
    buttons = [
        {"title": "查物流", "payload": "/track_logistics"},
        {"title": "查物流", "payload": '/track_logistics{"order_number": "1"}'},
        {"title": "转人工", "payload": "/human_agent"},
    ]
    card = {"type": "order", "buttons": buttons}
    said = spoken(reply("好的", buttons=buttons, cards=[card]), WALLET)
    assert [each["payload"] for each in said["buttons"]] == ["/human_agent"]
    assert [each["payload"] for each in said["cards"][0]["buttons"]] == ["/human_agent"]
    assert spoken(reply("好的", buttons=buttons), PLAIN)["buttons"] == buttons


def test_a_brand_without_terms_says_what_the_bot_says() -> None:
    plain = reply("您的订单待发货", cards=[{"type": "order", "state_text": "待发货"}])
    assert spoken(plain, PLAIN) == plain
    assert spoken(reply(None), WALLET)["text"] is None


def test_a_malformed_button_is_refused() -> None:
    with pytest.raises(TurnRefused):
        spoken(reply("好的", buttons=[{"title": "查", "payload": "order_status"}]), WALLET)
