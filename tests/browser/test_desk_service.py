"""What an agent does for a shopper beside writing: in the shop, with suggestions, with tickets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy.orm import Session

from kefu.shop.read_only import without_writes
from kefu.store.database import utc_now
from kefu.store.service_tables import Ticket
from tests.browser.chat import answers, card, choose, open_chat, say
from tests.browser.conftest import OpenPage
from tests.browser.desk import agent, call_person, conversation_of, serve, waiting_shopper
from tests.browser.stage import COLLEAGUE, ORDER, Stage, script
from tests.engine_server import EngineServer, Json, understood


def signed_in_shopper(open_page: OpenPage, stage: Stage, name: str) -> Page:
    """One of the demo's accounts, who waits for a person."""
    page = open_page(stage.base_url)
    choose(page, name)
    open_chat(page)
    call_person(page)
    return page


def ask_for(desk: Page, title: str) -> Locator:
    """Press an action of the shopper's side; its dialog."""
    desk.get_by_role("tabpanel", name="顾客").get_by_role("button", name=title).click()
    dialog = desk.get_by_role("dialog", name=title)
    expect(dialog).to_contain_text("办理后顾客会在会话中看到")
    return dialog


def pick(dialog: Locator, field: str, option: str | re.Pattern[str]) -> None:
    dialog.get_by_role("combobox", name=field).press("Enter")
    dialog.page.get_by_role("option", name=option).first.click()


def confirm(dialog: Locator) -> None:
    dialog.get_by_role("button", name="确认办理").click()
    expect(dialog).to_have_count(0)


def test_what_is_done_in_the_shop_is_confirmed_first_and_told(
    open_page: OpenPage, stage: Stage
) -> None:
    locked = signed_in_shopper(open_page, stage, "黄磊")
    desk = agent(open_page, stage, COLLEAGUE)
    serve(desk, conversation_of(locked))
    desk.keyboard.press("Alt+2")
    dialog = ask_for(desk, "解锁账号")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    confirm(ask_for(desk, "解锁账号"))
    expect(locked.locator("kefu-chat")).to_contain_text("解锁")
    confirm(ask_for(desk, "催发货"))
    expect(locked.locator("kefu-chat")).to_contain_text("已提醒商家尽快发货")
    dialog = ask_for(desk, "修改收货信息")
    dialog.get_by_label("收货地址").fill("浙江省杭州市西湖区文三路 90 号")
    confirm(dialog)
    expect(locked.locator("kefu-chat")).to_contain_text("已按您的要求修改")

    returning = signed_in_shopper(open_page, stage, "吴雨桐")
    desk.keyboard.press("Alt+1")
    serve(desk, conversation_of(returning))
    desk.keyboard.press("Alt+2")
    dialog = ask_for(desk, "申请售后")
    dialog.get_by_role("button", name="确认办理").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请填写商品")
    pick(dialog, "商品", re.compile("."))
    pick(dialog, "售后类型", "退货退款")
    pick(dialog, "原因", re.compile("质量|损坏|瑕疵"))
    confirm(dialog)
    expect(returning.locator("kefu-chat")).to_contain_text("退货申请")


def test_a_shop_that_lets_nothing_be_written_is_no_success(
    open_page: OpenPage, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage.desk
    runtime = stage.desk.runtime
    monkeypatch.setattr(runtime.shop_desk, "_shop", without_writes(runtime.shop))
    shopper = signed_in_shopper(open_page, stage, "赵敏")
    desk = agent(open_page, stage, COLLEAGUE)
    serve(desk, conversation_of(shopper))
    desk.keyboard.press("Alt+2")
    dialog = ask_for(desk, "修改收货信息")
    dialog.get_by_label("联系电话").fill("13800001111")
    dialog.get_by_role("button", name="确认办理").click()
    expect(dialog.get_by_role("alert")).to_contain_text("店铺系统不接受直接修改，已登记工单 TK")
    expect(desk.locator(".el-message--success")).to_have_count(0)
    dialog.get_by_role("link", name="查看工单").click()
    pane = desk.get_by_role("region", name=re.compile("^工单 TK"))
    expect(pane.get_by_role("heading", name="修改收货信息")).to_be_visible()


@pytest.fixture
def reading_engine(stage: Stage) -> Iterator[EngineServer]:
    """Reads a question about an order, and answers it with the order's card."""
    engine = stage.engine
    assert engine
    intent = {"name": "order_status", "confidence": 0.93}

    async def behave(request: Json) -> Json:
        read = {"parse": {"text": "", "intent": intent}, "actions": ["action_order_status"]}
        return {**await script(request), **read}

    engine.understand, engine.behave = understood("order_status", 0.93), behave
    yield engine
    engine.understand, engine.behave = understood("greet"), script


@pytest.mark.usefixtures("reading_engine")
def test_a_suggestion_is_sent_with_its_card_by_one_click(open_page: OpenPage, stage: Stage) -> None:
    shopper = waiting_shopper(open_page, stage, "在吗")
    desk = agent(open_page, stage, COLLEAGUE)
    serve(desk, conversation_of(shopper))
    say(shopper, "我的订单到哪了")
    offered = desk.get_by_role("region", name="机器人建议").get_by_role("listitem").first
    expect(offered).to_contain_text("把握 93%")
    expect(offered).to_contain_text("直接发送时附带订单卡片；不含机器人的按钮「查看物流」")
    offered.get_by_role("button", name="直接发送").click()
    expect(answers(shopper, "查到您的订单")).to_have_count(1)
    expect(card(shopper, "order")).to_contain_text(ORDER["order_number"])
    expect(card(shopper, "order").get_by_role("button")).to_have_count(0)
    expect(offered).to_have_count(0)


def test_a_ticket_is_written_down_found_assigned_and_answered(
    open_page: OpenPage, stage: Stage
) -> None:
    desk = agent(open_page, stage)
    other = {"profile": "demo", "kind": "feedback", "details": "字太小了", "contact": "a@b.cn"}
    httpx.post(f"{stage.base_url}/api/v1/shopper/tickets", json=other, trust_env=False)
    desk.get_by_role("link", name="工单").click()
    desk.get_by_role("button", name="登记工单").click()
    dialog = desk.get_by_role("dialog", name="登记工单")
    pick(dialog, "品牌", "青禾生活")
    dialog.get_by_label("联系方式").fill("138 1234 0000")
    dialog.get_by_label("问题描述").fill("顾客来电：灯罩裂了，要求换新")
    dialog.get_by_role("button", name="登记").click()
    expect(dialog).to_have_count(0)
    pane = desk.get_by_role("region", name=re.compile("^工单 TK"))
    expect(pane).to_contain_text("灯罩裂了")
    number = (pane.get_attribute("aria-label") or "").removeprefix("工单 ")

    rows = desk.get_by_role("region", name="工单列表").get_by_role("listitem")
    expect(rows.filter(has_text="字太小了")).to_have_count(1)
    desk.get_by_label("搜索工单").fill("灯罩")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(
        "admin" if not rows.filter(has_text="管理员").count() else "管理员"
    )
    pick_owner(desk, "小李")
    expect(rows).to_contain_text("小李")
    desk.get_by_label("搜索工单").fill("")
    filter_by(desk, "负责人", "小李")
    expect(rows).to_have_count(1)

    due_in(stage, number, timedelta(minutes=90))
    filter_by(desk, "期限", "即将到期")
    expect(rows.locator(".soon .due")).to_have_text("剩 1 小时")
    due_in(stage, number, -timedelta(minutes=90))
    filter_by(desk, "期限", "已超期")
    expect(rows.locator(".late .due")).to_have_text("超期 1 小时")

    pane.get_by_label("答复顾客").last.fill("已为您寄出新的灯罩")
    pane.get_by_role("button", name="答复顾客").click()
    expect(pane).to_contain_text("已答复")
    expect(pane).to_contain_text("已为您寄出新的灯罩")
    expect(desk.get_by_text("没有符合条件的工单")).to_be_visible()
    desk.get_by_role("button", name="清除筛选").click()
    expect(rows.filter(has_text=number)).to_contain_text("已答复")


def filter_by(desk: Page, name: str, option: str) -> None:
    desk.get_by_role("search").get_by_role("combobox", name=name).press("Enter")
    # The list that was open before may still fade.
    desk.get_by_role("option", name=option, exact=True).first.click()


def pick_owner(desk: Page, name: str) -> None:
    pane = desk.get_by_role("region", name=re.compile("^工单 TK"))
    pane.get_by_role("combobox", name="负责人").press("Enter")
    desk.get_by_role("option", name=name, exact=True).last.click()
    expect(desk.get_by_text("已指派")).to_be_visible()


def due_in(stage: Stage, number: str, time: timedelta) -> None:
    def work(session: Session) -> None:
        session.get_one(Ticket, number).due_at = utc_now() + time

    stage.database.write_now(work)
