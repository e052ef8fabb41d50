"""Address, recipient, phone and note as shoppers write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.recipient_words import mask_address, told_address, told_name, told_note, told_phone
from actions.turn import Turn, read_turn
from tests.unit.actions.conftest import KEY, Bot

REGION = "浙江省杭州市西湖区****"


@pytest.fixture
def turn(bot: Bot) -> Turn:
    return read_turn(bot.claims(), KEY, message={}, slots={}, events=[], active_form=None)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("地址改成上海市浦东新区世纪大道100号8楼", "上海市浦东新区世纪大道100号8楼"),
        ("地址改成上海市浦东新区世纪大道100号,谢谢", "上海市浦东新区世纪大道100号"),
        (
            "王小明 13900001234 江苏省南京市鼓楼区中山北路88号1单元601",
            "江苏省南京市鼓楼区中山北路88号1单元601",
        ),
        (
            "江苏省南京市鼓楼区中山北路88号 王小明 13900001234",
            "江苏省南京市鼓楼区中山北路88号",
        ),
        (
            "原来是北京市朝阳区建国路1号,改成广东省深圳市南山区科技园路2号",
            "广东省深圳市南山区科技园路2号",
        ),
        ("寄到 四川省 成都市 武侯区 人民南路四段19号", "四川省成都市武侯区人民南路四段19号"),
        ("上海市黄浦区北京东路100号,电话不变", "上海市黄浦区北京东路100号"),
    ],
)
def test_an_address_is_found_among_other_words(text: str, address: str) -> None:
    assert told_address(text, REGION, asked=False) == address


@pytest.mark.parametrize(
    "text", ["改地址", "地址写错了", "我想把地址改到台北 还来得及吗", "收件人改成王小明"]
)
def test_a_mere_wish_holds_no_address(text: str) -> None:
    assert told_address(text, REGION, asked=False) is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("文三路120号3幢502", "浙江省杭州市西湖区文三路120号3幢502"),
        ("滨江区江南大道200号", "浙江省杭州市滨江区江南大道200号"),
        ("杭州市拱墅区湖墅南路3号", "浙江省杭州市拱墅区湖墅南路3号"),
        ("不对,是文三路121号", "浙江省杭州市西湖区文三路121号"),
    ],
)
def test_within_the_same_city_the_rest_is_added(text: str, address: str) -> None:
    assert told_address(text, REGION, asked=True) == address


def test_another_city_without_its_province_is_not_guessed() -> None:
    assert told_address("宁波市海曙区中山路1号", REGION, asked=True) == "宁波市海曙区中山路1号"


@pytest.mark.parametrize(
    ("text", "asked", "name"),
    [
        ("收件人改成王小明", False, "王小明"),
        ("收货人换成我老婆 王小丽 13812345678", False, "王小丽"),
        ("王小明 13900001234 江苏省南京市鼓楼区中山北路88号", False, "王小明"),
        ("改成欧阳修文吧", True, "欧阳修文"),
        ("收件人换成我老婆可以吗", False, None),
        ("收货人名字打错一个字", False, None),
        ("电话", True, None),
    ],
)
def test_a_name_is_only_what_can_be_one(text: str, asked: bool, name: str | None) -> None:
    assert told_name(text, asked=asked) == name


@pytest.mark.parametrize(
    ("text", "asked", "phone"),
    [
        ("原来13800001111,改成139 0000 2222", False, "13900002222"),
        ("手机号少一位", False, None),
        ("1390000", True, "1390000"),
        ("订单号 KF20261122083407", False, None),
    ],
)
def test_the_last_phone_named_is_the_right_one(
    turn: Turn, text: str, asked: bool, phone: str | None
) -> None:
    assert told_phone(replace(turn, text=text), asked=asked) == phone


@pytest.mark.parametrize(
    ("text", "asked", "note"),
    [
        ("备注帮我加一句 不要放小票", False, "不要放小票"),
        ("加个备注:周末再送", False, "周末再送"),
        ("订单备注帮我改成 请周末送货", False, "请周末送货"),
        ("忘了写备注", False, None),
        ("备注在哪里改", False, None),
        ("放门口就行", True, "放门口就行"),
    ],
)
def test_a_note_is_what_stands_behind_its_word(
    turn: Turn, text: str, asked: bool, note: str | None
) -> None:
    assert told_note(replace(turn, text=text, own_words=text), asked=asked) == note


def test_the_room_is_masked_and_the_house_is_not() -> None:
    assert (
        mask_address("浙江省杭州市西湖区文一西路88号3幢201室")
        == "浙江省杭州市西湖区文一西路88号****"
    )
    assert mask_address("上海市浦东新区世纪大道东方明珠塔") == "上海市浦东新区世纪大道****"
