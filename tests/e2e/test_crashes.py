"""Processes killed with SIGKILL in the middle of a talk: nothing lost, nothing twice."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from kefu.shop.gateway import ShopGateway
from kefu.shop.model import OrderState, Viewer
from tests.e2e import people
from tests.e2e.shopper import Open, Shopper, cards
from tests.e2e.stack import Stack
from tests.e2e.test_conversations import bring_to_confirmation


def test_what_is_killed_is_the_process_that_was_meant(stack: Stack) -> None:
    modules = {
        part: psutil.Process(stack.pid(part)).cmdline()[1:3]
        for part in ("desk", "engine", "actions")
    }
    assert modules == {
        "desk": ["-m", "kefu"],
        "engine": ["-m", "kefu_engine"],
        "actions": ["-m", "actions"],
    }


@pytest.mark.parametrize("process", ["actions", "engine"])
def test_a_message_is_answered_once_after_a_process_died(
    stack: Stack, shop: ShopGateway, open_chat: Open, process: str
) -> None:
    account, order = people.owner_of(shop, lambda order: order.state is OrderState.PAID)
    shopper = open_chat(account)
    shopper.read(wait=5)
    seen = len(stack.lines)
    stack.kill(process)
    answer = shopper.say(f"订单{order.order_number}什么状态", seconds=60)
    assert len(cards(answer, "order")) == 1, answer
    stack.wait_for_line("process died, restarting", 10, after=seen)
    stack.wait_ready()
    shopper.say("谢谢")
    answers = [event for event in shopper.events if event.get("cards")]
    assert len(answers) == 1, "answered once"


@pytest.mark.parametrize("victims", [["desk"], ["engine", "desk"]], ids=["desk", "engine and desk"])
def test_a_crash_between_the_effect_and_the_commit_leaves_one_rma_and_tells_its_number(
    stack: Stack,
    shop: ShopGateway,
    open_chat: Open,
    victims: list[str],
    request: pytest.FixtureRequest,
) -> None:
    skip = 3 + ["desk", "engine and desk"].index(request.node.callspec.id)
    account, order, item = people.with_returnable(shop, skip=skip)
    shopper = open_chat(account)
    bring_to_confirmation(shopper, order.order_number, item.name)
    desk_db, shop_db = stack.home / "kefu.db", stack.home / "shop.db"

    with write_lock(desk_db) as desk_lock, write_lock(shop_db) as shop_lock:
        desk_lock.rollback()
        press_confirm(shopper)
        wait_for(lambda: open_turns(desk_db))
        time.sleep(0.5)
        desk_lock.execute("BEGIN IMMEDIATE")
        shop_lock.rollback()
        wait_for(lambda: rmas(shop, account, order.order_number))
        for victim in victims:
            stack.kill(victim)
    stack.wait_ready(60)

    told = shopper.read_until(lambda event: bool(event.get("cards")), 60)
    (card,) = cards(told, "return")
    (opened,) = rmas(shop, account, order.order_number)
    assert card["rma_number"] == opened.rma_number
    shopper.say("谢谢")
    assert len(cards(shopper.events, "return")) == 1, "told once"


def press_confirm(shopper: Shopper) -> None:
    for event in reversed(shopper.events):
        for button in event.get("buttons") or []:
            if "确认" in button["title"]:
                assert shopper.post(button=button["id"]).status_code == 202
                return
    raise AssertionError("no button to confirm")


def rmas(shop: ShopGateway, account: str, order_number: str) -> list[Any]:
    found = shop.returns(Viewer("demo", account), 50)
    return [one for one in found if one.order_number == order_number]


@contextmanager
def write_lock(path: Path) -> Iterator[sqlite3.Connection]:
    """Hold a database's write lock, so that the processes stop exactly there."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    finally:
        if connection.in_transaction:
            connection.rollback()
        connection.close()


def open_turns(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM turns WHERE status = 'open' AND worker IS NOT NULL"
        ).fetchone()
    connection.close()
    return count > 0


def wait_for(holds: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
