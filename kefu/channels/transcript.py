"""The talk as a text and as a page that the shopper can keep. Phone numbers are masked in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.privacy.mask import mask_export
from kefu.profiles import Profile
from kefu.store.database import utc_now
from kefu.store.tables import Document, Event

TEMPLATES = Path(__file__).with_name("templates")
SHOP_TIME = ZoneInfo("Asia/Shanghai")

RECALLED = "（消息已撤回）"

_SPEAKERS = {"shopper": "我", "bot": "智能客服", "agent": "人工客服", "system": "系统"}
_PAGES = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """``speaker``: how they are called; ``sender``: shopper, bot, agent or system."""

    at: str
    sender: str
    speaker: str
    text: str
    details: list[str]


def as_text(session: Session, conversation_id: str, profile: Profile) -> str:
    return "".join(_lines(entry) for entry in _entries(session, conversation_id, profile))


def as_page(session: Session, conversation_id: str, profile: Profile) -> str:
    """HTML to print or to save; it names its style sheet by a path on this server."""
    conversation = events.find(session, conversation_id)
    return _PAGES.get_template("transcript.html").render(
        brand=profile.brand,
        began=_time(conversation.created_at),
        printed=_time(utc_now()),
        entries=list(_entries(session, conversation_id, profile)),
    )


def _lines(entry: Entry) -> str:
    first = f"[{entry.at}] {entry.speaker}：{entry.text}"
    return "\n".join([first, *(f"    {detail}" for detail in entry.details)]) + "\n"


def _entries(session: Session, conversation_id: str, profile: Profile) -> Iterator[Entry]:
    rows = session.scalars(
        select(Event)
        .where(
            Event.conversation_id == conversation_id,
            Event.type.in_(("message", "rating")),
        )
        .order_by(Event.seq)
    )
    for row in rows:
        entry = _rating(row) if row.type == "rating" else _message(row)
        yield Entry(
            at=entry.at,
            sender=entry.sender,
            speaker=entry.speaker,
            text=mask_export(entry.text, profile.known_numbers),
            details=[mask_export(detail, profile.known_numbers) for detail in entry.details],
        )


def _message(row: Event) -> Entry:
    body = row.body
    sender = body["from"]
    speaker = body.get("name") or _SPEAKERS[sender]
    if body.get("recalled"):
        return Entry(_time(row.at), sender, speaker, RECALLED, [])
    return Entry(_time(row.at), sender, speaker, body.get("text") or "", list(_details(body)))


def _rating(row: Event) -> Entry:
    stars, text = row.body["stars"], row.body["text"]
    said = f"服务评价：{stars} 星{'，' if text else ''}{text}"
    return Entry(_time(row.at), "shopper", _SPEAKERS["shopper"], said, [])


def _details(body: Document) -> Iterator[str]:
    for card in body.get("cards") or ():
        if card["type"] == "article":
            yield f"帮助文章：{card['title']} {card['url']}"
        else:
            yield from _card(card)
    pictures = len(body.get("attachments") or ())
    if pictures:
        yield f"[图片 {pictures} 张]"


def _card(card: dict[str, Any]) -> Iterator[str]:
    number = card.get("rma_number") or card.get("order_number") or ""
    yield f"{number} {card.get('state_text', '')}".rstrip()
    for step in card.get("events") or ():
        yield f"{_time(datetime.fromisoformat(step['at']))} {step['text']}"


def _time(at: datetime) -> str:
    return at.astimezone(SHOP_TIME).strftime("%Y-%m-%d %H:%M:%S")
