"""What agents do with their page."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from kefu.conversation import events, messages
from tests.browser.chat import answers, log_in, open_chat, say
from tests.browser.conftest import OpenPage
from tests.browser.stage import Stage

SCREEN = {"viewport": {"width": 1366, "height": 768}}


def waiting_shopper(open_page: OpenPage, stage: Stage, question: str) -> Page:
    """A guest who has asked the bot something and then for a person."""
    page = open_page(stage.base_url)
    page.get_by_text("访客", exact=True).first.click()
    open_chat(page)
    say(page, question)
    expect(answers(page, question)).to_have_count(1)
    call_person(page)
    return page


def call_person(shopper: Page) -> None:
    shopper.locator("kefu-chat .person").click()
    waits = re.compile("转接人工中|您排在第")
    expect(shopper.locator("kefu-chat .banner")).to_contain_text(waits)


def agent(open_page: OpenPage, stage: Stage, username: str = "admin") -> Page:
    page = open_page(f"{stage.base_url}/desk", **SCREEN)
    log_in(page, stage.admin_password, username)
    return page


def conversation_of(shopper: Page) -> str:
    """The id of the conversation that the shopper's browser is in."""
    return shopper.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((one) => one.endsWith(':conversation'))
          return localStorage.getItem(key)
        }"""
    )


def open_conversation(desk: Page, conversation_id: str) -> None:
    desk.evaluate("id => { location.hash = `#/chats/${id}` }", conversation_id)
    expect(desk.get_by_role("log")).to_be_visible()
    expect(desk.get_by_label("转接说明")).to_be_visible()


def serve(desk: Page, conversation_id: str) -> None:
    """Open a waiting conversation and take it."""
    open_conversation(desk, conversation_id)
    desk.get_by_role("button", name="接待", exact=True).click()
    expect(desk.get_by_label("回复内容")).to_be_visible()


def write(desk: Page, text: str) -> None:
    field = desk.get_by_label("回复内容")
    field.fill(text)
    field.press("Enter")


def said(desk: Page, text: str) -> Locator:
    """Messages in the agent's log with this text."""
    return desk.get_by_role("log").locator(".message .text", has_text=text)


def notes(desk: Page, text: str) -> Locator:
    return desk.get_by_role("log").locator(".note", has_text=text)


def be(desk: Page, status: str) -> None:
    """Choose 在线, 忙碌, 离开 or 离线."""
    switch = desk.get_by_role("button", name="切换状态")
    switch.click()
    desk.get_by_role("menuitem", name=status).click()
    expect(desk.locator(".rail .state")).to_have_text(status)


@contextmanager
def online(desk: Page) -> Iterator[None]:
    """There for new conversations meanwhile; the next test finds nobody there."""
    be(desk, "在线")
    try:
        yield
    finally:
        be(desk, "离线")


def lengthen(stage: Stage, conversation_id: str, count: int) -> None:
    """Let the agents have said ``count`` things in the conversation."""

    def work(session: Session) -> None:
        conversation = events.lock(session, conversation_id)
        for number in range(1, count + 1):
            text = f"第 {number} 句：" + "您的订单正在处理，请放心。" * (number % 4)
            name, staff_id = "小李", conversation.assigned_to
            messages.write_as_agent(
                session, conversation, uuid.uuid4().hex, text, name, staff_id=staff_id
            )

    stage.database.write_now(work)
