"""The built file on a shop's own page: by a script tag, by ``init``, in an old engine."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, WebSocket, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.store.tables import Conversation
from tests.browser.chat import answers, messages, open_chat, own, say
from tests.browser.conftest import DESKTOP, PHONE, WAIT, OpenPage
from tests.browser.pictures import choose_files, choose_photos, loaded, photo, send, sent
from tests.browser.stage import Stage

JPEG = b"\xff\xd8\xff"
SECRET = "the secret of a shop that is long enough for tests"

# What the oldest engine lacks of what today's has.
OLD_ENGINE = """
globalThis.CSSStyleSheet = class { constructor() { throw new TypeError('Illegal constructor') } }
const without = (owner, ...names) => names.forEach((name) => delete owner[name])
without(Array.prototype, 'at', 'findLast', 'findLastIndex', 'toSorted', 'toSpliced', 'with')
without(String.prototype, 'at', 'replaceAll', 'isWellFormed')
without(AbortSignal, 'any', 'timeout')
without(Element.prototype, 'replaceChildren', 'checkVisibility', 'setHTMLUnsafe')
without(HTMLElement.prototype, 'inert')
without(Object, 'hasOwn', 'groupBy')
without(Promise, 'withResolvers')
without(Crypto.prototype, 'randomUUID')
without(globalThis, 'structuredClone', 'visualViewport', 'AudioContext', 'EventSource')
without(globalThis, 'createImageBitmap')
without(Navigator.prototype, 'locks')
"""


def shop_page(page: Page, stage: Stage, body: str) -> None:
    """Open a plain page of the shop with this in it."""
    html = f"<!doctype html><meta charset=utf-8><title>商店</title><body>{body}</body>"
    address = f"{stage.base_url}/a-shop"
    page.route(address, lambda route: route.fulfill(content_type="text/html", body=html))
    # A page that comes from nowhere is the internet's to Chromium, and may open no socket to here.
    page.context.grant_permissions(["local-network-access"])
    page.goto(address)


def shop_token(account: str, name: str, minutes: int = 5) -> str:
    """What the shop's own server signs for who is logged in."""
    end = datetime.now(UTC) + timedelta(minutes=minutes)
    claims = {"iss": "demo-shop", "aud": "demo", "sub": account, "name": name, "exp": end}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def talks_of(stage: Stage, account: str) -> list[Conversation]:
    def read(session: Session) -> list[Conversation]:
        of_account = select(Conversation).where(Conversation.account_id == account)
        return list(session.scalars(of_account.where(Conversation.state != "closed")))

    return stage.database.read_now(read)


def test_one_script_tag_is_enough(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank", **DESKTOP)
    shop_page(
        page, stage, '<script src="/widget.js" data-profile="tmall" data-page="/help"></script>'
    )
    open_chat(page)
    expect(messages(page).first).to_contain_text("我是天猫智能客服小喵")
    say(page, "在吗")
    expect(answers(page, "在吗")).to_have_count(1)
    assert stage.conversations()[-1]["profile"] == "tmall"


def test_init_takes_a_button_of_the_pages_own(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank", **PHONE)
    shop_page(
        page,
        stage,
        """<button id=help>联系客服</button><p id=unread>0</p><script src="/widget.js"></script>
        <script>
        Kefu.init({ profile: 'demo', launcher: false, theme: 'dark', context: { page: '/cart' },
                    onUnread: (count) => { unread.textContent = count } })
          .then((chat) => { help.onclick = () => chat.ask('从我的按钮来的') })
        </script>""",
    )
    expect(page.get_by_role("button", name="打开在线客服")).to_have_count(0)
    page.locator("#help").click()
    expect(answers(page, "从我的按钮来的")).to_have_count(1)
    dark = page.locator("kefu-chat .panel").evaluate(
        "panel => getComputedStyle(panel).backgroundColor"
    )
    assert dark == "rgb(19, 24, 23)"
    page.get_by_role("button", name="收起聊天窗口").click()
    expect(page.locator("kefu-chat .panel")).to_have_count(0)


def test_who_logs_in_keeps_the_talk_and_who_logs_out_leaves_none(
    open_page: OpenPage, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_DEMO_IDENTITY_KEY", SECRET)
    page = open_page("about:blank", **PHONE)
    script = "Kefu.init({ profile: 'demo', open: true }).then((chat) => { window.chat = chat })"
    shop_page(page, stage, f'<script src="/widget.js"></script><script>{script}</script>')
    log_in = "token => chat.update({ token: token ?? undefined })"
    field = page.get_by_label("消息内容")

    say(page, "登录前说的")
    expect(answers(page, "登录前说的")).to_have_count(1)
    page.evaluate(log_in, shop_token("u0101", "\u202e李明"))
    expect(answers(page, "登录前说的")).to_have_count(1)
    say(page, "登录后说的")
    expect(answers(page, "登录后说的")).to_have_count(1)
    assert [talk.shopper_name for talk in talks_of(stage, "u0101")] == ["李明"]

    field.fill("还没写完")
    page.evaluate(log_in, shop_token("u0101", "李明", minutes=20))
    expect(field).to_have_value("还没写完")

    page.evaluate(log_in, None)
    expect(messages(page)).to_have_count(1)
    expect(field).to_have_value("")
    page.evaluate(log_in, shop_token("u0102", "王芳"))
    say(page, "我是王芳")
    expect(answers(page, "我是王芳")).to_have_count(1)
    expect(own(page, "登录前说的")).to_have_count(0)
    page.evaluate(log_in, shop_token("u0101", "李明"))
    expect(own(page, "登录前说的")).to_have_count(1)
    expect(own(page, "我是王芳")).to_have_count(0)
    assert len(talks_of(stage, "u0101")) == 1


def test_the_oldest_engine_can_do_all_that_counts(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank", **PHONE)
    page.add_init_script(OLD_ENGINE)
    shop_page(page, stage, '<script src="/widget.js" data-profile="demo"></script>')
    open_chat(page)
    head = page.locator("kefu-chat .head")
    assert head.evaluate("head => getComputedStyle(head).display") == "flex"
    say(page, "谢谢")
    page.get_by_title("非常满意").click()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator("kefu-chat .given")).to_contain_text("非常满意")
    page.get_by_role("button", name="更多").click()
    page.get_by_role("button", name="留言给人工客服").click()
    expect(page.get_by_label("类型")).to_be_focused()
    page.keyboard.press("Escape")
    uploads: list[bytes] = []
    page.on("request", lambda request: uploads.append(request.post_data_buffer or b""))
    choose_files(page, ("IMG_0001.jpg", "image/jpeg", photo()))
    expect(page.locator("kefu-chat .chosen canvas")).to_be_visible()
    send(page)
    loaded(sent(page))
    (body,) = [upload for upload in uploads if JPEG in upload]
    assert b"SecretPhone" not in body
    with Image.open(io.BytesIO(body[body.index(JPEG) :])) as arrived:
        assert arrived.size == (2048, 1024)
    page.reload()
    expect(page.locator("kefu-chat .given")).to_contain_text("非常满意")


def test_the_chat_works_on_a_page_of_another_origin(open_page: OpenPage, stage: Stage) -> None:
    page = open_page("about:blank", **DESKTOP)
    frames: list[str | bytes] = []

    def note(frame: str | bytes) -> None:
        frames.append(frame)

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", note)

    page.on("websocket", listen)
    page.goto(stage.shop.listed)
    open_chat(page)
    say(page, "从商店来的")
    expect(answers(page, "从商店来的")).to_have_count(1)
    choose_photos(page)
    send(page)
    loaded(sent(page))
    page.reload()
    expect(own(page, "从商店来的")).to_have_count(1)
    loaded(sent(page))
    pushed = [frame for frame in frames if isinstance(frame, str) and "从商店来的" in frame]
    assert [json.loads(frame)["from"] for frame in pushed][:2] == ["shopper", "bot"]


def test_on_a_page_that_is_not_listed_the_chat_says_so(browser: Browser, stage: Stage) -> None:
    # Not by `open_page`: the browser notes each refusal as an error.
    context = browser.new_context(locale="zh-CN", **DESKTOP)
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(stage.shop.stranger)
    page.get_by_role("button", name="打开在线客服").click()
    expect(page.locator("kefu-chat .banner")).to_contain_text("暂时连接不上客服，请稍后再试")
    expect(page.get_by_text("正在连接客服")).to_be_hidden()
    expect(messages(page)).to_have_count(0)
    context.close()


def test_the_pages_own_rules_do_not_reach_in_and_its_variables_do(
    open_page: OpenPage, stage: Stage
) -> None:
    page = open_page("about:blank", **DESKTOP)
    shop_page(
        page,
        stage,
        """<style>* { color: red; font-size: 40px } button { display: none }
        kefu-chat { --kefu-brand: #7a1fa2; --kefu-bottom: 80px; --kefu-z: 7 }</style>
        <script src="/widget.js" data-profile="tmall"></script>""",
    )
    launcher = page.get_by_role("button", name="打开在线客服")
    expect(launcher).to_have_css("background-color", "rgb(122, 31, 162)")
    expect(launcher).to_have_css("bottom", "80px")
    expect(launcher).to_have_css("z-index", "7")
    open_chat(page)
    expect(page.locator("kefu-chat .head")).to_have_css("background-color", "rgb(122, 31, 162)")
    expect(messages(page).first).to_have_css("font-size", "15px")
    expect(messages(page).first).to_have_css("color", "rgb(28, 36, 34)")
