"""A comparison: the last messages of real shoppers replayed on a candidate and the live model."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import models
from kefu.engine_process import engine_command, engine_environment
from kefu.privacy.mask import mask_export
from kefu.profiles import Profile, load_profiles
from kefu.store.tables import Document, Message
from kefu.trainer import known_intents
from kefu.trainer.process import run_followed

if TYPE_CHECKING:
    from kefu.trainer.worker import Job

SHORTEST_SPAN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Typed:
    """A message, and what it is known to mean, if somebody has said it."""

    text: str
    label: str | None


@dataclass(frozen=True, slots=True)
class History:
    """Messages that shoppers typed, newest first, and the days they came in."""

    messages: Sequence[Typed]
    days: float


def run(job: Job) -> dict[str, Any]:
    """What is to be noted in the job's row. Raises ``CommandFailed`` or ``CommandCancelled``."""
    settings, request = job.settings, job.row.request
    profile = load_profiles(settings.profiles_dir)[job.row.profile]
    work = job.folder / "work"
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    read = partial(typed_messages, profile=profile, limit=int(request["messages"]))
    history = job.database.read_now(read)
    messages, out = work / "messages.jsonl", work / "result.json"
    write_messages(messages, history.messages)
    own = job.database.read_now(partial(models.thresholds, profile=profile.profile))
    arguments = ["compare", "--out", str(out), "--messages", str(messages)]
    arguments += ["--candidate", _archive(settings.models_dir, request["candidate"])]
    arguments += ["--live", _archive(settings.models_dir, request["live"])]
    arguments += ["--settings", json.dumps(_settings(profile, own, history, settings.workspace))]
    frozen = sorted((settings.workspace / "data" / "frozen").resolve().glob("*.tsv"))
    arguments += ["--frozen", *map(str, frozen)]
    run_followed(
        engine_command(arguments),
        env=engine_environment(settings) | {"KEFU_HOME": str(settings.home.resolve())},
        cwd=work,
        log=job.log,
        report=job.report,
    )
    result = masked(json.loads(out.read_text(encoding="utf-8")), profile)
    return {"result": result, "model_sha256": request["candidate"]}


def typed_messages(session: Session, profile: Profile, limit: int) -> History:
    """The newest messages that shoppers typed to the bot; buttons and pictures are none."""
    known = known_intents.read(session, profile)
    rows = session.execute(
        select(Message.text, Message.created_at)
        .where(
            Message.profile == profile.profile,
            Message.author == "shopper",
            Message.payload.is_(None),
            Message.status != "person",
        )
        .order_by(Message.message_id.desc())
        .limit(limit)
    ).all()
    times: list[datetime] = [at for _, at in rows]
    span = max(times[0] - times[-1], SHORTEST_SPAN) if times else SHORTEST_SPAN
    labels = _labels({text for text, _ in rows}, known, profile) if known else {}
    messages = [Typed(text, labels.get(text)) for text, _ in rows if text.strip()]
    return History(messages, span / timedelta(days=1))


def _labels(texts: Iterable[str], known: Mapping[str, str], profile: Profile) -> dict[str, str]:
    """The right intents of those texts that have one."""
    numbers = profile.known_numbers
    keys = {text: known_intents.hash_of(known_intents.form_of(text, numbers)) for text in texts}
    return {text: known[key] for text, key in keys.items() if key in known}


def write_messages(path: Path, messages: Iterable[Typed]) -> None:
    """For this user's eyes only; the file lives as long as the job."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        for message in messages:
            line = {"text": message.text}
            if message.label:
                line["label"] = message.label
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def masked(result: Document, profile: Profile) -> Document:
    """The result as it is kept: no number in a message that could be a person's."""
    for item in [*result["replay"]["items"], *result["frozen"]["broken"]]:
        item["text"] = mask_export(item["text"], profile.known_numbers)
    return result


def _archive(folder: Path, sha256: str) -> str:
    return str((folder / f"{sha256}.tar.gz").resolve())


def _settings(
    profile: Profile, own: dict[str, float] | None, history: History, workspace: Path
) -> Document:
    thresholds = own
    if thresholds is None and profile.answer_threshold is not None:
        thresholds = {"answer": profile.answer_threshold}
    return {
        "thresholds": thresholds,
        "masked_intents": list(profile.services_off),
        "order_number_patterns": list(profile.order_number_patterns),
        "days": history.days if history.messages else None,
        "data": str((workspace / "data" / "nlu").resolve()),
    }
