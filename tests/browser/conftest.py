"""Chromium, driven against real pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.stage import ROOT, Stage
from tests.browser.trainer_stage import TrainerStage

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
# For tests with a fixture ``page``, which is a phone's without them.
AT_BOTH_WIDTHS = pytest.mark.parametrize(
    "page", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True
)
ON_DESKTOP = pytest.mark.parametrize("page", [DESKTOP], ids=["desktop"], indirect=True)
# Milliseconds; generous, since a busy machine is slow but not wrong.
WAIT = 20_000

expect.set_options(timeout=WAIT)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without it these tests are skipped, except on CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing")
        pytest.skip(f"{CHROMIUM} is missing: install Chromium to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens pages in contexts of their own; the test fails if a page had an error."""
    errors: list[str] = []
    contexts = []

    def note(message: ConsoleMessage) -> None:
        # What the network does is the test's own doing; a script or a policy at fault is not.
        if message.type == "error" and "Failed to load resource" not in message.text:
            errors.append(message.text)

    def make(url: str, **device: object) -> Page:
        context = browser.new_context(locale="zh-CN", **(device or DESKTOP))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note)
        page.goto(url)
        return page

    yield make
    for context in contexts:
        context.close()
    serious = [error for error in errors if "WebSocket connection" not in error]
    assert not serious, serious


@pytest.fixture(scope="session")
def running_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    require_pages()
    stage = Stage(tmp_path_factory.mktemp("stage"))
    stage.start()
    yield stage
    stage.stop()


@pytest.fixture
def stage(running_stage: Stage) -> Iterator[Stage]:
    """A real desk over a scripted engine; nobody of the test before waits or is served any more."""
    yield running_stage
    running_stage.end_talks()


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrainerStage]:
    """A real desk whose trainers have something to do."""
    require_pages()
    stage = TrainerStage(tmp_path_factory.mktemp("trainer-stage"))
    stage.start()
    yield stage
    stage.stop()


def require_pages() -> None:
    if not (ROOT / "web" / "dist" / "index.html").is_file():
        pytest.fail("the pages are not built: run `make web`")
