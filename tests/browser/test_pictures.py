"""Pictures in the page: chosen, pasted, dropped, sent once, seen by shopper and agent."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.chat import answers, come_as_guest, log_in, open_newest_waiting, own, say
from tests.browser.conftest import AT_BOTH_WIDTHS, ON_DESKTOP, PHONE, OpenPage
from tests.browser.pictures import choose_files, choose_photos, chosen, loaded, photo, send, sent
from tests.browser.stage import Stage


def heard(stage: Stage, start: int) -> list[str]:
    """The ids of the pictures that the bot heard of, from its ``start``-th request."""
    return [
        each["message"]["entities"]["attachment_id"]
        for each in stage.conversations()[start:]
        if each["message"].get("intent") == "picture_sent"
    ]


@pytest.fixture
def page(open_page: OpenPage, stage: Stage, request: pytest.FixtureRequest) -> Page:
    page = open_page(stage.base_url, **getattr(request, "param", PHONE))
    come_as_guest(page)
    return page


@AT_BOTH_WIDTHS
def test_a_chosen_picture_is_sent_small_and_still_there_after_a_reload(
    page: Page, stage: Stage
) -> None:
    before = len(stage.conversations())
    uploads: list[bytes] = []

    def note(route: Any) -> None:
        uploads.append(route.request.post_data_buffer)
        route.continue_()

    page.route("**/api/v1/shopper/attachments", note)
    choose_files(page, ("IMG_0001.jpg", "image/jpeg", photo()))
    expect(page.get_by_role("img", name="第 1 张图片")).to_be_visible()
    send(page)
    loaded(sent(page))
    expect(chosen(page)).to_have_count(0)
    expect(page.locator("kefu-chat .log .status")).to_have_count(0)
    expect(answers(page, "picture_sent")).to_have_count(1)

    (body,) = uploads
    assert b"SecretPhone" not in body
    assert b"IMG_0001" not in body
    start = body.index(b"\xff\xd8\xff")
    with Image.open(io.BytesIO(body[start:])) as arrived:
        assert (arrived.format, arrived.size) == ("JPEG", (2048, 1024))

    page.reload()
    loaded(sent(page))
    expect(sent(page)).to_have_count(1)
    assert len(heard(stage, before)) == 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_picture_can_be_taken_out_before_it_is_sent(page: Page, stage: Stage) -> None:
    before = len(stage.conversations())
    choose_photos(page, 2)
    page.get_by_role("button", name="移除第 1 张图片").click()
    expect(chosen(page)).to_have_count(1)
    page.get_by_label("消息内容").fill("看这张")
    send(page)
    expect(own(page, "看这张")).to_have_count(1)
    loaded(sent(page))
    expect(answers(page, "看这张")).to_have_count(1)
    assert len(heard(stage, before)) == 1


def test_the_viewer_opens_large_and_escape_closes_it_but_not_the_chat(page: Page) -> None:
    choose_photos(page)
    send(page)
    loaded(sent(page))
    opener = page.get_by_role("button", name="查看您发送的图片")
    opener.click()
    viewer = page.get_by_role("dialog", name="查看图片")
    loaded(viewer.get_by_role("img"))
    expect(viewer.get_by_role("button", name="关闭图片")).to_be_focused()
    page.keyboard.press("Tab")
    expect(viewer.get_by_role("button", name="关闭图片")).to_be_focused()
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(opener).to_be_focused()
    expect(page.get_by_label("消息内容")).to_be_visible()


def test_a_phone_offers_its_camera(page: Page, stage: Stage) -> None:
    before = len(stage.conversations())
    camera = page.get_by_role("button", name="拍照发送")
    field = page.locator("kefu-chat input[type=file][capture=environment]")
    expect(field).to_have_attribute("accept", "image/*")
    with page.expect_file_chooser() as opened:
        camera.tap()
    assert opened.value.element.get_attribute("capture") == "environment"
    assert not opened.value.is_multiple()
    # What a good camera takes is larger than the server would have it.
    taken = photo(4000, 3000, quality=100)
    assert len(taken) > 10 * 2**20
    opened.value.set_files({"name": "image.jpg", "mimeType": "image/jpeg", "buffer": taken})
    expect(chosen(page)).to_have_count(1)
    send(page)
    loaded(sent(page))
    expect(answers(page, "picture_sent")).to_have_count(1)
    assert len(heard(stage, before)) == 1


@ON_DESKTOP
def test_a_computer_offers_its_files_alone(page: Page) -> None:
    expect(page.get_by_role("button", name="拍照发送")).to_have_count(0)
    with page.expect_file_chooser() as opened:
        page.get_by_role("button", name="发送图片").click()
    assert opened.value.is_multiple()
    assert opened.value.element.get_attribute("capture") is None


@ON_DESKTOP
@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped(page: Page, way: str) -> None:
    page.evaluate(
        """async (way) => {
            const canvas = new OffscreenCanvas(300, 200)
            canvas.getContext('2d').fillRect(0, 0, 300, 200)
            const data = new DataTransfer()
            const blob = await canvas.convertToBlob({ type: 'image/png' })
            data.items.add(new File([blob], 'image.png', { type: 'image/png' }))
            const panel = document.querySelector('kefu-chat').shadowRoot.querySelector('.panel')
            const place = way === 'paste' ? panel.querySelector('textarea') : panel
            const more = { clipboardData: data, dataTransfer: data, bubbles: true }
            const kind = way === 'paste' ? ClipboardEvent : DragEvent
            place.dispatchEvent(new kind(way, more))
        }""",
        way,
    )
    expect(chosen(page)).to_have_count(1)
    send(page)
    loaded(sent(page))


@pytest.mark.parametrize("reload", [False, True], ids=["line back", "reload"])
def test_a_picture_sent_off_line_waits_for_the_line_and_survives_a_reload(
    page: Page, stage: Stage, reload: bool
) -> None:
    before = len(stage.conversations())
    page.route("**/api/v1/shopper/attachments", lambda route: route.abort())
    choose_photos(page)
    send(page)
    waiting = page.locator("kefu-chat .row.shopper .picture.waiting canvas")
    expect(waiting).to_be_visible()
    expect(page.locator("kefu-chat .log .status")).to_have_text(re.compile("等待网络|发送中"))
    if reload:
        page.reload()
        expect(waiting).to_be_visible()
    page.unroute("**/api/v1/shopper/attachments")
    loaded(sent(page))
    expect(answers(page, "picture_sent")).to_have_count(1)
    assert len(heard(stage, before)) == 1


def test_a_lost_receipt_does_not_double_the_picture(page: Page, stage: Stage) -> None:
    before = len(stage.conversations())
    lost: list[int] = []

    def lose_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route("**/api/v1/shopper/messages", lose_first)
    choose_photos(page)
    send(page)
    loaded(sent(page))
    expect(answers(page, "picture_sent")).to_have_count(1)
    page.wait_for_timeout(1500)
    assert lost == [202]
    expect(sent(page)).to_have_count(1)
    assert len(heard(stage, before)) == 1


def test_what_the_server_refuses_says_why_and_can_be_taken_back(page: Page) -> None:
    choose_files(page, ("broken.jpg", "image/jpeg", photo(60, 30)[:300]))
    expect(chosen(page)).to_have_count(1)
    send(page)
    expect(page.locator("kefu-chat .log .status.failed")).to_contain_text("打不开")
    page.get_by_role("button", name="重试").click()
    expect(page.locator("kefu-chat .log .status.failed")).to_contain_text("打不开")
    page.get_by_role("button", name="删除").click()
    expect(page.locator("kefu-chat .row.shopper")).to_have_count(0)
    page.reload()
    expect(page.locator("kefu-chat .row.bot").first).to_be_visible()
    expect(page.locator("kefu-chat .row.shopper")).to_have_count(0)


def test_what_is_no_picture_is_refused_before_it_leaves(page: Page) -> None:
    choose_files(page, ("a.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"))
    expect(page.locator("kefu-chat .tray [role=alert]")).to_contain_text("只支持")
    # Unread by this browser, so that it cannot be made smaller.
    choose_files(page, ("a.heic", "image/heic", bytes(10 * 2**20 + 1)))
    expect(page.locator("kefu-chat .tray [role=alert]")).to_contain_text("不能超过 10 MB")
    expect(chosen(page)).to_have_count(0)
    expect(page.get_by_role("button", name="发送", exact=True)).to_be_disabled()


def test_an_expired_address_is_renewed(page: Page) -> None:
    choose_photos(page)
    send(page)
    loaded(sent(page))
    expired: list[str] = []

    def expire(route: Any) -> None:
        if not expired:
            expired.append(route.request.url)
            route.fulfill(status=410, body="")
        else:
            route.continue_()

    page.route("**/api/v1/attachments/**", expire)
    page.get_by_role("button", name="查看您发送的图片").click()
    loaded(page.get_by_role("dialog", name="查看图片").get_by_role("img"))
    assert len(expired) == 1


def test_the_agent_sees_the_picture_and_enlarges_it(
    open_page: OpenPage, page: Page, stage: Stage
) -> None:
    choose_photos(page)
    send(page)
    expect(answers(page, "picture_sent")).to_have_count(1)
    say(page, "转人工")
    expect(page.locator("kefu-chat .banner")).to_contain_text("转接人工中")

    desk = open_page(f"{stage.base_url}/desk")
    log_in(desk, stage.admin_password)
    open_newest_waiting(desk)
    log = desk.get_by_role("log")
    small = log.get_by_role("img", name="顾客发送的图片")
    loaded(small)
    expect(log).not_to_contain_text("[图片]")
    opener = log.get_by_role("button", name="查看顾客发送的图片")
    opener.click()
    large = desk.locator(".el-image-viewer__img")
    loaded(large)
    desk.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(opener).to_be_focused()

    desk.get_by_role("button", name="接待", exact=True).click()
    expect(desk.get_by_label("回复内容")).to_be_visible()
    choose_photos(page)
    send(page)
    expect(log.get_by_role("img", name="顾客发送的图片")).to_have_count(2)
