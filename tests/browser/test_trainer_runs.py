"""The trainers' page over a real desk: trainings, promotion with a reason, rollback, canaries."""

from __future__ import annotations

from functools import partial

from playwright.sync_api import expect
from sqlalchemy.orm import Session

from kefu.store.model_tables import TrainerJob
from kefu.trainer import jobs
from tests.browser.conftest import OpenPage
from tests.browser.trainer import confirm, workbench
from tests.browser.trainer_stage import CANDIDATE, LIVE, TrainerStage

WORKER = "the worker of the test"


def test_a_training_shows_how_far_it_is_and_is_cancelled(
    open_page: OpenPage, bench: TrainerStage
) -> None:
    page = workbench(open_page, bench, "runs/train")
    page.get_by_role("textbox", name="训练说明").fill("补充退货的说法")
    page.get_by_role("button", name="训练", exact=True).click()
    row = page.get_by_role("row", name="补充退货的说法")
    expect(row.get_by_role("status")).to_have_text("排队中")
    taken: list[str] = []

    def work(session: Session) -> None:
        """What a worker writes when it takes the job and comes some way."""
        job = jobs.take(session, WORKER)
        assert job
        jobs.report(session, job.job_id, WORKER, 47, "训练意图模型")
        taken.append(job.job_id)

    bench.database.write_now(work)
    expect(row.get_by_role("progressbar", name="训练进度")).to_have_attribute("aria-valuenow", "47")
    expect(row.get_by_role("status")).to_have_text("训练意图模型")
    row.get_by_role("button", name="取消").click()
    expect(row.get_by_role("status")).to_have_text("正在取消")
    told = partial(jobs.report, job_id=taken[0], worker=WORKER, progress=50, step="训练意图模型")
    assert bench.database.write_now(told), "the worker is told to stop"
    finish = partial(jobs.finish, job_id=taken[0], worker=WORKER, state="cancelled")
    bench.database.write_now(finish)
    expect(row.get_by_text("已取消")).to_be_visible()
    expect(row.get_by_role("button", name="取消")).to_have_count(0)
    bench.database.write_now(lambda session: session.delete(session.get_one(TrainerJob, taken[0])))


def test_a_promotion_against_the_tests_takes_a_reason_and_is_rolled_back(
    open_page: OpenPage, bench: TrainerStage
) -> None:
    page = workbench(open_page, bench, "runs/compare")
    expect(page.get_by_role("status").filter(has_text="上线前请看清")).to_contain_text("1 句")
    page.get_by_role("button", name="上线候选模型").click()
    confirm(page, "上线", "上线")
    why = page.get_by_role("dialog", name="需要理由")
    why.get_by_role("button", name="填好了，上线").click()
    expect(why.get_by_text("请填写理由，它会记在")).to_be_visible()
    why.get_by_role("textbox").fill("旧活动的说法，已不再使用")
    confirm(page, "需要理由", "填好了，上线")
    expect(page.get_by_text("候选模型已经在线")).to_be_visible()
    page.get_by_role("tab", name="上线历史").click()
    newest = page.get_by_role("row", name="旧活动的说法，已不再使用")
    expect(newest).to_contain_text(CANDIDATE[:8])
    page.get_by_role("tab", name="模型与上线").click()
    page.get_by_role("button", name=f"回退到 {LIVE[:8]}").click()
    expect(page.get_by_text("已回退到上一个模型。")).to_be_visible()
    expect(page.get_by_text("之前没有上线过其他模型")).to_be_visible()
    live = page.get_by_role("row", name=LIVE[:8])
    expect(live.get_by_text("线上：青禾生活")).to_be_visible()


def test_a_canary_is_started_and_ended(open_page: OpenPage, bench: TrainerStage) -> None:
    page = workbench(open_page, bench, "runs/models")
    row = page.get_by_role("row", name=CANDIDATE[:8])
    row.get_by_role("button", name="灰度").click()
    asked = page.get_by_role("dialog", name="灰度")
    asked.get_by_role("textbox").fill("200")
    asked.get_by_role("button", name="开始灰度").click()
    expect(asked.get_by_text("请输入 1～99 的整数。")).to_be_visible()
    asked.get_by_role("textbox").fill("25")
    confirm(page, "灰度", "开始灰度")
    expect(page.get_by_text("接待 25 % 的会话")).to_be_visible()
    expect(row.get_by_text("灰度 25 %")).to_be_visible()
    page.get_by_role("button", name="结束灰度").click()
    expect(page.get_by_text("灰度已结束")).to_be_visible()
    expect(row.get_by_text("灰度 25 %")).to_be_hidden()
