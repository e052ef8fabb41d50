"""The carrier client against a server that speaks its protocol, and what stands in for it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from kefu.settings import Settings
from kefu.shop.carriers import CarrierUnavailable, LogisticsDesk, Trace, open_logistics
from kefu.shop.kuaidi100 import CarrierFailed, Kuaidi100, ParcelUnknown
from kefu.shop.model import LogisticsEvent, Shipment, ShipmentState
from tests.carrier_server import CUSTOMER, KEY, CarrierServer, Parcel

DEADLINE = 0.8
RECORDED = LogisticsEvent(datetime(2026, 11, 8, 4, 0, tzinfo=UTC), "已揽收", "杭州")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[CarrierServer]:
    with CarrierServer() as server:
        server.add(
            Parcel(
                "shunfeng",
                "SF1",
                "5",
                [("2026-11-09 09:30:00", "正在派送"), ("2026-11-08 12:00:00", "已揽收")],
                phone_tail="5678",
            )
        )
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(server: CarrierServer, clock: Clock) -> Kuaidi100:
    return Kuaidi100(server.url, customer=CUSTOMER, key=KEY, deadline=DEADLINE, clock=clock)


def shipment(
    number: str = "SF1",
    state: ShipmentState = ShipmentState.IN_TRANSIT,
    events: tuple[LogisticsEvent, ...] = (RECORDED,),
) -> Shipment:
    at = datetime(2026, 11, 8, tzinfo=UTC)
    return Shipment(
        "SP1", "KF1", "shunfeng", "顺丰速运", number, state, at, None, None, "5678", events
    )


def took(call: Callable[[], object]) -> float:
    start = time.monotonic()
    with pytest.raises(CarrierFailed):
        call()
    return time.monotonic() - start


def test_a_track_is_read_newest_first_with_aware_times(client: Kuaidi100):
    track = client.track("shunfeng", "SF1", "5678")
    assert track.state is ShipmentState.DELIVERING
    assert [event.text for event in track.events] == ["正在派送", "已揽收"]
    assert track.events[0].at == datetime(2026, 11, 9, 1, 30, tzinfo=UTC)


def test_the_query_is_what_the_protocol_asks(client: Kuaidi100, server: CarrierServer):
    client.track("shunfeng", "SF1", "5678")
    assert server.asked == [{"com": "shunfeng", "num": "SF1", "phone": "5678"}]


@pytest.mark.parametrize(("customer", "key"), [("other", KEY), (CUSTOMER, "other")])
def test_a_wrong_key_fails_by_the_signature(server: CarrierServer, customer: str, key: str):
    client = Kuaidi100(server.url, customer=customer, key=key)
    with pytest.raises(CarrierFailed, match="503"):
        client.track("shunfeng", "SF1", "5678")
    assert server.asked == []


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("0", ShipmentState.IN_TRANSIT),
        ("1", ShipmentState.IN_TRANSIT),
        ("2", ShipmentState.EXCEPTION),
        ("3", ShipmentState.SIGNED),
        ("4", ShipmentState.RETURNED),
        ("5", ShipmentState.DELIVERING),
        ("6", ShipmentState.RETURNED),
        ("14", ShipmentState.EXCEPTION),
        ("99", ShipmentState.IN_TRANSIT),
    ],
)
def test_states(client: Kuaidi100, server: CarrierServer, code: str, state: ShipmentState):
    server.parcels["SF1"].state = code
    assert client.track("shunfeng", "SF1", "5678").state is state


def test_good_answers_are_kept_for_ten_minutes(
    client: Kuaidi100, server: CarrierServer, clock: Clock
):
    for _ in range(3):
        client.track("shunfeng", "SF1", "5678")
    assert len(server.asked) == 1
    clock.now += 599
    client.track("shunfeng", "SF1", "5678")
    assert len(server.asked) == 1
    clock.now += 2
    client.track("shunfeng", "SF1", "5678")
    assert len(server.asked) == 2


def test_unknown_parcels_are_asked_again_after_a_minute(
    client: Kuaidi100, server: CarrierServer, clock: Clock
):
    for _ in range(3):
        with pytest.raises(ParcelUnknown):
            client.track("shunfeng", "SF2", "5678")
    assert len(server.asked) == 1
    clock.now += 61
    server.add(Parcel("shunfeng", "SF2", "0", [("2026-11-09 09:30:00", "已揽收")]))
    assert client.track("shunfeng", "SF2", "5678").events


def test_a_wrong_phone_fails_without_a_second_try(client: Kuaidi100, server: CarrierServer):
    with pytest.raises(CarrierFailed, match="408"):
        client.track("shunfeng", "SF1", "0000")
    assert len(server.asked) == 1


def test_a_server_error_is_tried_again(client: Kuaidi100, server: CarrierServer):
    server.mode = "flaky"
    assert client.track("shunfeng", "SF1", "5678").events
    assert len(server.asked) == 2


@pytest.mark.parametrize("mode", ["http_500", "busy"])
def test_tries_are_bounded(client: Kuaidi100, server: CarrierServer, mode: str):
    server.mode = mode
    assert took(lambda: client.track("shunfeng", "SF1", "5678")) < DEADLINE + 2
    assert 2 <= len(server.asked) <= 3


@pytest.mark.parametrize("mode", ["hang", "trickle"])
def test_silence_ends_at_the_deadline_and_is_not_tried_again(
    client: Kuaidi100, server: CarrierServer, mode: str
):
    server.mode = mode
    seconds = took(lambda: client.track("shunfeng", "SF1", "5678"))
    assert DEADLINE - 0.1 <= seconds < DEADLINE + 2
    assert len(server.asked) == 1


def test_a_slow_answer_within_the_deadline_counts(client: Kuaidi100, server: CarrierServer):
    server.mode, server.delay = "slow", DEADLINE / 2
    assert client.track("shunfeng", "SF1", "5678").events


def test_nonsense_is_a_failure(client: Kuaidi100, server: CarrierServer):
    server.mode = "garbage"
    with pytest.raises(CarrierFailed, match="no sense"):
        client.track("shunfeng", "SF1", "5678")


def test_a_dead_carrier_costs_time_three_times_and_is_asked_again_after_a_pause(
    client: Kuaidi100, server: CarrierServer, clock: Clock
):
    server.mode = "hang"
    for number in ("A", "B", "C"):
        took(lambda number=number: client.track("shunfeng", number, "5678"))
    for number in ("A", "D", "SF1"):
        assert took(lambda number=number: client.track("shunfeng", number, "5678")) < DEADLINE / 2
    assert len(server.asked) == 3
    server.mode = "ok"
    clock.now += 31
    assert client.track("shunfeng", "SF1", "5678").events


def test_after_the_pause_one_caller_tries_for_all(
    client: Kuaidi100, server: CarrierServer, clock: Clock
):
    server.mode = "hang"
    for number in ("A", "B", "C"):
        took(lambda number=number: client.track("shunfeng", number, "5678"))
    clock.now += 31
    with ThreadPoolExecutor(4) as pool:
        numbers = ("E", "F", "G", "H")
        list(pool.map(lambda n: took(lambda: client.track("shunfeng", n, "5678")), numbers))
    assert len(server.asked) == 4


def test_many_threads_share_one_client(client: Kuaidi100, server: CarrierServer):
    for number in range(20):
        server.add(Parcel("shunfeng", f"N{number}", "0", [("2026-11-09 09:30:00", f"{number}")]))
    with ThreadPoolExecutor(8) as pool:
        tracks = list(
            pool.map(lambda n: client.track("shunfeng", f"N{n % 20}", "5678"), range(200))
        )
    assert [track.events[0].text for track in tracks] == [str(n % 20) for n in range(200)]


def test_desk_prefers_the_carriers_word(client: Kuaidi100):
    trace = LogisticsDesk(client).trace(shipment())
    assert (trace.source, trace.fresh, trace.state) == ("carrier", True, ShipmentState.DELIVERING)
    assert trace.events[0].text == "正在派送"


def test_desk_without_a_carrier_tells_the_shops_record():
    trace = open_logistics(Settings(carrier_url=None)).trace(shipment())
    assert trace == Trace((RECORDED,), ShipmentState.IN_TRANSIT, fresh=True, source="shop")
    with pytest.raises(CarrierUnavailable):
        LogisticsDesk(None).trace(shipment(events=()))


def test_desk_with_settings_asks_the_carrier(server: CarrierServer):
    desk = open_logistics(
        Settings(carrier_url=server.url, carrier_customer=CUSTOMER, carrier_key=KEY)
    )
    assert desk.trace(shipment()).source == "carrier"


def test_desk_falls_back_when_the_carrier_fails(
    client: Kuaidi100, server: CarrierServer, caplog: pytest.LogCaptureFixture
):
    server.mode = "http_500"
    with caplog.at_level(logging.DEBUG, "kefu"):
        trace = LogisticsDesk(client).trace(shipment())
    assert trace == Trace((RECORDED,), ShipmentState.IN_TRANSIT, fresh=False, source="shop")
    assert "SF1" not in caplog.text
    assert "5678" not in caplog.text
    with pytest.raises(CarrierUnavailable):
        LogisticsDesk(client).trace(shipment(events=()))


def test_desk_trusts_the_shop_where_the_carrier_knows_nothing_yet(client: Kuaidi100):
    trace = LogisticsDesk(client).trace(shipment("SF-NEW"))
    assert (trace.source, trace.fresh) == ("shop", True)


def test_parcels_that_have_arrived_cost_no_query(client: Kuaidi100, server: CarrierServer):
    LogisticsDesk(client).trace(shipment(state=ShipmentState.SIGNED))
    assert server.asked == []


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = Kuaidi100(f"http://127.0.0.1:{port}/", customer=CUSTOMER, key=KEY, deadline=DEADLINE)
    assert took(lambda: client.track("shunfeng", "SF1", "5678")) < DEADLINE + 2
