"""The trainer's API: who may, what it takes, and what holds from the next turn on."""

from __future__ import annotations

import hashlib
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import models
from kefu.profiles import load_profiles
from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.model_tables import TrainerJob
from kefu.store.tables import Audit, Staff, StaffRole
from kefu.trainer import jobs
from kefu.trainer.comparing import Typed, masked, typed_messages
from kefu.trainer.training import add_candidate
from tests.desk_stage import Desk, agent
from tests.engine_server import MODEL, EngineServer
from tests.integration.desk.test_staff_api import CHEAP_HASH, PASSWORD

pytestmark = pytest.mark.either_database

API = "/api/v1/trainer"
ROOT = Path(__file__).parents[3]


def add_staff(session: Session, username: str, profile: str, role: str) -> None:
    staff = Staff(
        username=username, name=username, password_hash=CHEAP_HASH, active=True,
        created_at=utc_now(),
    )  # fmt: skip
    session.add(staff)
    session.flush()
    session.add(StaffRole(staff_id=staff.staff_id, profile=profile, role=role))


async def login(desk: Desk, username: str, profile: str, role: str) -> httpx.AsyncClient:
    add = partial(add_staff, username=username, profile=profile, role=role)
    await desk.runtime.database.write(add)
    return await agent(desk, username, PASSWORD)


@pytest.fixture
async def trainer(desk: Desk) -> httpx.AsyncClient:
    return await login(desk, "xun", "demo", "trainer")


@pytest.fixture
def candidate(settings: Settings) -> str:
    """An archive in the store whose name is its hash."""
    settings.models_dir.mkdir(exist_ok=True)
    content = b"an archive"
    name = hashlib.sha256(content).hexdigest()
    (settings.models_dir / f"{name}.tar.gz").write_bytes(content)
    return name


async def know(desk: Desk, candidate: str) -> None:
    await desk.runtime.database.write(partial(models.make_live, sha256=MODEL, card={}))
    card = {"trained_at": "2026-11-30T01:00:00+00:00", "run_id": "r"}
    await desk.runtime.database.write(partial(add_candidate, sha256=candidate, card=card))


async def compared(desk: Desk, candidate: str, **result: Any) -> None:
    """A finished comparison of the candidate with the live model."""

    def add(session: Session) -> None:
        request = {"candidate": candidate, "live": MODEL, "messages": 10}
        job = jobs.create(session, "comparison", request, "staff:1", "demo")
        job.state, job.model_sha256, job.finished_at = "done", candidate, utc_now()
        job.result = {"replay": {"messages": 10}, "thresholds": [{"threshold": 0.5}], **result}

    await desk.runtime.database.write(add)


async def test_agents_and_strangers_have_no_business_here(desk: Desk, candidate: str) -> None:
    await know(desk, candidate)
    nobody = desk.client()
    assert (await nobody.get(f"{API}/models")).status_code == 401
    wang = await login(desk, "wang", "demo", "agent")
    for path in ("runs", "models", "live", "frozen", "watch?profile=demo"):
        answer = await wang.get(f"{API}/{path}")
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing"), path
    other = await login(desk, "other", "tp", "trainer")
    body = {"profiles": ["demo"]}
    assert (await other.post(f"{API}/models/{candidate}/promote", json=body)).status_code == 403
    assert (await other.get(f"{API}/profiles/demo/threshold")).status_code == 403
    del other.headers["X-CSRF-Token"]
    assert (await other.post(f"{API}/runs", json={})).json()["code"] == "request_forged"


async def test_a_run_is_queued_shown_and_cancelled(
    trainer: httpx.AsyncClient, settings: Settings
) -> None:
    created = await trainer.post(f"{API}/runs", json={"note": "更多退货说法"})
    assert created.status_code == 201
    run = created.json()
    assert (run["state"], run["progress"], run["step"]) == ("queued", 0, "排队中")
    (listed,) = (await trainer.get(f"{API}/runs")).json()["runs"]
    assert listed == run
    assert run["by"] == "xun"
    assert (await trainer.get(f"{API}/runs/{run['run_id']}")).json() == run
    assert (await trainer.get(f"{API}/runs/{run['run_id']}/log")).status_code == 404
    folder = settings.home / "trainer" / run["run_id"]
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("[ 20 %] 检查对话规则\n")
    assert "检查对话规则" in (await trainer.get(f"{API}/runs/{run['run_id']}/log")).text
    cancelled = await trainer.post(f"{API}/runs/{run['run_id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    again = await trainer.post(f"{API}/runs/{run['run_id']}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "job_over")
    assert (await trainer.get(f"{API}/runs/nope")).status_code == 404


async def test_a_promotion_is_noted_with_its_author_and_taken_back(
    desk: Desk, trainer: httpx.AsyncClient, candidate: str
) -> None:
    await know(desk, candidate)
    answer = await trainer.post(f"{API}/models/{candidate}/promote", json={"reason": "更好"})
    assert answer.status_code == 200, answer.text
    (change,) = answer.json()["changes"]
    assert (change["profile"], change["from"], change["to"]) == ("demo", MODEL, candidate)
    twice = await trainer.post(f"{API}/models/{candidate}/promote", json={})
    assert (twice.status_code, twice.json()["code"]) == (409, "already_live")
    found = (await trainer.get(f"{API}/models/{candidate}")).json()
    assert (found["live"], found["archive_present"], found["run_id"]) == (["demo"], True, "r")
    live = (await trainer.get(f"{API}/live")).json()
    assert live["live"] == {"demo": candidate}
    assert live["previous"] == {"demo": MODEL}
    assert live["history"][0]["reason"] == "更好"
    assert live["history"][0]["actor"].startswith("staff:")
    gone = await trainer.post(f"{API}/rollback", json={"profile": "demo"})
    assert (gone.status_code, gone.json()["code"]) == (409, "archive_unfit"), "not in the store"
    (desk.runtime.settings.models_dir / f"{MODEL}.tar.gz").write_bytes(b"not what it says")
    assert (await trainer.post(f"{API}/rollback", json={"profile": "demo"})).status_code == 409
    audits = select(Audit).where(Audit.action == "model_promote")
    rows = await desk.runtime.database.read(lambda session: list(session.scalars(audits)))
    assert [row.profile for row in rows] == ["demo"]


async def test_a_worse_candidate_takes_a_reason(
    desk: Desk, trainer: httpx.AsyncClient, candidate: str
) -> None:
    await know(desk, candidate)
    await compared(desk, candidate, significant_loss=False, frozen_broken=True)
    refused = await trainer.post(f"{API}/models/{candidate}/promote", json={"reason": " "})
    assert (refused.status_code, refused.json()["code"]) == (409, "reason_needed")
    given = await trainer.post(f"{API}/models/{candidate}/promote", json={"reason": "测试句过时"})
    assert given.status_code == 200


async def test_a_damaged_or_unknown_model_is_never_promoted(
    desk: Desk, trainer: httpx.AsyncClient, candidate: str, settings: Settings
) -> None:
    await know(desk, candidate)
    (settings.models_dir / f"{candidate}.tar.gz").write_bytes(b"changed")
    damaged = await trainer.post(f"{API}/models/{candidate}/promote", json={})
    assert (damaged.status_code, damaged.json()["code"]) == (409, "archive_unfit")
    content = b"nobody trained it"
    stranger = hashlib.sha256(content).hexdigest()
    (settings.models_dir / f"{stranger}.tar.gz").write_bytes(content)
    unknown = await trainer.post(f"{API}/models/{stranger}/promote", json={})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "model_not_found")
    odd = await trainer.post(f"{API}/models/..%2Fetc/promote", json={})
    assert odd.status_code in (404, 422)


async def test_a_canary_is_started_shown_and_stopped(
    desk: Desk, trainer: httpx.AsyncClient, candidate: str
) -> None:
    await know(desk, candidate)
    path = f"{API}/models/{candidate}/canary"
    begun = await trainer.post(path, json={"profile": "demo", "share": 0.1})
    assert (begun.status_code, begun.json()["action"]) == (201, "canary_start")
    assert (await trainer.get(f"{API}/models/{candidate}")).json()["canary"] == {"demo": 0.1}
    (running,) = (await trainer.get(f"{API}/live")).json()["canaries"]
    assert (running["share"], running["canary"]["conversations"]) == (0.1, 0)
    assert (await trainer.delete(path, params={"profile": "demo"})).json()["to"] == MODEL
    assert (await trainer.delete(path, params={"profile": "demo"})).status_code == 404
    assert (await trainer.post(path, json={"profile": "demo", "share": 1.5})).status_code == 422


async def test_a_threshold_holds_from_the_next_turn_on_without_a_training(
    desk: Desk, trainer: httpx.AsyncClient, engine: EngineServer, candidate: str
) -> None:
    await know(desk, candidate)
    await compared(desk, candidate)
    shopper = await desk.shopper()
    await shopper.say("一")
    await shopper.until_said("echo 一")
    path = f"{API}/profiles/demo/threshold"
    set_ = await trainer.put(path, json={"answer": 0.9, "clarify": 0.4})
    assert set_.status_code == 200, set_.text
    assert set_.json()["source"] == "trainer"
    assert set_.json()["consequences"]["thresholds"] == [{"threshold": 0.5}]
    await shopper.say("二")
    await shopper.until_said("echo 二")
    cleared = await trainer.delete(path)
    assert cleared.json()["source"] != "trainer"
    await shopper.say("三")
    await shopper.until_said("echo 三")
    own = engine.requests[0]["thresholds"]
    assert [request["thresholds"] for request in engine.requests] == [
        own, {"answer": 0.9, "clarify": 0.4}, own,
    ]  # fmt: skip
    audits = select(Audit.detail).where(Audit.action == "set_threshold").order_by(Audit.audit_id)
    details = await desk.runtime.database.read(lambda session: list(session.scalars(audits)))
    assert details[0]["after"] == {"answer": 0.9, "clarify": 0.4}
    assert details[1]["after"] is None


async def test_a_comparison_is_queued_and_seen_by_its_profile_alone(
    desk: Desk, trainer: httpx.AsyncClient, candidate: str, settings: Settings
) -> None:
    await know(desk, candidate)
    body = {"candidate": candidate, "profile": "demo", "live": candidate}
    created = await trainer.post(f"{API}/comparisons", json=body)
    assert created.status_code == 201, created.text
    identity = created.json()["comparison_id"]
    assert (await trainer.get(f"{API}/comparisons/{identity}")).json()["result"] is None
    (listed,) = (await trainer.get(f"{API}/comparisons")).json()["comparisons"]
    assert (listed, listed["by"]) == (created.json(), "xun")
    other = await login(desk, "other", "tp", "trainer")
    assert (await other.get(f"{API}/comparisons/{identity}")).status_code == 403
    assert (await other.get(f"{API}/comparisons")).json() == {"comparisons": []}
    missing = await trainer.post(f"{API}/comparisons", json={**body, "live": "d" * 64})
    assert missing.json()["code"] == "archive_unfit"


async def test_what_is_replayed_was_typed_and_what_is_kept_is_masked(
    desk: Desk, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    for text in ("我的电话13800138000", "到哪了"):
        await shopper.say(text)
        await shopper.until_said(f"echo {text}")
    profile = load_profiles(ROOT / "data" / "profiles")["demo"]
    history = await desk.runtime.database.read(partial(typed_messages, profile=profile, limit=10))
    assert history.messages == [Typed("到哪了", None), Typed("我的电话13800138000", None)]
    assert history.days == 1.0
    item = {"text": history.messages[1].text}
    result = {"replay": {"items": [dict(item)]}, "frozen": {"broken": [dict(item)]}}
    assert "13800138000" not in str(masked(result, profile))


async def test_the_watch_shows_the_days(
    desk: Desk, trainer: httpx.AsyncClient, engine: EngineServer
) -> None:
    shopper = await desk.shopper()
    await shopper.say("你好")
    await shopper.until_said("echo 你好")
    found = (await trainer.get(f"{API}/watch", params={"profile": "demo", "days": 7})).json()
    (day,) = found["days"]
    assert (day["turns"], day["contained"], day["handed_off"]) == (1, 1, 0)
    assert found["psi"]["warning"] is False
    assert found["unknown_words"] == []
    assert found["emerging"] == []


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def workspace(settings: Settings, tmp_path: Path) -> Path:
    """A small checkout of its own."""
    folder = tmp_path / "workspace"
    (folder / "data" / "nlu").mkdir(parents=True)
    (folder / "domain.yml").write_text("intents:\n  - invoice\n  - order_status\n")
    (folder / "data" / "nlu" / "all.yml").write_text(
        "nlu:\n- intent: invoice\n  examples: |\n    - 发票什么时候能开出来呀\n", encoding="utf-8"
    )
    identity = ["-c", "user.name=t", "-c", "user.email=t@localhost"]
    for arguments in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "first"]):
        git(folder, *arguments)
    settings.workspace = folder
    return folder


async def test_a_frozen_row_is_a_commit_of_the_trainers(
    workspace: Path, desk: Desk, trainer: httpx.AsyncClient
) -> None:
    row = {"text": "我买的东西啥时候给票据", "intent": "invoice"}
    added = await trainer.post(f"{API}/frozen", json=row)
    assert added.status_code == 201, added.text
    assert (await trainer.get(f"{API}/frozen")).json()["total"] == 1
    assert git(workspace, "log", "-1", "--format=%an %s") == "xun 测试集：新增「invoice」1 句"
    near = await trainer.post(
        f"{API}/frozen", json={"text": "发票什么时候能开出来呀？", "intent": "invoice"}
    )
    assert (near.status_code, near.json()["code"]) == (409, "too_near_training")
    assert "发票什么时候能开出来呀" in near.json()["title"]
    for text, intent in (
        (row["text"], "invoice"), ("给我退钱呀", "no_such"), ("打我13800138000", "invoice"),
        ("两\n行", "invoice"),
    ):  # fmt: skip
        refused = await trainer.post(f"{API}/frozen", json={"text": text, "intent": intent})
        assert (refused.status_code, refused.json()["code"]) == (422, "frozen_invalid"), text
    gone = await trainer.delete(f"{API}/frozen", params={"text": row["text"]})
    assert gone.status_code == 204
    assert (await trainer.get(f"{API}/frozen")).json() == {"rows": [], "total": 0}
    assert git(workspace, "status", "--porcelain") == ""


async def test_jobs_of_the_other_kind_are_not_found(
    desk: Desk, trainer: httpx.AsyncClient, candidate: str
) -> None:
    await compared(desk, candidate)
    first = select(TrainerJob.job_id).limit(1)
    job_id = await desk.runtime.database.read(lambda session: session.scalar(first))
    assert (await trainer.get(f"{API}/runs/{job_id}")).status_code == 404
