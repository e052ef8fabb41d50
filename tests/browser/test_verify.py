"""A one-time code in the page: entered in its own input, and nowhere else."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat import answers, choose, messages, open_chat, say
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.stage import Stage


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(open_page: OpenPage, stage: Stage, request: pytest.FixtureRequest) -> Page:
    page = open_page(stage.base_url, **request.param)
    choose(page, "黄磊")
    open_chat(page)
    return page


def letters(stage: Stage) -> list[str]:
    path = stage.home / "notices.log"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def code_after(stage: Stage, before: int) -> str:
    end = time.monotonic() + 20
    while len(letters(stage)) <= before:
        assert time.monotonic() < end, "no code was sent"
        time.sleep(0.1)
    found = re.search(r"验证码 (\d{6})", letters(stage)[-1])
    assert found
    return found.group(1)


def field(page: Page) -> Locator:
    return page.get_by_label("请输入 6 位验证码")


def test_a_code_is_entered_in_its_own_input_and_leaves_no_trace(page: Page, stage: Stage) -> None:
    before = len(letters(stage))
    say(page, "解锁账号")
    expect(field(page)).to_be_visible()
    expect(page.locator("kefu-chat .verify .hint")).to_contain_text("****")
    expect(page.get_by_role("button", name=re.compile("秒后可重新获取"))).to_be_disabled()
    code = code_after(stage, before)
    confirm = page.get_by_role("button", name="确认", exact=True)
    expect(confirm).to_be_disabled()

    field(page).fill(f"{(int(code) + 1) % 10**6:06d}")
    confirm.click()
    expect(page.locator("kefu-chat .verify .wrong")).to_contain_text("还可以试 4 次")
    field(page).fill(code)
    field(page).press("Enter")
    expect(answers(page, "code_verified")).to_have_count(1)
    expect(field(page)).to_have_count(0)

    assert code not in " ".join(messages(page).all_inner_texts())
    kept = page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert code not in kept
    page.reload()
    expect(answers(page, "code_verified")).to_have_count(1)
    expect(field(page)).to_have_count(0)
