"""The talk itself: kept, ended, in two windows, very long, refused, heard."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Download, Page, Route, expect

from tests.browser.chat import answers, assert_fits, come_as_guest, menu, own, say
from tests.browser.conftest import AT_BOTH_WIDTHS, ON_DESKTOP, PHONE, OpenPage
from tests.browser.stage import Stage

WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN"
)
# Counts the tones that can be heard.
NOTE_TONES = """
window.tones = 0
const { start } = OscillatorNode.prototype
OscillatorNode.prototype.start = function (...when) {
  if (this.context.state === 'running') window.tones += 1
  return start.apply(this, when)
}
"""
HIDE = """hidden => {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden })
  document.dispatchEvent(new Event('visibilitychange'))
}"""


@pytest.fixture
def page(open_page: OpenPage, stage: Stage, request: pytest.FixtureRequest) -> Page:
    page = open_page(stage.base_url, **getattr(request, "param", PHONE))
    come_as_guest(page)
    return page


def end(page: Page) -> None:
    menu(page, "结束会话")
    page.get_by_role("button", name="结束会话").click()
    expect(page.get_by_role("button", name="开始新的咨询")).to_be_visible()


@ON_DESKTOP
def test_the_talk_is_kept_as_a_page_and_as_a_text(page: Page) -> None:
    say(page, "我的电话是 13812345678")
    expect(answers(page, "我的电话是")).to_have_count(1)
    with page.context.expect_page() as opened:
        menu(page, "打印聊天记录")
    printed = opened.value
    expect(printed.get_by_role("heading", level=1)).to_have_text("青禾生活 聊天记录")
    expect(printed.get_by_text("我的电话是 ***********").first).to_be_visible()
    expect(printed.get_by_role("button", name="打印或存为 PDF")).to_be_visible()
    assert "13812345678" not in printed.content()
    page.bring_to_front()
    with page.expect_download() as kept:
        menu(page, "保存为文本")
    text = kept.value.path().read_text(encoding="utf-8")
    assert "我的电话是" in text
    assert "13812345678" not in text
    expect(page.get_by_label("消息内容")).to_be_visible()


def test_in_wechat_the_talk_is_a_page_to_read_and_a_text_to_copy(
    open_page: OpenPage, stage: Stage
) -> None:
    page = open_page(stage.base_url, **PHONE, user_agent=WECHAT)
    come_as_guest(page)
    downloads: list[Download] = []

    def note(download: Download) -> None:
        downloads.append(download)

    page.on("download", note)
    say(page, "我的电话是 13812345678")
    expect(answers(page, "我的电话是")).to_have_count(1)
    menu(page, "保存为文本")
    sheet = page.get_by_role("dialog", name="聊天记录")
    text = sheet.get_by_role("textbox").input_value()
    assert "我的电话是" in text
    assert "13812345678" not in text
    sheet.get_by_role("button", name="复制全部").click()
    expect(sheet.get_by_role("status")).to_have_text("已复制。")
    page.keyboard.press("Escape")
    menu(page, "打印聊天记录")
    expect(page.get_by_role("heading", level=1)).to_have_text("青禾生活 聊天记录")
    expect(page.get_by_role("button", name="打印或存为 PDF")).to_be_hidden()
    assert page.context.pages == [page]
    page.go_back()
    expect(own(page, "我的电话是")).to_have_count(1)
    assert downloads == []


@AT_BOTH_WIDTHS
def test_the_end_is_asked_for_and_a_new_talk_begins(page: Page) -> None:
    say(page, "第一段")
    expect(answers(page, "第一段")).to_have_count(1)
    menu(page, "结束会话")
    page.get_by_role("button", name="再想想").click()
    expect(page.get_by_label("消息内容")).to_be_visible()
    end(page)
    page.reload()
    expect(own(page, "第一段")).to_have_count(1)
    page.get_by_role("button", name="开始新的咨询").click()
    expect(page.get_by_label("消息内容")).to_be_visible()
    expect(own(page, "第一段")).to_have_count(0)
    say(page, "第二段")
    expect(answers(page, "第二段")).to_have_count(1)


@AT_BOTH_WIDTHS
def test_two_windows_of_one_shopper_stay_the_same(page: Page, stage: Stage) -> None:
    other = page.context.new_page()
    other.goto(stage.base_url)
    come_as_guest(other)
    say(page, "从这里说的")
    expect(own(other, "从这里说的")).to_have_count(1)
    say(other, "从那里说的")
    expect(own(page, "从那里说的")).to_have_count(1)
    # A window behind another one draws, and so takes presses, but once in seconds.
    page.bring_to_front()
    end(page)
    expect(other.get_by_role("button", name="开始新的咨询")).to_be_visible()
    page.get_by_role("button", name="开始新的咨询").click()
    expect(other.get_by_label("消息内容")).to_be_visible()
    say(page, "新的一段")
    expect(own(other, "新的一段")).to_have_count(1)
    expect(own(other, "从这里说的")).to_have_count(0)


@ON_DESKTOP
def test_two_windows_that_begin_anew_at_once_begin_one_talk(page: Page, stage: Stage) -> None:
    other = page.context.new_page()
    other.goto(stage.base_url)
    come_as_guest(other)
    page.bring_to_front()
    end(page)
    expect(other.get_by_role("button", name="开始新的咨询")).to_be_visible()
    press = "document.querySelector('kefu-chat').shadowRoot.querySelector('.ended button').click()"
    page.evaluate(press)
    other.evaluate(press)
    expect(other.get_by_label("消息内容")).to_be_visible()
    say(page, "只有一段")
    expect(own(other, "只有一段")).to_have_count(1)


def test_a_paste_of_ten_thousand_characters_loses_nothing(page: Page, stage: Stage) -> None:
    text = "".join(f"第{number}句话在这里，" for number in range(1100))[:10_000]
    page.get_by_label("消息内容").fill(text)
    expect(page.get_by_text("将分成")).to_contain_text("已输入 10000 字，将分成 5 条发送")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator("kefu-chat .row.shopper .bubble")).to_have_count(5)
    expect(page.locator("kefu-chat .status")).to_have_count(0)
    said = page.locator("kefu-chat .row.shopper .bubble").evaluate_all(
        "bubbles => bubbles.map((bubble) => bubble.lastChild.textContent)"
    )
    assert "".join(said) == text.rstrip()
    assert_fits(page)


@ON_DESKTOP
def test_more_than_a_chat_can_take_stays_in_the_field(page: Page) -> None:
    page.get_by_label("消息内容").fill("长" * 20_001)
    expect(page.get_by_text("请删减后再发送")).to_be_visible()
    expect(page.get_by_role("button", name="发送", exact=True)).to_be_disabled()
    assert len(page.get_by_label("消息内容").input_value()) == 20_001


@AT_BOTH_WIDTHS
def test_a_message_that_is_refused_says_so_and_can_be_sent_again(page: Page) -> None:
    refusals = []

    def refuse_once(route: Route) -> None:
        if refusals:
            route.continue_()
            return
        refusals.append(1)
        problem = {"code": "message_refused", "title": "消息内容不符合要求。"}
        route.fulfill(status=422, content_type="application/problem+json", body=json.dumps(problem))

    page.route("**/api/v1/shopper/messages", refuse_once)
    say(page, "再发一次")
    expect(page.locator("kefu-chat .status.failed")).to_contain_text("未送达：消息内容不符合要求。")
    page.get_by_role("button", name="重试").click()
    expect(answers(page, "再发一次")).to_have_count(1)
    expect(page.locator("kefu-chat .status")).to_have_count(0)


@ON_DESKTOP
def test_an_answer_on_a_hidden_page_rings_and_calls_in_the_title(page: Page) -> None:
    menu(page, "新消息提示音")
    page.add_init_script(NOTE_TONES)
    page.reload()
    # The choice is kept; any press will do for the browser to let the page be heard.
    page.get_by_role("button", name="更多").click()
    sound = page.get_by_role("button", name="新消息提示音")
    expect(sound).to_have_attribute("aria-pressed", "true")
    title = page.title()
    page.evaluate(HIDE, True)
    page.evaluate("document.querySelector('kefu-chat').ask('有人吗')")
    expect(page).to_have_title(f"【1 条新消息】{title}")
    page.wait_for_function("tones === 2")
    page.evaluate(HIDE, False)
    expect(page).to_have_title(title)
