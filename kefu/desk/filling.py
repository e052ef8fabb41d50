"""What the variables of a canned response stand for in a talk."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.desk import canned
from kefu.desk.scope import Scope
from kefu.desk.shopper_side import Looking, looking, may_see
from kefu.handoff.queue import shown_name
from kefu.profiles import Profile, Profiles
from kefu.profiles.canned import VARIABLES, holes
from kefu.shop.gateway import ShopGateway, ShopUnavailable
from kefu.shop.model import Order
from kefu.store.database import Database
from kefu.store.tables import Conversation, Event, Staff

LOOKED_BACK = 100
NO_NAME = "客服"


async def filled(
    database: Database,
    shop: ShopGateway,
    scope: Scope,
    *,
    profiles: Profiles,
    canned_id: int,
    conversation_id: str,
) -> tuple[str, list[str]]:
    """A canned response as it is said in a talk, and the names of what is not known.

    Raises ``ConversationNotFound``, ``CannedNotFound``.
    """

    def read(session: Session) -> tuple[str, Looking, dict[str, str | None]]:
        conversation = scope.require(session, conversation_id)
        text = canned.find(session, scope, canned_id).text
        profile = profiles[conversation.profile]
        number = order_in(session, conversation, profile)
        known = values(conversation, profile, scope.member.staff, number)
        return text, looking(conversation, scope), known

    text, asked, known = await database.read(read)
    number = known["order_number"]
    if number and {"order_number", "tracking_number"} & set(holes(text)):
        order = await asyncio.to_thread(_order, shop, asked, number)
        if order is None and asked.sellers is not None:
            # It may be another seller's.
            known["order_number"] = None
        known["tracking_number"] = _tracking_number(order)
    return fill(text, known)


def _order(shop: ShopGateway, asked: Looking, number: str) -> Order | None:
    try:
        order = shop.order(asked.viewer, number)
    except ShopUnavailable:
        return None
    return order if order and may_see(order, asked.sellers) else None


def _tracking_number(order: Order | None) -> str | None:
    parcels = order.shipments if order else ()
    newest = max(parcels, key=lambda each: each.shipped_at, default=None)
    return newest.tracking_number if newest else None


def fill(text: str, values: Mapping[str, str | None]) -> tuple[str, list[str]]:
    """The text with what is known put in, and the names of what is not."""
    missing = [name for name in holes(text) if name in VARIABLES and not values.get(name)]

    def put(found: re.Match[str]) -> str:
        return values.get(found[1]) or found[0]

    return re.sub(r"{([^{}]*)}", put, text), missing


def values(
    conversation: Conversation, profile: Profile, staff: Staff, order_number: str | None
) -> dict[str, str | None]:
    """All but the tracking number, which the shop knows."""
    return {
        "order_number": order_number,
        "shopper_name": conversation.shopper_name or None,
        "agent_name": shown_name(staff) or NO_NAME,
        "brand": profile.brand,
    }


def order_in(session: Session, conversation: Conversation, profile: Profile) -> str | None:
    """The order that the talk is about: named last, that of its page, or the only one proved."""
    recent = session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation.conversation_id, Event.type == events.MESSAGE)
        .order_by(Event.seq.desc())
        .limit(LOOKED_BACK)
    )
    for event in recent:
        named = _named(event.body, profile)
        if named:
            return named
    proved = conversation.verified_orders
    return conversation.context.get("order_id") or (proved[-1] if proved else None)


def _named(body: Mapping[str, Any], profile: Profile) -> str | None:
    text = str(body.get("text") or "")
    for pattern in profile.order_number_patterns:
        found = re.search(rf"(?<![0-9A-Za-z])(?:{pattern})(?![0-9A-Za-z])", text, re.IGNORECASE)
        if found:
            return found[0].upper()
    cards = cast("list[dict[str, Any]]", body.get("cards") or [])
    numbers = [str(card["order_number"]) for card in cards if card.get("order_number")]
    return numbers[0] if len(set(numbers)) == 1 else None
