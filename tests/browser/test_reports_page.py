"""The reports over a real desk with a history of thirty days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

from kefu.store.database import utc_now
from kefu.store.tables import Staff, StaffRole
from tests.browser import axe
from tests.browser.conftest import OpenPage, require_pages
from tests.browser.stage import COLLEAGUE, Stage
from tests.service_history import History

LAPTOP = {"viewport": {"width": 1366, "height": 768}, "accept_downloads": True}
AGENTS = ("陈静", "王海涛", "林小雨", "周建国")


class HistoryStage(Stage):
    """A shop that has been served for a month."""

    def _add_people(self, session: Session) -> None:
        super()._add_people(session)
        staff = [self._agent(session, number, name) for number, name in enumerate(AGENTS)]
        groups = ["official", "shop-clothes", "shop-digital", "brand-care"]
        History("tmall", groups, staff, utc_now(), 60).write(session, 3000)

    def _agent(self, session: Session, number: int, name: str) -> int:
        row = Staff(
            username=f"agent{number}",
            name=name,
            password_hash="",
            active=True,
            created_at=utc_now(),
        )
        session.add(row)
        session.flush()
        session.add(StaffRole(staff_id=row.staff_id, profile="tmall", role="agent"))
        return row.staff_id


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    require_pages()
    stage = HistoryStage(tmp_path_factory.mktemp("reports"))
    stage.start()
    yield stage
    stage.stop()


def signed_in(open_page: OpenPage, stage: Stage, username: str = "admin") -> Page:
    """The page, by way of the sign-in that it asks for."""
    page = open_page(f"{stage.base_url}/reports", **LAPTOP)
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(stage.admin_password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="数据报表")).to_be_visible()
    return page


def choose_shop(page: Page, name: str) -> None:
    """By keyboard first: Element Plus draws the chosen name over its field."""
    page.get_by_role("combobox", name="品牌").press("Enter")
    page.get_by_role("option", name=name).click()


def test_a_months_figures_as_charts_tables_and_files(open_page: OpenPage, served: Stage) -> None:
    page = signed_in(open_page, served)
    page.get_by_role("button", name="近 30 天").click()
    expect(page.get_by_role("button", name="近 30 天")).to_have_attribute("aria-pressed", "true")
    choose_shop(page, "天猫")
    cards = page.get_by_role("list", name="主要指标")
    expect(cards.get_by_role("listitem")).to_have_count(8)
    expect(cards).to_contain_text("较前 30 天")
    trend = page.get_by_role("region", name="会话与转人工", exact=True)
    expect(trend.get_by_role("img").locator("canvas")).to_be_visible()
    assert axe.violations(page, "main, header") == []
    # What the chart shows is there to read as well.
    trend.get_by_role("button", name="看表格").click()
    expect(trend.get_by_role("row")).to_have_count(31)
    assert axe.violations(page, "main, header") == []
    page.get_by_role("button", name="机器人独立接待率：").hover()
    expect(page.get_by_role("tooltip").filter(has_text="没有转人工的会话")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV：客服").click()
    assert download.value.suggested_filename.startswith("kefu-agents-tmall-")
    file = Path(download.value.path()).read_bytes()
    assert file.startswith(b"\xef\xbb\xbf")
    assert "陈静" in file.decode("utf-8-sig")


def test_a_shop_without_talks_says_so(open_page: OpenPage, served: Stage) -> None:
    page = signed_in(open_page, served)
    choose_shop(page, "TikTok Shop")
    expect(page.get_by_role("heading", name="这段时间还没有数据")).to_be_visible()
    expect(page.get_by_role("list", name="主要指标")).to_have_count(0)
    assert axe.violations(page, "main, header") == []


def test_an_agent_sees_their_own_figures(open_page: OpenPage, served: Stage) -> None:
    page = signed_in(open_page, served, COLLEAGUE)
    expect(page.get_by_text("仅含您本人的数据")).to_be_visible()
    expect(page.get_by_role("region", name="各类问题的转人工率")).to_have_count(0)
