"""The agents' page for those who cannot see or point, and the keyboard for everything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.chat import answers
from tests.browser.conftest import OpenPage
from tests.browser.desk import agent, conversation_of, serve, waiting_shopper, write
from tests.browser.stage import Stage

PAGES = {
    "chats": "从左侧选择一个会话",
    "queue": "从左侧选择一个会话",
    "tickets": "工单",
    "wall": "实时大屏",
    "groups": "分组与服务时间",
    "canned": "快捷回复",
    "staff": "员工",
    "me": "我的",
}


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_is_free_of_barriers(open_page: OpenPage, stage: Stage, name: str) -> None:
    desk = agent(open_page, stage)
    desk.evaluate("name => { location.hash = `#/${name}` }", name)
    expect(desk.get_by_role("heading", name=PAGES[name], level=1)).to_be_visible()
    expect(desk.get_by_text("加载中…")).to_have_count(0)
    assert violations(desk, "body") == []


def test_the_login_is_free_of_barriers(open_page: OpenPage, stage: Stage) -> None:
    page = open_page(f"{stage.base_url}/desk")
    expect(page.get_by_label("用户名")).to_be_visible()
    assert violations(page, "body") == []


SIDE = ["摘要", "顾客", "工单", "历史", "文章", "备注"]
DIALOGS = {
    "Alt+t": "转接会话",
    "Alt+i": "邀请同事协助",
    "Alt+b": "交还智能客服",
    "Alt+e": "结束会话",
    "Alt+g": "标签",
}


def test_a_talk_its_side_and_its_dialogs_are_free_of_barriers(
    open_page: OpenPage, stage: Stage
) -> None:
    shopper = waiting_shopper(open_page, stage, "有一件事想问")
    desk = agent(open_page, stage)
    serve(desk, conversation_of(shopper))
    write(desk, "您好")
    expect(desk.get_by_text("已送达").or_(desk.get_by_text("已读", exact=True))).to_be_visible()
    for name in SIDE:
        desk.get_by_role("tab", name=name).click()
        expect(desk.get_by_role("tabpanel", name=name)).not_to_contain_text("加载中…")
        assert violations(desk, "body") == [], name
    for keys, title in DIALOGS.items():
        desk.keyboard.press(keys)
        dialog = desk.get_by_role("dialog", name=title)
        expect(dialog).to_be_visible()
        settled(dialog.page)
        assert violations(desk, "body") == [], title
        desk.keyboard.press("Escape")
        expect(dialog).to_have_count(0)


_SETTLED = """() => {
  const passing = (one) => one.effect.getComputedTiming().iterations !== Infinity
  const ends = document.getAnimations().filter(passing).map((one) => one.finished)
  return Promise.allSettled(ends).then(() => null)
}"""


def settled(page: Page) -> None:
    """Half-faded colours are no colours."""
    page.evaluate(_SETTLED)


def test_a_conversation_is_served_by_the_keyboard_alone(open_page: OpenPage, stage: Stage) -> None:
    shopper = waiting_shopper(open_page, stage, "只用键盘")
    desk = open_page(f"{stage.base_url}/desk")
    desk.get_by_label("用户名").focus()
    keys = desk.keyboard
    keys.type("admin")
    keys.press("Tab")
    keys.type(stage.admin_password)
    keys.press("Enter")
    expect(desk.get_by_role("navigation", name="主导航")).to_be_visible()
    keys.press("?")
    expect(desk.get_by_role("dialog", name="快捷键")).to_be_visible()
    keys.press("Escape")
    expect(desk.get_by_role("dialog", name="快捷键")).to_have_count(0)
    desk.evaluate("id => { location.hash = `#/queue/${id}` }", conversation_of(shopper))
    expect(desk.get_by_role("button", name="接待", exact=True)).to_be_visible()
    keys.press("Alt+q")
    expect(desk.get_by_label("回复内容")).to_be_focused()
    keys.type("您好，键盘也能接待。")
    keys.press("Enter")
    expect(answers(shopper, "您好，键盘也能接待。")).to_have_count(1)
    keys.press("Alt+n")
    expect(desk.get_by_label("备注内容")).to_be_focused()
    keys.type("备注也行")
    keys.press("Enter")
    expect(desk.locator(".note", has_text="备注也行").first).to_be_visible()
    keys.press("Alt+2")
    expect(desk.get_by_role("tab", name="顾客")).to_be_focused()
    keys.press("Alt+e")
    expect(desk.get_by_role("dialog", name="结束会话")).to_be_visible()
    expect(desk.get_by_role("radio", name="已解决")).to_be_focused()
    keys.press("1")
    expect(desk.get_by_label("机器人答对了")).to_be_checked()
    keys.press("Enter")
    expect(shopper.get_by_role("button", name="开始新的咨询")).to_be_visible()


def test_j_and_k_go_through_the_list_and_ctrl_arrows_while_writing(
    open_page: OpenPage, stage: Stage
) -> None:
    first = conversation_of(waiting_shopper(open_page, stage, "第一位"))
    second = conversation_of(waiting_shopper(open_page, stage, "第二位"))
    desk = agent(open_page, stage)
    serve(desk, first)
    serve(desk, second)
    desk.get_by_role("log").focus()

    before = desk.url
    desk.keyboard.press("j")
    expect(desk).not_to_have_url(before)
    desk.get_by_role("log").focus()
    desk.keyboard.press("k")
    expect(desk).to_have_url(before)
    desk.get_by_label("回复内容").focus()
    desk.keyboard.press("Control+ArrowDown")
    expect(desk).not_to_have_url(before)
