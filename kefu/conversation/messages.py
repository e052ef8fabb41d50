"""Accept what a shopper writes: from then on it cannot be lost."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events, record, state, titles, waiting
from kefu.conversation.errors import MessageRefused
from kefu.conversation.state import State
from kefu.privacy.mask import mask_message
from kefu.profiles import Profile
from kefu.store.database import utc_now
from kefu.store.service_tables import Verification
from kefu.store.tables import Conversation, Document, Message

LONGEST_TEXT = 2000
# A code is typed into the chat rather than into its input for a while after it was sent.
CODE_LINGERS = timedelta(minutes=15)
USE_INPUT = (
    "为了您的账户安全，我们已隐藏您发送的验证码。"
    "请把验证码填在上方的验证码输入框里，不要在聊天中发送，也不要告诉任何人。"
)

SHOPPER = "shopper"
AGENT = "agent"

# Controls, what turns the direction of the words around it, halves of characters and what is none.
_UNWRITABLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
# Composing a letter takes the square of its marks. A piece ends where nothing can be composed with
# what stands before it, if there is such a place.
_PIECE = re.compile(r".{1,500}[^\x00-\u02ff\u4e00-\u9fff]{0,100}", re.DOTALL)
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
        awaited = _awaits_code(session, conversation_id)
        masked = mask_message(clean(text or ""), profile.known_numbers, code_awaited=awaited)
        shown, found = masked.text, masked.found
        raw = _typed_button(session, conversation, shown)
    payload = _payload(raw, shown) if raw else None
    leaving = payload is not None and payload["intent"] == waiting.LEAVE_INTENT
    only_code = found == frozenset({"code"}) and not shown.strip("* -")
    to_bot = conversation.state == State.BOT and not leaving and not only_code
    seq = store(
        session, conversation, SHOPPER, client_message_id, shown, payload=payload, to_bot=to_bot
    )
    if found:
        events.say(session, conversation, USE_INPUT if only_code else never_send(found))
    if leaving:
        waiting.press_leave(session, conversation)
    elif conversation.state == State.WAITING:
        waiting.acknowledge(session, conversation, seq)
    return Accepted(seq, to_bot)


def _awaits_code(session: Session, conversation_id: str) -> bool:
    recent = select(Verification.verify_id).where(
        Verification.conversation_id == conversation_id,
        Verification.state.in_(("requested", "open")),
        Verification.updated_at > utc_now() - CODE_LINGERS,
    )
    return session.scalar(recent.limit(1)) is not None


def _typed_button(session: Session, conversation: Conversation, text: str) -> str | None:
    if conversation.state == State.ASSIGNED:
        return None
    return titles.payload_of(text, events.offered(session, conversation.conversation_id))


def _payload(raw: str, shown: str) -> Document:
    intent, entities = events.parse_payload(raw)
    return {"intent": intent, "entities": entities, "title": shown}


def write_as_agent(
    session: Session,
    conversation: Conversation,
    client_message_id: str,
    text: str,
    name: str,
    *,
    staff_id: int,
    more: Mapping[str, Any] | None = None,
) -> int:
    """Store an agent's message in a locked conversation, with ``more`` in it; returns its ``seq``.

    Without a ``name`` clients call the author simply an agent.
    """
    known = find(session, conversation.conversation_id, AGENT, client_message_id)
    if known:
        return known.seq
    named = {**({"name": name} if name else {}), **(more or {})}
    seq = store(
        session,
        conversation,
        AGENT,
        client_message_id,
        clean(text),
        more=named,
        staff_id=staff_id,
    )
    record.answered(session, conversation, utc_now())
    return seq


def clean(text: str) -> str:
    """The tidy text; raises ``MessageRefused`` if nothing is left."""
    cleaned = tidy(text)
    if not cleaned:
        raise MessageRefused("the text is empty", title="消息不能为空，请输入您的问题。")
    if len(cleaned) > LONGEST_TEXT:
        raise MessageRefused(
            f"the text has {len(cleaned)} characters",
            title=f"消息太长了，请控制在 {LONGEST_TEXT} 字以内，分几条发送。",
        )
    return cleaned


def tidy(text: str) -> str:
    """The text composed (NFC), with plain line ends and nothing unwritable; perhaps nothing."""
    plain = _UNWRITABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _PIECE.sub(lambda piece: unicodedata.normalize("NFC", piece[0]), plain).strip()


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


def store(
    session: Session,
    conversation: Conversation,
    author: str,
    client_message_id: str,
    text: str,
    *,
    payload: Document | None = None,
    to_bot: bool = False,
    more: Mapping[str, Any] | None = None,
    staff_id: int | None = None,
) -> int:
    """Write a new message and its event, with ``more`` in it; the event's ``seq``."""
    body = {"from": author, "text": text, "client_message_id": client_message_id, **(more or {})}
    seq = events.append(session, conversation, "message", body)
    if author == SHOPPER and not to_bot:
        conversation.unread += 1
        conversation.waits_since = conversation.waits_since or utc_now()
    session.add(
        Message(
            conversation_id=conversation.conversation_id,
            profile=conversation.profile,
            author=author,
            staff_id=staff_id,
            client_message_id=client_message_id,
            seq=seq,
            text=text,
            payload=payload,
            status="pending" if to_bot else "person",
            created_at=utc_now(),
        )
    )
    return seq
