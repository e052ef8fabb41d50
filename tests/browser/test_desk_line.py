"""The agents' page when the line fails, when others are faster, and when a talk is long."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chat import answers, own, say
from tests.browser.conftest import OpenPage
from tests.browser.desk import (
    agent,
    conversation_of,
    lengthen,
    open_conversation,
    said,
    serve,
    waiting_shopper,
    write,
)
from tests.browser.stage import COLLEAGUE, LEADER, Stage


@pytest.fixture
def talk(open_page: OpenPage, stage: Stage) -> tuple[Page, Page, str]:
    """A shopper, the agent who serves them, and the conversation."""
    shopper = waiting_shopper(open_page, stage, "麻烦看一下")
    desk = agent(open_page, stage, COLLEAGUE)
    conversation_id = conversation_of(shopper)
    serve(desk, conversation_id)
    return shopper, desk, conversation_id


def test_a_cut_line_loses_nothing_and_sends_nothing_twice(talk: tuple[Page, Page, str]) -> None:
    shopper, desk, _ = talk
    write(desk, "断线之前")
    expect(answers(shopper, "断线之前")).to_have_count(1)
    desk.context.set_offline(True)
    expect(desk.get_by_text("网络连接中断，正在重新连接")).to_be_visible()
    write(desk, "断线时写的")
    expect(desk.get_by_text("等待网络，恢复后自动发送")).to_be_visible()
    say(shopper, "断线时问的")
    expect(own(shopper, "断线时问的")).to_have_count(1)
    desk.context.set_offline(False)
    expect(said(desk, "断线时问的")).to_have_count(1)
    # What came meanwhile is shown before the answer goes out.
    desk.get_by_role("button", name="仍然发送").click()
    expect(answers(shopper, "断线时写的")).to_have_count(1)
    expect(said(desk, "断线时写的")).to_have_count(1)
    write(desk, "断线之后")
    expect(answers(shopper, "断线之后")).to_have_count(1)
    expect(answers(shopper, "断线时写的")).to_have_count(1)


def test_an_answer_whose_receipt_is_lost_arrives_once_also_after_a_reload(
    talk: tuple[Page, Page, str],
) -> None:
    shopper, desk, _ = talk
    lost: list[str] = []

    def lose_the_receipt(route: Route) -> None:
        route.fetch()
        lost.append(route.request.post_data or "")
        route.abort("connectionreset")

    desk.route("**/conversations/*/messages", lose_the_receipt)
    desk.context.set_offline(True)
    expect(desk.get_by_text("网络连接中断，正在重新连接")).to_be_visible()
    write(desk, "回执丢失")
    desk.context.set_offline(False)
    expect(answers(shopper, "回执丢失")).to_have_count(1)
    desk.unroute("**/conversations/*/messages")
    desk.reload()
    expect(said(desk, "回执丢失")).to_have_count(1)
    write(desk, "之后的话")
    expect(answers(shopper, "之后的话")).to_have_count(1)
    expect(answers(shopper, "回执丢失")).to_have_count(1)
    assert lost


def test_what_was_not_seen_yet_is_shown_before_an_answer_leaves(
    talk: tuple[Page, Page, str],
) -> None:
    shopper, desk, _ = talk
    # Time stands still: no new message lies long enough before anyone's eyes.
    desk.clock.set_fixed_time("2030-01-01T12:00:00+08:00")
    desk.get_by_label("回复内容").fill("那就按原地址寄出")
    say(shopper, "等等，换个地址")
    expect(said(desk, "等等，换个地址")).to_have_count(1)
    desk.get_by_label("回复内容").press("Enter")
    guard = desk.get_by_role("alert").filter(has_text="有新消息")
    expect(guard).to_contain_text("有新消息：顾客「等等，换个地址」")
    expect(answers(shopper, "那就按原地址寄出")).to_have_count(0)
    write(desk, "好的，请发一下新地址")
    expect(answers(shopper, "好的，请发一下新地址")).to_have_count(1)
    expect(guard).to_have_count(0)


def test_a_colleague_who_is_writing_is_seen_and_a_supervisor_takes_over(
    talk: tuple[Page, Page, str], open_page: OpenPage, stage: Stage
) -> None:
    shopper, desk, conversation_id = talk
    leader = agent(open_page, stage, LEADER)
    open_conversation(leader, conversation_id)
    desk.get_by_label("回复内容").press_sequentially("我正在")
    expect(leader.get_by_text("同事正在输入：小李")).to_be_visible()
    leader.get_by_role("button", name="接管", exact=True).click()
    expect(leader.get_by_text("同事正在输入")).to_have_count(0)
    write(leader, "您好，我是主管孙磊。")
    expect(answers(shopper, "您好，我是主管孙磊。")).to_have_count(1)
    expect(desk.get_by_label("回复内容")).to_have_count(0)
    expect(desk.get_by_text("孙磊接待中")).to_be_visible()
    expect(desk.get_by_text("会话已由孙磊接手")).to_be_visible()


def test_drafts_are_kept_for_each_conversation(
    talk: tuple[Page, Page, str], open_page: OpenPage, stage: Stage
) -> None:
    _, desk, first = talk
    second = conversation_of(waiting_shopper(open_page, stage, "另一位顾客"))
    field = desk.get_by_label("回复内容")
    field.fill("第一个会话的草稿")
    serve(desk, second)
    expect(field).to_have_value("")
    field.fill("第二个会话的草稿")
    row = desk.locator(f"[data-conversation='{first}']")
    expect(row).to_contain_text("[草稿] 第一个会话的草稿")
    row.click()
    expect(field).to_have_value("第一个会话的草稿")
    desk.reload()
    expect(field).to_have_value("第一个会话的草稿")


_SCROLL = """async () => {
  const log = document.querySelector('[role=log]')
  const frames = []
  let last = performance.now()
  const step = -log.scrollHeight / 120
  for (let index = 0; index < 120; index += 1) {
    log.scrollTop += step
    await new Promise(requestAnimationFrame)
    frames.push(performance.now() - last)
    last = performance.now()
  }
  frames.sort((a, b) => a - b)
  const drawn = log.querySelectorAll('.message').length
  return { median: frames[60], longest: frames[119], drawn, top: log.scrollTop }
}"""


def test_a_thousand_messages_scroll_smoothly(talk: tuple[Page, Page, str], stage: Stage) -> None:
    _, desk, conversation_id = talk
    lengthen(stage, conversation_id, 1000)
    desk.reload()
    expect(said(desk, "第 1000 句")).to_be_visible()
    found = desk.evaluate(_SCROLL)
    assert found["drawn"] < 60, found
    assert found["median"] < 60, found
    desk.get_by_role("log").press("Home")
    expect(said(desk, "麻烦看一下").first).to_be_visible()
    desk.get_by_role("button", name="回到最新").click()
    expect(said(desk, "第 1000 句")).to_be_visible()
