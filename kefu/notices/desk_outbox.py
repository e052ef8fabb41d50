"""The desk's own notices: rows written with what they are about, sent after the commit."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from kefu.store.database import utc_now
from kefu.store.service_tables import Notice


def put(
    session: Session,
    *,
    profile: str,
    kind: str,
    key: str,
    payload: dict[str, str],
    account_id: str | None = None,
    contact: str | None = None,
) -> None:
    """Have an account, or whoever is behind ``contact``, told; the same ``key`` only once."""
    notice_id = hashlib.sha256(f"{profile}\n{kind}\n{key}".encode()).hexdigest()
    if session.get(Notice, notice_id) is not None:
        return
    now: datetime = utc_now()
    session.add(
        Notice(
            notice_id=notice_id,
            profile=profile,
            kind=kind,
            account_id=account_id,
            contact=contact,
            payload=payload,
            created_at=now,
            due_at=now,
            tries=0,
        )
    )
