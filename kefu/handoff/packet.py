"""What an agent is given with a talk: said, understood, tried; frozen at the hand-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation import record
from kefu.handoff.sentiment import Said, Sentiment, judge
from kefu.handoff.tried import TRIED, tried
from kefu.privacy.mask import mask_export
from kefu.profiles import Profile
from kefu.shop.model import ReturnReason
from kefu.shop.wording import return_reason_text
from kefu.store.base import Document
from kefu.store.tables import Conversation, Event, Message, Turn
from kefu.tickets.wording import KINDS

VISITS = timedelta(days=30)
# The end of a long talk; all of it stays readable in the events.
TRANSCRIPT = 100
TURNS = 8
ALTERNATIVES = 3

# What the talk remembers, in the agents' words. Slots that prove or name somebody stay out.
SLOTS = {
    "current_product": "相关商品",
    "order_service": "正在办理",
    "order_details": "修改内容",
    "return_order": "售后订单",
    "return_kind": "售后类型",
    "return_reason": "售后原因",
    "return_wanted": "售后诉求",
    "return_note": "售后说明",
    "parcel_rma": "寄回的售后单",
    "parcel_number": "寄回单号",
    "parcel_courier": "寄回快递",
    "withdraw_rma": "要撤销的售后单",
    "visit_item": "安装商品",
    "visit_day": "预约日期",
    "ticket_kind": "工单类型",
    "ticket_details": "工单内容",
    "ticket_order": "工单订单",
}
WORDS: Mapping[str, Mapping[str, str]] = {
    "order_service": {name.removeprefix("action_"): title for name, title in TRIED.items()},
    "return_kind": {"return": "退货", "exchange": "换货", "repair": "维修", "withdraw": "撤销售后"},
    "return_reason": {str(each): return_reason_text(each) for each in ReturnReason},
    "ticket_kind": KINDS,
}
_ORDER_SLOTS = ("current_order", "return_order", "ticket_order")
_WAITING = "waiting_requests"


def read_messages(session: Session, conversation: Conversation) -> list[Said]:
    """What the shopper has said in this talk of late, with how the bot read it; oldest first."""
    return [
        Said(text, _intent(turn)) for text, turn in _texts(session, _turns(session, conversation))
    ]


def build(
    session: Session,
    conversation: Conversation,
    profile: Profile,
    *,
    reason: str,
    now: datetime,
    sentiment: Sentiment | None = None,
) -> Document:
    """The packet of a locked conversation that still has the bot's memory."""
    numbers = profile.known_numbers
    turns = _turns(session, conversation)
    texts = _texts(session, turns)
    slots = slots_of(conversation.tracker)
    felt = sentiment or judge([Said(text, _intent(turn)) for text, turn in texts])
    return {
        "transcript": _transcript(session, conversation, numbers),
        "understanding": [_understood(mask_export(text, numbers), turn) for text, turn in texts],
        "tried": tried(name for turn in turns for name in turn.actions or ()),
        "slots": shown_slots(slots, numbers),
        "orders": _orders(conversation, slots, turns),
        "sentiment": {"score": felt.score, "label": felt.label},
        "visits_30_days": _visits(session, conversation, now),
        "reason": reason,
        "lost": lost(slots, numbers),
    }


def of(session: Session, conversation: Conversation) -> Document | None:
    """The packet of the conversation's latest hand-off, if it had one."""
    handoff = record.of(session, conversation)
    return handoff.packet if handoff else None


def slots_of(tracker: Mapping[str, Any] | None) -> dict[str, Any]:
    """What each slot was set to last; unset ones are left out."""
    events = cast("list[Mapping[str, Any]]", (tracker or {}).get("events") or [])
    found: dict[str, Any] = {}
    for event in events:
        if event.get("event") == "slot":
            found[str(event.get("name"))] = event.get("value")
    return {name: value for name, value in found.items() if value is not None}


def shown_slots(slots: Mapping[str, Any], numbers: Iterable[str]) -> dict[str, str]:
    """Those that help an agent, by their Chinese name, masked."""
    patterns = list(numbers)
    return {
        title: mask_export(WORDS.get(name, {}).get(str(slots[name]), str(slots[name])), patterns)
        for name, title in SLOTS.items()
        if isinstance(slots.get(name), str | int | float)
    }


def lost(slots: Mapping[str, Any], numbers: Iterable[str]) -> list[str]:
    """What the shopper asked for besides, and nobody has answered."""
    patterns = list(numbers)
    waiting = cast("list[Any]", slots.get(_WAITING) or [])
    texts = [cast("Mapping[str, Any]", each).get("text") for each in waiting]
    return [mask_export(str(text), patterns) for text in texts if text]


def _turns(session: Session, conversation: Conversation) -> list[Turn]:
    """The latest, oldest first."""
    rows = session.scalars(
        select(Turn)
        .where(Turn.conversation_id == conversation.conversation_id)
        .order_by(Turn.created_at.desc())
        .limit(TURNS)
    ).all()
    return list(reversed(rows))


def _texts(session: Session, turns: Sequence[Turn]) -> list[tuple[str, Turn]]:
    """What the shopper typed or pressed in each turn."""
    ids = [each for turn in turns for each in turn.message_ids]
    rows = session.scalars(select(Message).where(Message.message_id.in_(ids)))
    said = {row.message_id: row.text for row in rows if row.author == "shopper"}
    found: list[tuple[str, Turn]] = []
    for turn in turns:
        text = "\n".join(said[each] for each in turn.message_ids if each in said)
        if text:
            found.append((text, turn))
    return found


def _intent(turn: Turn) -> str | None:
    return (turn.parse or {}).get("intent", {}).get("name")


def _understood(text: str, turn: Turn) -> Document:
    """One message as the bot took it, with what it would have taken it for next."""
    parse = turn.parse or {}
    intent = parse.get("intent", {})
    ranking = [
        {"name": each["name"], "confidence": round(float(each.get("confidence") or 0), 3)}
        for each in parse.get("intent_ranking", [])
        if each.get("name") != intent.get("name")
    ]
    return {
        "text": text,
        "intent": intent.get("name"),
        "confidence": round(float(intent.get("confidence") or 0), 3),
        "alternatives": ranking[:ALTERNATIVES],
    }


def _transcript(
    session: Session, conversation: Conversation, numbers: Sequence[str]
) -> list[Document]:
    rows = session.scalars(
        select(Event)
        .where(
            Event.conversation_id == conversation.conversation_id,
            Event.type == "message",
        )
        .order_by(Event.seq.desc())
        .limit(TRANSCRIPT)
    ).all()
    return [
        {
            "from": row.body.get("from"),
            "text": mask_export(row.body.get("text") or "", numbers),
            "at": row.at.isoformat(),
        }
        for row in reversed(rows)
    ]


def _orders(
    conversation: Conversation, slots: Mapping[str, Any], turns: Sequence[Turn]
) -> list[str]:
    """Order numbers in question, the likeliest first."""
    named = [_number(slots.get(name)) for name in _ORDER_SLOTS]
    named.append(conversation.context.get("order_id"))
    for turn in reversed(turns):
        named += [
            each.get("value")
            for each in (turn.parse or {}).get("entities", [])
            if each.get("entity") == "order_number"
        ]
    return list(dict.fromkeys(str(each) for each in named if each))


def _number(slot: Any) -> Any:
    """The order that is talked about is remembered with the time at which it was."""
    return cast("Mapping[str, Any]", slot).get("number") if isinstance(slot, Mapping) else slot


def _visits(session: Session, conversation: Conversation, now: datetime) -> int:
    """How often the account came within 30 days, this time counted; a guest comes once."""
    if conversation.account_id is None:
        return 1
    return (
        session.scalar(
            select(func.count()).where(
                Conversation.profile == conversation.profile,
                Conversation.account_id == conversation.account_id,
                Conversation.created_at > now - VISITS,
            )
        )
        or 1
    )
