"""The whole of Kefu in a browser: a shopper's question is answered from the order database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from kefu.shop import open_gateway
from kefu.shop.model import Order, OrderState
from tests.browser.axe import violations
from tests.browser.chat import (
    answers,
    assert_fits,
    card,
    choose,
    log_in,
    messages,
    open_chat,
    open_newest_waiting,
    own,
    say,
)
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.e2e import people
from tests.e2e.stack import Stack


def on_its_way(order: Order) -> bool:
    recent = order.placed_at > datetime.now(UTC) - timedelta(days=30)
    return order.state is OrderState.SHIPPED and len(order.shipments) == 1 and recent


@pytest.fixture
def parcel(stack: Stack) -> tuple[str, Order]:
    """A shopper and an order of theirs that is on its way."""
    return people.owner_of(open_gateway(f"sqlite:///{stack.home / 'shop.db'}"), on_its_way)


def come_as(page: Page, stack: Stack, account: str) -> None:
    """Open the shop as an account that may not be among the dozen to choose from."""
    expect(page.locator(".shopper").first).to_be_visible()
    page.evaluate(
        "a => document.querySelector('kefu-chat').setAttribute('demo-account', a)", account
    )
    open_chat(page)


AT_EACH_WIDTH = pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
# Of the demo: two things signed for yesterday; a payment that failed; a refund at the bank.
SIGNED, UNPAID, REFUNDED = "吴雨桐", "张伟", "杨欣怡"
# Pressed where they are offered; else the first button is.
WISHES = ("确认提交", "没有要补充的", "质量")


@AT_EACH_WIDTH
def test_where_is_my_order(
    open_page: OpenPage, stack: Stack, parcel: tuple[str, Order], device: dict[str, object]
) -> None:
    account, order = parcel
    page = open_page(stack.base_url, **device)
    come_as(page, stack, account)
    say(page, "我的订单到哪了")
    answer = answers(page, "您想查哪").last
    expect(answer.or_(card(page, "logistics")).first).to_be_visible()
    if not card(page, "logistics").count():
        page.locator("kefu-chat .buttons").last.get_by_role("button").first.click()
    expect(card(page, "logistics").first).to_be_visible()
    say(page, f"查一下订单{order.order_number}的物流")
    tracking = order.shipments[0].tracking_number
    expect(card(page, "logistics").filter(has_text=tracking)).to_be_visible()


@AT_EACH_WIDTH
def test_a_return_is_made_with_buttons_alone(
    open_page: OpenPage, stack: Stack, device: dict[str, object]
) -> None:
    page = open_page(stack.base_url, **device)
    choose(page, SIGNED)
    open_chat(page)
    page.get_by_role("button", name="退换货").click()
    pressed = ["退换货"]
    made = card(page, "return")
    newest = page.locator("kefu-chat .log > .row.bot:last-child")
    options = newest.locator(".buttons button:enabled")
    expect(options.first).to_be_visible()
    while not made.count():
        titles = options.all_inner_texts()
        wanted = [title for wish in WISHES for title in titles if wish in title]
        pressed.append((wanted or titles)[0])
        assert len(pressed) < 9, pressed
        newest.get_by_role("button", name=pressed[-1], exact=True).click()
        expect(own(page, pressed[-1])).to_have_count(1)
        expect(options.first).to_be_visible()
        if len(pressed) == 3:
            # What is answered half way is still there.
            page.reload()
            expect(options.first).to_be_visible()
    expect(made).to_contain_text(re.compile(r"RMA\d{10}"))
    said = page.locator("kefu-chat .row.shopper .bubble").all_inner_texts()
    assert [words.removeprefix("您：").strip() for words in said] == pressed
    assert_fits(page)
    assert violations(page) == []


@AT_EACH_WIDTH
def test_money_and_help_are_told_in_cards(
    open_page: OpenPage, stack: Stack, device: dict[str, object]
) -> None:
    page = open_page(stack.base_url, **device)
    choose(page, UNPAID)
    open_chat(page)
    say(page, "付款一直失败")
    expect(card(page, "payment")).to_contain_text("余额不足")
    assert_fits(page)
    assert violations(page) == []

    page.get_by_role("button", name="收起聊天窗口").click()
    choose(page, REFUNDED)
    open_chat(page)
    say(page, "退款什么时候到账")
    expect(card(page, "refund").first).to_contain_text("退回至")
    say(page, "优惠券怎么用")
    article = card(page, "article")
    expect(article).to_contain_text("查看全文")
    assert_fits(page)
    assert violations(page) == []
    title = article.locator(".article-title").inner_text().splitlines()[0]
    with page.context.expect_page() as opened:
        article.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(title)


def test_a_pressed_button_brings_an_order_card(
    open_page: OpenPage, stack: Stack, parcel: tuple[str, Order]
) -> None:
    page = open_page(stack.base_url, **PHONE)
    come_as(page, stack, parcel[0])
    page.get_by_role("button", name="查订单").click()
    expect(card(page, "order").first).to_be_visible()
    expect(card(page, "order").first).to_contain_text("KF")


def test_a_person_takes_over(open_page: OpenPage, stack: Stack) -> None:
    shopper = open_page(stack.base_url)
    expect(shopper.locator(".shopper").first).to_be_visible()
    open_chat(shopper)
    expect(messages(shopper).first).to_be_visible()
    shopper.locator("kefu-chat .person").click()
    expect(shopper.locator("kefu-chat .banner")).to_contain_text("转接人工中")
    desk = open_page(f"{stack.base_url}/desk")
    log_in(desk, stack.admin_password)
    open_newest_waiting(desk)
    desk.get_by_role("button", name="接待", exact=True).click()
    desk.get_by_label("回复内容").fill("您好，我是人工客服。")
    desk.get_by_role("button", name="发送", exact=True).click()
    expect(answers(shopper, "您好，我是人工客服。")).to_have_count(1)
