"""The events of a conversation: numbered without a gap, the same for everyone who reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kefu.conversation.errors import ButtonUnknown, ConversationNotFound, TurnRefused
from kefu.store.channel_tables import WebhookDelivery
from kefu.store.database import touch, utc_now
from kefu.store.tables import Audit, Conversation, Document, Event

MESSAGE = "message"
RECALLED = "recalled"

PAGE = 200
RECENT = 50

# Nine digits stay below what a database's integer holds.
BUTTON_ID = r"^[0-9]{1,9}\.[0-9]{1,3}$"

# What happens only if the desk says so: no button may carry them.
CODE_VERIFIED = "code_verified"
PICTURE_SENT = "picture_sent"
TRIGGER_INTENTS = frozenset({CODE_VERIFIED, PICTURE_SENT})

_PAYLOAD = re.compile(r"/(?P<intent>[A-Za-z_][A-Za-z0-9_]*)(?P<entities>\{.*\})?", re.DOTALL)


def lock(session: Session, conversation_id: str) -> Conversation:
    """The conversation, locked until the transaction ends; raises ``ConversationNotFound``."""
    conversation = session.get(
        Conversation, conversation_id, with_for_update=True, populate_existing=True
    )
    if conversation is None:
        raise ConversationNotFound("no such conversation")
    return conversation


def find(session: Session, conversation_id: str) -> Conversation:
    """The conversation, to read; raises ``ConversationNotFound``."""
    conversation = session.get(Conversation, conversation_id)
    if conversation is None:
        raise ConversationNotFound("no such conversation")
    return conversation


def append(
    session: Session,
    conversation: Conversation,
    type_: str,
    body: Document,
    payloads: dict[str, str] | None = None,
) -> int:
    """Add an event to a locked conversation; returns its ``seq``."""
    now = utc_now()
    conversation.last_seq += 1
    conversation.updated_at = now
    if type_ == "message" and body.get("from") != "system":
        conversation.last_from, conversation.last_at = body.get("from"), now
        if body.get("text"):
            conversation.last_text = body["text"]
    session.add(
        Event(
            conversation_id=conversation.conversation_id,
            seq=conversation.last_seq,
            profile=conversation.profile,
            at=now,
            type=type_,
            body=body,
            payloads=payloads or None,
        )
    )
    if conversation.channel is not None:
        _make_due(session, conversation.conversation_id, now)
    touch(session, conversation.conversation_id)
    return conversation.last_seq


def _make_due(session: Session, conversation_id: str, now: datetime) -> None:
    """Have the event delivered. The row is written in any case: it makes a desk that has just
    found nothing more to deliver wait for this transaction and look again."""
    session.execute(
        update(WebhookDelivery)
        .where(WebhookDelivery.conversation_id == conversation_id)
        .values(due_at=func.coalesce(WebhookDelivery.due_at, now)),
        execution_options={"synchronize_session": False},
    )


def say(
    session: Session,
    conversation: Conversation,
    text: str,
    buttons: Iterable[Mapping[str, Any]] = (),
    **more: Any,
) -> int:
    """A message from the system to everyone in the conversation; buttons as in ``reply``."""
    payloads: dict[str, str] = {}
    body: Document = {"from": "system", "text": text, **more}
    shown = _strip(conversation.last_seq + 1, buttons, payloads)
    if shown:
        body["buttons"] = shown
    return append(session, conversation, "message", body, payloads)


def reply(
    session: Session, conversation: Conversation, reply_: Mapping[str, Any], **more: Any
) -> int:
    """A message from the bot; the payloads of its buttons stay on the server.

    ``reply_``: ``{text, buttons: [{title, payload}], cards: [...]}``. Raises ``TurnRefused`` for a
    button whose payload is not ``/intent{...}``.
    """
    payloads: dict[str, str] = {}
    seq = conversation.last_seq + 1
    body: Document = {"from": "bot", "text": reply_.get("text"), **more}
    body["buttons"] = _strip(seq, reply_.get("buttons"), payloads)
    body["cards"] = [
        {**card, "buttons": _strip(seq, card.get("buttons"), payloads)}
        for card in reply_.get("cards") or ()
    ]
    body["attachments"] = []
    return append(session, conversation, "message", body, payloads)


def _strip(
    seq: int, buttons: Iterable[Mapping[str, Any]] | None, payloads: dict[str, str]
) -> list[Document]:
    """The buttons as they are shown; their payloads are added to ``payloads``."""
    shown: list[Document] = []
    for button in buttons or ():
        intent, _ = parse_payload(str(button.get("payload")))
        if intent in TRIGGER_INTENTS:
            raise TurnRefused("a button may not carry a trigger intent")
        button_id = f"{seq}.{len(payloads)}"
        payloads[button_id] = json.dumps([str(button["title"]), button["payload"]])
        shown.append({"id": button_id, "title": str(button["title"])})
    return shown


def parse_payload(payload: str) -> tuple[str, Document]:
    """Intent and entities of a button payload; raises ``TurnRefused``."""
    match = _PAYLOAD.fullmatch(payload)
    if not match:
        raise TurnRefused("a button payload is not /intent{...}")
    try:
        entities: Document = json.loads(match["entities"] or "{}")
    except ValueError as error:
        raise TurnRefused("the entities of a button payload are not JSON") from error
    return match["intent"], entities


def button(session: Session, conversation_id: str, button_id: str) -> tuple[str, str]:
    """Title and payload of a button that was shown; raises ``ButtonUnknown``."""
    if not re.fullmatch(BUTTON_ID, button_id):
        raise ButtonUnknown("no button has an id like this")
    event = session.get(Event, (conversation_id, int(button_id.partition(".")[0])))
    entry = (event.payloads or {}).get(button_id) if event else None
    if entry is None:
        raise ButtonUnknown("no such button")
    title, payload = json.loads(entry)
    return title, payload


def offered(session: Session, conversation_id: str) -> list[tuple[str, str]]:
    """Title and payload of every button shown since the shopper's last message."""
    recent = session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation_id, Event.type == "message")
        .order_by(Event.seq.desc())
        .limit(RECENT)
    )
    found: list[tuple[str, str]] = []
    for event in recent:
        if event.body.get("from") == "shopper":
            break
        found += [
            (title, payload) for title, payload in map(json.loads, (event.payloads or {}).values())
        ]
    return found


def since(session: Session, conversation_id: str, after: int, limit: int = PAGE) -> list[Document]:
    """Events with ``seq`` above ``after``, oldest first, as shoppers and agents read them."""
    rows = session.scalars(
        select(Event)
        .where(Event.conversation_id == conversation_id, Event.seq > after)
        .order_by(Event.seq)
        .limit(limit)
    )
    return [
        {"seq": row.seq, "at": row.at.isoformat(), "type": row.type, **row.body} for row in rows
    ]


def newest(session: Session, conversation_ids: Sequence[str]) -> dict[str, int]:
    """The last ``seq`` of each of these conversations."""
    query = select(Conversation.conversation_id, Conversation.last_seq).where(
        Conversation.conversation_id.in_(conversation_ids)
    )
    return dict(session.execute(query).tuples().all())


def apply(view: Mapping[str, Any], events: Iterable[Mapping[str, Any]]) -> Document:
    """What a client shows after more events: ``{state, last_seq, messages}``.

    Events already seen are skipped, so a client may receive the same ones twice. This is the
    reference of what the web and app clients do.
    """
    state, last_seq, messages = view["state"], view["last_seq"], list(view["messages"])
    for event in events:
        if "seq" not in event or event["seq"] <= last_seq:
            continue
        if event["seq"] != last_seq + 1:
            raise ValueError(f"a gap between {last_seq} and {event['seq']}")
        last_seq = event["seq"]
        if event["type"] == "state":
            state = event["state"]
        elif event["type"] == MESSAGE:
            messages.append(dict(event))
        elif event["type"] == RECALLED:
            gone = event["recalled"]
            messages = [emptied(each) if each["seq"] == gone else each for each in messages]
    return {"state": state, "last_seq": last_seq, "messages": messages}


def emptied(message: Mapping[str, Any]) -> Document:
    """A message, or the body of its event, once it was recalled: who wrote it, and nothing else."""
    kept = ("seq", "at", "type", "from", "name", "client_message_id")
    left = {name: message[name] for name in kept if name in message}
    return {**left, "text": None, "recalled": True}


def audit(
    session: Session, conversation: Conversation, actor: str, action: str, **detail: Any
) -> None:
    """Note who did what; in the same transaction as the deed."""
    session.add(
        Audit(
            profile=conversation.profile,
            at=utc_now(),
            actor=actor,
            action=action,
            subject=conversation.conversation_id,
            detail=detail,
        )
    )
