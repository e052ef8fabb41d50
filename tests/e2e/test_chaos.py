"""SIGKILL at chosen points and at random: nothing lost, nothing doubled.

Ten kills on two desks with PostgreSQL, ten on one with SQLite. ``python -m benchmarks.chaos``
does hundreds.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import pytest

from kefu.shop import open_gateway
from kefu.shop.gateway import ShopGateway
from tests.chaos import load, moments, network
from tests.chaos.kills import kill_at_random
from tests.chaos.moments import rmas, told
from tests.chaos.stage import Stage, one_desk, two_desks
from tests.chaos.talker import Talker

pytestmark = pytest.mark.timeout(600)

STAGES = {"two desks": two_desks, "embedded": one_desk}


@pytest.fixture(scope="module", params=STAGES)
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    with STAGES[request.param](tmp_path_factory.mktemp("stage")) as running:
        yield running


@pytest.fixture(scope="module")
def shop(stage: Stage) -> Iterator[ShopGateway]:
    gateway = open_gateway(stage.shop_url)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def returning(shop: ShopGateway) -> Iterator[load.Errand]:
    """Accounts with something to return, each used once."""
    return (errand for errand in load.errands(shop) if errand.returning)


@pytest.fixture
async def talker(stage: Stage, returning: Iterator[load.Errand]) -> AsyncIterator[Talker]:
    """A shopper who listens at every desk and writes to the first."""
    errand = next(returning)
    chance = random.Random(errand.account)
    async with Talker(stage.bases, stage.invariants, chance, errand.account) as talking:
        talking.send_to = [stage.bases[0]]
        assert errand.returning
        talking.returning = errand.returning
        yield talking
    stage.wait_ready()


@pytest.mark.parametrize("victims", [["desk"], ["engine", "desk"]], ids=" and ".join)
async def test_between_an_effect_in_the_shop_and_the_desks_commit(
    stage: Stage,
    shop: ShopGateway,
    talker: Talker,
    victims: list[str],
) -> None:
    await moments.between_effect_and_commit(stage, shop, talker, victims)
    await load.settle(stage.invariants, [talker])
    assert told(talker) == rmas(shop, talker)


@pytest.mark.parametrize("victim", ["actions", "engine", "desk"])
async def test_inside_a_forms_validator(
    stage: Stage, shop: ShopGateway, talker: Talker, victim: str
) -> None:
    await moments.inside_a_validator(stage, talker, victim)
    await load.settle(stage.invariants, [talker])
    assert len(told(talker)) == 1
    assert told(talker) == rmas(shop, talker)


async def test_between_the_commit_and_its_publishing(stage: Stage, talker: Talker) -> None:
    await moments.behind_a_commit(stage, talker)
    figures = await load.settle(stage.invariants, [talker])
    assert (figures.turns, figures.retried) == (1, 0), "what was committed stands"


# On PostgreSQL and Redis: ``test_two_desks``.
embedded = pytest.mark.parametrize("stage", ["embedded"], indirect=True)


@embedded
async def test_copies_a_burst_and_cuts(stage: Stage, talker: Talker) -> None:
    await network.copies_at_once(talker)
    await network.burst(talker)
    for share in (0.3, 0.9, 1.0):
        await network.request_cut(stage, talker, share)
        await network.frame_cut(stage, talker, share)
    figures = await load.settle(stage.invariants, [talker])
    assert (figures.messages, figures.failed) == (107, 0)


@embedded
async def test_five_seconds_without_the_writer(stage: Stage, talker: Talker) -> None:
    await network.writer_busy(stage, talker)
    figures = await load.settle(stage.invariants, [talker])
    assert (figures.messages, figures.failed) == (11, 0)


async def test_at_random_under_load(stage: Stage, shop: ShopGateway) -> None:
    chance = random.Random(20261108)
    untouched = [errand for errand in load.errands(shop) if not load.has_returned(shop, errand)]
    async with AsyncExitStack() as doors:
        working = asyncio.create_task(
            load.work_off(doors, stage.bases, stage.invariants, untouched[:10], seed=1)
        )
        killed = await kill_at_random(stage, chance, 3)
        figures = await load.settle(stage.invariants, await working)
    assert killed.total() == 3
    assert figures.messages >= 30
    assert figures.effects > 0
