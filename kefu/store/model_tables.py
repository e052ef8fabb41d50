"""The desk's tables behind models: what was live when, canaries, thresholds, engines, jobs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, Float, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kefu.store.base import Counter, Document, Json, Table


class ModelChange(Table):
    """What was decided about a profile's model, by whom and why; rows are never changed.

    ``action``: start (the system's own choice), promote, rollback, canary_start, canary_stop or
    canary_halt (stopped by the system). ``detail`` holds what it was decided on.
    """

    __tablename__ = "model_history"

    change_id: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=True)
    profile: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(16))
    from_sha256: Mapped[str | None] = mapped_column(String(64))
    to_sha256: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[Document] = mapped_column(Json)

    __table_args__ = (Index(None, "profile", "change_id"),)


class Canary(Table):
    """A model that answers ``share`` (0 to 1) of a profile's conversations, to be watched."""

    __tablename__ = "canaries"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    share: Mapped[float] = mapped_column(Float)
    started_by: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[datetime]


class ProfileThreshold(Table):
    """How sure the bot must be in a profile; it stands above the profile's file and the model."""

    __tablename__ = "profile_thresholds"

    profile: Mapped[str] = mapped_column(String(40), primary_key=True)
    answer: Mapped[float] = mapped_column(Float)
    clarify: Mapped[float | None] = mapped_column(Float)
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime]


class EngineHost(Table):
    """The engines that a host runs, by its own word: ``{sha256: starting|ready|draining|…}``."""

    __tablename__ = "engine_hosts"

    host: Mapped[str] = mapped_column(String(120), primary_key=True)
    engines: Mapped[dict[str, str]] = mapped_column(Json)
    at: Mapped[datetime]


class TrainerJob(Table):
    """A training or a comparison, done by a process of its own on the trainer's host.

    ``state``: queued, running, done, failed or cancelled. ``worker`` names the process (machine,
    process id, start time); a running job whose lease is over or whose process is gone has failed.
    ``request`` is what was asked for, ``result`` what came out.
    """

    __tablename__ = "trainer_jobs"

    job_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    profile: Mapped[str] = mapped_column(String(40))
    progress: Mapped[int] = mapped_column(Integer)
    step: Mapped[str] = mapped_column(String(80))
    request: Mapped[Document] = mapped_column(Json)
    result: Mapped[Document | None] = mapped_column(Json, deferred=True)
    model_sha256: Mapped[str | None] = mapped_column(String(64))
    data_commit: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(Text)
    cancelling: Mapped[bool] = mapped_column(Boolean)
    worker: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    created_by: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "kind", "created_at"), Index(None, "state", "created_at"))
