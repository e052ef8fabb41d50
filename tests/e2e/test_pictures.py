"""Pictures through the real processes: kept, asked about, and in the ticket at the end."""

from __future__ import annotations

import io

import httpx
from PIL import Image

from tests.e2e.shopper import Event, Open, Shopper, buttons_of, texts
from tests.e2e.stack import Stack


def photo() -> bytes:
    file = io.BytesIO()
    Image.effect_noise((400, 300), 60).convert("RGB").save(file, "JPEG")
    return file.getvalue()


def send_picture(shopper: Shopper) -> tuple[str, list[Event]]:
    """The picture's id, and what came back for it."""
    upload = shopper.http.post("/attachments", files={"file": ("a.jpg", photo())})
    assert upload.status_code == httpx.codes.CREATED, upload.text
    attachment_id: str = upload.json()["id"]
    shopper.read()
    answer = shopper.post(attachment_id=attachment_id)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    heard = shopper.read_until(lambda event: event.get("from") == "bot")
    return attachment_id, [event for event in heard if event.get("from") != "shopper"]


def titles(said: list[Event]) -> list[str]:
    return [button["title"] for event in said for button in buttons_of(event)]


def test_pictures_sent_before_and_within_a_complaint_are_its_evidence(
    open_chat: Open, stack: Stack
) -> None:
    shopper = open_chat("u0001")
    first, asked = send_picture(shopper)
    assert "哪方面的问题" in texts(asked)
    assert titles(asked) == ["质量问题", "少发错发", "付款失败截图", "转人工"]
    shopper.say("我要投诉，包裹被扔在门口淋湿了")
    second, kept = send_picture(shopper)
    assert "作为凭证一起提交" in texts(kept)
    if "哪一笔订单" not in texts(kept):
        shopper.read_until(lambda event: "哪一笔订单" in (event.get("text") or ""))
    assert "图片：2 张" in texts(shopper.press("和订单无关"))
    shopper.press("确认提交")
    if "工单号是" not in texts(shopper.events):
        shopper.read_until(lambda event: "工单号是" in (event.get("text") or ""))

    (ticket,) = shopper.http.get("/tickets").json()["tickets"]
    assert [each["id"] for each in ticket["evidence"]] == [first, second]
    small = httpx.get(f"{stack.base_url}{ticket['evidence'][1]['thumbnail_url']}")
    assert small.headers["content-type"] == "image/jpeg"
    assert Image.open(io.BytesIO(small.content)).size == (400, 300)
