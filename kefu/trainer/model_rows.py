"""The trained models as rows: listed, or found by how their names begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation.models import live_model
from kefu.store.tables import EVERY_PROFILE, Document, Model
from kefu.trainer import canary
from kefu.trainer.run_errors import ModelNotFound


def listing(session: Session, profiles: Sequence[str]) -> list[Document]:
    """Every trained model with its card, the newest first; where it is live of ``profiles``."""
    rows: dict[str, Document] = {}
    live = {name: live_model(session, name) for name in profiles if name != EVERY_PROFILE}
    canaries = canary.running(session, profiles)
    for row in session.scalars(select(Model).order_by(Model.profile)):
        one: dict[str, Any] = rows.setdefault(
            row.sha256,
            {
                "sha256": row.sha256,
                "card": row.card,
                "live": [name for name, sha256 in live.items() if sha256 == row.sha256],
                "canary": {
                    each["profile"]: each["share"]
                    for each in canaries
                    if each["sha256"] == row.sha256
                },
                "trained_at": row.card.get("trained_at"),
                "run_id": row.card.get("run_id"),
            },
        )
        one["card"] = one["card"] or row.card
    return sorted(rows.values(), key=lambda one: one["trained_at"] or "", reverse=True)


def named(session: Session, beginning: str) -> str:
    """The sha256 of the only model whose name begins so; raises ``ModelNotFound``."""
    starts = Model.sha256.startswith(beginning, autoescape=True)
    found = session.scalars(select(Model.sha256).where(starts).distinct().limit(2)).all()
    if len(found) != 1 or not beginning:
        title = f"有不止一个模型以 {beginning} 开头，请多写几位。" if found else None
        raise ModelNotFound(f"{len(found)} models begin with {beginning}", title=title)
    return found[0]
