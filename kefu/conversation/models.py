"""Which trained model answers now, by the database's word."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.database import lock_name, shared_now, utc_now
from kefu.store.model_tables import Canary, ModelChange, ProfileThreshold
from kefu.store.tables import EVERY_PROFILE, Model

DECIDED = ("promote", "rollback")
SYSTEM = "system"

# How many former models a turn may fall back on while the live one is still being loaded.
_FORMER = 5


def read_card(folder: Path, sha256: str) -> dict[str, Any]:
    """What the training run noted about the model; empty where the archive lies elsewhere."""
    path = folder / f"{sha256}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def live_model(session: Session, profile: str) -> str | None:
    """The model that shall answer the profile's shoppers; ``None`` if none ever did."""
    return next(iter(latest_models(session, profile, 1)), None)


def card_of_live(session: Session, profile: str) -> dict[str, Any]:
    """The card of the model that answers the profile's shoppers; empty without one."""
    live = live_model(session, profile)
    card = session.scalar(select(Model.card).where(Model.sha256 == live).limit(1))
    return card or {}


def latest_models(session: Session, profile: str, limit: int = _FORMER) -> list[str]:
    """The models that were made live for the profile, the latest first."""
    return list(
        session.scalars(
            select(Model.sha256)
            .where(Model.profile.in_([profile, EVERY_PROFILE]), Model.live_since.is_not(None))
            .order_by(Model.live_since.desc(), Model.profile.desc())
            .limit(limit)
        )
    )


def choose(
    session: Session, profile: str, conversation_id: str, ready: Collection[str] | None
) -> str | None:
    """The model for a new turn: the canary's where it is the conversation's lot, else the live one.

    While this host is still loading it, the one that was live before goes on answering, so that
    no message waits for a promotion. ``ready`` are the models of this host's engines; ``None``:
    there is one engine, of which nothing is known.
    """
    latest = latest_models(session, profile)
    live = latest[0] if latest else None
    canary = session.get(Canary, profile)
    if canary and takes_part(conversation_id, canary.sha256, canary.share):
        latest = [canary.sha256, *latest]
    if ready is None:
        return live
    return next((sha256 for sha256 in latest if sha256 in ready), live)


def takes_part(conversation_id: str, sha256: str, share: float) -> bool:
    """Whether a canary answers this conversation: the same in each of its turns, on every desk."""
    digest = hashlib.sha256(f"{sha256} {conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) < share * 2**64


def thresholds(session: Session, profile: str) -> dict[str, float] | None:
    """What a trainer has set for the profile; ``None`` where nobody has."""
    row = session.get(ProfileThreshold, profile)
    if row is None:
        return None
    return {"answer": row.answer} | ({} if row.clarify is None else {"clarify": row.clarify})


def make_live(session: Session, sha256: str, card: dict[str, Any]) -> None:
    """Note that the engine answers with this model from now on; a repeat changes nothing."""
    # Two desks that start together both find that it is not noted yet.
    lock_name(session, "live model")
    before = live_model(session, EVERY_PROFILE)
    if before == sha256:
        return
    set_live(session, sha256, EVERY_PROFILE, card)
    session.add(
        ModelChange(
            profile=EVERY_PROFILE,
            at=utc_now(),
            actor=SYSTEM,
            action="start",
            from_sha256=before,
            to_sha256=sha256,
            reason="",
            detail={},
        )
    )


def set_live(session: Session, sha256: str, profile: str, card: dict[str, Any]) -> None:
    """Make the model the profile's latest."""
    lock_name(session, "live model")
    model = session.get(Model, (sha256, profile))
    if model is None:
        model = Model(sha256=sha256, profile=profile, card=card)
        session.add(model)
    # By the clock of all desks: the latest decides.
    model.live_since = shared_now(session)
    session.flush()


def decided_by_people(session: Session) -> bool:
    """Whether somebody has promoted or rolled back: then a start changes nothing any more."""
    found = select(ModelChange.change_id).where(ModelChange.action.in_(DECIDED)).limit(1)
    return session.scalar(found) is not None
