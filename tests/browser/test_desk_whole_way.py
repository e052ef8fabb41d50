"""From the bot to an agent, to another, back to the bot, to a person again, to the rating."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from sqlalchemy import select

from kefu.store.desk_tables import Correction
from tests.browser.chat import answers, say
from tests.browser.conftest import OpenPage
from tests.browser.desk import (
    agent,
    be,
    call_person,
    conversation_of,
    notes,
    online,
    said,
    serve,
    waiting_shopper,
    write,
)
from tests.browser.stage import COLLEAGUE, LEADER, SECOND, Stage


def add_canned(leader: Page, shortcut: str, title: str, words: str) -> None:
    leader.get_by_role("link", name="快捷回复").click()
    leader.get_by_role("button", name="新建").click()
    dialog = leader.get_by_role("dialog", name="新建快捷回复")
    dialog.get_by_label("缩写").fill(shortcut)
    dialog.get_by_label("标题").fill(title)
    dialog.get_by_label("内容").fill(words)
    dialog.get_by_role("button", name="保存").click()
    expect(leader.get_by_role("cell", name=f"/{shortcut}", exact=True)).to_be_visible()


def test_the_whole_way(open_page: OpenPage, stage: Stage) -> None:
    add_canned(
        agent(open_page, stage, LEADER), "zzcd", "正在查单", "{shopper_name}您好，正在为您查。"
    )
    shopper = waiting_shopper(open_page, stage, "我要退掉这件衣服")
    conversation_id = conversation_of(shopper)
    first, second = agent(open_page, stage, COLLEAGUE), agent(open_page, stage, SECOND)

    serve(first, conversation_id)
    field = first.get_by_label("回复内容")
    field.press_sequentially("/zzcd")
    expect(first.get_by_role("option", name="正在查单")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("访客您好，正在为您查。")
    field.press("Enter")
    expect(answers(shopper, "访客您好，正在为您查。")).to_have_count(1)

    first.get_by_text("内部备注", exact=True).click()
    note = first.get_by_label("备注内容")
    note.fill("已联系仓库，今天可以收货")
    note.press("Enter")
    expect(notes(first, "已联系仓库")).to_have_count(1)

    with online(second):
        transfer(first, "王敏", "顾客要退货，麻烦接一下")
        row = second.locator(f"[data-conversation='{conversation_id}']")
        row.click()
        expect(notes(second, "已联系仓库")).to_have_count(1)
        write(second, "您好，我是王敏，接着为您办理退货。")
        expect(answers(shopper, "我是王敏，接着为您办理退货。")).to_have_count(1)
    expect(shopper.locator("kefu-chat")).not_to_contain_text("已联系仓库")
    expect(first.get_by_label("回复内容")).to_have_count(0)

    second.get_by_role("button", name="交还智能客服").click()
    back = second.get_by_role("dialog", name="交还智能客服")
    back.get_by_label("给顾客的处理小结").fill("退货申请已提交")
    back.get_by_role("button", name="交还").click()
    expect(shopper.locator("kefu-chat")).to_contain_text("退货申请已提交")
    say(shopper, "还是机器人吗")
    expect(answers(shopper, "还是机器人吗")).to_have_count(1)

    call_person(shopper)
    serve(first, conversation_id)
    first.keyboard.press("Alt+e")
    end_as_misread(first)
    shopper.get_by_title("非常满意").click()
    shopper.get_by_role("button", name="提交评价").click()
    expect(shopper.locator("kefu-chat .given")).to_contain_text("非常满意")
    expect(first.get_by_role("log").locator(".rating")).to_contain_text("顾客评价")
    assert corrections(stage, conversation_id) == [("return_request", False)]


def transfer(desk: Page, name: str, note: str) -> None:
    desk.keyboard.press("Alt+t")
    dialog = desk.get_by_role("dialog", name="转接会话")
    dialog.get_by_role("radio", name=name).check()
    dialog.get_by_label("给接手人的备注").fill(note)
    dialog.get_by_role("button", name="转接").click()
    expect(dialog).to_have_count(0)


def end_as_misread(desk: Page) -> None:
    """End the conversation: the bot was wrong, it was about a return."""
    dialog = desk.get_by_role("dialog", name="结束会话")
    dialog.get_by_role("radio", name="机器人答错了").check()
    picker = dialog.get_by_role("combobox")
    picker.press_sequentially("thtk")
    expect(dialog.get_by_role("option").first).to_contain_text("退货")
    picker.press("Enter")
    dialog.get_by_role("button", name="结束会话").click()
    expect(dialog).to_have_count(0)


def corrections(stage: Stage, conversation_id: str) -> list[tuple[str | None, bool]]:
    """What the trainer is told about the conversation: the right intent, and whether it was."""
    query = select(Correction.right_intent, Correction.right).where(
        Correction.conversation_id == conversation_id
    )
    return stage.database.read_now(lambda session: [tuple(row) for row in session.execute(query)])


def test_a_message_taken_back_is_gone_on_both_sides(open_page: OpenPage, stage: Stage) -> None:
    shopper = waiting_shopper(open_page, stage, "发错了怎么办")
    desk = agent(open_page, stage, COLLEAGUE)
    serve(desk, conversation_of(shopper))
    write(desk, "这句发错了人")
    expect(answers(shopper, "这句发错了人")).to_have_count(1)
    desk.get_by_role("button", name="撤回").click()
    expect(desk.get_by_role("log")).to_contain_text("小李撤回了一条消息")
    expect(shopper.locator("kefu-chat .note", has_text="客服撤回了一条消息")).to_have_count(1)
    expect(answers(shopper, "这句发错了人")).to_have_count(0)
    # Its words are offered for another try, and gone from the talk for good.
    expect(desk.get_by_label("回复内容")).to_have_value("这句发错了人")
    shopper.reload()
    expect(shopper.locator("kefu-chat .note", has_text="客服撤回了一条消息")).to_have_count(1)
    expect(said(desk, "这句发错了人")).to_have_count(0)


def test_a_supervisor_sees_the_wall_whispers_moves_and_takes_over(
    open_page: OpenPage, stage: Stage
) -> None:
    shopper = waiting_shopper(open_page, stage, "主管请看")
    conversation_id = conversation_of(shopper)
    desk, leader = agent(open_page, stage, COLLEAGUE), agent(open_page, stage, LEADER)
    second = agent(open_page, stage, SECOND)
    serve(desk, conversation_id)
    write(desk, "请稍等，我在查")
    expect(answers(shopper, "请稍等，我在查")).to_have_count(1)
    leader.get_by_role("link", name="大屏").click()
    row = leader.get_by_role("row", name="请稍等，我在查")
    expect(row).to_contain_text("小李")
    row.get_by_role("button", name="悄悄话").click()
    leader.get_by_role("dialog").get_by_role("textbox").fill("可以先补偿十元券")
    leader.get_by_role("dialog").get_by_role("button", name="发送").click()
    expect(leader.get_by_text("已发送", exact=True)).to_be_visible()
    expect(notes(desk, "可以先补偿十元券")).to_contain_text("主管悄悄话")
    expect(shopper.locator("kefu-chat")).not_to_contain_text("可以先补偿十元券")
    with online(second):
        row.get_by_role("button", name="移交").click()
        dialog = leader.get_by_role("dialog", name="移交会话")
        dialog.get_by_role("radio", name="王敏").check()
        dialog.get_by_role("button", name="移交").click()
        expect(row).to_contain_text("王敏")
    row.get_by_role("button", name="接管").click()
    expect(leader.get_by_label("回复内容")).to_be_visible()
    write(leader, "您好，由我继续为您处理。")
    expect(answers(shopper, "您好，由我继续为您处理。")).to_have_count(1)


def test_presence_is_chosen_and_shown_to_supervisors(open_page: OpenPage, stage: Stage) -> None:
    desk, leader = agent(open_page, stage, SECOND), agent(open_page, stage, LEADER)
    leader.get_by_role("link", name="大屏").click()
    row = leader.get_by_role("listitem").filter(has_text="王敏")
    be(desk, "忙碌")
    expect(row.locator(".dot.busy")).to_be_visible()
    be(desk, "离线")
    expect(row.locator(".dot.offline")).to_be_visible()
