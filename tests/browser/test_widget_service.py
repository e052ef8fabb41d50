"""What people do for a shopper: the queue, read and unread, messages left, ratings."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.handoff_tables import Presence
from kefu.store.tables import Staff
from tests.browser.chat import (
    answers,
    assert_fits,
    choose,
    come_as_guest,
    log_in,
    menu,
    open_chat,
    open_newest_waiting,
    own,
    say,
)
from tests.browser.conftest import AT_BOTH_WIDTHS, DESKTOP, ON_DESKTOP, PHONE, OpenPage
from tests.browser.desk import agent, conversation_of, online, serve, waiting_shopper
from tests.browser.stage import COLLEAGUE, Stage


@pytest.fixture
def page(open_page: OpenPage, stage: Stage, request: pytest.FixtureRequest) -> Page:
    page = open_page(stage.base_url, **getattr(request, "param", PHONE))
    come_as_guest(page)
    return page


def banner(page: Page) -> Locator:
    return page.locator("kefu-chat .banner")


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


@AT_BOTH_WIDTHS
def test_a_rating_is_given_kept_over_a_reload_and_changed(page: Page) -> None:
    say(page, "谢谢")
    expect(page.get_by_role("button", name="提交评价")).to_have_count(0)
    page.get_by_title("不满意", exact=True).click()
    page.get_by_text("等待太久").click()
    page.get_by_label("补充说明").fill("等了很久")
    assert_fits(page)
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


@ON_DESKTOP
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


@ON_DESKTOP
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
    come_as_guest(second)
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


@AT_BOTH_WIDTHS
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
    assert_fits(page)
    page.get_by_role("button", name="知道了").click()
    expect(page.get_by_role("dialog", name="留言")).to_have_count(0)


def test_out_of_hours_the_way_to_a_person_is_a_message(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank", **DESKTOP)

    def close_the_desk(route: Route) -> None:
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


def test_the_wait_is_told_in_minutes_and_kept_current(open_page: OpenPage, stage: Stage) -> None:
    served = waiting_shopper(open_page, stage, "先来的")
    desk = agent(open_page, stage, COLLEAGUE)
    serve(desk, conversation_of(served))
    at_most(stage, COLLEAGUE, 1)
    with online(desk):
        before = waiting_shopper(open_page, stage, "前一位")
        after = waiting_shopper(open_page, stage, "后一位")
        told = re.compile(r"您排在第 (\d+) 位，预计等待 .*分钟")
        expect(banner(after)).to_contain_text(told)
        found = told.search(banner(after).inner_text())
        assert found
        before.get_by_role("button", name="取消排队").click()
        expect(banner(after)).to_contain_text(f"您排在第 {int(found[1]) - 1} 位，预计等待")
    at_most(stage, COLLEAGUE, 6)


def at_most(stage: Stage, username: str, chats: int) -> None:
    """Let an agent serve so many shoppers at once."""

    def work(session: Session) -> None:
        staff = session.scalars(select(Staff).where(Staff.username == username)).one()
        session.get_one(Presence, staff.staff_id).capacity = chats

    stage.database.write_now(work)
