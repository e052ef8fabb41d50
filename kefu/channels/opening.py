"""Open a conversation, or come back to one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kefu.channels import tokens
from kefu.channels.identity import Shopper
from kefu.conversation import events
from kefu.conversation.state import State
from kefu.profiles import Profile
from kefu.store.database import utc_now
from kefu.store.tables import Conversation

GUEST = "访客"


@dataclass(frozen=True, slots=True)
class Opened:
    conversation_id: str
    state: str
    last_seq: int
    resume_token: str


def open_conversation(
    session: Session,
    profile: Profile,
    shopper: Shopper | None,
    resume_token: str | None,
    context: dict[str, str],
) -> Opened:
    """Resume what ``resume_token`` stands for, or begin anew with a greeting.

    An account's conversation comes back only to that account: whoever finds the token on a shared
    computer begins anew. A guest who has logged in meanwhile keeps the conversation.
    """
    conversation = _resumable(session, profile, shopper, resume_token) if resume_token else None
    fresh_token = tokens.new_resume_token()
    if conversation is None:
        conversation = _begin(session, profile, shopper, fresh_token)
        conversation.context = context
        _greet(session, conversation, profile)
    else:
        # The token just used stays good until the new one is used: its answer may get lost.
        conversation.previous_resume_hash = tokens.resume_hash(resume_token or "")
        conversation.resume_hash = tokens.resume_hash(fresh_token)
        conversation.context = {**conversation.context, **context}
        if shopper and conversation.account_id is None:
            conversation.account_id = shopper.account_id
            conversation.shopper_name = _name(shopper)
            events.audit(session, conversation, "shopper", "log_in", account=shopper.account_id)
    return Opened(
        conversation.conversation_id, conversation.state, conversation.last_seq, fresh_token
    )


def _resumable(
    session: Session, profile: Profile, shopper: Shopper | None, resume_token: str
) -> Conversation | None:
    digest = tokens.resume_hash(resume_token)
    conversation = session.scalar(
        select(Conversation)
        .where(
            Conversation.profile == profile.profile,
            or_(Conversation.resume_hash == digest, Conversation.previous_resume_hash == digest),
        )
        .with_for_update()
    )
    if conversation is None or conversation.state == State.CLOSED:
        return None
    owner = conversation.account_id
    if owner is not None and owner != (shopper.account_id if shopper else None):
        return None
    return conversation


def _begin(
    session: Session, profile: Profile, shopper: Shopper | None, resume_token: str
) -> Conversation:
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


def _greet(session: Session, conversation: Conversation, profile: Profile) -> None:
    buttons = [
        {"title": entry.title, "payload": f"/{entry.intent}"} for entry in profile.quick_entries
    ]
    events.reply(session, conversation, {"text": profile.greeting, "buttons": buttons})


def _name(shopper: Shopper | None) -> str:
    if shopper is None:
        return GUEST
    return (shopper.name or f"顾客 {shopper.account_id}")[:80]
