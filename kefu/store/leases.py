"""Work that one desk does for all: whoever holds the lease does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from kefu.store.database import lock_name, shared_now
from kefu.store.service_tables import Lease


def take(
    session: Session,
    name: str,
    holder: str,
    lifetime: timedelta,
    is_dead: Callable[[str], bool] = lambda _: False,
) -> bool:
    """Take or prolong the lease; ``False`` while another holds it who is not known to be dead."""
    lock_name(session, f"lease {name}")
    now = shared_now(session)
    lease = session.get(Lease, name)
    if lease is None:
        session.add(Lease(name=name, holder=holder, until=now + lifetime))
        return True
    if lease.holder != holder and lease.until > now and not is_dead(lease.holder):
        return False
    lease.holder, lease.until = holder, now + lifetime
    return True


def release(session: Session, name: str, holder: str) -> None:
    """Let another take it at once; nothing where it is not held."""
    session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.holder == holder)
        .values(until=shared_now(session))
    )
