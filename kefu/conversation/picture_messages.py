"""A picture as a message of the shopper's, and as a turn of the bot, which cannot see it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from kefu.attachments import rows
from kefu.conversation import events, messages, state, waiting
from kefu.conversation.messages import SHOPPER, Accepted
from kefu.conversation.state import State

# What stands for it wherever there are only words.
PLACEHOLDER = "[图片]"


def accept(
    session: Session, conversation_id: str, client_message_id: str, attachment_id: str
) -> Accepted:
    """Store a picture's message; the same client id again returns the first ``seq``.

    Raises ``AttachmentNotFound``, ``AttachmentSent``, ``ConversationClosed``,
    ``ConversationNotFound``.
    """
    conversation = events.lock(session, conversation_id)
    known = messages.find(session, conversation_id, SHOPPER, client_message_id)
    if known:
        return Accepted(known.seq, known.status == "pending")
    state.require(conversation, State.BOT, State.WAITING, State.ASSIGNED)
    shown = rows.send(session, conversation, attachment_id)
    to_bot = conversation.state == State.BOT
    seq = messages.store(
        session,
        conversation,
        SHOPPER,
        client_message_id,
        PLACEHOLDER,
        payload={
            "intent": events.PICTURE_SENT,
            "entities": {"attachment_id": attachment_id},
            "title": PLACEHOLDER,
        },
        to_bot=to_bot,
        more={"attachments": [shown]},
    )
    if conversation.state == State.WAITING:
        waiting.acknowledge(session, conversation, seq)
    return Accepted(seq, to_bot)
