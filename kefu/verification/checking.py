"""A code is entered, or another is asked for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from kefu.conversation import events, state, triggers
from kefu.conversation.state import State
from kefu.errors import KefuError
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.service_tables import Verification
from kefu.store.tables import Conversation
from kefu.turn_token import Verified
from kefu.verification import codes, limits, requests, wording
from kefu.verification.errors import (
    CodeExpired,
    CodeWrong,
    ResendTooEarly,
    SendLimitReached,
    TooManyTries,
    VerificationNotFound,
    VerificationOver,
)


@dataclass(frozen=True, slots=True)
class Passed:
    """The code was right; ``done``: nothing more is to be proved; ``needs_turn``: the bot acts."""

    purpose: str
    done: bool
    needs_turn: bool


def check(
    session: Session, conversation_id: str, verify_id: str, code: str, key: bytes
) -> Passed | KefuError:
    """Compare ``code`` with the one that was sent.

    A wrong one is counted, so its error is returned and not raised: the count has to be committed.
    Raises ``VerificationNotFound``, ``VerificationOver`` or ``ConversationClosed``.
    """
    conversation, row = _locked(session, conversation_id, verify_id)
    fits = codes.fits(key, verify_id, row.sends, code, row.code_hash) and bool(row.account_id)
    if row.state == "passed" and fits:
        return Passed(row.purpose, done=_is_last(row), needs_turn=False)
    now = utc_now()
    _require_open(row)
    refusal = _refusal(row, now) or (None if fits else _count_wrong(session, conversation, row))
    if refusal:
        return refusal
    if _is_last(row):
        return _finish(session, conversation, row, now)
    try:
        requests.add(session, conversation, requests.second_step(key, conversation, row))
    except SendLimitReached as limit:
        return limit
    _close(row, now)
    return Passed(row.purpose, done=False, needs_turn=False)


def resend(
    session: Session, conversation_id: str, verify_id: str, key: bytes, address_key: str | None
) -> Document:
    """Have another code sent, which makes the one before worthless; the new event's body.

    Raises what ``check`` raises, ``ResendTooEarly`` or ``SendLimitReached``.
    """
    conversation, row = _locked(session, conversation_id, verify_id)
    _require_open(row)
    now = utc_now()
    if row.resend_at and row.resend_at > now:
        raise ResendTooEarly(-(-int((row.resend_at - now).total_seconds() * 1000) // 1000))
    limits.spend(
        session,
        profile=row.profile,
        verify_id=verify_id,
        login_key=row.login_key,
        address_key=address_key,
        now=now,
    )
    row.sends += 1
    row.failures = 0
    row.due_at = now
    return ask(session, conversation, row, key)


def ask(session: Session, conversation: Conversation, row: Verification, key: bytes) -> Document:
    """Fix the code of the present send and ask for it; the event's body."""
    now = utc_now()
    row.state = "open"
    row.wrong_tries = 0
    row.code_hash = codes.hash_code(
        key, row.verify_id, row.sends, codes.make(key, row.verify_id, row.sends)
    )
    expires_at, resend_at = now + codes.LIFETIME, now + codes.RESEND_PAUSE
    row.expires_at, row.resend_at = expires_at, resend_at
    row.updated_at = now
    body: Document = {
        "verify_id": row.verify_id,
        "purpose": row.purpose,
        "step": row.step,
        "channel": row.channel,
        "address_masked": row.address_masked,
        "text": wording.sent(row.step, row.channel, row.address_masked),
        "expires_at": expires_at.isoformat(),
        "resend_at": resend_at.isoformat(),
    }
    events.append(session, conversation, "verify_request", body)
    return body


def _locked(
    session: Session, conversation_id: str, verify_id: str
) -> tuple[Conversation, Verification]:
    conversation = events.lock(session, conversation_id)
    row = session.get(Verification, verify_id, populate_existing=True)
    if row is None or row.conversation_id != conversation_id or row.state == "requested":
        raise VerificationNotFound("no such verification in this conversation")
    state.require(conversation, State.BOT, State.WAITING, State.ASSIGNED)
    return conversation, row


def _require_open(row: Verification) -> None:
    if row.state != "open":
        raise VerificationOver(f"the verification is {row.state}")


def _refusal(row: Verification, now: datetime) -> KefuError | None:
    if row.expires_at is None or row.expires_at <= now:
        return CodeExpired("the code has expired")
    if row.wrong_tries >= codes.TRIES:
        return TooManyTries("the code was wrong too often")
    return None


def _is_last(row: Verification) -> bool:
    return row.purpose != "change_phone" or row.step == "new"


def _count_wrong(session: Session, conversation: Conversation, row: Verification) -> KefuError:
    row.wrong_tries += 1
    left = codes.TRIES - row.wrong_tries
    if left:
        return CodeWrong(left)
    events.audit(session, conversation, "shopper", "code_wrong_too_often", verify_id=row.verify_id)
    return TooManyTries("the code was wrong too often")


def _finish(
    session: Session, conversation: Conversation, row: Verification, now: datetime
) -> Passed:
    assert row.account_id is not None
    _close(row, now)
    by_person = conversation.state != State.BOT
    needs_turn = triggers.post(
        session,
        conversation,
        trigger_id=f"verify:{row.verify_id}",
        intent=events.CODE_VERIFIED,
        entities={"purpose": row.purpose},
        text=wording.passed(row.purpose, by_person=by_person),
        verified=asdict(Verified(row.purpose, row.account_id, row.phone)),
        # Tells clients that the input is done with.
        verify_id=row.verify_id,
    )
    events.audit(
        session,
        conversation,
        "shopper",
        "code_verified",
        verify_id=row.verify_id,
        purpose=row.purpose,
        account=row.account_id,
    )
    return Passed(row.purpose, done=True, needs_turn=needs_turn)


def _close(row: Verification, now: datetime) -> None:
    row.state = "passed"
    row.due_at = None
    row.login = None
    row.updated_at = now
