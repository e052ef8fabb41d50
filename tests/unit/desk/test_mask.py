from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.privacy.logs import mask_event
from kefu.privacy.mask import is_bank_card, is_id_card, mask_log, mask_message

ORDERS = [r"KF\d{14}", r"\d{18}"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010519491231002X谢谢", "身份证******************谢谢"),
        ("身份证１１０１０５１９４９１２３１００２ｘ", "身份证******************"),
        ("卡号6222021234567890128", "卡号***************0128"),
        ("卡 6222 0212 3456 7890 128 付的", "卡 **** **** **** **** 128 付的"),
        ("身份证110105194912310021", "身份证******************"),
        ("身份证号：1101051949123100", "身份证号：****************"),
        ("这是我的 110105194912310021", "这是我的 ******************"),
        ("卡号6222021234567890123 也给了", "卡号***************0123 也给了"),
        ("银行卡号是 6222 0212 3456 7890", "银行卡号是 **** **** **** 7890"),
        ("密码是abc123!", "密码是*******"),
        ("我的密码:Passw0rd 帮我看下", "我的密码:******** 帮我看下"),
        ("密码abc123", "密码******"),
        ("验证码是 482913", "验证码是 ******"),
        ("校验码：4829，快", "校验码：****，快"),
    ],
)
def test_secrets_are_starred_out(text: str, masked: str) -> None:
    assert mask_message(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "订单KF20261108004217到哪了",
        "电话13812345678",
        "顺丰SF1234567890123",
        "运单号 773012345678901",
        "密码忘了怎么办",
        "收不到验证码",
        "验证码 10 分钟还没到",
        "退款99999999元",
        "快递卡在中转站了 78012345678901",
        "刷卡付的 773012345678901 到哪了",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    result = mask_message(text)
    assert (result.text, result.found) == (text, frozenset())


def test_the_profiles_order_numbers_win_over_card_numbers() -> None:
    luhn = next(
        f"62220212345678901{c}" for c in "0123456789" if is_bank_card(f"62220212345678901{c}")
    )
    for digits in ("110105194912310038", luhn):
        assert is_id_card(digits) or is_bank_card(digits)
        assert mask_message(f"订单{digits}", ORDERS).text == f"订单{digits}"
        assert digits not in mask_message(f"订单{digits}").text


def test_a_log_line_hides_phones_too() -> None:
    assert mask_log("call 13812345678 or +86 139-1234-5678") == (
        "call *********** or *** *************"
    )
    event = mask_event(None, "info", {"event": "tel 13812345678", "n": 3})
    assert event == {"event": "tel ***********", "n": 3}


@given(st.text(max_size=80))
def test_masking_keeps_the_length_and_masks_once(text: str) -> None:
    once = mask_message(text).text
    assert len(once) == len(text)
    assert mask_message(once).text == once


@given(st.text("0123456789", min_size=14, max_size=18), st.sampled_from(["", " ", "-"]))
def test_no_card_number_gets_through_however_it_is_grouped(digits: str, blank: str) -> None:
    check = next(c for c in "0123456789" if is_bank_card(digits + c))
    card = digits + check
    grouped = blank.join(card[i : i + 4] for i in range(0, len(card), 4))
    assert grouped not in mask_message(f"卡号：{grouped}。").text
