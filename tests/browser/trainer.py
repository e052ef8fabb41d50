"""What trainers do with their page."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.trainer_stage import TrainerStage


def sign_in(page: Page, password: str, username: str = "admin") -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()


def workbench(
    open_page: OpenPage, stage: TrainerStage, place: str = "inbox", username: str = "admin"
) -> Page:
    page = open_page(f"{stage.base_url}/trainer#/{place}")
    sign_in(page, stage.admin_password, username)
    expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
    return page


def confirm(page: Page, dialog: str, button: str) -> None:
    """Press a button of a dialog that then closes."""
    shown = page.get_by_role("dialog", name=dialog)
    shown.get_by_role("button", name=button, exact=True).click()
    expect(shown).to_be_hidden()
