"""How a shop's own service checks Kefu's requests: signature, age, nonce, and what is covered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from http_message_signatures import (
    HTTPMessageVerifier,
    InvalidSignature,
    MappingKeyResolver,
    algorithms,
)

from kefu.errors import KefuError

MAX_AGE = timedelta(minutes=5)
TAG = "kefu-shop"
ALWAYS = ("@method", "@authority", "@path", "@query", "content-digest")
IF_SENT = (
    "content-type",
    "kefu-profile",
    "kefu-account",
    "kefu-verified-orders",
    "idempotency-key",
)


class SignatureRefused(KefuError):
    code: ClassVar[str] = "signature_invalid"
    title: ClassVar[str] = "签名不正确。"
    status: ClassVar[int] = 401


class SignatureReplayed(SignatureRefused):
    code: ClassVar[str] = "signature_replayed"
    title: ClassVar[str] = "这个请求已经收到过。"


class PunctualVerifier(HTTPMessageVerifier):
    """Clocks may differ by half a minute."""

    max_clock_skew = timedelta(seconds=30)


@dataclass
class Message:
    """A request as it arrived: ``url`` is absolute and still encoded."""

    method: str
    url: str
    headers: Mapping[str, str]


class SignatureCheck:
    """Checks requests that are signed with one of ``keys``. Thread-safe."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        known = {key_id: key.encode() for key_id, key in keys.items()}
        self._verifier: Any = PunctualVerifier(
            signature_algorithm=algorithms.HMAC_SHA256,
            key_resolver=MappingKeyResolver(public_keys=known, private_keys={}),
        )
        self._nonces: dict[str, float] = {}
        self._lock = threading.Lock()

    def check(self, message: Message, body: bytes) -> None:
        """Raises ``SignatureRefused``; a nonce is taken only by a request that is right."""
        names = {name.lower() for name in message.headers}
        required = (*ALWAYS, *(name for name in IF_SENT if name in names))
        try:
            (result,) = self._verifier.verify(
                message,
                body=body,
                max_age=MAX_AGE,
                expect_tag=TAG,
                require_components=required,
            )
        except (InvalidSignature, ValueError) as error:
            raise SignatureRefused(type(error).__name__) from error
        if not result.nonce:
            raise SignatureRefused("no nonce")
        self._take(result.nonce)

    def _take(self, nonce: str) -> None:
        now = time.monotonic()
        keep = 2 * MAX_AGE.total_seconds()
        with self._lock:
            for old in _older(self._nonces.items(), now - keep):
                del self._nonces[old]
            if nonce in self._nonces:
                raise SignatureReplayed("the nonce was used before")
            self._nonces[nonce] = now


def _older(taken: Iterable[tuple[str, float]], than: float) -> list[str]:
    return [nonce for nonce, at in taken if at < than]
