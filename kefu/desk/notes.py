"""What the staff tell each other about a talk, and whom they call in: nothing for shoppers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.conversation.errors import MessageRefused
from kefu.conversation.messages import clean
from kefu.conversation.state import State
from kefu.desk import colleagues
from kefu.desk.errors import NobodyToWhisperTo, NoteRefused
from kefu.desk.scope import Scope
from kefu.handoff.skills import LEADING_ROLES
from kefu.store.base import Document
from kefu.store.database import utc_now
from kefu.store.desk_tables import Note
from kefu.store.handoff_tables import Invitation
from kefu.store.tables import Conversation, Staff

NOTE = "note"
WHISPER = "whisper"

_MENTION = re.compile(r"(?<![A-Za-z0-9_.@-])@([A-Za-z0-9_.-]{1,80})")


def listing(session: Session, conversation: Conversation, scope: Scope) -> list[Document]:
    """The notes of a talk that the member may read, oldest first."""
    rows = session.execute(
        select(Note, Staff.name)
        .join(Staff, Staff.staff_id == Note.staff_id)
        .where(
            Note.conversation_id == conversation.conversation_id,
            _readable(scope, conversation.profile),
        )
        .order_by(Note.note_id)
    )
    return [as_json(note, name) for note, name in rows]


def visible_note(session: Session, note_id: int, scope: Scope) -> Document | None:
    """One note as JSON; ``None`` where the member may not read it, or not the talk."""
    rows = session.execute(
        select(Note, Staff.name)
        .join(Staff, Staff.staff_id == Note.staff_id)
        .join(Conversation, Conversation.conversation_id == Note.conversation_id)
        .where(Note.note_id == note_id, scope.talks())
    )
    found = rows.tuples().first()
    if found is None:
        return None
    note, name = found
    addressed = scope.staff_id in (note.staff_id, note.to_staff)
    if note.kind == WHISPER and not addressed and not scope.leads(note.profile):
        return None
    return as_json(note, name)


def write(session: Session, conversation_id: str, scope: Scope, text: str) -> Document:
    """Note something for colleagues; those whom ``@username`` names are called in."""
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    said = _clean(text)
    mentioned = _mentioned(session, conversation.profile, said)
    for colleague in mentioned:
        if colleague.staff_id != scope.staff_id:
            _invite(session, conversation, scope, colleague)
    note = _new(conversation, scope, NOTE, said, mentions=[each.staff_id for each in mentioned])
    return _keep(session, note, scope)


def whisper(session: Session, conversation_id: str, scope: Scope, text: str) -> Document:
    """Tell the agent who has the talk something, for supervisors alone.

    Raises ``RoleMissing``, ``NobodyToWhisperTo``.
    """
    scope.require(session, conversation_id, LEADING_ROLES)
    conversation = events.lock(session, conversation_id)
    if conversation.state != State.ASSIGNED or conversation.assigned_to is None:
        raise NobodyToWhisperTo("no agent has the talk")
    note = _new(conversation, scope, WHISPER, _clean(text), to_staff=conversation.assigned_to)
    return _keep(session, note, scope)


def invite(session: Session, conversation_id: str, scope: Scope, staff_id: int) -> None:
    """Ask a colleague to look into the talk; twice is no error. Raises ``ColleagueNotFound``."""
    scope.require(session, conversation_id)
    conversation = events.lock(session, conversation_id)
    colleague = colleagues.find(session, conversation.profile, staff_id)
    _invite(session, conversation, scope, colleague)


def as_json(note: Note, name: str) -> Document:
    return {
        "note_id": note.note_id,
        "at": note.at.isoformat(),
        "staff_id": note.staff_id,
        "name": name,
        "kind": note.kind,
        "text": note.text,
        "mentions": note.mentions,
    }


def _readable(scope: Scope, profile: str) -> ColumnElement[bool]:
    """A whisper is for who says it, for the agent, and for those who could have said it."""
    if scope.leads(profile):
        return true()
    me = scope.staff_id
    return or_(Note.kind == NOTE, Note.staff_id == me, Note.to_staff == me)


def _mentioned(session: Session, profile: str, text: str) -> list[Staff]:
    # A full stop behind a name may end the sentence.
    names = {name for found in _MENTION.findall(text) for name in (found, found.rstrip(".-"))}
    query = select(Staff).where(Staff.username.in_(sorted(names)), colleagues.serves(profile))
    return list(session.scalars(query.order_by(Staff.staff_id)))


def _invite(session: Session, conversation: Conversation, scope: Scope, colleague: Staff) -> None:
    key = (conversation.conversation_id, colleague.staff_id)
    if session.get(Invitation, key) is not None:
        return
    session.add(
        Invitation(
            conversation_id=conversation.conversation_id,
            staff_id=colleague.staff_id,
            invited_by=scope.staff_id,
            at=utc_now(),
        )
    )
    actor = f"staff:{scope.staff_id}"
    events.audit(session, conversation, actor, "invite", staff_id=colleague.staff_id)


def _new(
    conversation: Conversation,
    scope: Scope,
    kind: str,
    text: str,
    *,
    to_staff: int | None = None,
    mentions: Iterable[int] = (),
) -> Note:
    return Note(
        profile=conversation.profile,
        conversation_id=conversation.conversation_id,
        kind=kind,
        staff_id=scope.staff_id,
        to_staff=to_staff,
        text=text,
        mentions=list(mentions),
        at=utc_now(),
    )


def _keep(session: Session, note: Note, scope: Scope) -> Document:
    session.add(note)
    session.flush()
    return as_json(note, scope.member.staff.name)


def _clean(text: str) -> str:
    try:
        return clean(text)
    except MessageRefused as error:
        raise NoteRefused(error.detail) from error
