"""The wait for a person: what a shopper hears meanwhile, and the way back to the bot."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kefu.conversation import events, state
from kefu.conversation.state import State
from kefu.store.tables import Conversation, Event, Message

# The one payload that the desk carries out itself, without a turn of the bot.
LEAVE_INTENT = "leave_queue"

NOTICE = "已收到，客服接入后会看到您的留言。"
LEAVE_BUTTON = {"title": "取消排队，继续问机器人", "payload": f"/{LEAVE_INTENT}"}
LEFT = "已为您取消排队，接下来由智能客服继续为您服务。"
NOT_WAITING = "您现在没有在排队，智能客服正在为您服务，请直接输入您的问题。"
TOO_LATE = "人工客服已经接入，请直接描述您的问题。"


def leave(session: Session, conversation: Conversation) -> None:
    """Give a locked conversation back to the bot; raises ``StateConflict`` unless it waits."""
    state.move(session, conversation, state.LEAVE_QUEUE, actor="shopper", reason=None)
    events.say(session, conversation, LEFT)


def press_leave(session: Session, conversation: Conversation) -> None:
    """The shopper pressed the button; whoever pressed it too late is told how things stand."""
    if conversation.state == State.WAITING:
        leave(session, conversation)
    else:
        late = TOO_LATE if conversation.state == State.ASSIGNED else NOT_WAITING
        events.say(session, conversation, late)


def acknowledge(session: Session, conversation: Conversation, seq: int) -> None:
    """Say once per wait that what the shopper wrote (event ``seq``) will be read."""
    began = (
        select(func.max(Event.seq))
        .where(Event.conversation_id == conversation.conversation_id, Event.type == "state")
        .scalar_subquery()
    )
    earlier = select(Message.message_id).where(
        Message.conversation_id == conversation.conversation_id,
        Message.author == "shopper",
        Message.seq > began,
        Message.seq < seq,
    )
    if session.scalar(earlier.limit(1)) is None:
        events.say(session, conversation, NOTICE, [LEAVE_BUTTON])
