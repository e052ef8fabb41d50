"""The transactions of a turn: begin, commit, release, conclude. None is open while it runs."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kefu.conversation import commands, events, models, outcomes, together, viewer, voice
from kefu.conversation.commands import Executors, Place
from kefu.conversation.errors import TurnOvertaken
from kefu.conversation.state import State
from kefu.engine_client import TurnResult
from kefu.profiles import Profile
from kefu.shop.model import Operation
from kefu.store.database import shared_now, utc_now
from kefu.store.tables import Conversation, Document, Message, Turn

TRIES = 3


@dataclass(frozen=True, slots=True)
class TurnInput:
    """What a turn works on, frozen at its beginning; a retry differs in ``attempt`` alone."""

    turn_id: str
    conversation_id: str
    profile: str
    viewer: Document
    now: datetime
    model: str | None
    attempt: int
    failures: int
    tracker_version: int
    tracker: Document | None
    message: Document
    thresholds: dict[str, float] | None = None
    hopeless: str | None = None
    """Why it must be concluded and not run again: the tries are used up, a person took over."""


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody has the conversation's turn, or it pauses before its next try, so long."""

    seconds: float
    pausing: bool


def begin(
    session: Session,
    conversation_id: str,
    worker: str,
    lease: timedelta,
    ready: Collection[str] | None = None,
) -> TurnInput | Held | None:
    """Take up the conversation's open turn or open one for its oldest unanswered messages.

    A new turn is bound to a model, one of ``ready`` if it can be (``models.choose``).
    ``None``: there is nothing to do. A worker that finds a turn held by itself was interrupted
    in it and goes on: it works on one turn of a conversation at a time.
    """
    conversation = events.lock(session, conversation_id)
    now = shared_now(session)
    turn = session.scalar(
        select(Turn).where(Turn.conversation_id == conversation_id, Turn.status == "open")
    )
    if turn is None:
        taken = _waiting(session, conversation)
        if not taken:
            return None
        turn = _open(session, conversation, taken, ready)
    else:
        taken = [session.get_one(Message, message_id) for message_id in turn.message_ids]
        left = (turn.lease_until - now).total_seconds()
        if left > 0 and turn.worker != worker:
            return Held(left, pausing=turn.worker is None)
        if left <= 0 and turn.worker is not None:
            # Its worker crashed: that counts, or a turn that kills desks would run for ever.
            turn.failures += 1
            turn.error = "worker_lost"
    turn.attempt += 1
    turn.worker = worker
    turn.lease_until = now + lease
    session.flush()
    return _input(conversation, turn, taken)


def _waiting(session: Session, conversation: Conversation) -> list[Message]:
    """The oldest unanswered messages that make one turn."""
    if conversation.state != State.BOT:
        return []
    waiting = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation.conversation_id, Message.status == "pending")
        .order_by(Message.message_id)
        .limit(together.MOST)
    ).all()
    # The tracker is long and read only where it is needed.
    return list(together.first_together(waiting, conversation.tracker)) if waiting else []


def _open(
    session: Session,
    conversation: Conversation,
    taken: Sequence[Message],
    ready: Collection[str] | None,
) -> Turn:
    for message in taken:
        message.status = "turn"
    now = utc_now()
    turn = Turn(
        turn_id=uuid.uuid4().hex,
        conversation_id=conversation.conversation_id,
        profile=conversation.profile,
        status="open",
        message_ids=[message.message_id for message in taken],
        tracker_version=conversation.tracker_version,
        now=now,
        viewer=viewer.freeze(session, conversation, taken[0]),
        model=models.choose(session, conversation.profile, conversation.conversation_id, ready),
        thresholds=models.thresholds(session, conversation.profile),
        attempt=0,
        failures=0,
        lease_until=now,
        created_at=now,
    )
    session.add(turn)
    return turn


def _input(conversation: Conversation, turn: Turn, messages: Sequence[Message]) -> TurnInput:
    hopeless = None
    if conversation.state != State.BOT or conversation.tracker_version != turn.tracker_version:
        hopeless = "overtaken"
    elif turn.failures >= TRIES:
        hopeless = turn.error or "turn_failed"
    return TurnInput(
        turn_id=turn.turn_id,
        conversation_id=turn.conversation_id,
        profile=turn.profile,
        viewer=turn.viewer,
        now=turn.now,
        model=turn.model,
        attempt=turn.attempt,
        failures=turn.failures,
        tracker_version=turn.tracker_version,
        tracker=conversation.tracker,
        message=together.said(messages),
        thresholds=turn.thresholds,
        hopeless=hopeless,
    )


def commit(
    session: Session,
    taken: TurnInput,
    result: TurnResult,
    executors: Executors,
    profile: Profile,
) -> bool | None:
    """Replies in the profile's words, tracker, parse, commands and state in one transaction.

    Whether more messages wait for a turn. ``None``: a person took over meanwhile, nothing was
    written and the turn is to be concluded.
    Raises ``TurnOvertaken`` (another attempt has it) or ``TurnRefused`` (it cannot be carried out).
    """
    conversation = events.lock(session, taken.conversation_id)
    turn = _require(session, taken)
    if conversation.state != State.BOT or conversation.tracker_version != turn.tracker_version:
        return None
    conversation.tracker = result.tracker
    conversation.tracker_version += 1
    for reply in result.replies:
        said = voice.spoken(reply, profile)
        events.reply(session, conversation, said, turn_id=turn.turn_id)
    # A hand-off goes by what the turn was about.
    turn.parse, turn.actions, turn.model = result.parse, result.actions, result.model
    if turn.message_ids:
        understood: Document = result.parse.get("intent") or {}
        turn.intent = understood.get("name")
    for index, command in enumerate(commands.parse(result.commands)):
        executors[type(command)](Place(session, conversation, turn, index), command)
    turn.handed_off = conversation.state != State.BOT
    _finish(session, turn, "done", "done")
    return conversation.state == State.BOT and _more(session, conversation)


def _more(session: Session, conversation: Conversation) -> bool:
    pending = select(Message.message_id).where(
        Message.conversation_id == conversation.conversation_id, Message.status == "pending"
    )
    return session.scalar(pending.limit(1)) is not None


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
    turn.lease_until = shared_now(session) + pause
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
    executors: Executors,
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
    turn.handed_off = True
    _finish(session, turn, "failed", "person")
    note = outcomes.note(error, facts, unsure=done is None)
    call = commands.Handoff(reason="action_failed", note=note)
    executors[commands.Handoff](Place(session, conversation, turn, 0), call)


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
