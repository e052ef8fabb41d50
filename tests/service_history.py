"""A made-up history of a shop's service: talks, hand-offs, waits told, ratings, marks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from kefu.store.base import Table
from kefu.store.desk_tables import Correction
from kefu.store.handoff_tables import Handoff, ToldWait
from kefu.store.service_tables import Rating
from kefu.store.tables import Audit, Conversation, Turn

Row = dict[str, Any]

# Intent, how often it is asked, how often it ends with a person, how often the bot reads it wrong.
TOPICS = (
    ("order_status", 22, 0.10, 0.03),
    ("track_logistics", 20, 0.12, 0.04),
    ("refund_progress", 12, 0.30, 0.08),
    ("return_request", 11, 0.26, 0.10),
    ("urge_shipping", 8, 0.24, 0.05),
    ("promotion_coupon", 6, 0.18, 0.12),
    ("payment_failure", 5, 0.34, 0.10),
    ("quality_problem", 5, 0.55, 0.16),
    ("account_locked", 4, 0.20, 0.04),
    ("complaint", 3, 0.82, 0.07),
    ("nlu_fallback", 4, 0.60, 0.30),
)
HOURS = (1, 1, 0, 0, 0, 0, 1, 2, 5, 9, 11, 10, 8, 8, 9, 9, 8, 8, 9, 11, 12, 10, 6, 3)


@dataclass
class History:
    """Rows of one profile over ``days`` days before ``now``, the same for the same ``seed``."""

    profile: str
    groups: Sequence[str]
    staff: Sequence[int]
    now: datetime
    days: int
    seed: int = 20261130
    rows: dict[type[Table], list[Row]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self._handoff = 0

    def write(self, session: Session, talks: int) -> None:
        """Into an empty database: hand-offs are numbered from 1."""
        for number in range(talks):
            self._talk(f"h{self.seed}-{number}")
        for table in (Conversation, Turn, Handoff, ToldWait, Rating, Correction, Audit):
            rows = self.rows.get(table, [])
            for start in range(0, len(rows), 5000):
                session.execute(insert(table), rows[start : start + 5000])

    def _talk(self, conversation_id: str) -> None:
        dice = self.random
        began = self._moment()
        topic, _, to_person, misread = dice.choices(TOPICS, [each[1] for each in TOPICS])[0]
        self._add(Conversation, _conversation(conversation_id, self.profile, began))
        turns = dice.choice((1, 2, 3, 3, 4, 5))
        for turn in range(turns):
            intent = topic if turn == 0 else dice.choice((topic, "inform", "thanks"))
            self._turn(f"{conversation_id}-{turn}", conversation_id, began, turn, intent)
        at = began + timedelta(seconds=40 * turns)
        if dice.random() < to_person and at < self.now:
            self._handed(conversation_id, at)
        elif dice.random() < 0.35:
            self._rating(conversation_id, at, None, (0.03, 0.04, 0.12, 0.33, 0.48))
        if dice.random() < 0.08:
            self._mark(conversation_id, at, topic, dice.random() >= misread)

    def _moment(self) -> datetime:
        while True:
            day = self.random.randrange(self.days)
            hour = self.random.choices(range(24), HOURS)[0]
            second = self.random.randrange(3600)
            # Beijing's midnight is 16:00 in UTC.
            midnight = (self.now + timedelta(hours=8)).replace(
                hour=0, minute=0, second=0, microsecond=0
            )
            at = midnight - timedelta(days=day, hours=8 - hour) + timedelta(seconds=second)
            if at < self.now:
                return at

    def _turn(self, turn_id: str, conversation: str, began: datetime, n: int, intent: str) -> None:
        at = began + timedelta(seconds=40 * n)
        ranking = [{"name": each[0], "confidence": 0.1} for each in TOPICS]
        self._add(
            Turn,
            {
                "turn_id": turn_id,
                "conversation_id": conversation,
                "profile": self.profile,
                "status": "done",
                "message_ids": [n + 1],
                "tracker_version": n,
                "now": at,
                "viewer": {},
                "attempt": 1,
                "failures": 0,
                "lease_until": at,
                "parse": {"intent": {"name": intent}, "intent_ranking": ranking},
                "intent": intent,
                "created_at": at,
                "finished_at": at,
            },
        )

    def _handed(self, conversation: str, at: datetime) -> None:
        dice = self.random
        self._handoff += 1
        wait = dice.lognormvariate(4.6, 0.8)
        left = dice.random() < 0.06
        taken = None if left else at + timedelta(seconds=wait)
        answered = taken and taken + timedelta(seconds=dice.lognormvariate(3.2, 0.6))
        ended = (taken or at) + timedelta(seconds=dice.lognormvariate(6.0, 0.7) + 60)
        staff = dice.choice(self.staff)
        group = dice.choice(self.groups)
        self._add(
            Handoff,
            {
                "handoff_id": self._handoff,
                "conversation_id": conversation,
                "profile": self.profile,
                "agent_group": group,
                "reason": "requested",
                "priority": 0,
                "outcome": "left" if left else "closed",
                "asked_at": at,
                "staff_id": None if left else staff,
                "assigned_at": taken,
                "answered_at": answered,
                "ended_at": ended,
                "busy_seconds": 0 if left else round((ended - (taken or at)).total_seconds()),
                "returns": int(dice.random() < 0.02),
                "closing_note": "",
            },
        )
        self._told(group, at, wait, None if left else round(wait))
        if taken is None:
            return
        self._move(conversation, taken, "assign", None, staff)
        self._move(conversation, ended, "resolve", staff, None)
        if dice.random() < 0.6:
            self._rating(conversation, ended, staff, (0.05, 0.05, 0.10, 0.28, 0.52), group)

    def _told(self, group: str, at: datetime, wait: float, had: int | None) -> None:
        low = max(0, round(wait * self.random.uniform(0.35, 1.08) / 60) * 60 - 60)
        self._add(
            ToldWait,
            {
                "handoff_id": self._handoff,
                "profile": self.profile,
                "agent_group": group,
                "told_at": at,
                "position": 1,
                "low": low,
                "high": low + 180,
                "had": had,
            },
        )

    def _move(
        self, conversation: str, at: datetime, action: str, owner: int | None, new: int | None
    ) -> None:
        self._add(
            Audit,
            {
                "profile": self.profile,
                "at": at,
                "actor": "system",
                "action": action,
                "subject": conversation,
                "detail": {"owner": owner, "new_owner": new},
            },
        )

    def _rating(
        self,
        conversation: str,
        at: datetime,
        staff: int | None,
        weights: Sequence[float],
        group: str | None = None,
    ) -> None:
        dice = self.random
        stars = dice.choices(range(1, 6), weights)[0] if dice.random() < 0.45 else None
        liked = ("solved", "quick", "clear", "friendly")
        disliked = ("unsolved", "slow", "unclear")
        self._add(
            Rating,
            {
                "conversation_id": conversation,
                "seq": 90,
                "profile": self.profile,
                "served_by": "agent" if staff else "bot",
                "staff_id": staff,
                "agent_group": group,
                "asked_at": at,
                "stars": stars,
                "reasons": [dice.choice(liked if stars >= 4 else disliked)] if stars else [],
                "text": "",
                "rated_at": at if stars else None,
                "changed_at": None,
            },
        )

    def _mark(self, conversation: str, at: datetime, intent: str, right: bool) -> None:
        meant = self.random.choice(TOPICS[:8])[0]
        self._add(
            Correction,
            {
                "profile": self.profile,
                "conversation_id": conversation,
                "seq": 1,
                "turn_id": f"{conversation}-0",
                "intent_given": intent,
                "right": right,
                "right_intent": None if right else meant,
                "staff_id": self.random.choice(self.staff),
                "at": at,
            },
        )

    def _add(self, table: type[Table], row: Row) -> None:
        self.rows.setdefault(table, []).append(row)


def _conversation(conversation_id: str, profile: str, at: datetime) -> Row:
    return {
        "conversation_id": conversation_id,
        "profile": profile,
        "shopper_name": "访客",
        "state": "closed",
        "state_since": at,
        "note": "",
        "last_seq": 3,
        "last_text": "",
        "tracker_version": 1,
        "verified_orders": [],
        "context": {},
        "resume_hash": conversation_id,
        "created_at": at,
        "updated_at": at,
    }
