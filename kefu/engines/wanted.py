"""Which models the engines of a host have to hold, by the database's word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kefu.conversation.models import live_model
from kefu.store.database import shared_now
from kefu.store.model_tables import Canary, EngineHost
from kefu.store.tables import EVERY_PROFILE, Turn


@dataclass(frozen=True, slots=True)
class Wanted:
    """``live`` answer shoppers, ``canaries`` a share of them; ``bound`` have turns to finish."""

    live: frozenset[str]
    canaries: frozenset[str]
    bound: frozenset[str]

    @property
    def serving(self) -> frozenset[str]:
        return self.live | self.canaries


def wanted(session: Session, profiles: Iterable[str]) -> Wanted:
    """For the profiles that are served here."""
    names = [EVERY_PROFILE, *profiles]
    live = {live_model(session, profile) for profile in names}
    canaries = session.scalars(select(Canary.sha256).where(Canary.profile.in_(names)))
    bound = session.scalars(select(Turn.model).where(Turn.status == "open").distinct())
    return Wanted(
        frozenset(sha256 for sha256 in live if sha256),
        frozenset(canaries),
        frozenset(sha256 for sha256 in bound if sha256),
    )


def report(session: Session, host: str, engines: Mapping[str, str]) -> None:
    """Note for the trainers what a host's engines are at."""
    row = session.get(EngineHost, host)
    if row is None:
        session.add(EngineHost(host=host, engines=dict(engines), at=shared_now(session)))
    else:
        row.engines, row.at = dict(engines), shared_now(session)


def leave(session: Session, host: str) -> None:
    """The host's engines are ended."""
    session.execute(delete(EngineHost).where(EngineHost.host == host))


def hosts(session: Session) -> list[dict[str, Any]]:
    """What every host has reported last."""
    rows = session.scalars(select(EngineHost).order_by(EngineHost.host))
    return [{"host": row.host, "engines": row.engines, "at": row.at.isoformat()} for row in rows]
