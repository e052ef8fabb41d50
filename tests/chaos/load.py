"""What shoppers do while things break: ask, in whole and in pieces, urge, return goods."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from kefu.shop.gateway import ShopGateway
from kefu.shop.model import OrderState, Viewer
from tests.chaos.talker import Json, Talker, buttons_of
from tests.e2e import people
from tests.invariants import Figures, Invariants

QUESTIONS = (
    "你好",
    "请问昨天下的单一般几天可以送到我家里来呢",
    "会员有什么用",
    "我想问一下你们的退货政策到底是怎么规定的",
    "谢谢",
)
PIECES = (
    ("在吗", "我的订单", "到哪了"),
    ("那个", "付款", "失败了"),
    ("你好", "问下", "会员有什么用"),
)


@dataclass(frozen=True)
class Errand:
    """What one account, or a guest, can ask for: orders to urge, an item to return."""

    account: str | None
    urge: tuple[str, ...]
    returning: tuple[str, str] | None


GUEST = Errand(None, (), None)


def errands(shop: ShopGateway) -> Iterator[Errand]:
    """One for each demo account that has something to do."""
    now = datetime.now(UTC)
    for viewer in people.viewers():
        assert viewer.account_id
        paid = shop.orders(viewer, states=[OrderState.PAID], limit=50).orders
        returning = _returnable(shop, viewer, now)
        if paid or returning:
            numbers = tuple(order.order_number for order in paid)
            yield Errand(viewer.account_id, numbers, returning)


def _returnable(shop: ShopGateway, viewer: Viewer, now: datetime) -> tuple[str, str] | None:
    for order in shop.orders(viewer, states=[OrderState.SIGNED], limit=20).orders:
        if order.returns:
            continue
        for item in order.items:
            if shop.return_verdict(viewer, order, item.item_id, now).allowed:
                return order.order_number, item.name
    return None


def has_returned(shop: ShopGateway, errand: Errand) -> bool:
    """Whether the errand's item has gone back already."""
    if errand.returning is None:
        return False
    found = shop.returns(Viewer("demo", errand.account), 50)
    return any(each.order_number == errand.returning[0] for each in found)


async def run_errand(talker: Talker, errand: Errand, chance: random.Random) -> None:
    """Until all is asked, or a person has the talk: the bot is silent then."""
    if errand.returning:
        await bring_to_confirmation(talker, *errand.returning)
        if talker.view["state"] == "bot":
            await talker.press("确认")
    for order_number in errand.urge:
        await _small_talk(talker, chance)
        if talker.view["state"] != "bot":
            return
        await talker.urge(order_number)
    await _small_talk(talker, chance)


async def _small_talk(talker: Talker, chance: random.Random) -> None:
    if chance.random() < 0.5:
        for piece in chance.choice(PIECES):
            await talker.send(text=piece)
    else:
        await talker.say(chance.choice(QUESTIONS))
    await asyncio.sleep(chance.uniform(0, 0.5))


async def bring_to_confirmation(talker: Talker, order_number: str, item_name: str) -> None:
    """From the wish to the question whether it shall be so; nothing where a person came in."""
    await go_on_to_confirmation(talker, item_name, await talker.say(wish(order_number)))


def wish(order_number: str) -> str:
    return f"不喜欢，想退货，订单{order_number}"


async def go_on_to_confirmation(talker: Talker, item_name: str, answer: list[Json]) -> None:
    for _ in range(6):
        if talker.view["state"] != "bot":
            return
        titles = [button["title"] for message in answer for button in buttons_of(message)]
        if any("确认" in title for title in titles):
            return
        wanted = [
            title
            for part in (item_name[:4], "不想要", "七天", "7天")
            for title in titles
            if part in title
        ]
        assert wanted, answer
        answer = await talker.press(wanted[0])
    raise AssertionError(f"never asked for a confirmation: {answer}")


async def work_off(
    doors: AsyncExitStack,
    bases: Sequence[str],
    truth: Invariants,
    todo: Sequence[Errand],
    seed: int,
    at_once: int = 4,
) -> list[Talker]:
    """Run errands side by side; the talkers, who listen until ``doors`` close."""
    seats = asyncio.Semaphore(at_once)

    async def one(number: int, errand: Errand) -> Talker:
        chance = random.Random(f"{seed} {number}")
        async with seats:
            talking = Talker(bases, truth, chance, errand.account)
            talker = await doors.enter_async_context(talking)
            await run_errand(talker, errand, chance)
            return talker

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number, errand)) for number, errand in enumerate(todo)]
    return [task.result() for task in tasks]


async def work_until(
    enough: asyncio.Event,
    doors: AsyncExitStack,
    bases: Sequence[str],
    truth: Invariants,
    todo: Iterator[Errand],
    seed: int,
    at_once: int = 4,
) -> list[Talker]:
    """Run errands side by side, guests with questions once there are none, until ``enough``."""
    talkers: list[Talker] = []

    async def one_after_another(place: int) -> None:
        chance = random.Random(f"{seed} {place}")
        while not enough.is_set():
            errand = next(todo, GUEST)
            talking = Talker(bases, truth, chance, errand.account)
            talkers.append(await doors.enter_async_context(talking))
            await run_errand(talkers[-1], errand, chance)

    async with asyncio.TaskGroup() as group:
        for place in range(at_once):
            group.create_task(one_after_another(place))
    return talkers


async def settle(truth: Invariants, talkers: Sequence[Talker]) -> Figures:
    """Wait until all is answered and heard, then check everything."""
    for talker in talkers:
        await talker.quiet()
    return await asyncio.to_thread(truth.check, [talker.client for talker in talkers])
