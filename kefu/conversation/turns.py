"""The transactions of a turn: begin, commit, release, conclude. None is open while it runs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, union, update
from sqlalchemy.orm import Session

from kefu.conversation import commands, events, outcomes, state
from kefu.conversation.commands import Executors, Place
from kefu.conversation.errors import TurnOvertaken
from kefu.conversation.models import live_model
from kefu.conversation.state import State
from kefu.engine_client import TurnResult
from kefu.shop.model import Operation
from kefu.store.database import utc_now
from kefu.store.tables import Conversation, Document, Message, Turn

TRIES = 3


@dataclass(frozen=True, slots=True)
class TurnInput:
    """What a turn works on, frozen at its beginning; a retry differs in ``attempt`` alone."""

    turn_id: str
    conversation_id: str
    profile: str
    account_id: str | None
    verified_orders: frozenset[str]
    context: dict[str, str]
    now: datetime
    model: str | None
    attempt: int
    failures: int
    tracker_version: int
    tracker: Document | None
    message: Document
    hopeless: str | None = None
    """Why it must be concluded and not run again: the tries are used up, a person took over."""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody has the conversation's turn, or it pauses before its next try, until then."""

    until: datetime
    pausing: bool


def begin(
    session: Session, conversation_id: str, worker: str, lease: timedelta
) -> TurnInput | Held | None:
    """Take up the conversation's open turn or open one for its oldest unanswered message.

    ``None``: there is nothing to do.
    """
    conversation = events.lock(session, conversation_id)
    turn = session.scalar(
        select(Turn).where(Turn.conversation_id == conversation_id, Turn.status == "open")
    )
    if turn is None:
        turn = _open(session, conversation)
        if turn is None:
            return None
    else:
        now = utc_now()
        if turn.lease_until > now:
            return Held(turn.lease_until, pausing=turn.worker is None)
        if turn.worker is not None:
            # Its worker crashed: that counts, or a turn that kills desks would run for ever.
            turn.failures += 1
            turn.error = "worker_lost"
    turn.attempt += 1
    turn.worker = worker
    turn.lease_until = utc_now() + lease
    session.flush()
    return _input(session, conversation, turn)


def _open(session: Session, conversation: Conversation) -> Turn | None:
    if conversation.state != State.BOT:
        return None
    message = session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation.conversation_id, Message.status == "pending")
        .order_by(Message.message_id)
        .limit(1)
    )
    if message is None:
        return None
    message.status = "turn"
    now = utc_now()
    turn = Turn(
        turn_id=uuid.uuid4().hex,
        conversation_id=conversation.conversation_id,
        profile=conversation.profile,
        status="open",
        message_ids=[message.message_id],
        tracker_version=conversation.tracker_version,
        now=now,
        viewer={
            "account_id": conversation.account_id,
            "verified_orders": list(conversation.verified_orders),
            "context": dict(conversation.context),
        },
        model=live_model(session, conversation.profile),
        attempt=0,
        failures=0,
        lease_until=now,
        created_at=now,
    )
    session.add(turn)
    return turn


def _input(session: Session, conversation: Conversation, turn: Turn) -> TurnInput:
    message = session.get_one(Message, turn.message_ids[0])
    hopeless = None
    if conversation.state != State.BOT or conversation.tracker_version != turn.tracker_version:
        hopeless = "overtaken"
    elif turn.failures >= TRIES:
        hopeless = turn.error or "turn_failed"
    return TurnInput(
        turn_id=turn.turn_id,
        conversation_id=turn.conversation_id,
        profile=turn.profile,
        account_id=turn.viewer["account_id"],
        verified_orders=frozenset(turn.viewer["verified_orders"]),
        context=turn.viewer["context"],
        now=turn.now,
        model=turn.model,
        attempt=turn.attempt,
        failures=turn.failures,
        tracker_version=turn.tracker_version,
        tracker=conversation.tracker,
        message=message.payload or {"text": message.text},
        hopeless=hopeless,
    )


def commit(session: Session, taken: TurnInput, result: TurnResult, executors: Executors) -> bool:
    """Replies, tracker, parse, commands and state in one transaction.

    ``False``: a person took over meanwhile, nothing was written and the turn is to be concluded.
    Raises ``TurnOvertaken`` (another attempt has it) or ``TurnRefused`` (it cannot be carried out).
    """
    conversation = events.lock(session, taken.conversation_id)
    turn = _require(session, taken)
    if conversation.state != State.BOT or conversation.tracker_version != turn.tracker_version:
        return False
    conversation.tracker = result.tracker
    conversation.tracker_version += 1
    for reply in result.replies:
        events.reply(session, conversation, reply, turn_id=turn.turn_id)
    for index, command in enumerate(commands.parse(result.commands)):
        executors[type(command)](Place(session, conversation, turn, index), command)
    turn.parse, turn.actions, turn.model = result.parse, result.actions, result.model
    _finish(session, turn, "done", "done")
    return True


def release(
    session: Session,
    taken: TurnInput,
    pause: timedelta,
    *,
    error: str,
    counts: bool,
    model: str | None = None,
) -> None:
    """Give the turn back until its next try; ``model`` replaces one that is gone."""
    events.lock(session, taken.conversation_id)
    turn = _require(session, taken)
    turn.failures += int(counts)
    turn.error = error
    turn.worker = None
    turn.lease_until = utc_now() + pause
    if model:
        turn.model = model


def freeze_model(session: Session, taken: TurnInput, model: str) -> TurnInput:
    """Fix the model of a turn that began before any engine was known."""
    events.lock(session, taken.conversation_id)
    _require(session, taken).model = model
    return replace(taken, model=model)


def conclude(
    session: Session,
    taken: TurnInput,
    error: str,
    done: Sequence[Operation] | None,
) -> None:
    """End a turn that cannot be finished: say what it did in the shop, apologise, call a person.

    ``done`` is ``None`` where the shop could not be asked what the turn did.
    """
    conversation = events.lock(session, taken.conversation_id)
    turn = _require(session, taken)
    turn.error = error
    told, facts = outcomes.sentences(done or ()), outcomes.facts(done or ())
    if conversation.state != State.BOT:
        for sentence in told:
            events.say(session, conversation, sentence, turn_id=turn.turn_id)
        if told:
            conversation.note = "\n".join([conversation.note, *facts]).strip()
        _finish(session, turn, "overtaken", "person")
        return
    apology = outcomes.apology(told, unsure=done is None)
    events.say(session, conversation, apology, turn_id=turn.turn_id)
    _finish(session, turn, "failed", "person")
    state.move(
        session,
        conversation,
        state.HAND_OFF,
        actor="system",
        reason="action_failed",
        note=outcomes.note(error, facts, unsure=done is None),
    )


def needing_work(session: Session, limit: int = 500) -> list[str]:
    """Conversations with a message to answer or a turn that nobody holds."""
    pending = (
        select(Message.conversation_id)
        .join(Conversation, Conversation.conversation_id == Message.conversation_id)
        .where(Message.status == "pending", Conversation.state == State.BOT.value)
    )
    lost = select(Turn.conversation_id).where(Turn.status == "open", Turn.lease_until <= utc_now())
    return list(session.scalars(union(pending, lost).limit(limit)))


def holders(session: Session) -> set[str]:
    """The workers that hold a turn now."""
    held = select(Turn.worker).where(Turn.status == "open", Turn.worker.is_not(None)).distinct()
    return {worker for worker in session.scalars(held) if worker}


def expire(session: Session, worker: str) -> None:
    """End the leases of a worker that is known to be dead."""
    session.execute(
        update(Turn)
        .where(Turn.status == "open", Turn.worker == worker)
        .values(lease_until=utc_now())
    )


def _require(session: Session, taken: TurnInput) -> Turn:
    turn = session.get_one(Turn, taken.turn_id, populate_existing=True)
    if turn.status != "open" or turn.attempt != taken.attempt:
        raise TurnOvertaken(f"attempt {taken.attempt}, but {turn.status} at {turn.attempt}")
    return turn


def _finish(session: Session, turn: Turn, status: str, messages: str) -> None:
    turn.status = status
    turn.worker = None
    turn.finished_at = utc_now()
    session.execute(
        update(Message).where(Message.message_id.in_(turn.message_ids)).values(status=messages)
    )
