"""Which model is live, changed by people: promote, roll back, and the history of it.

Nothing is moved here: the engines of every host follow the rows (``kefu.engines.fleet``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.models import live_model, set_live
from kefu.store.database import lock_name, shared_now
from kefu.store.model_tables import Canary, ModelChange, TrainerJob
from kefu.store.tables import EVERY_PROFILE, Audit, Document, Model
from kefu.trainer import people
from kefu.trainer.run_errors import AlreadyLive, ArchiveUnfit, ModelNotFound, ReasonNeeded

_BECAME_LIVE = ("start", "promote", "rollback")


def check_archive(models_dir: Path, sha256: str) -> None:
    """Raises ``ArchiveUnfit`` unless the archive is in the store and what its name says."""
    path = models_dir / f"{sha256}.tar.gz"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArchiveUnfit(f"{path.name}: {error.strerror}") from error
    if found != sha256:
        raise ArchiveUnfit(f"{path.name} is damaged")


def promote(
    session: Session, sha256: str, profiles: Sequence[str], *, by: str, reason: str
) -> list[ModelChange]:
    """Make a model live in ``profiles`` (``*``: those to come as well); ends their canaries.

    Raises ``ModelNotFound``, ``AlreadyLive``, or ``ReasonNeeded`` where the last comparison with
    the live model speaks against it and no reason is given.
    """
    lock_name(session, "models")
    card = card_of(session, sha256)
    moving = [name for name in profiles if live_model(session, name) != sha256]
    if not moving:
        raise AlreadyLive("the model is live there")
    worse = [name for name in moving if objections(session, sha256, live_model(session, name))]
    if worse and not reason.strip():
        raise ReasonNeeded(f"the comparison speaks against it: {', '.join(worse)}")
    return [
        _go_live(session, name, sha256, card, by=by, action="promote", reason=reason)
        for name in moving
    ]


def roll_back(session: Session, profile: str, *, by: str, reason: str = "") -> ModelChange:
    """Make the model live again that was before the present one; ends the canary.

    Raises ``ModelNotFound`` where there was none.
    """
    lock_name(session, "models")
    previous = previous_model(session, profile)
    if previous is None:
        raise ModelNotFound(
            "nothing was live before", title="没有可以回退的模型：这个品牌之前没有上线过其他模型。"
        )
    card = card_of(session, previous)
    return _go_live(session, profile, previous, card, by=by, action="rollback", reason=reason)


def previous_model(session: Session, profile: str) -> str | None:
    """What a rollback goes back to: a promotion adds to the pile, a rollback takes from it."""
    rows = session.scalars(
        select(ModelChange)
        .where(
            ModelChange.profile.in_([profile, EVERY_PROFILE]), ModelChange.action.in_(_BECAME_LIVE)
        )
        .order_by(ModelChange.change_id)
    )
    pile: list[str] = []
    for row in rows:
        if row.action == "rollback":
            if row.profile == profile and len(pile) > 1:
                pile.pop()
        elif row.to_sha256 and (not pile or pile[-1] != row.to_sha256):
            if not pile and row.from_sha256:
                pile.append(row.from_sha256)
            pile.append(row.to_sha256)
    return pile[-2] if len(pile) > 1 else None


def objections(session: Session, sha256: str, live: str | None) -> list[str]:
    """What the last comparison of the two says against the candidate: significant_loss,
    frozen_broken."""
    rows = session.scalars(
        select(TrainerJob)
        .where(
            TrainerJob.kind == "comparison",
            TrainerJob.state == "done",
            TrainerJob.model_sha256 == sha256,
        )
        .order_by(TrainerJob.finished_at.desc())
    )
    for job in rows:
        if job.request.get("live") == live and job.result:
            return [n for n in ("significant_loss", "frozen_broken") if job.result.get(n)]
    return []


def card_of(session: Session, sha256: str) -> Document:
    """The model's card; raises ``ModelNotFound``."""
    card = session.scalar(select(Model.card).where(Model.sha256 == sha256).limit(1))
    if card is None:
        raise ModelNotFound(f"no model {sha256}")
    return card


def history(session: Session, profiles: Iterable[str], limit: int = 100) -> list[Document]:
    """What was decided for the profiles, the latest first."""
    rows = session.scalars(
        select(ModelChange)
        .where(ModelChange.profile.in_([*profiles, EVERY_PROFILE]))
        .order_by(ModelChange.change_id.desc())
        .limit(limit)
    ).all()
    by = people.names(session, (row.actor for row in rows))
    return [{**change_as_json(row), "by": by[row.actor]} for row in rows]


def change_as_json(row: ModelChange) -> Document:
    return {
        "profile": row.profile,
        "at": row.at.isoformat(),
        "actor": row.actor,
        "action": row.action,
        "from": row.from_sha256,
        "to": row.to_sha256,
        "reason": row.reason,
        "detail": row.detail,
    }


def note(
    session: Session,
    profile: str,
    *,
    by: str,
    action: str,
    before: str | None,
    after: str | None,
    reason: str = "",
    detail: Document | None = None,
) -> ModelChange:
    """Add to the history, and to the audit."""
    at = shared_now(session)
    row = ModelChange(
        profile=profile, at=at, actor=by, action=action, from_sha256=before, to_sha256=after,
        reason=reason.strip(), detail=detail or {},
    )  # fmt: skip
    session.add(row)
    session.add(
        Audit(
            profile=profile,
            at=at,
            actor=by,
            action=f"model_{action}",
            subject=after or before or "",
            detail={"from": before, "to": after, "reason": reason.strip()},
        )
    )
    return row


def _go_live(
    session: Session,
    profile: str,
    sha256: str,
    card: Document,
    *,
    by: str,
    action: str,
    reason: str,
) -> ModelChange:
    before = live_model(session, profile)
    set_live(session, sha256, profile, card)
    canary = session.get(Canary, profile)
    if canary:
        session.delete(canary)
        note(
            session, profile, by=by, action="canary_stop", before=canary.sha256, after=sha256,
            reason="上线决定已取代灰度",
        )  # fmt: skip
    return note(session, profile, by=by, action=action, before=before, after=sha256, reason=reason)
