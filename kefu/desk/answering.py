"""What an agent sends to the shopper, and takes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.conversation import events, messages, state
from kefu.conversation.errors import MessageRefused
from kefu.conversation.messages import AGENT, SHOPPER
from kefu.conversation.picture_messages import PLACEHOLDER
from kefu.desk import drafts
from kefu.desk.errors import MessageNotFound, MessageNotYours, NewerMessages, RecallTooLate
from kefu.desk.scope import Scope
from kefu.handoff.queue import shown_name
from kefu.knowledge.articles import Article
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.handoff_tables import Handoff
from kefu.store.tables import Conversation, Event, Message

RECALL_WITHIN = timedelta(minutes=2)
RECALLED_TEXT = "消息已撤回"
LOOKED_BACK = 50


@dataclass(frozen=True, slots=True)
class Recalled:
    """``seq`` of the event that says so; the pictures that went with the message, to remove."""

    seq: int
    profile: str
    pictures: Sequence[str] = ()


def answer(
    session: Session,
    conversation_id: str,
    scope: Scope,
    *,
    client_message_id: str,
    text: str,
    attachment_id: str | None = None,
    cards: Callable[[], Sequence[Document]] = tuple,
    seen_seq: int | None = None,
) -> int:
    """Write to the shopper; the event's ``seq``, the same for the same id.

    ``cards`` gives what goes with the text, and is asked only for a message that is new.

    Raises ``NewerMessages`` where somebody else has written behind ``seen_seq``, ``StateConflict``
    where the talk is another's, ``MessageRefused``, ``AttachmentNotFound``, ``AttachmentSent``.
    """
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    fresh = messages.find(session, conversation_id, AGENT, client_message_id) is None
    more: dict[str, Any] = {}
    if fresh:
        state.require_owner(session, conversation, scope.staff_id)
        _require_seen(session, conversation_id, scope.staff_id, seen_seq)
        drafts.drop(session, conversation_id, scope.staff_id)
        attached = list(cards())
        more = {"cards": attached} if attached else {}
    if attachment_id is not None:
        if text.strip():
            raise MessageRefused("a text and a picture", title="文字和图片请分两条发送。")
        more = _picture(session, conversation, scope, attachment_id) if fresh else {}
        text = PLACEHOLDER
    return _write(session, conversation, scope, client_message_id, text, more=more)


def send_article(
    session: Session,
    conversation_id: str,
    scope: Scope,
    *,
    client_message_id: str,
    article: Article,
    url: str,
) -> int:
    """Send a help article as a card; the event's ``seq``."""
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    if messages.find(session, conversation_id, AGENT, client_message_id) is None:
        state.require_owner(session, conversation, scope.staff_id)
    card = {"type": "article", "title": article.title, "section": "", "url": url}
    text = f"您可以看看这篇说明：《{article.title}》"
    more: Document = {"cards": [card]}
    return _write(session, conversation, scope, client_message_id, text, more=more)


def recall(session: Session, conversation_id: str, scope: Scope, seq: int) -> Recalled:
    """Take one's own message back, within two minutes; the words are gone for good.

    Twice is no error. Raises ``MessageNotFound``, ``MessageNotYours``, ``RecallTooLate``.
    """
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    event = session.get(Event, (conversation_id, seq))
    message = session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.seq == seq,
            Message.author == AGENT,
        )
    )
    if event is None or message is None:
        raise MessageNotFound("no agent's message has this number")
    if message.staff_id != scope.staff_id:
        raise MessageNotYours("a colleague wrote it")
    if event.body.get("recalled"):
        return Recalled(_recalled_by(session, conversation_id, seq), conversation.profile)
    if utc_now() - event.at > RECALL_WITHIN:
        raise RecallTooLate("two minutes are over")
    pictures = [str(each["id"]) for each in event.body.get("attachments") or ()]
    rows.remove(session, pictures)
    event.body, event.payloads = events.emptied(event.body), None
    message.text = ""
    _forget_in_packets(session, conversation_id, event.at)
    _tell_lists(session, conversation, seq)
    events.audit(session, conversation, f"staff:{scope.staff_id}", "recall", seq=seq)
    own = events.append(session, conversation, events.RECALLED, {"recalled": seq})
    return Recalled(own, conversation.profile, pictures)


def _write(
    session: Session,
    conversation: Conversation,
    scope: Scope,
    client_message_id: str,
    text: str,
    *,
    more: Document,
) -> int:
    return messages.write_as_agent(
        session,
        conversation,
        client_message_id,
        text,
        shown_name(scope.member.staff),
        staff_id=scope.staff_id,
        more=more,
    )


def _picture(
    session: Session, conversation: Conversation, scope: Scope, attachment_id: str
) -> Document:
    """What the message holds besides the text that stands for its picture."""
    shown = rows.send(session, conversation, attachment_id, staff_id=scope.staff_id)
    return {"attachments": [shown]}


def _require_seen(
    session: Session, conversation_id: str, staff_id: int, seen_seq: int | None
) -> None:
    if seen_seq is None:
        return
    others = or_(
        Message.author == SHOPPER,
        and_(Message.author == AGENT, Message.staff_id.is_distinct_from(staff_id)),
    )
    newest = session.scalar(
        select(func.max(Message.seq)).where(
            Message.conversation_id == conversation_id, Message.seq > seen_seq, others
        )
    )
    if newest is not None:
        raise NewerMessages(newest)


def _recalled_by(session: Session, conversation_id: str, seq: int) -> int:
    rows_ = session.scalars(
        select(Event).where(
            Event.conversation_id == conversation_id,
            Event.type == events.RECALLED,
            Event.seq > seq,
        )
    )
    return next(row.seq for row in rows_ if row.body["recalled"] == seq)


def _forget_in_packets(session: Session, conversation_id: str, at: datetime) -> None:
    """A call for a person may have frozen it a moment ago."""
    handoffs = session.scalars(select(Handoff).where(Handoff.conversation_id == conversation_id))
    for handoff in handoffs:
        packet: Document = handoff.packet or {}
        said: list[Document] = packet.get("transcript") or []
        kept = [each for each in said if (each["from"], each["at"]) != (AGENT, at.isoformat())]
        if len(kept) < len(said):
            handoff.packet = {**packet, "transcript": kept}


def _tell_lists(session: Session, conversation: Conversation, seq: int) -> None:
    """Lists quote the last message: no longer this one."""
    recent = session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation.conversation_id, Event.type == events.MESSAGE)
        .order_by(Event.seq.desc())
        .limit(LOOKED_BACK)
    )
    last = next((each.seq for each in recent if each.body.get("from") != "system"), None)
    if last == seq:
        conversation.last_text = RECALLED_TEXT
