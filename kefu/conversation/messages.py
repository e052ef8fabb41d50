"""Accept what a shopper writes: from then on it cannot be lost."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events, state, titles, waiting
from kefu.conversation.errors import MessageRefused
from kefu.conversation.state import State
from kefu.privacy.mask import mask_message
from kefu.profiles import Profile
from kefu.store.database import utc_now
from kefu.store.tables import Conversation, Document, Message

LONGEST_TEXT = 2000

SHOPPER = "shopper"
AGENT = "agent"

_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_KINDS = {
    "id_card": "身份证号",
    "bank_card": "银行卡号",
    "password": "密码",
    "code": "验证码",
}


@dataclass(frozen=True, slots=True)
class Accepted:
    """``seq`` of the shopper's event; ``needs_turn``: the bot has to answer."""

    seq: int
    needs_turn: bool


def accept(
    session: Session,
    conversation_id: str,
    client_message_id: str,
    profile: Profile,
    *,
    text: str | None = None,
    button_id: str | None = None,
) -> Accepted:
    """Store a message or a pressed button; the same client id again returns the first ``seq``.

    Raises ``MessageRefused``, ``ButtonUnknown``, ``ConversationClosed``, ``ConversationNotFound``.
    """
    conversation = events.lock(session, conversation_id)
    known = find(session, conversation_id, SHOPPER, client_message_id)
    if known:
        return Accepted(known.seq, known.status == "pending")
    state.require(conversation, State.BOT, State.WAITING, State.ASSIGNED)
    if (text is None) == (button_id is None):
        raise MessageRefused("exactly one of text and button")
    found: frozenset[str] = frozenset()
    if button_id is not None:
        shown, raw = events.button(session, conversation_id, button_id)
    else:
        masked = mask_message(clean(text or ""), profile.order_number_patterns)
        shown, found = masked.text, masked.found
        raw = _typed_button(session, conversation, shown)
    payload = _payload(raw, shown) if raw else None
    leaving = payload is not None and payload["intent"] == waiting.LEAVE_INTENT
    to_bot = conversation.state == State.BOT and not leaving
    seq = _store(
        session, conversation, SHOPPER, client_message_id, shown, payload=payload, to_bot=to_bot
    )
    if found:
        events.say(session, conversation, never_send(found))
    if leaving:
        waiting.press_leave(session, conversation)
    elif conversation.state == State.WAITING:
        waiting.acknowledge(session, conversation, seq)
    return Accepted(seq, to_bot)


def _typed_button(session: Session, conversation: Conversation, text: str) -> str | None:
    if conversation.state == State.ASSIGNED:
        return None
    return titles.payload_of(text, events.offered(session, conversation.conversation_id))


def _payload(raw: str, shown: str) -> Document:
    intent, entities = events.parse_payload(raw)
    return {"intent": intent, "entities": entities, "title": shown}


def write_as_agent(
    session: Session, conversation: Conversation, client_message_id: str, text: str, name: str
) -> int:
    """Store an agent's message in a locked conversation; returns its ``seq``.

    Without a ``name`` clients call the author simply an agent.
    """
    known = find(session, conversation.conversation_id, AGENT, client_message_id)
    if known:
        return known.seq
    more: dict[str, str] = {"name": name} if name else {}
    return _store(session, conversation, AGENT, client_message_id, clean(text), more=more)


def clean(text: str) -> str:
    """The text without what no database keeps; raises ``MessageRefused`` if nothing is left."""
    cleaned = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not cleaned:
        raise MessageRefused("the text is empty", title="消息不能为空，请输入您的问题。")
    if len(cleaned) > LONGEST_TEXT:
        raise MessageRefused(
            f"the text has {len(cleaned)} characters",
            title=f"消息太长了，请控制在 {LONGEST_TEXT} 字以内，分几条发送。",
        )
    return cleaned


def never_send(found: frozenset[str]) -> str:
    """What the shopper is told after sending something secret."""
    names = "、".join(name for kind, name in _KINDS.items() if kind in found)
    return (
        f"为了您的账户安全，我们已隐藏您消息中的{names}。"
        "客服不会向您索要身份证号、银行卡号、密码或验证码，请不要在聊天中发送。"
    )


def find(
    session: Session, conversation_id: str, author: str, client_message_id: str
) -> Message | None:
    return session.scalar(
        select(Message).where(
            Message.conversation_id == conversation_id,
            Message.author == author,
            Message.client_message_id == client_message_id,
        )
    )


def _store(
    session: Session,
    conversation: Conversation,
    author: str,
    client_message_id: str,
    text: str,
    *,
    payload: Document | None = None,
    to_bot: bool = False,
    more: Mapping[str, str] | None = None,
) -> int:
    body = {"from": author, "text": text, "client_message_id": client_message_id, **(more or {})}
    seq = events.append(session, conversation, "message", body)
    session.add(
        Message(
            conversation_id=conversation.conversation_id,
            profile=conversation.profile,
            author=author,
            client_message_id=client_message_id,
            seq=seq,
            text=text,
            payload=payload,
            status="pending" if to_bot else "person",
            created_at=utc_now(),
        )
    )
    return seq
