"""A code is asked for: by the bot in a turn, and for the second step of a change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.commands import Place, RequestCode
from kefu.notices.addresses import read_address
from kefu.store.database import after_commit, utc_now
from kefu.store.service_tables import Verification
from kefu.store.tables import Conversation
from kefu.verification import codes, limits, wording
from kefu.verification.errors import SendLimitReached


def request_code(key: bytes, wake: Callable[[], None], place: Place, command: RequestCode) -> None:
    """Carry out the bot's command: the code itself is sent after the commit, at ``wake``.

    Where no code may be sent the shopper is told why, and the turn is none the worse.
    """
    conversation = place.conversation
    refusal = _refusal(conversation, command)
    if refusal:
        events.say(place.session, conversation, refusal, [wording.PERSON_BUTTON])
        return
    named = None if command.purpose == "change_phone" else command.login
    counted = _counted(named or conversation.account_id or "")
    row = _row(
        conversation,
        codes.verify_id(f"{place.turn.turn_id}:{place.index}"),
        command.purpose,
        step="login" if named else "own",
        login_key=codes.login_key(key, conversation.profile, counted),
        now=utc_now(),
    )
    row.login = named
    row.account_id = None if named else conversation.account_id
    row.phone = command.phone
    try:
        add(place.session, conversation, row)
    except SendLimitReached as limit:
        events.say(place.session, conversation, limit.sentence, [wording.PERSON_BUTTON])
        return
    after_commit(place.session, wake)


def add(session: Session, conversation: Conversation, row: Verification) -> None:
    """Count the send and put the request where it is taken up; older ones are over.

    Raises ``SendLimitReached``, with nothing written.
    """
    limits.spend(
        session,
        profile=row.profile,
        verify_id=row.verify_id,
        login_key=row.login_key,
        address_key=conversation.address_key,
        now=row.created_at,
    )
    session.execute(
        update(Verification)
        .where(
            Verification.conversation_id == row.conversation_id,
            Verification.state.in_(("requested", "open")),
        )
        .values(state="replaced", due_at=None, login=None)
    )
    session.add(row)
    events.audit(
        session,
        conversation,
        "shopper",
        "request_code",
        verify_id=row.verify_id,
        purpose=row.purpose,
        step=row.step,
    )


def second_step(key: bytes, conversation: Conversation, first: Verification) -> Verification:
    """The request for a code to the new phone, once the account's owner is known."""
    row = _row(
        conversation,
        codes.verify_id(f"{first.verify_id}:new"),
        first.purpose,
        step="new",
        login_key=codes.login_key(key, first.profile, f"new:{first.phone}"),
        now=utc_now(),
    )
    row.account_id, row.phone = first.account_id, first.phone
    return row


def _row(
    conversation: Conversation,
    verify_id: str,
    purpose: str,
    *,
    step: str,
    login_key: str,
    now: datetime,
) -> Verification:
    return Verification(
        verify_id=verify_id,
        profile=conversation.profile,
        conversation_id=conversation.conversation_id,
        purpose=purpose,
        step=step,
        state="requested",
        login_key=login_key,
        wrong_tries=0,
        sends=1,
        failures=0,
        due_at=now,
        created_at=now,
        updated_at=now,
    )


def _refusal(conversation: Conversation, command: RequestCode) -> str | None:
    if conversation.account_id is not None:
        return None
    if command.purpose == "change_phone":
        return wording.SIGN_IN
    return None if command.login else wording.NAME_ACCOUNT


def _counted(login: str) -> str:
    """One form for one login: a plain phone number, a small-lettered e-mail, a trimmed id."""
    address = read_address(login)
    return address.value if address else login.strip().lower()
