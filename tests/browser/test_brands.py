"""The demo page lets one choose a brand, and the chat looks and greets like it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.chat import messages, open_chat
from tests.browser.conftest import PHONE, OpenPage
from tests.browser.stage import Stage


def colour_of_head(page: Page) -> str:
    return page.locator("kefu-chat .head").evaluate(
        "head => getComputedStyle(head).backgroundColor"
    )


def test_the_chat_becomes_the_chosen_brands(open_page: OpenPage, stage: Stage) -> None:
    page = open_page(stage.base_url, **PHONE)
    page.get_by_label("客服品牌").select_option("天猫")
    expect(page.locator(".shopper").last).to_contain_text("访客")
    page.locator(".shopper").last.click()
    open_chat(page)
    expect(messages(page).first).to_contain_text("我是天猫智能客服小喵")
    expect(page.locator("kefu-chat .head h2")).to_have_text("天猫")
    assert colour_of_head(page) == "rgb(200, 16, 46)"


def test_without_an_answer_about_the_brand_the_chat_works_in_its_own_colours(
    open_page: OpenPage, stage: Stage
) -> None:
    page = open_page("about:blank", **PHONE)
    page.route("**/api/v1/profiles/**", lambda route: route.abort())
    page.goto(stage.base_url)
    page.locator(".shopper").last.click()
    open_chat(page)
    expect(messages(page).first).to_contain_text("青禾生活")
    expect(page.locator("kefu-chat .head h2")).to_have_text("在线客服")
