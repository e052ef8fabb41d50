"""A client of the 快递100 real-time query (实时查询, ``POST poll/query.do``)."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import requests
import urllib3.exceptions
from cachetools import TTLCache
from pydantic import BaseModel, Field, ValidationError
from tenacity import (
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from kefu.shop.model import LogisticsEvent, ShipmentState
from kefu.shop.rules import BEIJING

_STATES = {
    "0": ShipmentState.IN_TRANSIT,
    "1": ShipmentState.IN_TRANSIT,
    "2": ShipmentState.EXCEPTION,
    "3": ShipmentState.SIGNED,
    "4": ShipmentState.RETURNED,
    "5": ShipmentState.DELIVERING,
    "6": ShipmentState.RETURNED,
    "7": ShipmentState.IN_TRANSIT,
    "8": ShipmentState.IN_TRANSIT,
    "14": ShipmentState.EXCEPTION,
}
_NOT_FOUND = "500"
_SERVER_TROUBLE = ("501", "502")
_LARGEST_REPLY = 1_000_000
_LEAST_TIME = 0.05


class CarrierFailed(Exception):
    """The carrier's service did not answer, not in time, or not with sense."""


class CarrierStumbled(CarrierFailed):
    """No connection, or a server error: the next try may do."""


class ParcelUnknown(Exception):
    """The carrier answers that it has no record of the parcel (yet)."""


@dataclass(frozen=True, slots=True)
class Track:
    """The carrier's word on a parcel; ``events`` newest first and never empty."""

    state: ShipmentState
    events: tuple[LogisticsEvent, ...]


class _Event(BaseModel):
    context: str
    time: str = ""
    ftime: str = ""
    area_name: str | None = Field(default=None, alias="areaName")

    def value(self) -> LogisticsEvent:
        at = datetime.strptime(self.ftime or self.time, "%Y-%m-%d %H:%M:%S")
        return LogisticsEvent(at.replace(tzinfo=BEIJING), self.context, self.area_name)


class _Reply(BaseModel):
    result: bool = True
    return_code: str = Field(default="", alias="returnCode")
    message: str = ""
    state: str = "0"
    data: list[_Event] = Field(default_factory=list[_Event])


@dataclass(slots=True)
class Breaker:
    """Keeps callers from a service that is down: ``limit`` failures in a row close the way.

    After ``pause`` seconds one caller may try again; the others still wait for what it finds.
    """

    limit: int
    pause: float
    clock: Callable[[], float]
    _failures: int = 0
    _shut_until: float = 0.0

    def lets_through(self) -> bool:
        """Whether the service may be asked now."""
        if self._failures < self.limit:
            return True
        if self.clock() < self._shut_until:
            return False
        self._shut_until = self.clock() + self.pause
        return True

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self) -> None:
        self._failures += 1
        if self._failures >= self.limit:
            self._shut_until = self.clock() + self.pause


class Kuaidi100:
    """Asks 快递100 about parcels, in at most ``deadline`` seconds per question. Thread-safe.

    Answers are kept for ten minutes, failures for one. Only what may pass by itself is tried
    again: no connection, a server error; never a silence, which has used up the time.
    ``url`` is that of ``poll/query.do``; ``clock`` counts seconds for the caches.
    """

    def __init__(
        self,
        url: str,
        *,
        customer: str,
        key: str,
        deadline: float = 4.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._customer = customer
        self._key = key
        self._deadline = deadline
        self._local = threading.local()
        self._lock = threading.Lock()
        self._known: TTLCache[tuple[str, str], Track] = TTLCache(10_000, 600, clock)
        self._failed: TTLCache[tuple[str, str], Exception] = TTLCache(10_000, 60, clock)
        self._breaker = Breaker(limit=3, pause=30, clock=clock)

    def track(self, carrier_code: str, tracking_number: str, phone_tail: str) -> Track:
        """The parcel's track. Raises ``CarrierFailed`` or ``ParcelUnknown``.

        ``phone_tail`` are the last four digits of the recipient's phone, which some carriers ask.
        """
        parcel = (carrier_code, tracking_number)
        with self._lock:
            known = self._known.get(parcel)
            if known is not None:
                return known
            before = self._failed.get(parcel)
            if isinstance(before, ParcelUnknown):
                raise ParcelUnknown(str(before))
            if before is not None:
                raise CarrierFailed(str(before))
            if not self._breaker.lets_through():
                raise CarrierFailed("the carrier service is down; it will be asked again soon")
        param = {"com": carrier_code, "num": tracking_number, "phone": phone_tail}
        try:
            track = self._ask(param)
        except (CarrierFailed, ParcelUnknown) as error:
            with self._lock:
                self._failed[parcel] = error
                if isinstance(error, ParcelUnknown):
                    self._breaker.succeeded()
                else:
                    self._breaker.failed()
            raise
        with self._lock:
            self._known[parcel] = track
            self._breaker.succeeded()
        return track

    def _ask(self, param: dict[str, str]) -> Track:
        until = time.monotonic() + self._deadline
        retrying = Retrying(
            retry=retry_if_exception_type(CarrierStumbled),
            stop=stop_after_attempt(3) | stop_before_delay(self._deadline),
            wait=wait_random_exponential(0.1, max=0.5),
            reraise=True,
        )
        form = signed_form(param, self._key, self._customer)
        return retrying(lambda: parse(self._post(form, until)))

    def _post(self, form: dict[str, str], until: float) -> bytes:
        left = max(until - time.monotonic(), _LEAST_TIME)
        try:
            with self._session().post(
                self._url,
                data=form,
                timeout=(min(left, 1.5), left),
                stream=True,
                allow_redirects=False,
            ) as response:
                return _read(response, until)
        except requests.ConnectionError as error:
            raise CarrierStumbled(type(error).__name__) from error
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise CarrierFailed(type(error).__name__) from error

    def _session(self) -> requests.Session:
        # A session is not safe to share between threads.
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session


def signed_form(param: dict[str, str], key: str, customer: str) -> dict[str, str]:
    """The form of a query: ``sign`` is the upper-case MD5 of param + key + customer."""
    text = json.dumps(param, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.md5((text + key + customer).encode(), usedforsecurity=False)
    return {"customer": customer, "sign": digest.hexdigest().upper(), "param": text}


def parse(body: bytes) -> Track:
    """Read a reply. Raises ``CarrierStumbled``, ``CarrierFailed`` or ``ParcelUnknown``."""
    try:
        reply = _Reply.model_validate_json(body)
        events = sorted((each.value() for each in reply.data), key=lambda e: e.at, reverse=True)
    except (ValidationError, ValueError) as error:
        raise CarrierFailed("the reply makes no sense") from error
    if not reply.result:
        if reply.return_code == _NOT_FOUND:
            raise ParcelUnknown("the carrier has no record of the parcel")
        trouble = CarrierStumbled if reply.return_code in _SERVER_TROUBLE else CarrierFailed
        raise trouble(f"the carrier service refuses with code {reply.return_code}")
    if not events:
        raise ParcelUnknown("the carrier has no events of the parcel")
    state = _STATES.get(reply.state, ShipmentState.IN_TRANSIT)
    return Track(state, tuple(events))


def _read(response: requests.Response, until: float) -> bytes:
    """The body, read in pieces so that a trickle cannot outlast the deadline."""
    if response.status_code >= 500:
        raise CarrierStumbled(f"HTTP {response.status_code}")
    if response.status_code != 200:
        raise CarrierFailed(f"HTTP {response.status_code}")
    body = bytearray()
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if time.monotonic() > until:
            raise CarrierFailed("the reply took too long")
        if len(body) > _LARGEST_REPLY:
            raise CarrierFailed("the reply is too large")
    return bytes(body)
