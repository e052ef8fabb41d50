"""How sure the bot must be in a profile, set by a trainer: it holds from the next turn on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.models import card_of_live, thresholds
from kefu.profiles import Profile
from kefu.store.database import shared_now
from kefu.store.model_tables import ProfileThreshold, TrainerJob
from kefu.store.tables import Audit, Document


def put(session: Session, profile: str, answer: float, clarify: float | None, *, by: str) -> None:
    """Set it for all desks, with an audit row."""
    row = session.get(ProfileThreshold, profile)
    before = None if row is None else {"answer": row.answer, "clarify": row.clarify}
    now = shared_now(session)
    if row is None:
        row = ProfileThreshold(profile=profile, answer=answer, clarify=clarify)
        session.add(row)
    row.answer, row.clarify, row.changed_by, row.changed_at = answer, clarify, by, now
    _audit(session, profile, by, before, {"answer": answer, "clarify": clarify})


def clear(session: Session, profile: str, *, by: str) -> None:
    """Let the profile's file, or the model, decide again."""
    row = session.get(ProfileThreshold, profile)
    if row is not None:
        _audit(session, profile, by, {"answer": row.answer, "clarify": row.clarify}, None)
        session.delete(row)


def describe(session: Session, profile: Profile) -> Document:
    """What holds, whose word it is (trainer, profile, model), and what each threshold would do by
    the last comparison."""
    own = thresholds(session, profile.profile)
    understanding: Document = card_of_live(session, profile.profile).get("understanding") or {}
    model: Document = understanding.get("thresholds") or {}
    found: dict[str, Any] = {"answer": None, "clarify": None, **model}
    source = "model"
    if own is not None:
        found, source = {**found, **own}, "trainer"
    elif profile.answer_threshold is not None:
        found, source = {**found, "answer": profile.answer_threshold}, "profile"
    return {
        "profile": profile.profile,
        **found,
        "source": source,
        "model": model or None,
        "consequences": _consequences(session, profile.profile),
    }


def _consequences(session: Session, profile: str) -> Document | None:
    job = session.scalar(
        select(TrainerJob)
        .where(
            TrainerJob.kind == "comparison",
            TrainerJob.state == "done",
            TrainerJob.profile == profile,
        )
        .order_by(TrainerJob.finished_at.desc())
        .limit(1)
    )
    if job is None or not job.result:
        return None
    return {
        "comparison_id": job.job_id,
        "model": job.model_sha256,
        "messages": job.result["replay"]["messages"],
        "thresholds": job.result["thresholds"],
    }


def _audit(
    session: Session, profile: str, by: str, before: Document | None, after: Document | None
) -> None:
    session.add(
        Audit(
            profile=profile,
            at=shared_now(session),
            actor=by,
            action="set_threshold",
            subject=profile,
            detail={"before": before, "after": after},
        )
    )
