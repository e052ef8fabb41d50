"""What messages are known to mean: trainers' labels and agents' marks, by the messages' form."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from kefu.profiles import Profile
from kefu.store.desk_tables import Correction
from kefu.store.inbox_tables import InboxItem
from kefu.store.tables import Message
from kefu.trainer import labelling
from kefu.trainer.normal_form import shape
from kefu.trainer.reading import FALLBACK, masked_text


def form_of(text: str, number_patterns: Iterable[str]) -> str:
    """The form under which a wording stands in the inbox once; its own for what was masked."""
    return shape(masked_text(text, number_patterns))


def hash_of(form: str) -> str:
    return hashlib.sha256(form.encode()).hexdigest()


def read(session: Session, profile: Profile) -> Mapping[str, str]:
    """The right intent by the hash of a message's form, where somebody has said it.

    A trainer's word counts more than an agent's, a later one more than an earlier. Where a profile
    wants two persons to look at a label, one alone says nothing.
    """
    known = {} if profile.trainer.two_person else _marked(session, profile)
    rows = session.execute(
        select(InboxItem.normal_hash, InboxItem.label, InboxItem.state, InboxItem.approvals).where(
            InboxItem.profile == profile.profile,
            InboxItem.state.in_((labelling.LABELLED, labelling.COMMITTED)),
        )
    )
    for key, label, state, approvals in rows:
        if label == labelling.NEW_INTENT:
            known.pop(key, None)
        elif state == labelling.COMMITTED or approvals or not profile.trainer.two_person:
            known[key] = label
    return known


def _marked(session: Session, profile: Profile) -> dict[str, str]:
    """What agents have said at the end of talks."""
    rows = session.execute(
        select(Message.text, Correction.right, Correction.right_intent, Correction.intent_given)
        .join(
            Correction,
            and_(
                Correction.conversation_id == Message.conversation_id,
                Correction.seq == Message.seq,
            ),
        )
        .where(Correction.profile == profile.profile)
        .order_by(Correction.at, Correction.correction_id)
    )
    found: dict[str, str] = {}
    for text, right, right_intent, given in rows:
        intent = given if right else right_intent
        if intent and intent != FALLBACK:
            found[hash_of(form_of(text, profile.known_numbers))] = intent
    return found
