"""The office behind the desk: second factors, colleagues' accounts, groups and their hours."""

from __future__ import annotations

import time

import pyotp
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat import log_in
from tests.browser.conftest import OpenPage
from tests.browser.desk import SCREEN, agent
from tests.browser.stage import SECOND, Stage


def leave(desk: Page) -> None:
    desk.get_by_role("button", name="切换状态").click()
    desk.get_by_role("menuitem", name="退出登录").click()
    expect(desk.get_by_label("用户名")).to_be_visible()


def test_a_second_factor_is_set_up_asked_for_and_ended(open_page: OpenPage, stage: Stage) -> None:
    desk = agent(open_page, stage, SECOND)
    desk.evaluate("location.hash = '#/me'")
    desk.get_by_role("button", name="开启两步验证").click()
    factor = pyotp.TOTP(desk.locator("code").inner_text())
    expect(desk.get_by_label("两步验证二维码")).to_be_visible()
    now = time.time()
    # A code counts once, and one a step behind still counts: the next is for signing in.
    desk.get_by_label("2. 输入应用显示的 6 位验证码").fill(factor.at(int(now) - 30))
    desk.get_by_role("button", name="确认开启").click()
    expect(desk.get_by_text("已开启", exact=True)).to_be_visible()
    leave(desk)
    desk.get_by_label("用户名").fill(SECOND)
    desk.get_by_label("密码", exact=True).fill(stage.admin_password)
    desk.get_by_role("button", name="登录").click()
    field = desk.get_by_label("动态验证码")
    expect(field).to_be_focused()
    wrong = "000000" if factor.at(int(now) + 30) != "000000" else "111111"
    field.fill(wrong)
    desk.get_by_role("button", name="验证并登录").click()
    expect(desk.locator(".trouble")).to_contain_text("动态码不正确")
    field.fill(factor.now())
    desk.get_by_role("button", name="验证并登录").click()
    expect(desk.get_by_role("navigation", name="主导航")).to_be_visible()
    desk.evaluate("location.hash = '#/me'")
    desk.get_by_role("button", name="关闭", exact=True).click()
    desk.get_by_label("输入密码以关闭两步验证").fill(stage.admin_password)
    desk.get_by_role("button", name="关闭两步验证").click()
    expect(desk.get_by_text("两步验证已关闭")).to_be_visible()
    leave(desk)
    log_in(desk, stage.admin_password, SECOND)


def test_a_colleague_is_added_and_a_groups_hours_are_changed(
    open_page: OpenPage, stage: Stage
) -> None:
    desk = agent(open_page, stage)
    desk.get_by_role("link", name="员工").click()
    desk.get_by_role("button", name="添加员工").click()
    dialog = desk.get_by_role("dialog", name="添加员工")
    dialog.get_by_role("button", name="添加").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请填写姓名和用户名")
    dialog.get_by_label("姓名").fill("欧阳思远")
    dialog.get_by_label("用户名").fill("ouyang")
    place = dialog.locator("section", has=desk.get_by_role("heading", name="青禾生活"))
    place.get_by_label("客服", exact=True).check()
    dialog.get_by_role("button", name="添加").click()
    first = desk.get_by_role("dialog", name="欧阳思远 的初始密码")
    password = first.locator("code").inner_text()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("row", name="欧阳思远")).to_contain_text("客服")
    newcomer = open_page(f"{stage.base_url}/desk", **SCREEN)
    log_in(newcomer, password, "ouyang")
    expect(newcomer.get_by_role("link", name="员工")).to_have_count(0)

    desk.get_by_role("link", name="分组").click()
    group = desk.get_by_role("navigation", name="分组").get_by_role("button").last
    group.click()
    name = group.locator("strong").inner_text()
    form = desk.get_by_role("region", name=f"{name}的设置")
    sunday = form.get_by_label("周日的服务时间")
    before = sunday.input_value()
    sunday.fill("十点到四点")
    form.get_by_role("button", name="保存").click()
    expect(form.get_by_role("alert")).to_contain_text("应写成 09:00-18:00")
    save(form, "10:00-16:00")
    desk.reload()
    group.click()
    expect(sunday).to_have_value("10:00-16:00")
    save(form, before)


def save(form: Locator, hours: str) -> None:
    form.get_by_label("周日的服务时间").fill(hours)
    form.get_by_role("button", name="保存").click()
    expect(form.page.get_by_text("已保存").last).to_be_visible()
