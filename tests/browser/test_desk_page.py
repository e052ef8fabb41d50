"""The agents' page over a real desk: logging in, taking, answering, ending."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.chat import answers, own, say
from tests.browser.conftest import OpenPage
from tests.browser.desk import (
    agent,
    conversation_of,
    open_conversation,
    serve,
    waiting_shopper,
    write,
)
from tests.browser.stage import COLLEAGUE, Stage


def test_a_wrong_password_is_said_in_chinese(open_page: OpenPage, stage: Stage) -> None:
    page = open_page(f"{stage.base_url}/desk")
    page.get_by_label("用户名").fill("admin")
    page.get_by_label("密码", exact=True).fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("密码")
    expect(page.get_by_role("navigation", name="主导航")).to_have_count(0)


def test_claim_answer_and_close(open_page: OpenPage, stage: Stage) -> None:
    shopper = waiting_shopper(open_page, stage, "请帮我看看 <b>这个</b>")
    desk = agent(open_page, stage)
    open_conversation(desk, conversation_of(shopper))
    expect(desk.get_by_role("log")).to_contain_text("请帮我看看 <b>这个</b>")
    expect(desk.get_by_label("转接说明")).to_contain_text("要求人工")
    desk.get_by_role("button", name="接待", exact=True).click()
    write(desk, "您好，我来为您处理。")
    expect(answers(shopper, "您好，我来为您处理。")).to_have_count(1)
    expect(shopper.locator("kefu-chat .banner")).to_contain_text("客服已接入")
    say(shopper, "谢谢客服")
    expect(own(shopper, "谢谢客服")).to_have_count(1)
    expect(desk.get_by_role("log")).to_contain_text("谢谢客服")
    desk.get_by_role("button", name="结束会话").click()
    desk.get_by_role("dialog").get_by_role("button", name="结束会话").click()
    expect(desk.get_by_text("会话已结束。", exact=True).last).to_be_visible()
    expect(shopper.get_by_role("button", name="开始新的咨询")).to_be_visible()
    shopper.get_by_role("button", name="开始新的咨询").click()
    expect(shopper.get_by_label("消息内容")).to_be_visible()
    expect(own(shopper, "谢谢客服")).to_have_count(0)


def test_back_to_the_bot(open_page: OpenPage, stage: Stage) -> None:
    shopper = waiting_shopper(open_page, stage, "稍后交还")
    desk = agent(open_page, stage)
    serve(desk, conversation_of(shopper))
    desk.get_by_role("button", name="交还智能客服").click()
    desk.get_by_role("dialog").get_by_role("button", name="交还").click()
    expect(shopper.locator("kefu-chat .person")).to_have_text("转人工")
    say(shopper, "机器人还在吗")
    expect(answers(shopper, "机器人还在吗")).to_have_count(1)


def test_who_waits_is_answered_and_may_go_back_to_the_bot(
    open_page: OpenPage, stage: Stage
) -> None:
    shopper = waiting_shopper(open_page, stage, "等得太久")
    say(shopper, "在吗")
    expect(shopper.locator("kefu-chat .note", has_text="客服接入后会看到您的留言")).to_have_count(1)
    shopper.get_by_role("button", name="取消排队，继续问机器人").click()
    expect(shopper.locator("kefu-chat .person")).to_have_text("转人工")
    say(shopper, "机器人在吗")
    expect(answers(shopper, "机器人在吗")).to_have_count(1)


def test_who_comes_second_is_told_who_was_first(open_page: OpenPage, stage: Stage) -> None:
    shopper = waiting_shopper(open_page, stage, "两位客服同时接待")
    desk, colleague = agent(open_page, stage), agent(open_page, stage, COLLEAGUE)
    # The slower page hears of nothing any more.
    desk.route_web_socket(re.compile("/desk/ws"), lambda _: None)
    desk.reload()
    open_conversation(desk, conversation_of(shopper))
    serve(colleague, conversation_of(shopper))
    desk.get_by_role("button", name="接待", exact=True).click()
    expect(desk.get_by_text("这个会话正由小李接待。")).to_be_visible()
    expect(desk.get_by_label("回复内容")).to_have_count(0)


def test_a_reload_keeps_the_agent_logged_in_and_logging_out_ends_it(
    open_page: OpenPage, stage: Stage
) -> None:
    desk = agent(open_page, stage)
    desk.reload()
    expect(desk.get_by_role("tab", name="我的")).to_be_visible()
    desk.get_by_role("button", name="切换状态").click()
    desk.get_by_role("menuitem", name="退出登录").click()
    expect(desk.get_by_label("用户名")).to_be_visible()
    desk.reload()
    expect(desk.get_by_label("用户名")).to_be_visible()
