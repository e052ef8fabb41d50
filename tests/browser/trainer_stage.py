"""A real desk whose trainers have something to do: an inbox, models, a comparison, some talks."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from kefu.accounts.passwords import hash_password
from kefu.settings import Settings
from kefu.store.database import Database, utc_now
from kefu.store.inbox_tables import InboxItem
from kefu.store.model_tables import ModelChange, TrainerJob
from kefu.store.tables import EVERY_PROFILE, Model, Staff, StaffRole
from kefu.trainer import reading
from kefu.trainer.normal_form import normal
from tests.browser.stage import Stage
from tests.trainer_project import make_checkout
from tests.trainer_talks import SURE, add_talk

ARCHIVES = (b"the live model", b"the candidate")
LIVE, CANDIDATE = (hashlib.sha256(archive).hexdigest() for archive in ARCHIVES)
SECOND_TRAINER = "zhoulin"
INVOICES = ("发票抬头写错了怎么换", "发票抬头写错了能换吗", "发票抬头错了怎么换啊")
OTHERS = (("怎么还没到货呀", "rephrased"), ("你们老板叫啥", "low_confidence"))


class TrainerStage(Stage):
    """``settings.workspace`` is a small project in a checkout of its own."""

    settings: Settings

    def _fill(self, settings: Settings) -> None:
        settings.workspace = make_checkout(self.home / "project")
        settings.models_dir = self.home / "models"
        settings.models_dir.mkdir()
        for name, archive in zip((LIVE, CANDIDATE), ARCHIVES, strict=True):
            (settings.models_dir / f"{name}.tar.gz").write_bytes(archive)
        self.settings = settings
        super()._fill(settings)
        database = Database(settings.desk_database)
        database.write_now(add_inbox)
        database.write_now(add_models)
        database.close()

    def _add_people(self, session: Session) -> None:
        super()._add_people(session)
        staff = Staff(
            username=SECOND_TRAINER,
            name="周琳",
            password_hash=hash_password(self.admin_password),
            active=True,
            created_at=utc_now(),
        )
        session.add(staff)
        session.flush()
        session.add(StaffRole(staff_id=staff.staff_id, profile="demo", role="trainer"))


def add_inbox(session: Session) -> None:
    """Three messages that are alike, marked wrong by an agent, and two others."""
    leader: int | None = None
    for text in INVOICES:
        item = _item(session, text, "agent_wrong", leader)
        leader = leader or item.item_id
    for text, kind in OTHERS:
        _item(session, text, kind, None)
    for day in range(1, 9):
        began = utc_now() - timedelta(days=day)
        add_talk(session, ("查一下订单", SURE), began=began)
        add_talk(session, ("我的订单呢", SURE), began=began)


def _item(session: Session, text: str, kind: str, leader: int | None) -> InboxItem:
    ranking = [("order_status", 0.41), ("greet", 0.2), ("invoice", 0.12)]
    [turn] = add_talk(session, (text, tuple(ranking)))
    kinds = reading.bit(kind)
    item = InboxItem(
        profile="demo",
        normal_hash=hashlib.sha256(normal(text).encode()).hexdigest(),
        normal=normal(text),
        text=text,
        kind=kind,
        kinds=kinds,
        hardness=reading.hardness(kinds, 0.41),
        count=2,
        sampled=0,
        group_id=leader,
        first_at=turn.created_at,
        last_at=turn.created_at,
        turn_id=turn.turn_id,
        conversation_id=turn.conversation_id,
        intent="order_status",
        confidence=0.41,
        reading={
            "ranking": [{"name": name, "confidence": sure} for name, sure in ranking],
            "entities": [],
            "tokens": [text[:2], text[2:4], text[4:]],
            "answer": 0.6,
            "fell_back": True,
        },
        suggested=["invoice", "order_status"],
        state="open",
        label=None,
        new_intent_hint=None,
        marked=[],
        labelled_by=None,
        labelled_at=None,
        approvals=[],
        data_commit=None,
    )
    session.add(item)
    session.flush()
    item.group_id = leader or item.item_id
    return item


def add_models(session: Session) -> None:
    """A live model, a candidate, and what a comparison of the two found."""
    now = utc_now()
    for sha256, live_since in ((LIVE, now), (CANDIDATE, None)):
        card = {
            "sha256": sha256,
            "trained_at": now.isoformat(),
            "counts": {"examples": 7},
            "understanding": {
                "thresholds": {"answer": 0.6, "clarify": 0.3},
                "cross_validation": {"accuracy": 0.9, "answered": 0.7},
            },
        }
        session.add(Model(sha256=sha256, profile=EVERY_PROFILE, card=card, live_since=live_since))
    session.add(
        ModelChange(
            profile=EVERY_PROFILE, at=now, actor="system", action="start", from_sha256=None,
            to_sha256=LIVE, reason="", detail={},
        )
    )  # fmt: skip
    request = {"candidate": CANDIDATE, "live": LIVE, "messages": 100}
    _job(session, "comparison", "demo", request, result())
    _job(session, "training", EVERY_PROFILE, {"note": "补充发票的说法"}, None)


def _job(
    session: Session, kind: str, profile: str, request: dict[str, Any], found: Any
) -> TrainerJob:
    now = utc_now()
    job = TrainerJob(
        job_id=f"{kind}-1",
        kind=kind,
        state="done",
        profile=profile,
        progress=100,
        step="完成",
        request=request,
        result=found,
        model_sha256=CANDIDATE,
        data_commit="a" * 40,
        error=None,
        cancelling=False,
        worker=None,
        lease_until=None,
        created_by="staff:1",
        created_at=now,
        started_at=now - timedelta(seconds=40),
        finished_at=now,
    )
    session.add(job)
    return job


def result() -> dict[str, Any]:
    """A comparison in the engine's form: one mended, one broken."""
    figures = {"rows": 40, "accuracy": 0.9, "accuracy_in_scope": 0.9, "macro_f1": 0.88, "ece": 0.05}
    sure = {"intent": "invoice", "confidence": 0.9, "answered": True, "outcome": "answered"}
    unsure = {**sure, "intent": "greet", "confidence": 0.3, "answered": False, "outcome": "asked"}
    change = {"live": 7.0, "candidate": 5.5, "ci": [-2.4, -0.6]}
    return {
        "cross_validation": {"candidate": {"accuracy": 0.9}, "live": {"accuracy": 0.88}},
        "frozen": {
            "rows": 40,
            "candidate": figures,
            "live": {**figures, "accuracy": 0.85},
            "per_intent": [
                {"intent": "invoice", "rows": 8, "candidate": 1.0, "live": 0.5, "ci": [0.1, 0.8]}
            ],
            "broken": [{"text": "在吗在吗", "label": "greet", "live": sure, "candidate": unsure}],
            "mended": 3,
            "p_value": 0.6,
        },
        "replay": {
            "messages": 100,
            "same": 98,
            "mended": 1,
            "broken": 1,
            "changed": 0,
            "items": [
                _replayed("您好在不在", "broken", "greet", sure, unsure),
                _replayed("专票能开吗", "mended", "invoice", unsure, sure),
            ],
        },
        "per_day": {"handoffs": change, "wrong_answers": change},
        "risk_coverage": {"live": [[0.5, 0.02], [1.0, 0.15]], "candidate": [[0.5, 0], [1.0, 0.1]]},
        "reliability": {"live": [[0.5, 0.4, 20]], "candidate": [[0.5, 0.5, 20], [0.9, 0.92, 20]]},
        "thresholds": [
            {"threshold": 0.5, "answered": 0.8, "asked": 0.1, "handed_off": 0.1,
             "wrong_share": 0.1, "wrong_per_day": 4.0},
            {"threshold": 0.6, "answered": 0.7, "asked": 0.15, "handed_off": 0.15,
             "wrong_share": 0.06, "wrong_per_day": 2.5},
        ],
        "threshold": {"answer": 0.6, "clarify": 0.3},
        "significant_loss": False,
        "frozen_broken": True,
    }  # fmt: skip


def _replayed(
    text: str, verdict: str, label: str, live: dict[str, Any], candidate: dict[str, Any]
) -> dict[str, Any]:
    return {
        "text": text, "live": live, "candidate": candidate, "verdict": verdict, "label": label,
        "count": 1,
    }  # fmt: skip
