"""What a shopper and an agent do with their pages."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


def open_chat(page: Page) -> None:
    page.get_by_role("button", name="打开在线客服").click()
    expect(messages(page).first).to_be_visible()


def choose(page: Page, name: str) -> None:
    page.locator(".shopper", has_text=name).first.click()
    expect(page.locator(".who")).to_contain_text(name)


def say(page: Page, text: str) -> None:
    field = page.get_by_label("消息内容")
    field.fill(text)
    field.press("Enter")


def come_as_guest(page: Page) -> None:
    page.get_by_text("访客", exact=True).first.click()
    open_chat(page)


def menu(page: Page, entry: str) -> None:
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name=entry).click()


def messages(page: Page) -> Locator:
    return page.locator("kefu-chat .row .bubble:not(.dots)")


def own(page: Page, text: str) -> Locator:
    """The shopper's own bubbles with this text."""
    return page.locator("kefu-chat .row.shopper .bubble", has_text=text)


def answers(page: Page, text: str) -> Locator:
    """The bot's and the agent's bubbles with this text."""
    rows = page.locator("kefu-chat .row.bot .bubble, kefu-chat .row.agent .bubble")
    return rows.filter(has_text=text)


def card(page: Page, kind: str) -> Locator:
    return page.locator(f"kefu-chat [data-card={kind}]")


def assert_fits(page: Page) -> None:
    """Nothing in the chat has to be scrolled sideways to be read."""
    wide = page.locator("kefu-chat .panel").evaluate(
        """panel => [panel, ...panel.querySelectorAll('*:not(.chosen, .chosen *)')]
          .filter((part) => part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 1)
          .filter((part) => getComputedStyle(part).display !== 'inline')
          .map((part) => part.outerHTML.slice(0, 200))"""
    )
    assert wide == []


def log_in(page: Page, password: str, username: str = "admin") -> None:
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("navigation", name="主导航")).to_be_visible()


def open_newest_waiting(page: Page) -> None:
    """Open the conversation that came into the queue last."""
    page.get_by_role("tab", name="排队").click()
    page.get_by_role("tabpanel", name="排队").get_by_role("button").last.click()
    expect(page.get_by_role("button", name="接待", exact=True)).to_be_visible()
