"""``kefu trainer``: jobs, models and the frozen test set, on a real database and checkout."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from kefu.conversation import models
from kefu.store.database import Database, utc_now
from kefu.store.model_tables import TrainerJob
from kefu.store.tables import Audit
from kefu.trainer import jobs
from kefu.trainer.training import add_candidate
from tests.trainer_commands import WANG, run, told
from tests.trainer_project import git

LIVE, CANDIDATE = (hashlib.sha256(each).hexdigest() for each in (b"live", b"candidate"))


@pytest.fixture(autouse=True)
def _models(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    for content in (b"live", b"candidate"):
        (folder / f"{hashlib.sha256(content).hexdigest()}.tar.gz").write_bytes(content)
    card = {"trained_at": "2026-11-30T01:00:00+00:00", "counts": {"examples": 7}}
    database.write_now(partial(models.make_live, sha256=LIVE, card={}))
    database.write_now(partial(add_candidate, sha256=CANDIDATE, card=card))


def actions(database: Database) -> list[tuple[str, str]]:
    query = select(Audit.action, Audit.actor).order_by(Audit.audit_id)
    return [tuple(row) for row in database.read_now(lambda s: s.execute(query).all())]


def test_models_are_listed_and_named_by_how_they_begin(tmp_path: Path) -> None:
    listed = {one["sha256"]: one for one in told("models")}
    assert set(listed) == {LIVE, CANDIDATE}
    assert "demo" in listed[LIVE]["live"]
    assert listed[CANDIDATE]["archive_present"] is True
    assert told("models", CANDIDATE[:8])["card"]["counts"] == {"examples": 7}
    assert "没有找到这个模型" in run("models", "0" * 8, fails=True).stderr
    run("promote", "0" * 8, "--profile", "tp", *WANG, fails=True)


def test_a_promotion_and_a_canary_are_the_trainers(database: Database) -> None:
    started = told("canary", CANDIDATE[:8], "tp", "--share", "0.1", *WANG)
    assert started["actor"] == "staff:1"
    assert told("canary", CANDIDATE[:8], "tp", "--share", "0", *WANG)["action"] == "canary_stop"
    told("promote", CANDIDATE[:8], "--profile", "tp", "--reason", "补充退货说法", *WANG)
    assert told("rollback", "tp")["to"] == LIVE
    history = [(one["action"], one["by"]) for one in told("live")["history"]]
    assert history == [
        ("rollback", "命令行"),
        ("promote", "wang"),
        ("canary_stop", "wang"),
        ("canary_start", "wang"),
        ("start", "系统"),
    ]


def test_jobs_bear_the_name_of_who_began_and_who_cancelled(database: Database) -> None:
    run_id = told("train", "--note", "补充退货说法", "--no-wait", *WANG)["run_id"]
    [listed] = told("runs")
    assert (listed["by"], listed["note"]) == ("wang", "补充退货说法")
    comparison = told("compare", CANDIDATE[:8], "tp", "--no-wait", "--as", "li")["comparison_id"]
    [listed] = told("comparisons", "--profile", "tp")
    assert (listed["by"], listed["candidate"], listed["live"]) == ("li", CANDIDATE, LIVE)
    assert told("comparisons", "--profile", "demo") == []
    assert told("cancel", run_id, "--as", "li")["state"] == "cancelled"
    assert told("cancel", comparison, *WANG)["state"] == "cancelled"
    assert actions(database)[-4:] == [
        ("start_training", "staff:1"),
        ("start_comparison", "staff:2"),
        ("cancel_training", "staff:2"),
        ("cancel_comparison", "staff:1"),
    ]


def test_one_comparison_is_shown_with_its_result(database: Database) -> None:
    request = {"candidate": CANDIDATE, "live": LIVE, "messages": 10}

    def add(session) -> str:
        job: TrainerJob = jobs.create(session, "comparison", request, "staff:1", "tp")
        job.state, job.finished_at, job.result = "done", utc_now(), {"replay": {"messages": 10}}
        return job.job_id

    shown = told("comparison", database.write_now(add))
    assert (shown["by"], shown["result"]["replay"]["messages"]) == ("wang", 10)


def test_a_threshold_is_shown_set_and_given_back() -> None:
    before = told("threshold", "tp")["answer"]
    assert told("threshold", "tp", "--answer", "0.85", *WANG)["answer"] == 0.85
    assert told("threshold", "tp", "--clear", *WANG)["answer"] == before


def test_a_frozen_text_is_a_commit_of_the_trainers(checkout: Path) -> None:
    text = ("--add", "包裹显示签收可我没拿到", "--intent", "order_status")
    assert "请用 --as 写明您的登录名" in run("frozen", *text, fails=True).stderr
    run("frozen", *text, *WANG)
    assert git(checkout, "log", "-1", "--format=%an") == "wang\n"
    shown = run("frozen", "--intent", "order_status").output.splitlines()
    assert shown[-1] == f"共 {len(shown) - 1} 句"
    assert any("包裹显示签收可我没拿到" in line for line in shown)
    run("frozen", "--remove", "包裹显示签收可我没拿到", *WANG)
    assert "包裹显示签收" not in run("frozen").output


def test_the_watch_is_shown() -> None:
    assert "psi" in told("watch", "tp", "--days", "35")
