"""The signature that Kefu and a shop's server put under their requests."""

from __future__ import annotations

import pytest

from kefu.errors import KefuError
from kefu.signatures import Check, SignatureRefused, TimestampRefused, signature

KEY, BODY, NOW = b"k" * 32, '{"text": "您好"}'.encode(), 1_790_000_000


def check(headers: dict[str, str], body: bytes = BODY, key: bytes = KEY, now: float = NOW) -> None:
    checking = Check(key, headers, now)
    for index in range(0, len(body), 5):
        checking.update(body[index : index + 5])
    checking.finish()


def test_a_signature_is_what_the_documentation_says() -> None:
    # printf '1790000000.{"text": "您好"}' | openssl dgst -sha256 -hmac kkkk…
    assert signature(KEY, BODY, NOW) == {
        "X-Kefu-Timestamp": "1790000000",
        "X-Kefu-Signature": ("v1=a03bb23b8fb89efbc66ee9eca2a48ac8d6faaa31399da0848bcdcddfd71ddae9"),
    }


@pytest.mark.parametrize("off", [-300, -1, 0, 299, 300])
def test_a_signature_holds_for_five_minutes_either_way(off: int) -> None:
    check(signature(KEY, BODY, NOW + off))


@pytest.mark.parametrize("off", [-301, 301, -86_400])
def test_a_signature_from_another_time_is_refused(off: int) -> None:
    with pytest.raises(TimestampRefused):
        check(signature(KEY, BODY, NOW + off))


@pytest.mark.parametrize(
    "change",
    [
        {"X-Kefu-Signature": ""},
        {"X-Kefu-Signature": "v1="},
        {"X-Kefu-Signature": "v1=" + "0" * 64},
        {"X-Kefu-Signature": "v1=签名"},
        {"X-Kefu-Timestamp": str(NOW + 1)},
    ],
)
def test_what_was_not_signed_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        check(signature(KEY, BODY, NOW) | change)


@pytest.mark.parametrize(
    "at", ["", "now", "-5", "1e9", "1790000000.0", "１７９０００００００", "9" * 40]
)
def test_a_time_that_is_none_is_refused(at: str) -> None:
    with pytest.raises(TimestampRefused):
        check(signature(KEY, BODY, NOW) | {"X-Kefu-Timestamp": at})


def test_another_body_or_key_is_refused() -> None:
    headers = signature(KEY, BODY, NOW)
    for body, key in ((BODY + b" ", KEY), (b"", KEY), (BODY, b"j" * 32)):
        with pytest.raises(SignatureRefused):
            check(headers, body, key)


def test_missing_headers_are_a_clear_error() -> None:
    with pytest.raises(KefuError) as caught:
        check({})
    assert "X-Kefu-Timestamp" in caught.value.detail
