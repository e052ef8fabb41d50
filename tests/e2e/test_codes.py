"""A locked account is unlocked with a code from the demo's mailbox, through the real processes."""

from __future__ import annotations

import re
import time

from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Viewer
from tests.e2e.shopper import Event, Open, Shopper, texts
from tests.e2e.stack import Stack

LOCKED = Viewer("demo", "u0007")


def code_request(shopper: Shopper) -> Event:
    """The newest ``verify_request``; waits for it."""
    if not any(event["type"] == "verify_request" for event in shopper.events):
        shopper.read_until(lambda event: event["type"] == "verify_request")
    return next(e for e in reversed(shopper.events) if e["type"] == "verify_request")


def newest_code(stack: Stack) -> str:
    path = stack.home / "notices.log"
    end = time.monotonic() + 20
    found: list[str] = []
    while not found:
        assert time.monotonic() < end, "no code was sent"
        time.sleep(0.1)
        sent = path.read_text(encoding="utf-8") if path.exists() else ""
        found = re.findall(r"验证码 (\d{6})", sent)
    return found[-1]


def enter(shopper: Shopper, code: str) -> dict[str, object]:
    body = {"verify_id": code_request(shopper)["verify_id"], "code": code}
    return shopper.http.post("/verify", json=body).json()


def test_a_locked_account_is_unlocked_by_its_owners_code_alone(
    open_chat: Open, shop: ShopGateway, stack: Stack
) -> None:
    shopper = open_chat("u0007")
    shopper.say("我的账号被锁定了怎么办")
    shopper.press("发送验证码")
    code = newest_code(stack)
    code_request(shopper)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert enter(shopper, wrong)["code"] == "code_wrong"
    account = shop.account(LOCKED)
    assert account
    assert account.locked

    assert enter(shopper, code) == {"purpose": "unlock", "done": True}
    said = shopper.read_until(lambda event: "已经解锁" in (event.get("text") or ""))
    assert code not in texts(said)
    account = shop.account(LOCKED)
    assert account
    assert not account.locked
    assert code not in "".join(stack.lines)
