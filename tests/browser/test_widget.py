"""The chat widget over a real desk: nothing lost, nothing twice, nothing executed."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from tests.browser.chat import (
    answers,
    assert_fits,
    card,
    choose,
    come_as_guest,
    messages,
    open_chat,
    own,
    say,
)
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.stage import Stage


@pytest.fixture
def device() -> dict[str, object]:
    return PHONE


@pytest.fixture
def page(open_page: OpenPage, stage: Stage, device: dict[str, object]) -> Page:
    page = open_page(stage.base_url, **device)
    come_as_guest(page)
    return page


def asked(stage: Stage, text: str) -> int:
    """How often the engine was asked this."""
    return sum(1 for request in stage.conversations() if request["message"].get("text") == text)


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_question_button_and_cards(page: Page) -> None:
    say(page, "我的订单到哪了")
    expect(card(page, "order")).to_contain_text("羊毛围巾")
    page.get_by_role("button", name="查看物流").click()
    parcel = card(page, "logistics")
    expect(parcel).to_contain_text("SF1402938475610")
    expect(own(page, "查看物流")).to_have_count(1)
    expect(page.get_by_role("button", name="查看物流")).to_be_disabled()
    expect(parcel.get_by_text("快件已到达上海")).to_be_visible()
    expect(parcel.get_by_text("已收取快件")).to_be_hidden()
    parcel.get_by_text("展开更早的 2 条物流记录").click()
    expect(parcel.get_by_text("已收取快件")).to_be_visible()
    assert_fits(page)
    parcel.get_by_text("收起更早的物流记录").click()
    expect(parcel.get_by_text("已收取快件")).to_be_hidden()


@pytest.mark.parametrize(
    ("device", "clipboard"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone on http"]
)
def test_the_number_of_a_parcel_is_copied(page: Page, clipboard: bool) -> None:
    if not clipboard:
        page.evaluate("delete Navigator.prototype.clipboard")
    say(page, "我的订单到哪了")
    page.get_by_role("button", name="查看物流").click()
    copy = card(page, "logistics").get_by_role("button", name="复制顺丰速运")
    copy.click()
    copied = card(page, "logistics").get_by_role("button", name="已复制")
    expect(copied).to_be_focused()
    page.get_by_label("消息内容").press("Control+V")
    expect(page.get_by_label("消息内容")).to_have_value("SF1402938475610")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_is_typed_off_line_is_sent_once_when_the_line_is_back(
    page: Page, stage: Stage
) -> None:
    text = f"离线时写下的 {page.viewport_size}"
    page.context.set_offline(True)
    say(page, text)
    expect(page.locator("kefu-chat .status")).to_have_text(re.compile("等待网络"))
    page.context.set_offline(False)
    expect(answers(page, text)).to_have_count(1)
    expect(own(page, text)).to_have_count(1)
    expect(page.locator("kefu-chat .status")).to_have_count(0)
    assert asked(stage, text) == 1


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_is_typed_off_line_survives_a_reload(page: Page, stage: Stage) -> None:
    text = f"刷新前写下的 {page.viewport_size}"
    page.route("**/api/v1/shopper/messages", lambda route: route.abort())
    say(page, text)
    expect(own(page, text)).to_be_visible()
    page.unroute("**/api/v1/shopper/messages")
    page.reload()
    expect(answers(page, text)).to_have_count(1)
    expect(own(page, text)).to_have_count(1)
    assert asked(stage, text) == 1


def test_an_answer_that_got_lost_does_not_double_the_message(page: Page, stage: Stage) -> None:
    text = f"回执丢了 {page.viewport_size}"
    lost = []

    def lose_first(route: object) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/v1/shopper/messages", lose_first)
    say(page, text)
    expect(answers(page, text)).to_have_count(1)
    page.wait_for_timeout(1500)
    assert lost == [202]
    expect(own(page, text)).to_have_count(1)
    assert asked(stage, text) == 1


def test_a_reload_shows_the_whole_talk_again(page: Page) -> None:
    say(page, "我的订单到哪了")
    expect(card(page, "order")).to_be_visible()
    before = messages(page).all_inner_texts()
    page.reload()
    expect(card(page, "order")).to_be_visible()
    assert messages(page).all_inner_texts() == before


def test_script_in_a_message_is_text(page: Page) -> None:
    text = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    title = page.title()
    say(page, text)
    expect(own(page, text)).to_have_count(1)
    expect(answers(page, text)).to_have_count(1)
    assert page.locator("kefu-chat .log img, kefu-chat .log script").count() == 0
    assert page.title() == title


def test_without_websockets_it_polls(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank")
    refused = []

    def refuse(socket: WebSocketRoute) -> None:
        refused.append(socket.url)
        socket.close(code=1011)

    page.route_web_socket("**/api/v1/shopper/ws", refuse)
    page.goto(stage.base_url)
    open_chat(page)
    say(page, "没有长连接")
    expect(answers(page, "没有长连接")).to_have_count(1)
    assert len(refused) >= 2


def test_a_broken_line_is_tried_ever_more_rarely_until_it_is_back(
    open_page: OpenPage, stage: Stage
) -> None:
    page = open_page("about:blank", **PHONE)
    lines: list[WebSocketRoute] = []
    tries: list[float] = []
    away = False

    def pass_on(line: WebSocketRoute) -> None:
        if away:
            tries.append(time.monotonic())
            line.close(code=1011)
        else:
            lines.append(line)
            line.connect_to_server()

    def poll(route: Route) -> None:
        tries.append(time.monotonic())
        route.abort()

    page.route_web_socket("**/api/v1/shopper/ws", pass_on)
    page.goto(stage.base_url)
    open_chat(page)
    away = True
    page.route("**/api/v1/shopper/events?*", poll)
    page.route("**/api/v1/shopper/messages", lambda route: route.abort())
    lines[-1].close(code=1011)
    say(page, "还在吗")
    expect(page.locator("kefu-chat .status")).to_have_text(re.compile("等待网络"))
    expect(page.locator("kefu-chat .banner")).to_contain_text("正在重新连接")
    while len(tries) < 3:
        page.wait_for_timeout(50)
    # At least half a second, then a whole one: a little less where the clock of the test is late.
    first, second = (later - earlier for earlier, later in pairwise(tries[:3]))
    assert first > 0.4
    assert second > 0.9
    away = False
    page.unroute_all()
    expect(answers(page, "还在吗")).to_have_count(1)
    expect(own(page, "还在吗")).to_have_count(1)
    expect(page.locator("kefu-chat .banner")).to_be_hidden()


def test_each_shopper_has_a_talk_of_their_own(open_page: OpenPage, stage: Stage) -> None:
    page = open_page(stage.base_url)
    expect(page.locator(".shopper b").nth(1)).to_be_visible()
    names = page.locator(".shopper b").all_inner_texts()
    open_chat(page)
    say(page, "第一位顾客的话")
    expect(answers(page, "第一位顾客的话")).to_have_count(1)
    choose(page, names[1])
    expect(messages(page).first).to_be_visible()
    expect(own(page, "第一位顾客的话")).to_have_count(0)
    choose(page, names[0])
    expect(own(page, "第一位顾客的话")).to_have_count(1)


def test_enter_sends_but_not_while_an_input_method_composes(page: Page) -> None:
    field = page.get_by_label("消息内容")
    field.fill("第一行")
    field.press("Shift+Enter")
    field.press_sequentially("第二行")
    field.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    expect(field).to_have_value("第一行\n第二行")
    field.press("Enter")
    expect(own(page, "第一行\n第二行")).to_have_count(1)
    expect(field).to_have_value("")


def test_the_phone_window_fills_the_screen(open_page: OpenPage, stage: Stage) -> None:
    page = open_page(stage.base_url, **PHONE)
    open_chat(page)
    box = page.get_by_role("dialog", name="在线客服").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    for target in page.locator("kefu-chat .panel button:visible").all():
        size = target.bounding_box()
        assert size
        assert size["height"] >= 36, target.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_escape_folds_the_chat_and_gives_the_focus_back(open_page: OpenPage, stage: Stage) -> None:
    page = open_page(stage.base_url)
    open_chat(page)
    expect(page.get_by_label("消息内容")).to_be_focused()
    page.keyboard.press("Escape")
    launcher = page.get_by_role("button", name="打开在线客服")
    expect(launcher).to_be_focused()
    launcher.press("Enter")
    expect(messages(page).first).to_be_visible()
