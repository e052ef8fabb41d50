"""Which trained model answers now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.database import utc_now
from kefu.store.tables import EVERY_PROFILE, Model


def read_card(folder: Path, sha256: str) -> dict[str, Any]:
    """What the training run noted about the model; empty where the archive lies elsewhere."""
    path = folder / f"{sha256}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def live_model(session: Session, profile: str) -> str | None:
    return session.scalar(
        select(Model.sha256)
        .where(Model.profile.in_([profile, EVERY_PROFILE]), Model.live_since.is_not(None))
        .order_by(Model.live_since.desc())
        .limit(1)
    )


def make_live(session: Session, sha256: str, card: dict[str, Any]) -> None:
    """Note that the engine answers with this model from now on; a repeat changes nothing."""
    if live_model(session, EVERY_PROFILE) == sha256:
        return
    model = session.get(Model, (sha256, EVERY_PROFILE))
    if model is None:
        session.add(Model(sha256=sha256, profile=EVERY_PROFILE, card=card, live_since=utc_now()))
    else:
        model.live_since = utc_now()
