"""Kills at chosen moments: behind an effect, inside a form's validator, behind a commit.

Each returns when all is answered again; the caller checks the invariants.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Viewer
from kefu.store.database import connect
from kefu.store.tables import Turn
from tests.chaos import load
from tests.chaos.kills import called_and_stopped, held, kill, wait_for_waiter, wait_until
from tests.chaos.stage import Pair, Stage
from tests.chaos.talker import Talker

NO_EFFECTS = "LOCK TABLE operations IN EXCLUSIVE MODE"
NO_ORDERS = "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE"
A_TALK = "SELECT 1 FROM conversations WHERE conversation_id = :talk FOR UPDATE"
THE_WRITER = "SELECT 1"


async def between_effect_and_commit(
    stage: Stage, shop: ShopGateway, talker: Talker, victims: Iterable[str]
) -> None:
    """Kill after an item was returned in the shop and before the desk knows of it."""
    await load.bring_to_confirmation(talker, *talker.returning)
    no_effects = THE_WRITER if stage.is_embedded else NO_EFFECTS
    with held(stage.shop_url, no_effects) as shops_lock:
        confirming = asyncio.create_task(talker.press("确认"))
        await asyncio.to_thread(_wait_for_effect_due, stage, talker)
        with _commit_held(stage, talker):
            shops_lock.rollback()
            await asyncio.to_thread(wait_until, lambda: rmas(shop, talker))
            if not stage.is_embedded:
                await asyncio.to_thread(wait_for_waiter, stage.desk_url)
            assert len(rmas(shop, talker)) == 1, "done in the shop, not yet in the desk"
            for victim in victims:
                await asyncio.to_thread(kill, stage, victim)
    await confirming


def _wait_for_effect_due(stage: Stage, talker: Talker) -> None:
    if not stage.is_embedded:
        wait_for_waiter(stage.shop_url)
        return
    # Nothing but its commit is left to write for a turn that knows its model.
    begun = select(Turn.turn_id).where(
        Turn.conversation_id == talker.conversation_id,
        Turn.status == "open",
        Turn.worker.is_not(None),
        Turn.model.is_not(None),
    )
    engine = connect(stage.desk_url).execution_options(reading=True)

    def has_begun() -> bool:
        with Session(engine) as session:
            return session.scalar(begun) is not None

    wait_until(has_begun)
    engine.dispose()


@contextmanager
def _commit_held(stage: Stage, talker: Talker) -> Iterator[None]:
    if stage.is_embedded:
        with held(stage.desk_url, THE_WRITER):
            yield
    else:
        with held(stage.desk_url, A_TALK, talk=talker.conversation_id):
            yield


async def inside_a_validator(stage: Stage, talker: Talker, victim: str) -> None:
    """Kill while a form's validator looks an order up, then return the item to the end."""
    order_number, item_name = talker.returning
    if stage.is_embedded:
        # On SQLite no lock keeps a reader out.
        with called_and_stopped(stage.stacks[0]) as wait_for_call:
            asking = asyncio.create_task(talker.say(load.wish(order_number)))
            await asyncio.to_thread(wait_for_call)
            await asyncio.to_thread(kill, stage, victim)
    else:
        with held(stage.shop_url, NO_ORDERS):
            asking = asyncio.create_task(talker.say(load.wish(order_number)))
            await asyncio.to_thread(wait_for_waiter, stage.shop_url)
            await asyncio.to_thread(kill, stage, victim)
    await load.go_on_to_confirmation(talker, item_name, await asking)
    await talker.press("确认")


async def behind_a_commit(stage: Stage, talker: Talker) -> None:
    """Kill the desk when an answer is committed and before anyone has heard of it.

    On SQLite, as soon as the commit can be seen. What was committed must stand.
    """
    if isinstance(stage, Pair):
        proxy = stage.proxies[0]
        proxy.hold_commit_of(b'"from": "bot"')
        seq = await talker.send(text="你好")
        await asyncio.to_thread(proxy.held.wait, 60)
        assert proxy.held.is_set()
    else:
        seq = await talker.send(text="你好")
        talk, truth = talker.conversation_id, stage.invariants
        await asyncio.to_thread(wait_until, lambda: truth.last_seq(talk) > seq)
    await asyncio.to_thread(kill, stage, "desk")
    assert len(await talker.answer_to(seq)) == 1


def rmas(shop: ShopGateway, talker: Talker) -> list[str]:
    """The RMA numbers in the shop for the order that the talker returns something of."""
    found = shop.returns(Viewer("demo", talker.account), 50)
    return [each.rma_number for each in found if each.order_number == talker.returning[0]]


def told(talker: Talker) -> list[str]:
    """The RMA numbers on the cards that the shopper was shown."""
    cards = [card for message in talker.view["messages"] for card in message.get("cards", [])]
    return [card["rma_number"] for card in cards if card["type"] == "return"]
