"""Where a parcel is: asked from the carriers through 快递100, or from the shop's own records."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import ClassVar, Literal

from kefu.errors import KefuError
from kefu.settings import Settings
from kefu.shop.kuaidi100 import CarrierFailed, Kuaidi100, ParcelUnknown
from kefu.shop.model import LogisticsEvent, Shipment, ShipmentState

log = logging.getLogger(__name__)

_ARRIVED = (ShipmentState.SIGNED, ShipmentState.RETURNED)


class CarrierUnavailable(KefuError):
    """Neither the carrier nor the shop can say anything about a parcel."""

    code: ClassVar[str] = "carrier_unavailable"
    title: ClassVar[str] = "暂时查不到物流信息，请稍后再试。"
    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known about a parcel: ``events`` newest first.

    ``fresh`` is false when the carrier was asked and failed, so that this may be outdated.
    """

    events: tuple[LogisticsEvent, ...]
    state: ShipmentState
    fresh: bool
    source: Literal["carrier", "shop"]


class LogisticsDesk:
    """Traces parcels; without a carrier client it knows what the shop has recorded."""

    def __init__(self, carrier: Kuaidi100 | None) -> None:
        self._carrier = carrier

    def trace(self, shipment: Shipment) -> Trace:
        """Raises ``CarrierUnavailable`` if nobody knows anything. Thread-safe.

        A parcel that has arrived, by the shop's own record, costs no query.
        """
        recorded = Trace(shipment.events, shipment.state, fresh=True, source="shop")
        if self._carrier is None or (shipment.state in _ARRIVED and shipment.events):
            return _something(recorded)
        try:
            track = self._carrier.track(
                shipment.carrier_code, shipment.tracking_number, shipment.recipient_phone_tail
            )
        except ParcelUnknown:
            return _something(recorded)
        except CarrierFailed as error:
            log.warning("carrier %s failed: %s", shipment.carrier_code, error)
            return _something(Trace(shipment.events, shipment.state, fresh=False, source="shop"))
        return Trace(track.events, track.state, fresh=True, source="carrier")


def open_logistics(settings: Settings) -> LogisticsDesk:
    """The desk that ``settings`` describe: with 快递100 where ``carrier_url`` is set."""
    if not settings.carrier_url:
        return LogisticsDesk(None)
    return LogisticsDesk(
        Kuaidi100(
            settings.carrier_url,
            customer=settings.carrier_customer,
            key=settings.carrier_key,
            deadline=settings.carrier_deadline,
        )
    )


def _something(trace: Trace) -> Trace:
    if not trace.events:
        raise CarrierUnavailable("neither carrier nor shop knows the parcel")
    return trace
