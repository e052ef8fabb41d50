"""The signature of requests between Kefu and a shop's server, the same in both directions.

HMAC-SHA256 over ``<seconds since 1970>.<raw body>``: notices and the webhook channel use it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import ClassVar

from kefu.errors import KefuError

TIMESTAMP = "X-Kefu-Timestamp"
SIGNATURE = "X-Kefu-Signature"
# How far the two clocks may be apart, and how long a request that was overheard is good for.
WINDOW_SECONDS = 300

_SECONDS = re.compile(r"[0-9]{1,12}")


class TimestampRefused(KefuError):
    """The time that the signature covers is missing, or more than five minutes off."""

    code: ClassVar[str] = "timestamp_refused"
    title: ClassVar[str] = "请求的时间戳缺失或与服务器时间相差超过 5 分钟，请校准时钟后重新签名。"
    status: ClassVar[int] = 401


class SignatureRefused(KefuError):
    """The signature is missing, or was not made with this key over this body."""

    code: ClassVar[str] = "signature_refused"
    title: ClassVar[str] = "请求签名不正确，请检查密钥，并对原始请求体计算签名。"
    status: ClassVar[int] = 401


def signature(key: bytes, body: bytes, at: int) -> dict[str, str]:
    """The two headers of a request with this ``body`` sent ``at`` that second."""
    digest = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {TIMESTAMP: str(at), SIGNATURE: f"v1={digest}"}


class Check:
    """Checks a body that arrives in pieces: ``update`` with each, then ``finish``.

    Raises ``TimestampRefused`` before any of it is read.
    """

    def __init__(self, key: bytes, headers: Mapping[str, str], now: float) -> None:
        at = headers.get(TIMESTAMP, "")
        if not _SECONDS.fullmatch(at):
            raise TimestampRefused(f"{TIMESTAMP} is missing or not a number of seconds")
        if abs(int(at) - now) > WINDOW_SECONDS:
            raise TimestampRefused(f"{TIMESTAMP} is {int(at) - now:.0f} s off")
        self._given = headers.get(SIGNATURE, "")
        self._mac = hmac.new(key, f"{at}.".encode(), hashlib.sha256)

    def update(self, chunk: bytes) -> None:
        self._mac.update(chunk)

    def finish(self) -> None:
        """Raises ``SignatureRefused``."""
        right = f"v1={self._mac.hexdigest()}"
        if not hmac.compare_digest(right.encode(), self._given.encode("utf-8", "surrogatepass")):
            raise SignatureRefused(f"{SIGNATURE} does not fit the body")
