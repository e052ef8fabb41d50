"""Another address, recipient, phone or note before shipping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from kefu.shop.model import OrderState
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


def stored(tmp_path: Path, number: str) -> Any:
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT * FROM orders WHERE order_number = :number"), {"number": number}
        )
        return row.mappings().one()


def paid(bot: Bot) -> str:
    return bot.orders(OrderState.PAID)[0].order_number


def test_all_facts_at_once_are_summed_up_masked_and_then_changed(bot: Bot, tmp_path: Path) -> None:
    number, talk = paid(bot), Talk(bot)
    answer = talk.says(
        f"{number} 地址改成上海市浦东新区世纪大道100号8楼，收件人改成王小明，电话13900001234",
        "change_order",
        order_number=number,
        phone="13900001234",
    )
    assert "世纪大道100号****" in answer.text
    assert "王**" in answer.text
    assert "139****1234" in answer.text
    assert "13900001234" not in answer.text
    assert number in answer.text
    done = talk.press("确认修改")
    assert "已经改好" in done.text
    row = stored(tmp_path, number)
    assert (row["city"], row["district"], row["street"]) == (
        "上海市",
        "浦东新区",
        "世纪大道100号8楼",
    )
    assert (row["recipient_name"], row["recipient_phone"]) == ("王小明", "13900001234")


def test_step_by_step_by_buttons(bot: Bot, tmp_path: Path) -> None:
    number, talk = paid(bot), Talk(bot)
    asked = talk.says("修改订单", "change_order", order_number=number)
    assert [b["title"] for b in asked.buttons] == [
        "收货地址", "收件人", "联系电话", "订单备注", "不改了",
    ]  # fmt: skip
    assert "备注" in talk.press("订单备注").text
    talk.says("送到前台 谢谢", "delivery_schedule")
    talk.press("确认修改")
    assert stored(tmp_path, number)["note"] == "送到前台 谢谢"


def test_a_correction_before_the_yes_counts(bot: Bot, tmp_path: Path) -> None:
    number, talk = paid(bot), Talk(bot)
    talk.says("电话改成13911112222", "change_order", order_number=number, phone="13911112222")
    talk.says("不对，是13911113333", "deny", phone="13911113333")
    talk.says("对", "affirm")
    assert stored(tmp_path, number)["recipient_phone"] == "13911113333"


def test_a_bare_no_asks_what_is_wrong(bot: Bot) -> None:
    number, talk = paid(bot), Talk(bot)
    talk.says("电话改成13911112222", "change_order", order_number=number, phone="13911112222")
    answer = talk.says("不对", "deny")
    assert "哪里不对" in answer.text
    assert bot.form == "order_form"


@pytest.mark.parametrize(
    ("field", "words", "says"),
    [
        ("收货地址", "宁波市海曙区中山路1号", "完整地址"),
        ("联系电话", "1390000", "11 位"),
        ("收件人", "王", "2 到"),
    ],
)
def test_what_cannot_be_taken_is_asked_again(bot: Bot, field: str, words: str, says: str) -> None:
    number, talk = paid(bot), Talk(bot)
    talk.says("修改订单", "change_order", order_number=number)
    talk.press(field)
    answer = talk.says(words, "inform")
    assert says in answer.text
    assert bot.form == "order_form"
    assert "确认这样修改" not in answer.text


def test_after_shipping_it_is_refused_with_advice(bot: Bot) -> None:
    number = bot.orders(OrderState.SHIPPED)[0].order_number
    answer = Talk(bot).says("改地址", "change_order", order_number=number)
    assert "快递员改派" in answer.text
    assert "/human_agent" in answer.payloads
    assert answer.slots["last_verdict"]["code"] == "already_shipped"
    assert bot.form is None


@pytest.mark.parametrize(
    "words", ["能改个颜色不", "拍错尺码了 改成xl码", "多拍了一件 改成一件就好", "两个单合并一起寄"]
)
def test_goods_cannot_be_changed_and_that_is_said(bot: Bot, words: str) -> None:
    answer = Talk(bot).says(words, "change_order")
    assert "不能直接改" in answer.text
    assert any(payload.startswith("/cancel_order") for payload in answer.payloads)
    assert bot.form is None


def test_a_correction_that_is_not_understood_asks_for_all_of_it(bot: Bot) -> None:
    talk = Talk(bot)
    talk.says(f"{paid(bot)} 电话改成13900001111", "change_order", order_number=paid(bot))
    assert "完整" in talk.says("不对，是东路", "nlu_fallback").text
    assert "还没有提交" in talk.says("改好了没", "nlu_fallback").text


def test_a_note_may_sound_like_another_question(bot: Bot) -> None:
    talk = Talk(bot)
    talk.says(f"{paid(bot)} 改备注", "change_order", order_number=paid(bot))
    assert "备注：发顺丰" in talk.says("发顺丰", "shipping_policy").text
