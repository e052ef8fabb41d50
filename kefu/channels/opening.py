"""Open a conversation, or come back to one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kefu.channels import tokens
from kefu.channels.identity import Shopper
from kefu.channels.words import name_of
from kefu.conversation import events
from kefu.conversation.state import State
from kefu.profiles import Profile
from kefu.store.database import utc_now
from kefu.store.tables import Conversation

GUEST = "访客"
ENDED_STAYS = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation as its client needs to know it."""

    conversation_id: str
    state: str
    last_seq: int
    resume_token: str
    context: dict[str, str]


def open_conversation(
    session: Session,
    profile: Profile,
    shopper: Shopper | None,
    resume_token: str | None,
    context: dict[str, str],
    *,
    address_key: str | None = None,
    ended_too: bool = False,
) -> Opened:
    """Resume what ``resume_token`` stands for, or begin anew with a greeting.

    An account's conversation comes back only to that account: whoever finds the token on a shared
    computer begins anew. A guest who has logged in meanwhile keeps the conversation. With
    ``ended_too`` a talk that ended less than a day ago comes back as well; without it, the token
    of an ended talk stands for the one that was begun with it.
    """
    used = tokens.resume_hash(resume_token) if resume_token else ""
    known = _known(session, profile, shopper, used) if used else None
    fresh_token = tokens.new_resume_token()
    # The token just used stays good until the new one is used: its answer may get lost, and another
    # window may not have heard of it yet.
    if known is None or not _goes_on(known, ended_too=ended_too):
        conversation = begin(session, profile, shopper, fresh_token)
        conversation.context = context
        if known is not None:
            _forget_tokens(session, known)
            conversation.previous_resume_hash = used
        greet(session, conversation, profile)
    else:
        conversation = known
        conversation.previous_resume_hash = used
        conversation.resume_hash = tokens.resume_hash(fresh_token)
        conversation.context = {**conversation.context, **context}
        if shopper and conversation.account_id is None:
            log_in(session, conversation, shopper)
    conversation.address_key = address_key
    return Opened(
        conversation_id=conversation.conversation_id,
        state=conversation.state,
        last_seq=conversation.last_seq,
        resume_token=fresh_token,
        context=conversation.context,
    )


def _known(
    session: Session, profile: Profile, shopper: Shopper | None, digest: str
) -> Conversation | None:
    """What the resume token with this ``resume_hash`` stands for, if it is the shopper's to see."""
    conversation = session.scalar(
        select(Conversation)
        .where(
            Conversation.profile == profile.profile,
            or_(Conversation.resume_hash == digest, Conversation.previous_resume_hash == digest),
        )
        .with_for_update()
    )
    owner = conversation.account_id if conversation else None
    if owner is not None and owner != (shopper.account_id if shopper else None):
        return None
    return conversation


def _goes_on(conversation: Conversation, *, ended_too: bool) -> bool:
    readable = ended_too and utc_now() - conversation.state_since < ENDED_STAYS
    return conversation.state != State.CLOSED or readable


def _forget_tokens(session: Session, conversation: Conversation) -> None:
    conversation.resume_hash = tokens.resume_hash(tokens.new_resume_token())
    conversation.previous_resume_hash = None
    session.flush()


def log_in(session: Session, conversation: Conversation, shopper: Shopper) -> None:
    """A guest's conversation becomes the account's."""
    conversation.account_id = shopper.account_id
    conversation.shopper_name = _name(shopper)
    events.audit(session, conversation, "shopper", "log_in", account=shopper.account_id)


def begin(
    session: Session, profile: Profile, shopper: Shopper | None, resume_token: str
) -> Conversation:
    """A new conversation without an event yet."""
    now = utc_now()
    conversation = Conversation(
        conversation_id=uuid.uuid4().hex,
        profile=profile.profile,
        account_id=shopper.account_id if shopper else None,
        shopper_name=_name(shopper),
        state=State.BOT.value,
        state_since=now,
        note="",
        last_seq=0,
        last_text="",
        tracker=None,
        tracker_version=0,
        verified_orders=[],
        context={},
        resume_hash=tokens.resume_hash(resume_token),
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


def greet(session: Session, conversation: Conversation, profile: Profile) -> None:
    """The brand's first words, with its quick entries."""
    buttons = [
        {"title": entry.title, "payload": f"/{entry.intent}"} for entry in profile.quick_entries
    ]
    events.reply(session, conversation, {"text": profile.greeting_text, "buttons": buttons})


def _name(shopper: Shopper | None) -> str:
    if shopper is None:
        return GUEST
    return name_of(shopper.name or "") or name_of(f"顾客 {shopper.account_id}")
