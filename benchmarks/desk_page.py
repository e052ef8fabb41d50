"""How fluent the agents' page is: ``python -m benchmarks.desk_page``.

Six chats in Chromium, each getting a message a second, while the agent writes and reads through a
thousand messages. The desk, the shoppers and the browser share this machine.
"""

from __future__ import annotations

import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from playwright.sync_api import Page, expect, sync_playwright

from benchmarks.machine import busy, machine
from tests.browser.chat import log_in
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.desk import SCREEN, lengthen, open_conversation, said
from tests.browser.stage import COLLEAGUE, Stage

CHATS = 6
MESSAGES = 1000
KEYS = 400
# About what a quick typist does.
PAUSE = 90
FRAMES = 600

# From the key's own time to the end of the frame that shows it: the task after the next frame.
_TYPED = """() => {
  window.typed = []
  const channel = new MessageChannel()
  const waiting = []
  channel.port1.onmessage = () => {
    const now = performance.now()
    for (const since of waiting.splice(0)) window.typed.push(now - since)
  }
  document.addEventListener('keydown', (event) => {
    const since = event.timeStamp
    requestAnimationFrame(() => {
      waiting.push(since)
      channel.port2.postMessage(null)
    })
  }, { capture: true })
}"""

# Up through the whole talk and down again, a step in each frame.
_SCROLLED = """async (frames) => {
  const log = document.querySelector('[role=log]')
  const times = []
  log.scrollTop = log.scrollHeight
  await new Promise((done) => setTimeout(done, 500))
  const step = Math.ceil(2 * log.scrollHeight / frames)
  let drawn = 0
  let last = await new Promise(requestAnimationFrame)
  for (let frame = 0; frame < frames; frame += 1) {
    log.scrollTop += frame < frames / 2 ? -step : step
    const now = await new Promise(requestAnimationFrame)
    times.push(now - last)
    last = now
    drawn = Math.max(drawn, log.querySelectorAll('.message').length)
  }
  return { times, drawn, step }
}"""


def main() -> None:
    print(f"{machine()}, load {busy()}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stage = Stage(Path(folder))
        stage.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        print(f"Chromium {browser.version}, 1366x768, drawn by the processor")
        try:
            _measure(stage, browser.new_context(locale="zh-CN", **SCREEN).new_page())
        finally:
            browser.close()
            stage.stop()


def _measure(stage: Stage, page: Page) -> None:
    shoppers = [_shopper(stage) for _ in range(CHATS)]
    _claim(stage, [each["conversation_id"] for _, each in shoppers])
    first = shoppers[0][1]["conversation_id"]
    lengthen(stage, first, MESSAGES)
    page.goto(f"{stage.base_url}/desk")
    log_in(page, stage.admin_password, COLLEAGUE)
    # Followed from now on, as in a page that has been open for a while.
    for _, session in shoppers[::-1]:
        open_conversation(page, session["conversation_id"])
    expect(said(page, f"第 {MESSAGES} 句")).to_be_visible()
    page.evaluate(_TYPED)
    for name, messages in (("quiet", 0), ("six chats, a message a second each", 1)):
        with _writing(shoppers if messages else []) as sent:
            typed = _type(page)
            scrolled = page.evaluate(_SCROLLED, FRAMES)
        print(f"{name} ({len(sent)} messages came)")
        print(f"  key to paint: {_told(typed)}")
        drawn, step = scrolled["drawn"], scrolled["step"]
        print(f"  frames: {_told(scrolled['times'])} ({step} pixels a frame, {drawn} drawn)")


def _type(page: Page) -> list[float]:
    field = page.get_by_label("回复内容")
    field.fill("")
    page.evaluate("window.typed = []")
    words = "您好，您的订单正在处理中，请您放心。"
    for start in range(0, KEYS, len(words)):
        field.press_sequentially(("abcdefghijklmnopqrstuvwxyz" * 2)[: len(words)], delay=PAUSE)
        if start % 120 == 0:
            field.fill("")
    field.fill("")
    return page.evaluate("window.typed")


def _told(times: list[float]) -> str:
    ranked = sorted(times)

    def at(share: float) -> float:
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))]

    slow = sum(each > 34 for each in ranked)
    return (
        f"p50 {median(ranked):.1f} ms, p99 {at(0.99):.1f} ms, longest {ranked[-1]:.0f} ms, "
        f"{slow} of {len(ranked)} over 34 ms"
    )


def _shopper(stage: Stage) -> tuple[httpx.Client, dict[str, Any]]:
    """A guest who waits for a person."""
    client = httpx.Client(base_url=f"{stage.base_url}/api/v1/shopper", trust_env=False)
    session = client.post("/sessions", json={"profile": "demo"}).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {session['session_token']}"
    _say(client, "转人工")
    while client.get("/events", params={"wait": 1}).json()["events"][-1].get("state") == "bot":
        time.sleep(0.05)
    return client, session


def _say(client: httpx.Client, text: str) -> None:
    body = {"client_message_id": uuid.uuid4().hex, "text": text}
    client.post("/messages", json=body).raise_for_status()


def _claim(stage: Stage, conversations: list[str]) -> None:
    with httpx.Client(base_url=f"{stage.base_url}/api/v1/desk", trust_env=False) as agent:
        who = {"username": COLLEAGUE, "password": stage.admin_password}
        token = agent.post("/login", json=who).raise_for_status().json()["csrf_token"]
        for each in conversations:
            claimed = agent.post(f"/conversations/{each}/claim", headers={"X-CSRF-Token": token})
            claimed.raise_for_status()


@contextmanager
def _writing(shoppers: list[tuple[httpx.Client, dict[str, Any]]]) -> Iterator[list[str]]:
    """Each shopper says something once a second meanwhile."""
    over = threading.Event()
    sent: list[str] = []

    def write(client: httpx.Client, wait: float) -> None:
        over.wait(wait)
        while not over.is_set():
            _say(client, "请问处理得怎么样了？" * (1 + len(sent) % 3))
            sent.append("")
            over.wait(1)

    threads = [
        threading.Thread(target=write, args=(client, number / CHATS))
        for number, (client, _) in enumerate(shoppers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield sent
    finally:
        over.set()
        for thread in threads:
            thread.join()


if __name__ == "__main__":
    main()
