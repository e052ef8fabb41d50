"""The chat for those who use a keyboard or a screen reader, and on small or dark screens."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.chat import assert_fits, card, menu, own, say
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.stage import Stage

SCREENS = [
    pytest.param({**DESKTOP, "color_scheme": "light"}, id="desktop-light"),
    pytest.param({**PHONE, "color_scheme": "dark"}, id="phone-dark"),
]
BRANDS = ["demo", "tp", "tpwallet", "tiktokshop", "tmall"]


def open_as_guest(open_page: OpenPage, stage: Stage, device: dict[str, Any]) -> Page:
    page = open_page(stage.base_url, reduced_motion="reduce", **device)
    page.locator(".shopper").last.click()
    return page


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name="打开在线客服")


@pytest.mark.parametrize("device", SCREENS)
def test_no_state_of_the_chat_breaks_a_rule(
    open_page: OpenPage, stage: Stage, device: dict[str, Any]
) -> None:
    page = open_as_guest(open_page, stage, device)
    expect(launcher(page)).to_be_visible()
    assert violations(page) == [], "folded"
    launcher(page).click()
    say(page, "我的订单到哪了")
    expect(card(page, "order")).to_be_visible()
    assert violations(page) == [], "cards"
    say(page, "谢谢")
    page.locator("kefu-chat .star").nth(1).click()
    assert violations(page) == [], "rating"
    page.get_by_role("button", name="更多").click()
    assert violations(page) == [], "menu"
    page.get_by_role("button", name="留言给人工客服").click()
    page.get_by_role("button", name="提交留言").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == [], "form"
    page.keyboard.press("Escape")
    page.locator("kefu-chat .person").click()
    expect(page.locator("kefu-chat .banner")).to_contain_text("您排在第")
    assert violations(page) == [], "waiting"
    menu(page, "结束会话")
    assert violations(page) == [], "question"
    page.get_by_role("button", name="结束会话").click()
    expect(page.get_by_role("button", name="开始新的咨询")).to_be_visible()
    assert violations(page) == [], "ended"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_brand_can_be_read(open_page: OpenPage, stage: Stage, scheme: str) -> None:
    page = open_page(stage.base_url, **PHONE, color_scheme=scheme, reduced_motion="reduce")
    for brand in BRANDS:
        page.get_by_label("客服品牌").select_option(brand)
        expect(page.locator(f"kefu-chat[profile={brand}]")).to_have_count(1)
        page.locator(".shopper").last.click()
        launcher(page).click()
        say(page, "我的订单到哪了")
        expect(card(page, "order")).to_be_visible()
        assert violations(page) == [], (brand, scheme)
        page.get_by_role("button", name="收起聊天窗口").click()


def test_all_of_it_works_without_a_mouse(open_page: OpenPage, stage: Stage) -> None:
    page = open_as_guest(open_page, stage, DESKTOP)
    launcher(page).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("消息内容")).to_be_focused()
    page.keyboard.type("我的订单到哪了")
    page.keyboard.press("Enter")
    expect(own(page, "我的订单到哪了")).to_have_count(1)
    more = page.get_by_role("button", name="更多")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="新消息提示音")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(page.get_by_role("button", name="留言给人工客服")).to_have_count(0)

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="留言")).to_be_visible()
    expect(page.get_by_label("类型")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="留言")).to_have_count(0)
    expect(more).to_be_focused()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()


def test_stars_are_chosen_with_the_arrow_keys(open_page: OpenPage, stage: Stage) -> None:
    page = open_as_guest(open_page, stage, DESKTOP)
    launcher(page).click()
    say(page, "谢谢")
    page.get_by_role("radio", name="1 星").focus()
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="4 星，满意")).to_be_checked()
    expect(page.get_by_role("checkbox", name="解决了问题")).to_be_visible()


def test_what_has_the_focus_can_be_seen(open_page: OpenPage, stage: Stage) -> None:
    page = open_as_guest(open_page, stage, DESKTOP)
    launcher(page).click()
    expect(page.get_by_label("消息内容")).to_be_focused()
    seen = 0
    for _ in range(8):
        page.keyboard.press("Shift+Tab")
        ring = page.evaluate(
            "() => { const at = document.querySelector('kefu-chat').shadowRoot.activeElement;"
            " return at && getComputedStyle(at).outlineStyle }"
        )
        if ring is not None:
            assert ring == "solid"
            seen += 1
    assert seen >= 4


def test_nothing_moves_for_those_who_asked_for_stillness(open_page: OpenPage, stage: Stage) -> None:
    page = open_as_guest(open_page, stage, PHONE)
    launcher(page).click()
    moving = page.locator("kefu-chat .dots i").first.evaluate(
        "dot => getComputedStyle(dot).animationName"
    )
    assert moving == "none"


def test_the_window_keeps_to_what_the_keyboard_leaves(open_page: OpenPage, stage: Stage) -> None:
    page = open_as_guest(open_page, stage, PHONE)
    launcher(page).click()
    say(page, "你好")
    # What a phone does when its keyboard comes up: the visual viewport shrinks.
    page.evaluate(
        "() => { Object.defineProperty(visualViewport, 'height', { value: 400 });"
        " visualViewport.dispatchEvent(new Event('resize')) }"
    )
    box = page.get_by_label("消息内容").bounding_box()
    assert box
    assert box["y"] + box["height"] <= 400
    expect(page.locator("kefu-chat .person")).to_be_in_viewport()


def test_long_words_do_not_widen_the_window(open_page: OpenPage, stage: Stage) -> None:
    page = open_as_guest(open_page, stage, {"viewport": {"width": 320, "height": 568}})
    launcher(page).click()
    say(page, "https://shop.example/" + "a" * 300)
    say(page, "W" * 200)
    expect(own(page, "W" * 200)).to_be_visible()
    assert_fits(page)
