"""The talk as a text that the shopper can keep."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.tables import Document, Event

SHOP_TIME = ZoneInfo("Asia/Shanghai")

_SPEAKERS = {"shopper": "我", "bot": "智能客服", "agent": "人工客服", "system": "系统"}


def as_text(session: Session, conversation_id: str) -> str:
    rows = session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation_id, Event.type == "message")
        .order_by(Event.seq)
    )
    return "".join(_entry(row.at, row.body) for row in rows)


def _entry(at: datetime, body: Document) -> str:
    time = at.astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M:%S")
    lines = [f"[{time}] {_SPEAKERS[body['from']]}：{body.get('text') or ''}"]
    for card in body.get("cards") or ():
        number = card.get("rma_number") or card.get("order_number") or ""
        lines.append(f"    {number} {card.get('state_text', '')}".rstrip())
    return "\n".join(lines) + "\n"
