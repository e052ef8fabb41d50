"""The phases of a run: what is broken in each, and what it left behind."""

from __future__ import annotations

import asyncio
import random
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from kefu.shop.gateway import ShopGateway
from tests.chaos import load, moments, network
from tests.chaos.kills import kill_at_random
from tests.chaos.stage import Pair, Stage
from tests.chaos.talker import Talker
from tests.invariants import Figures

SHARES = (0.3, 0.9, 1.0)
# Kills between two looks at the invariants.
ROUND = 25
VICTIMS = (["desk"], ["engine", "desk"])
# Kills in one round of the chosen moments: 1 + 2, one for each part, one behind a commit.
CHOSEN = 7
# A round needs six accounts with something to return: half of those that the demo shop has.
MOST_ROUNDS = 9


@dataclass(frozen=True)
class Outcome:
    """A phase: what it broke by part, what it found, and what did not hold (nothing, if well)."""

    name: str
    seconds: float
    broken: Counter[str]
    figures: Figures
    violations: list[str] = field(default_factory=list)


class Run:
    """Phases on one stage, one after another, all chosen by ``seed``."""

    def __init__(self, stage: Stage, shop: ShopGateway, seed: int) -> None:
        self.outcomes: list[Outcome] = []
        self._stage = stage
        self._shop = shop
        self._chance = random.Random(seed)
        todo = list(load.errands(shop))
        self._chance.shuffle(todo)
        self._returning = iter([each for each in todo if each.returning])
        self._rest = iter([each for each in todo if not each.returning])
        self._effects = 0

    async def do(
        self, phases: Sequence[tuple[str, Phase]], tell: Callable[[Outcome], None]
    ) -> None:
        """Run the phases; one that fails is noted with its reason, and the next one begins."""
        for name, phase in phases:
            before, started = Counter(self._stage.broken), time.monotonic()
            figures, violations = Figures(), list[str]()
            try:
                figures = await phase(self)
                await asyncio.to_thread(self._stage.wait_ready)
            except Exception as error:  # noqa: BLE001 - whatever it is, the run has failed by it
                violations = ["".join(traceback.format_exception(error))]
            seconds = time.monotonic() - started
            broken = Counter(self._stage.broken) - before
            self.outcomes.append(Outcome(name, seconds, broken, self._own(figures), violations))
            tell(self.outcomes[-1])

    def _own(self, figures: Figures) -> Figures:
        """The checker counts all effects so far: those of this phase."""
        before, self._effects = self._effects, max(self._effects, figures.effects)
        own = max(0, figures.effects - before)
        return Figures(figures.messages, figures.turns, figures.retried, figures.failed, own)

    @asynccontextmanager
    async def _talker(self, account: str | None) -> AsyncIterator[Talker]:
        chance = random.Random(self._chance.random())
        async with Talker(self._stage.bases, self._stage.invariants, chance, account) as talker:
            yield talker

    @asynccontextmanager
    async def _returner(self) -> AsyncIterator[Talker]:
        """A shopper with something to return, who writes to the desk that will be broken."""
        errand = next(self._returning)
        assert errand.returning
        async with self._talker(errand.account) as talker:
            talker.send_to = [self._stage.bases[0]]
            talker.returning = errand.returning
            yield talker

    async def _settle(self, *talkers: Talker) -> Figures:
        return await load.settle(self._stage.invariants, talkers)

    async def copies(self) -> Figures:
        async with self._talker(None) as talker:
            await network.copies_at_once(talker)
            return await self._settle(talker)

    async def burst(self) -> Figures:
        # A guest would soon be handed to a person, who has no orders to look at.
        async with self._talker(next(self._rest).account) as talker:
            await network.burst(talker)
            return await self._settle(talker)

    async def cuts(self) -> Figures:
        async with AsyncExitStack() as doors:
            talkers: list[Talker] = []
            for cut in (network.request_cut, network.frame_cut):
                for share in SHARES:
                    talkers.append(await doors.enter_async_context(self._talker(None)))
                    await cut(self._stage, talkers[-1], share)
            return await self._settle(*talkers)

    async def database_away(self) -> Figures:
        assert isinstance(self._stage, Pair)
        async with self._talker(None) as talker:
            await network.database_away(self._stage, talker)
            return await self._settle(talker)

    async def redis_away(self) -> Figures:
        assert isinstance(self._stage, Pair)
        async with self._talker(None) as talker:
            await network.redis_away(self._stage, talker)
            return await self._settle(talker)

    async def come_back(self) -> Figures:
        account = next(self._rest).account
        assert account
        await asyncio.to_thread(network.come_back_elsewhere, self._stage, account)
        return Figures()

    async def chosen_moments(self) -> Figures:
        """Seven kills in the middle of six returns; each return made once and told once."""
        talkers: list[Talker] = []
        async with AsyncExitStack() as doors:
            for victims in VICTIMS:
                talkers.append(await doors.enter_async_context(self._returner()))
                await moments.between_effect_and_commit(
                    self._stage, self._shop, talkers[-1], victims
                )
            for victim in ("actions", "engine", "desk"):
                talkers.append(await doors.enter_async_context(self._returner()))
                await moments.inside_a_validator(self._stage, talkers[-1], victim)
            for talker in talkers:
                await talker.quiet()
                assert moments.told(talker) == moments.rmas(self._shop, talker)
                assert len(moments.told(talker)) == 1, "one return"
            talkers.append(await doors.enter_async_context(self._returner()))
            await moments.behind_a_commit(self._stage, talkers[-1])
            return await self._settle(*talkers)

    async def at_random(self, number: int) -> Figures:
        """``number`` kills at random moments while shoppers return, urge and ask."""
        enough, seed = asyncio.Event(), self._chance.getrandbits(32)
        share = self._errands(number)
        async with AsyncExitStack() as doors:
            truth, bases = self._stage.invariants, self._stage.bases
            async with asyncio.TaskGroup() as group:
                working = group.create_task(
                    load.work_until(enough, doors, bases, truth, iter(share), seed)
                )
                await kill_at_random(self._stage, self._chance, number)
                enough.set()
            return await self._settle(*working.result())

    def _errands(self, number: int) -> list[load.Errand]:
        """Some with a return, some without: enough for ``number`` kills, as far as they last."""
        mixed: list[load.Errand] = []
        for source in (self._returning, self._rest):
            mixed += [each for _, each in zip(range(number // 5 + 2), source, strict=False)]
        self._chance.shuffle(mixed)
        return mixed


Phase = Callable[[Run], Awaitable[Figures]]


def phases(stage: Stage, kills: int) -> Iterator[tuple[str, Phase]]:
    """All phases of a run with at least ``kills`` kills, a quarter of them at chosen moments."""
    yield "50 copies of a message at once", Run.copies
    yield "100 messages in a burst", Run.burst
    yield "requests and frames cut in the middle", Run.cuts
    if isinstance(stage, Pair):
        yield "the database away for five seconds", Run.database_away
        yield "Redis away", Run.redis_away
        yield "a client comes back at the other desk", Run.come_back
    rounds = min(max(1, kills // 4 // CHOSEN), MOST_ROUNDS)
    for number in range(1, rounds + 1):
        yield f"at chosen moments, round {number}", Run.chosen_moments
    left = kills - rounds * CHOSEN
    while left > 0:
        now = min(left, ROUND)
        yield f"{now} at random under load", partial(Run.at_random, number=now)
        left -= now
