"""The parcel of a demo order and what has happened to it on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from kefu.shop.demo import people
from kefu.shop.model import ShipmentState

OWN_CENTRE = "上海转运中心"
"""Where the parcels of a shop's own goods set out."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """``order`` is its row; ``silent``: how long nothing has been heard of the parcel."""

    order: dict[str, Any]
    number: int
    centre: str
    silent: timedelta | None
    delivering: bool


def tracking_number(random: Random, carrier: people.Carrier) -> str:
    return f"{carrier.prefix}{random.randrange(10**carrier.digits):0{carrier.digits}d}"


def rows(
    parcel: Parcel, random: Random, now: datetime
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The shipment and its events, oldest first."""
    carrier = random.choice(people.CARRIERS)
    order = parcel.order
    route = _route(order, carrier.name, parcel.centre, random)
    state = ShipmentState.SIGNED if order["signed_at"] else ShipmentState.IN_TRANSIT
    shipment = {
        "shipment_id": f"SP{parcel.number:08d}",
        "order_number": order["order_number"],
        "carrier_code": carrier.code,
        "carrier_name": carrier.name,
        "tracking_number": tracking_number(random, carrier),
        "state": ShipmentState.DELIVERING if parcel.delivering else state,
        "shipped_at": order["shipped_at"],
        "expected_at": order["shipped_at"] + timedelta(hours=72),
        "signed_at": order["signed_at"],
    }
    events = [
        {
            "shipment_id": shipment["shipment_id"],
            "number": number,
            "at": at,
            "text": text,
            "place": place,
        }
        for number, (at, text, place) in enumerate(_happened(parcel, route, now), 1)
    ]
    return shipment, events


def _happened(
    parcel: Parcel, route: list[tuple[float, str, str]], now: datetime
) -> list[tuple[datetime, str, str]]:
    shipped, signed = parcel.order["shipped_at"], parcel.order["signed_at"]
    until = now - parcel.silent if parcel.silent else now
    travel = (signed or shipped + timedelta(hours=66)) - shipped
    happened = [
        (at, text, place)
        for share, text, place in route
        if (at := shipped + travel * share) <= until and (signed or share < 0.8)
    ]
    if parcel.delivering:
        _, text, place = route[-2]
        happened = [each for each in happened if each[0] < now - timedelta(hours=1)]
        happened.append((now - timedelta(minutes=50), text, place))
    return happened


def _route(
    order: dict[str, Any], carrier: str, start: str, random: Random
) -> list[tuple[float, str, str]]:
    """Share of the way, what happened, where."""
    city, district = order["city"], order["district"]
    station = f"{city}{district}营业点"
    courier = random.choice(people.FAMILY_NAMES) + "师傅"
    left = random.choice(("已放入小区快递柜", "本人签收", "家门口代收", "已放至驿站"))
    return [
        (0.0, f"【{carrier}】已揽收您的包裹", start),
        (0.06, f"包裹已到达【{start}】", start),
        (0.12, f"包裹已从【{start}】发出，下一站【{city}转运中心】", start),
        (0.62, f"包裹已到达【{city}转运中心】", city),
        (0.74, f"包裹已从【{city}转运中心】发出，下一站【{station}】", city),
        (0.88, f"包裹已到达【{station}】", station),
        (0.92, f"【{station}】的快递员{courier}正在为您派送，请保持电话畅通", station),
        (1.0, f"您的包裹已签收：{left}，感谢使用{carrier}", station),
    ]
