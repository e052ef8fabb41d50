"""How many codes may be sent: counted in the database, so that all desks agree."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from kefu.store.database import lock_name
from kefu.store.service_tables import CodeSend, Verification
from kefu.verification.errors import SendLimitReached

WINDOW = timedelta(hours=1)
PER_LOGIN = 5
PER_ADDRESS = 10
KEPT = timedelta(days=1)


def spend(
    session: Session,
    *,
    profile: str,
    verify_id: str,
    login_key: str,
    address_key: str | None,
    now: datetime,
) -> None:
    """Count one send; raises ``SendLimitReached`` before anything is written.

    A login counts whether anyone goes by it or not: the limit tells nothing about accounts.
    """
    for name in sorted(filter(None, (login_key, address_key))):
        lock_name(session, f"code {name}")
    _require(session, CodeSend.login_key == login_key, PER_LOGIN, now)
    if address_key:
        _require(session, CodeSend.address_key == address_key, PER_ADDRESS, now)
    session.execute(delete(CodeSend).where(CodeSend.at < now - KEPT))
    session.add(
        CodeSend(
            profile=profile,
            verify_id=verify_id,
            login_key=login_key,
            address_key=address_key,
            at=now,
        )
    )


def spend_account(session: Session, row: Verification, now: datetime) -> bool:
    """Count the latest send against the account behind it; ``False``: it has had enough.

    One account can be named in several ways, each with a limit of its own: this one holds for
    all of them together. A guest is not told, or they would learn that two logins are one person.
    """
    account_id = row.account_id
    assert account_id is not None
    lock_name(session, f"code account {row.profile} {account_id}")
    send = session.scalars(
        select(CodeSend)
        .where(CodeSend.verify_id == row.verify_id)
        .order_by(CodeSend.send_id.desc())
        .limit(1)
    ).one()
    if send.account_id is not None:
        return True
    mine = (CodeSend.account_id == account_id) & (CodeSend.profile == row.profile)
    if len(_recent(session, mine, now)) >= PER_LOGIN:
        return False
    send.account_id = account_id
    return True


def _require(session: Session, mine: ColumnElement[bool], most: int, now: datetime) -> None:
    recent = _recent(session, mine, now)
    if len(recent) >= most:
        free = recent[-most] + WINDOW
        raise SendLimitReached(max(1, round((free - now).total_seconds())))


def _recent(session: Session, mine: ColumnElement[bool], now: datetime) -> list[datetime]:
    return list(
        session.scalars(
            select(CodeSend.at).where(mine, CodeSend.at > now - WINDOW).order_by(CodeSend.at)
        )
    )
