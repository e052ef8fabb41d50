"""One-time codes as such: how they derive, compare and count."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.notices.addresses import read_address
from kefu.privacy.mask import mask_message
from kefu.shop.people import ContactChannel
from kefu.verification import codes, wording

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
words = st.text("0123456789abcdef", min_size=32, max_size=32)


@given(words, st.integers(1, 50))
def test_a_code_is_six_digits_and_the_same_at_each_repeat(verify_id: str, sends: int) -> None:
    code = codes.make(KEY, verify_id, sends)
    assert code == codes.make(KEY, verify_id, sends)
    assert len(code) == 6
    assert code.isdigit()


def test_codes_are_spread_evenly_and_differ_by_key_id_and_send() -> None:
    drawn = [codes.make(KEY, codes.verify_id(f"turn:{n}"), 1) for n in range(5000)]
    digits = Counter("".join(drawn))
    assert set(digits) == set("0123456789")
    assert max(digits.values()) < 1.15 * min(digits.values())
    assert len(set(drawn)) > 4900
    assert len({codes.make(KEY, "a" * 32, n) for n in range(1, 6)}) == 5
    assert codes.make(KEY, "a" * 32, 1) != codes.make(OTHER_KEY, "a" * 32, 1)


@given(words, st.text("0123456789", min_size=6, max_size=6))
def test_only_the_code_of_this_send_fits(verify_id: str, guess: str) -> None:
    code = codes.make(KEY, verify_id, 2)
    kept = codes.hash_code(KEY, verify_id, 2, code)
    assert codes.fits(KEY, verify_id, 2, code, kept)
    assert not codes.fits(KEY, verify_id, 3, code, kept)
    assert not codes.fits(OTHER_KEY, verify_id, 2, code, kept)
    assert not codes.fits(KEY, verify_id, 2, code, None)
    assert codes.fits(KEY, verify_id, 2, guess, kept) == (guess == code)
    assert code not in kept


@pytest.mark.parametrize(
    ("typed", "channel", "value"),
    [
        ("138 1234 5678", ContactChannel.SMS, "13812345678"),
        ("+86-138-1234-5678", ContactChannel.SMS, "13812345678"),
        ("１３８１２３４５６７８", ContactChannel.SMS, "13812345678"),
        (" Li.Ming@Example.COM ", ContactChannel.EMAIL, "li.ming@example.com"),
    ],
)
def test_an_address_is_read_however_it_is_typed(
    typed: str, channel: ContactChannel, value: str
) -> None:
    address = read_address(typed)
    assert address
    assert (address.channel, address.value) == (channel, value)
    assert value not in address.masked


@pytest.mark.parametrize(
    "typed",
    ["", "u0007", "1381234567", "23812345678", "a@b", "@x.cn", "a b@c.cn", "x@y.cn\nBcc: z@y.cn"],
)
def test_what_is_no_address(typed: str) -> None:
    assert read_address(typed) is None


def test_an_ipv6_customer_counts_once_and_the_address_itself_is_not_kept() -> None:
    one, other = (codes.address_key(KEY, f"2001:db8:1:2::{n}") for n in (1, 2))
    assert one == other
    assert codes.address_key(KEY, "2001:db8:1:3::1") != one
    assert codes.address_key(KEY, "::ffff:10.0.0.1") == codes.address_key(KEY, "10.0.0.1")
    assert codes.address_key(KEY, "10.0.0.1") != codes.address_key(KEY, "10.0.0.2")
    assert "10.0.0.1" not in str(codes.address_key(KEY, "10.0.0.1"))
    assert codes.address_key(KEY, "not an address") is None


@pytest.mark.parametrize("text", ["482913", "482 913", "482-913", "４８２９１３", "是 482913 吗"])
def test_six_digits_are_a_code_only_while_one_is_awaited(text: str) -> None:
    assert mask_message(text).text == text
    awaited = mask_message(text, code_awaited=True)
    assert awaited.found == {"code"}
    assert not any(char.isdigit() for char in awaited.text)


@pytest.mark.parametrize(
    "text", ["4829137", "48291", "KF20261108004217", "订单482913元好贵A482913"]
)
def test_other_numbers_are_left_alone_even_then(text: str) -> None:
    known = [r"KF\d{14}"]
    kept = mask_message(text, known, code_awaited=True).text
    assert kept.endswith("A482913") if "A" in text else kept == text


def test_a_guest_is_told_the_same_whether_there_is_an_account() -> None:
    assert wording.sent("login", "sms", "138****5678").startswith("如果")
    assert wording.sent("login", None, None).startswith("如果")
    assert "如果" not in wording.sent("own", "sms", "138****5678")
