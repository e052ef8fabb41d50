"""What the chat offers around the talk: rating, messages left, a kept talk, unread and read."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.chat import answers, choose, log_in, open_chat, open_newest_waiting, own, say
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
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
def page(open_page: OpenPage, stage: Stage) -> Page:
    page = open_page(stage.base_url, **PHONE)
    page.get_by_text("访客", exact=True).first.click()
    open_chat(page)
    return page


def banner(page: Page) -> Locator:
    return page.locator("kefu-chat .banner")


def menu(page: Page, entry: str) -> None:
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name=entry).click()


def call_person(page: Page) -> None:
    page.locator("kefu-chat .person").click()
    expect(banner(page)).to_contain_text("您排在第")


def serving_agent(open_page: OpenPage, stage: Stage) -> Page:
    desk = open_page(f"{stage.base_url}/desk")
    log_in(desk, stage.admin_password)
    open_newest_waiting(desk)
    desk.get_by_role("button", name="接待", exact=True).click()
    return desk


def answer_as_agent(desk: Page, text: str) -> None:
    desk.get_by_label("回复内容").fill(text)
    desk.get_by_label("回复内容").press("Enter")


def end(page: Page) -> None:
    menu(page, "结束会话")
    page.get_by_role("button", name="结束会话").click()
    expect(page.get_by_role("button", name="开始新的咨询")).to_be_visible()


def test_a_rating_is_given_kept_over_a_reload_and_changed(page: Page) -> None:
    say(page, "谢谢")
    expect(page.get_by_role("button", name="提交评价")).to_have_count(0)
    page.get_by_title("不满意", exact=True).click()
    page.get_by_text("等待太久").click()
    page.get_by_label("补充说明").fill("等了很久")
    page.get_by_role("button", name="提交评价").click()
    given = page.locator("kefu-chat .given")
    expect(given).to_contain_text("不满意")
    page.reload()
    expect(given).to_contain_text("不满意")
    expect(page.locator("kefu-chat .rating")).to_contain_text("等待太久")
    page.get_by_role("button", name="修改评价").click()
    page.get_by_title("非常满意").click()
    page.get_by_role("button", name="提交评价").click()
    expect(given).to_contain_text("非常满意")


def test_the_agent_is_rated_after_the_talk_also_after_a_reload(
    page: Page, open_page: OpenPage, stage: Stage
) -> None:
    call_person(page)
    desk = serving_agent(open_page, stage)
    desk.get_by_role("button", name="结束会话").click()
    desk.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(page.get_by_role("button", name="开始新的咨询")).to_be_visible()
    page.reload()
    expect(page.locator("kefu-chat .rating")).to_contain_text("请为人工客服")
    page.get_by_title("非常满意").click()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("kefu-chat .given")).to_contain_text("非常满意")


def test_read_and_typing_are_seen_on_the_other_side(
    page: Page, open_page: OpenPage, stage: Stage
) -> None:
    call_person(page)
    desk = serving_agent(open_page, stage)
    expect(banner(page)).to_contain_text("客服已接入")
    desk.get_by_label("回复内容").press_sequentially("您")
    expect(page.get_by_role("status", name="对方正在输入")).to_be_visible()
    page.get_by_role("button", name="收起聊天窗口").click()
    answer_as_agent(desk, "您好，请问订单号是多少？")
    expect(page.get_by_role("button", name="打开在线客服，1 条新消息")).to_be_visible()
    expect(desk.get_by_text("已读", exact=True)).to_have_count(0)
    page.get_by_role("button", name=re.compile("打开在线客服")).click()
    expect(answers(page, "请问订单号是多少")).to_have_count(1)
    expect(desk.get_by_text("已读", exact=True)).to_have_count(1)
    page.get_by_label("消息内容").press_sequentially("稍")
    expect(desk.get_by_text("顾客正在输入")).to_be_visible()
    say(page, "稍等，我找一下")
    expect(page.get_by_text("已读", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("已读", exact=True)).to_be_visible()
    desk.close()
    say(page, "还在吗")
    expect(page.get_by_text("已送达", exact=True)).to_be_visible()
    expect(page.get_by_text("已读", exact=True)).to_have_count(0)


def test_an_answer_is_announced_on_the_shops_next_page(
    page: Page, open_page: OpenPage, stage: Stage
) -> None:
    call_person(page)
    desk = serving_agent(open_page, stage)
    expect(banner(page)).to_contain_text("客服已接入")
    page.get_by_role("button", name="收起聊天窗口").click()
    page.reload()
    answer_as_agent(desk, "已经为您查到了")
    expect(page.get_by_role("button", name="打开在线客服，1 条新消息")).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="打开在线客服，1 条新消息")).to_be_visible()


def test_the_place_in_the_queue_is_kept_current_and_can_be_given_up(
    page: Page, open_page: OpenPage, stage: Stage
) -> None:
    call_person(page)
    second = open_page(stage.base_url, **DESKTOP)
    second.get_by_text("访客", exact=True).first.click()
    open_chat(second)
    call_person(second)
    place = re.search(r"第 (\d+) 位", banner(second).inner_text())
    assert place
    page.get_by_role("button", name="取消排队", exact=True).click()
    expect(page.locator("kefu-chat .person")).to_have_text("转人工")
    expect(banner(second)).to_contain_text(f"第 {int(place.group(1)) - 1} 位")
    second.reload()
    expect(banner(second)).to_contain_text(f"第 {int(place.group(1)) - 1} 位")
    second.get_by_role("button", name="取消排队", exact=True).click()
    expect(banner(second)).to_be_hidden()


def test_a_message_can_be_left_and_a_refusal_costs_no_word(page: Page) -> None:
    menu(page, "留言给人工客服")
    page.get_by_label("问题描述").fill("收到的杯子碎了，请联系我")
    page.get_by_label("联系方式").fill("不是电话")
    page.get_by_role("button", name="提交留言").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("手机|邮箱"))
    expect(page.get_by_label("问题描述")).to_have_value("收到的杯子碎了，请联系我")
    page.get_by_label("联系方式").fill("13812345678")
    page.get_by_role("button", name="提交留言").click()
    expect(page.get_by_role("dialog", name="留言")).to_contain_text("TK")
    page.get_by_role("button", name="知道了").click()
    expect(page.get_by_role("dialog", name="留言")).to_have_count(0)


def test_out_of_hours_the_way_to_a_person_is_a_message(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank", **PHONE)

    def close_the_desk(route: object) -> None:
        answer = route.fetch()
        body = answer.json()
        body["people"] = {"open": False, "hours": "周一至周五 9:00-18:00", "next_opening": None}
        route.fulfill(response=answer, body=json.dumps(body))

    page.route("**/api/v1/shopper/sessions", close_the_desk)
    page.goto(stage.base_url)
    page.locator(".shopper").last.click()
    open_chat(page)
    page.locator("kefu-chat .person").click()
    sheet = page.get_by_role("dialog", name="留言")
    expect(sheet).to_contain_text("人工客服现在休息（服务时间：周一至周五 9:00-18:00）")
    expect(own(page, "转人工")).to_have_count(0)


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
    page.get_by_text("访客", exact=True).first.click()
    open_chat(page)
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


def test_two_windows_of_one_shopper_stay_the_same(page: Page, stage: Stage) -> None:
    other = page.context.new_page()
    other.goto(stage.base_url)
    other.get_by_text("访客", exact=True).first.click()
    open_chat(other)
    say(page, "从这里说的")
    expect(own(other, "从这里说的")).to_have_count(1)
    say(other, "从那里说的")
    expect(own(page, "从那里说的")).to_have_count(1)
    end(page)
    expect(other.get_by_role("button", name="开始新的咨询")).to_be_visible()
    page.get_by_role("button", name="开始新的咨询").click()
    expect(other.get_by_label("消息内容")).to_be_visible()
    say(page, "新的一段")
    expect(own(other, "新的一段")).to_have_count(1)
    expect(own(other, "从这里说的")).to_have_count(0)


def test_two_windows_that_begin_anew_at_once_begin_one_talk(page: Page, stage: Stage) -> None:
    other = page.context.new_page()
    other.goto(stage.base_url)
    other.get_by_text("访客", exact=True).first.click()
    open_chat(other)
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


def test_more_than_a_chat_can_take_stays_in_the_field(page: Page) -> None:
    page.get_by_label("消息内容").fill("长" * 20_001)
    expect(page.get_by_text("请删减后再发送")).to_be_visible()
    expect(page.get_by_role("button", name="发送", exact=True)).to_be_disabled()
    assert len(page.get_by_label("消息内容").input_value()) == 20_001


def test_a_message_that_is_refused_says_so_and_can_be_sent_again(page: Page) -> None:
    refusals = []

    def refuse_once(route: object) -> None:
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


def test_the_choice_of_sound_is_kept(page: Page) -> None:
    menu(page, "新消息提示音")
    page.reload()
    page.get_by_role("button", name="更多").click()
    expect(page.get_by_role("button", name="新消息提示音")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_an_answer_on_a_hidden_page_rings_and_calls_in_the_title(page: Page) -> None:
    menu(page, "新消息提示音")
    page.add_init_script(NOTE_TONES)
    page.reload()
    # Any press will do for the browser to let the page be heard.
    page.get_by_label("消息内容").click()
    title = page.title()
    page.evaluate(HIDE, True)
    page.evaluate("document.querySelector('kefu-chat').ask('有人吗')")
    expect(page).to_have_title(f"【1 条新消息】{title}")
    page.wait_for_function("tones === 2")
    page.evaluate(HIDE, False)
    expect(page).to_have_title(title)


def test_a_talk_at_another_order_tells_where_the_shopper_is(page: Page, stage: Stage) -> None:
    page.get_by_role("button", name="收起聊天窗口").click()
    choose(page, "李明")
    open_chat(page)
    page.evaluate(
        "document.querySelector('kefu-chat').setAttribute('order-id', 'KF20261108004217')"
    )
    say(page, "这个订单")
    expect(answers(page, "这个订单")).to_have_count(1)
    context = [
        request for request in stage.conversations() if request["message"].get("text") == "这个订单"
    ]
    assert "KF20261108004217" in json.dumps(context, ensure_ascii=False)
