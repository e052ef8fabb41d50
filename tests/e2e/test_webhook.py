"""The webhook channel through the real processes, one of which is killed in mid-delivery."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from kefu.shop.model import OrderState
from kefu.shop.sql_gateway import SqlGateway
from tests.e2e import people
from tests.e2e.stack import Stack, running_stack
from tests.webhook_stage import (
    KEY,
    KEY_ENV,
    Receiver,
    ShopServer,
    profiles_with_channel,
    receiver,
)

Json = dict[str, Any]

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def server() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory, server: Receiver) -> Iterator[Stack]:
    home: Path = tmp_path_factory.mktemp("webhook")
    profiles = profiles_with_channel(home, server.url)
    env = {"KEFU_PROFILES_DIR": str(profiles), KEY_ENV: KEY}
    with running_stack(home / "kefu", **env) as running:
        yield running


async def post(kefu: Stack, shop: Callable[[httpx.AsyncClient], ShopServer], text: str) -> Json:
    async with httpx.AsyncClient(base_url=kefu.base_url, timeout=30, trust_env=False) as client:
        return await shop(client).say(text)


def wait_for(holds: Callable[[], object], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


async def test_a_desk_killed_between_the_delivery_and_its_note_sends_again_and_in_order(
    kefu: Stack, server: Receiver
) -> None:
    with closing(SqlGateway(kefu.shop_database)) as gateway:
        account, order = people.owner_of(gateway, lambda order: order.state is OrderState.PAID)

    def behind_a_bridge(client: httpx.AsyncClient) -> ShopServer:
        shop = ShopServer(client, "oABC")
        shop.user["account_id"] = account
        return shop

    taken, killed = threading.Event(), threading.Event()

    def behave(envelope: Json) -> int:
        # The answer to the first message of the bot's behind the greeting never gets home.
        if envelope["event"]["seq"] > 2 and not killed.is_set():
            taken.set()
            killed.wait(60)
        return 200

    server.behave = behave
    talk = (await post(kefu, behind_a_bridge, f"订单{order.order_number}什么状态"))[
        "conversation_id"
    ]
    assert taken.wait(60)
    kefu.kill("desk")
    killed.set()
    kefu.wait_ready(60)
    await post(kefu, behind_a_bridge, "谢谢")
    wait_for(lambda: (server.seqs(talk) or [0])[-1] >= 5)

    ids = [each["event_id"] for each in server.taken]
    twice = {each for each in ids if ids.count(each) > 1}
    assert twice == {ids[1]}, "once more, under the same id"
    assert ids[1] == ids[2], "before anything that comes after it"
    once = list(dict.fromkeys(server.seqs(talk)))
    assert once == sorted(once)
    cards = [card for each in server.events("message") for card in each.get("cards") or []]
    assert {card["order_number"] for card in cards} == {order.order_number}
