"""Requests to a shop's own service: signed, bounded in time and size, and tried again with care."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests.adapters import HTTPAdapter
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from kefu.errors import KefuError
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.http_signature import RequestSigner

SHORTEST_KEY = 32
LARGEST_ANSWER = 2_000_000
_TRIES = 3
_CONNECT_TIME = 1.0
_LEAST_TIME = 0.05
_CONNECTIONS = 16


class ShopSettingsWrong(KefuError):
    """The address or the key of the shop's service cannot be used."""

    code: ClassVar[str] = "shop_settings_wrong"
    title: ClassVar[str] = "店铺接口的设置有误，请检查 KEFU_SHOP_URL 与 KEFU_SHOP_KEY。"


class _Stumbled(ShopUnavailable):
    """No connection, or one that broke: the next try may do."""


@dataclass(frozen=True, slots=True)
class HttpAccess:
    """``key``: the secret shared with the shop's service. ``deadline``: seconds that it has to
    answer, tries included. ``authorities``: a file with those to trust instead of the usual ones.
    """

    key: str = ""
    deadline: float = 2.5
    authorities: Path | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request; ``path`` is encoded and begins with ``/v1``, ``body`` is JSON."""

    method: Literal["GET", "POST"]
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def name(self) -> str:
        """For logs: without the numbers and ids that a read has in its path."""
        fixed = self.path if self.method == "POST" else "/".join(self.path.split("/")[:3])
        return f"{self.method} {fixed}"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    media_type: str
    body: bytes


def is_http(url: str) -> bool:
    """Whether the shop at ``url`` is a service of its own."""
    return url.lower().startswith(("http://", "https://"))


class HttpTransport:
    """Sends calls to the service at ``url``. Thread-safe; keeps connections open until ``close``.

    Raises ``ShopSettingsWrong``.
    """

    def __init__(self, url: str, access: HttpAccess) -> None:
        _check(url, access)
        self._base = url.rstrip("/")
        self._signer = RequestSigner(access.key)
        self._deadline = access.deadline
        self._verify = str(access.authorities) if access.authorities else True
        # Without a session there are no cookies, no redirects and no proxies from the environment.
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=_CONNECTIONS, max_retries=0)

    def close(self) -> None:
        self._adapter.close()

    def send(self, call: Call) -> Answer:
        """The answer, whatever its status; raises ``ShopUnavailable`` if there is none in time.

        A broken connection is tried again: every call either reads or carries an idempotency key.
        A silence is not, since it has used up the time.
        """
        until = time.monotonic() + self._deadline
        retrying = Retrying(
            retry=retry_if_exception_type(_Stumbled),
            stop=stop_after_attempt(_TRIES) | stop_before_delay(self._deadline),
            wait=wait_random_exponential(0.05, max=0.3),
            reraise=True,
        )
        return retrying(lambda: self._once(call, until))

    def _once(self, call: Call, until: float) -> Answer:
        left = max(until - time.monotonic(), _LEAST_TIME)
        try:
            with self._adapter.send(
                self._signed(call),
                stream=True,
                timeout=(min(left, _CONNECT_TIME), left),
                verify=self._verify,
            ) as response:
                media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
                return Answer(response.status_code, media_type.lower(), _read(response, until))
        # Their messages quote the address with what it names: only the kind is told.
        except (requests.ConnectionError, urllib3.exceptions.ProtocolError) as error:
            kind = type(error).__name__
            raise _Stumbled(f"{call.name}: the shop's service failed: {kind}") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            kind = type(error).__name__
            raise ShopUnavailable(f"{call.name}: the shop's service failed: {kind}") from None

    def _signed(self, call: Call) -> requests.PreparedRequest:
        headers = {"Accept": "application/json", "User-Agent": "kefu", **call.headers}
        if call.body:
            headers["Content-Type"] = "application/json"
        request = requests.Request(
            call.method,
            self._base + call.path,
            params=list(call.query),
            data=call.body or None,
            headers=headers,
        ).prepare()
        self._signer.sign(request, call.body)
        return request


def _check(url: str, access: HttpAccess) -> None:
    if not _is_base(url):
        raise ShopSettingsWrong("KEFU_SHOP_URL must be like https://shop.example/kefu")
    if len(access.key) < SHORTEST_KEY:
        raise ShopSettingsWrong(
            "KEFU_SHOP_KEY must hold the secret shared with the shop's service, "
            f"at least {SHORTEST_KEY} characters"
        )
    if access.authorities and not access.authorities.is_file():
        raise ShopSettingsWrong("KEFU_SHOP_AUTHORITIES must be a file that can be read")


def _is_base(url: str) -> bool:
    """Whether paths can be put behind it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    extra = parts.query or parts.fragment or parts.username
    return bool(parts.hostname) and port != 0 and not extra


def _read(response: requests.Response, until: float) -> bytes:
    """The body, read in pieces so that a trickle cannot outlast the deadline."""
    body = bytearray()
    while piece := response.raw.read1(65536, decode_content=False):
        body += piece
        if time.monotonic() > until:
            raise ShopUnavailable("the answer of the shop's service took too long")
        if len(body) > LARGEST_ANSWER:
            raise ShopUnavailable("the answer of the shop's service is too large")
    return bytes(body)
