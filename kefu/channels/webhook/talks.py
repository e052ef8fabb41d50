"""The talk of a user of a shop's server: found, begun, written to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kefu.channels import opening, tokens
from kefu.channels.identity import Shopper
from kefu.channels.webhook.bodies import User
from kefu.channels.words import name_of
from kefu.conversation import events
from kefu.conversation.errors import ConversationNotFound
from kefu.conversation.messages import Accepted
from kefu.conversation.state import State
from kefu.handoff import queue
from kefu.profiles import Profile
from kefu.store.channel_tables import WebhookDelivery, WebhookMessage, WebhookUser
from kefu.store.database import lock_name, utc_now
from kefu.store.tables import Conversation

CHANNEL = "webhook"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message on its way in; ``store`` writes it to the talk of this id.

    ``user_key`` is a keyed hash of the user, against which one-time codes count.
    """

    user: User
    message_id: str
    sent_at: datetime | None
    context: dict[str, str]
    user_key: str
    store: Callable[[Session, str], Accepted]


@dataclass(frozen=True, slots=True)
class Stored:
    seq: int
    conversation_id: str
    needs_turn: bool = False


def known(session: Session, profile: str, user_id: str, message_id: str) -> Stored | None:
    """How the message was answered, if it came before."""
    row = session.get(WebhookMessage, (profile, user_id, message_id))
    return Stored(row.seq, row.conversation_id) if row else None


def accept(session: Session, profile: Profile, message: Incoming) -> Stored:
    """Store a message in the user's open talk, or in a new one; the same id is stored once.

    Raises what ``message.store`` does, with nothing written and no talk begun.
    """
    user = message.user
    lock_name(session, f"webhook {profile.profile} {user.id}")
    before = known(session, profile.profile, user.id, message.message_id)
    if before:
        return before
    conversation = _talk(session, profile, user)
    conversation.context = {**conversation.context, **message.context}
    conversation.address_key = message.user_key
    session.flush()
    accepted = message.store(session, conversation.conversation_id)
    session.add(
        WebhookMessage(
            profile=profile.profile,
            user_id=user.id,
            message_id=message.message_id,
            conversation_id=conversation.conversation_id,
            seq=accepted.seq,
            sent_at=message.sent_at,
            created_at=utc_now(),
        )
    )
    return Stored(accepted.seq, conversation.conversation_id, accepted.needs_turn)


def own(session: Session, profile: str, user: User, conversation_id: str) -> Conversation:
    """The user's own talk, closed ones too; another's is ``ConversationNotFound``.

    An account's talk is that of whoever is signed in to it.
    """
    delivery = session.get(WebhookDelivery, conversation_id)
    if delivery is None or (delivery.profile, delivery.user_id) != (profile, user.id):
        raise ConversationNotFound("no such conversation of this user")
    conversation = events.find(session, conversation_id)
    if conversation.account_id not in {None, user.account_id}:
        raise ConversationNotFound("the conversation is an account's")
    return conversation


def _talk(session: Session, profile: Profile, user: User) -> Conversation:
    """The open talk of a user whose name is locked, or a new one.

    Whoever has signed out, or in to another account, begins anew: the old talk ends.
    """
    row = session.get(WebhookUser, (profile.profile, user.id))
    conversation = events.lock(session, row.conversation_id) if row else None
    shopper = Shopper(user.account_id, user.name) if user.account_id else None
    if conversation is None or conversation.state == State.CLOSED:
        return _begin(session, profile, user, shopper, row)
    if conversation.account_id not in {None, user.account_id}:
        queue.leave(session, conversation.conversation_id)
        return _begin(session, profile, user, shopper, row)
    if shopper and conversation.account_id is None:
        opening.log_in(session, conversation, shopper)
    return conversation


def _begin(
    session: Session,
    profile: Profile,
    user: User,
    shopper: Shopper | None,
    row: WebhookUser | None,
) -> Conversation:
    # Nobody is handed the token: the channel is the only way to this talk.
    conversation = opening.begin(session, profile, shopper, tokens.new_resume_token())
    conversation.channel = CHANNEL
    name = name_of(user.name or "")
    if shopper is None and name:
        conversation.shopper_name = name
    conversation_id = conversation.conversation_id
    session.add(
        WebhookDelivery(
            conversation_id=conversation_id,
            profile=profile.profile,
            user_id=user.id,
            delivered_seq=0,
            tries=0,
        )
    )
    if row:
        row.conversation_id = conversation_id
    else:
        session.add(
            WebhookUser(profile=profile.profile, user_id=user.id, conversation_id=conversation_id)
        )
    opening.greet(session, conversation, profile)
    return conversation
