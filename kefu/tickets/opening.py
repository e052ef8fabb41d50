"""Open a ticket for the bot: its number derives from the turn, so a repeated turn opens one."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from zoneinfo import ZoneInfo

from kefu.conversation import events
from kefu.conversation.commands import OpenTicket, Place
from kefu.profiles import Profiles
from kefu.store.tables import Ticket, Turn

SHOP_TIME = ZoneInfo("Asia/Shanghai")


def open_ticket(profiles: Profiles, place: Place, command: OpenTicket) -> None:
    """Store the ticket and tell the shopper its number and when it will be answered."""
    hours = profiles[place.turn.profile].hours_for(command.kind)
    number = ticket_number(place.turn, place.index)
    place.session.add(
        Ticket(
            number=number,
            profile=place.turn.profile,
            conversation_id=place.turn.conversation_id,
            turn_id=place.turn.turn_id,
            kind=command.kind,
            subject=command.subject,
            details=command.details,
            order_number=command.order_number,
            state="open",
            created_at=place.turn.now,
            due_at=place.turn.now + timedelta(hours=hours),
        )
    )
    text = f"已为您登记工单，工单号是 {number}，我们会在 {hours} 小时内处理并答复您。"
    events.say(place.session, place.conversation, text, turn_id=place.turn.turn_id)
    events.audit(place.session, place.conversation, "bot", "open_ticket", number=number)


def ticket_number(turn: Turn, index: int) -> str:
    """``TK``, the day of the turn at the shop, and ten digits from turn id and place in it."""
    digest = hashlib.sha256(f"{turn.turn_id}:{index}".encode()).digest()
    day = turn.now.astimezone(SHOP_TIME).strftime("%Y%m%d")
    return f"TK{day}{int.from_bytes(digest[:8]) % 10**10:010d}"
