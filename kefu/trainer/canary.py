"""A candidate on a share of a profile's conversations, stopped where it hands off more.

The test: conversations that began since the canary did, on which the bot answered; one is handed
off if a turn of it was. One-sided two-proportion z test with the pooled variance. It is looked at
again and again, and each look is a chance to be wrong: hence a stricter bound than for one look,
and a least number of conversations on each side.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.conversation.models import SYSTEM, live_model
from kefu.errors import KefuError
from kefu.store import leases
from kefu.store.database import Database, lock_name, shared_now
from kefu.store.model_tables import Canary, ModelChange
from kefu.store.tables import Conversation, Document, Turn
from kefu.trainer.promotion import card_of, note
from kefu.trainer.run_errors import AlreadyLive, ModelNotFound

log = structlog.get_logger("kefu.trainer")

LEAST_CONVERSATIONS = 50
BOUND = 3.0
LEASE = "canaries"


@dataclass(frozen=True, slots=True)
class Arm:
    """Conversations of one model, and how many of them went to a person."""

    conversations: int
    handed_off: int

    @property
    def rate(self) -> float:
        return self.handed_off / self.conversations if self.conversations else 0.0

    def as_json(self) -> Document:
        return {
            "conversations": self.conversations,
            "handed_off": self.handed_off,
            "rate": round(self.rate, 4),
        }


def z_score(canary: Arm, live: Arm) -> float:
    """How many standard errors the canary's rate lies above the live model's; 0 if it cannot be
    told."""
    total = canary.conversations + live.conversations
    pooled = (canary.handed_off + live.handed_off) / total if total else 0.0
    if not 0 < pooled < 1 or not canary.conversations or not live.conversations:
        return 0.0
    spread = pooled * (1 - pooled) * (1 / canary.conversations + 1 / live.conversations)
    return (canary.rate - live.rate) / math.sqrt(spread)


def is_worse(canary: Arm, live: Arm) -> bool:
    """Whether the canary hands off so much more often that it has to stop."""
    enough = min(canary.conversations, live.conversations) >= LEAST_CONVERSATIONS
    return enough and z_score(canary, live) >= BOUND


def start(session: Session, sha256: str, profile: str, share: float, *, by: str) -> ModelChange:
    """Let a model answer ``share`` (0 to 1) of the profile's conversations from now on.

    A changed share starts the watch anew. Raises ``ModelNotFound`` or ``AlreadyLive``.
    """
    lock_name(session, "models")
    card_of(session, sha256)
    live = live_model(session, profile)
    if live == sha256:
        raise AlreadyLive("the model answers all conversations already")
    now = shared_now(session)
    row = session.get(Canary, profile)
    if row is None:
        row = Canary(profile=profile, sha256=sha256, share=share, started_by=by, started_at=now)
        session.add(row)
    else:
        row.sha256, row.share, row.started_by, row.started_at = sha256, share, by, now
    return note(
        session, profile, by=by, action="canary_start", before=live, after=sha256,
        detail={"share": share},
    )  # fmt: skip


def stop(session: Session, profile: str, *, by: str, sha256: str | None = None) -> ModelChange:
    """Give all conversations back to the live model. Raises ``ModelNotFound``."""
    lock_name(session, "models")
    row = session.get(Canary, profile)
    if row is None or (sha256 and row.sha256 != sha256):
        raise ModelNotFound("no such canary", title="这个品牌目前没有进行中的灰度。")
    arms = measure(session, row)
    return _end(session, row, by=by, action="canary_stop", reason="", arms=arms)


def measure(session: Session, canary: Canary) -> tuple[Arm, Arm]:
    """The canary and the live model since it began, on the conversations that began since."""
    is_canary = func.max(case((Turn.model == canary.sha256, 1), else_=0))
    handed_off = func.max(case((Turn.handed_off.is_(True), 1), else_=0))
    talks = (
        select(is_canary.label("canary"), handed_off.label("handed_off"))
        .join(Conversation, Conversation.conversation_id == Turn.conversation_id)
        .where(
            Turn.profile == canary.profile,
            Turn.created_at >= canary.started_at,
            Conversation.created_at >= canary.started_at,
            Turn.status != "open",
        )
        .group_by(Turn.conversation_id)
        .subquery()
    )
    found = {True: Arm(0, 0), False: Arm(0, 0)}
    counted = select(talks.c.canary, func.count(), func.sum(talks.c.handed_off))
    for side, count, handed in session.execute(counted.group_by(talks.c.canary)):
        found[bool(side)] = Arm(int(count), int(handed or 0))
    return found[True], found[False]


def halt_worse(session: Session) -> list[str]:
    """Stop every canary that has become worse; the profiles."""
    lock_name(session, "models")
    halted: list[str] = []
    for row in list(session.scalars(select(Canary))):
        arms = measure(session, row)
        if is_worse(*arms):
            reason = (
                f"转人工率明显升高（{arms[0].rate:.1%}，线上 {arms[1].rate:.1%}），已自动停止灰度"
            )
            _end(session, row, by=SYSTEM, action="canary_halt", reason=reason, arms=arms)
            halted.append(row.profile)
    return halted


def running(session: Session, profiles: Iterable[str]) -> list[Document]:
    """The canaries of the profiles, with how they stand."""
    found: list[Document] = []
    for row in session.scalars(select(Canary).where(Canary.profile.in_(list(profiles)))):
        canary, live = measure(session, row)
        found.append(
            {
                "profile": row.profile,
                "sha256": row.sha256,
                "share": row.share,
                "started_by": row.started_by,
                "started_at": row.started_at.isoformat(),
                "canary": canary.as_json(),
                "live": live.as_json(),
                "z": round(z_score(canary, live), 2),
            }
        )
    return found


def _end(
    session: Session, row: Canary, *, by: str, action: str, reason: str, arms: tuple[Arm, Arm]
) -> ModelChange:
    session.delete(row)
    detail = {
        "share": row.share,
        "canary": arms[0].as_json(),
        "live": arms[1].as_json(),
        "z": round(z_score(*arms), 2),
    }
    return note(
        session, row.profile, by=by, action=action, before=row.sha256,
        after=live_model(session, row.profile), reason=reason, detail=detail,
    )  # fmt: skip


class CanaryWatch:
    """``run`` looks at all canaries every ``rhythm`` seconds, on one desk for all."""

    def __init__(self, database: Database, holder: str, rhythm: float = 15.0) -> None:
        self._database = database
        self._holder = holder
        self._rhythm = rhythm

    async def run(self) -> None:
        while True:
            try:
                await self._round()
            except KefuError as error:
                log.warning("canaries are not watched", reason=error.code)
            except Exception:
                log.exception("canaries could not be watched")
            await asyncio.sleep(self._rhythm)

    async def _round(self) -> None:
        if not await self._database.read(_any):
            return
        take = partial(
            leases.take,
            name=LEASE,
            holder=self._holder,
            lifetime=timedelta(seconds=4 * self._rhythm),
            is_dead=workers.is_dead,
        )
        if await self._database.write(take):
            for profile in await self._database.write(halt_worse):
                log.error("canary halted: it hands off more often", profile=profile)


def _any(session: Session) -> bool:
    return session.scalar(select(Canary.profile).limit(1)) is not None
