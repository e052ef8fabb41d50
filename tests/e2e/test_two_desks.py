"""Two desks on one database: a shopper may talk to either, and lose either in mid-sentence."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select
from websockets.asyncio.client import connect

from kefu.store.database import Database
from kefu.store.tables import Turn
from kefu.trainer.training import add_candidate
from tests.chaos import load, network
from tests.chaos.stage import Pair, two_desks
from tests.chaos.talker import API, Json, Talker
from tests.e2e.promotion import copied_models, engines_of, trainer_at, until, wrapped_anew
from tests.e2e.shopper import Shopper

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    store = copied_models(folder / "models")
    with two_desks(folder, KEFU_MODELS_DIR=str(store)) as running:
        yield running


@pytest.fixture
async def talker(pair: Pair) -> AsyncIterator[Talker]:
    """A shopper who writes to and listens at both desks by chance."""
    async with Talker(pair.bases, pair.invariants, random.Random(1), "u0007") as talking:
        yield talking
    pair.wait_ready()


async def test_what_one_desk_accepts_the_others_socket_shows(pair: Pair, talker: Talker) -> None:
    await talker.quiet()
    url = f"{pair.bases[1].replace('http', 'ws', 1)}{API}/ws"
    talker.send_to = [pair.bases[0]]
    async with connect(url) as other:
        await other.send(json.dumps({"session_token": talker.token, "after": 1}))
        await talker.say("你好")
        frames: list[Json] = []
        while not any(frame.get("from") == "bot" and "seq" in frame for frame in frames):
            frames.append(json.loads(await asyncio.wait_for(other.recv(), 60)))
    assert frames[-1] in talker.view["messages"]
    await load.settle(pair.invariants, [talker])


async def test_fifty_copies_at_once_are_one_message(pair: Pair, talker: Talker) -> None:
    await network.copies_at_once(talker)
    figures = await load.settle(pair.invariants, [talker])
    assert (figures.messages, figures.turns) == (1, 1)


async def test_a_hundred_messages_in_a_burst_are_all_answered_in_order(
    pair: Pair, talker: Talker
) -> None:
    await network.burst(talker)
    figures = await load.settle(pair.invariants, [talker])
    assert (figures.messages, figures.failed) == (100, 0)
    assert figures.turns > 50, "a button is never read along with anything else"
    assert talker.view["state"] == "bot", "the bot has answered all of it"


async def test_pieces_in_a_burst_are_answered_together(pair: Pair, talker: Talker) -> None:
    for number in range(30):
        await talker.send(text=f"第{number}件事")
    figures = await load.settle(pair.invariants, [talker])
    assert figures.messages == 30
    assert figures.turns < 30


async def test_redis_killed_in_the_middle_of_talks(pair: Pair, talker: Talker) -> None:
    await network.redis_away(pair, talker)
    await load.settle(pair.invariants, [talker])


async def test_the_database_away_for_five_seconds(pair: Pair, talker: Talker) -> None:
    await network.database_away(pair, talker)
    figures = await load.settle(pair.invariants, [talker])
    assert figures.messages == 21
    assert figures.failed == 0, "an outage of the desk's own counts against no turn"


@pytest.mark.parametrize("share", [0.3, 0.9, 1.0], ids=["early", "late", "before the answer"])
async def test_a_request_cut_in_the_middle_is_sent_again_to_the_other_desk(
    pair: Pair, talker: Talker, share: float
) -> None:
    await network.request_cut(pair, talker, share)
    figures = await load.settle(pair.invariants, [talker])
    assert (figures.messages, figures.turns) == (1, 1)


@pytest.mark.parametrize("share", [0.3, 0.9, 1.0], ids=["early", "late", "before the answer"])
async def test_a_socket_cut_in_mid_frame_is_followed_at_the_other_desk(
    pair: Pair, talker: Talker, share: float
) -> None:
    await network.frame_cut(pair, talker, share)
    figures = await load.settle(pair.invariants, [talker])
    assert (figures.messages, figures.turns) == (1, 1)


async def test_a_shopper_comes_back_at_the_other_desk(pair: Pair) -> None:
    await asyncio.to_thread(network.come_back_elsewhere, pair, "u0008")


def test_both_hosts_follow_a_promotion_and_a_rollback(pair: Pair) -> None:
    """A promotion at one desk reaches the other host's engine, and the rollback at the other."""
    (first,) = engines_of(pair.stacks[0])
    store = Path(pair.stacks[0].env["KEFU_MODELS_DIR"])
    second = wrapped_anew(store, first)
    with closing(Database(pair.desk_url)) as database:
        card = json.loads((store / f"{second}.json").read_text())
        database.write_now(partial(add_candidate, sha256=second, card=card))

        def answered_by(base: str) -> str | None:
            """The model of the last turn, after a message to this desk."""
            with closing(Shopper(base)) as shopper:
                shopper.say("你好")
                ours = Turn.conversation_id == shopper.session["conversation_id"]
                query = select(Turn.model).where(ours)
                return database.read_now(lambda session: session.scalar(query))

        assert {answered_by(base) for base in pair.bases} == {first}
        password = pair.stacks[0].admin_password
        with trainer_at(pair.bases[0], password) as trainer:
            body = {"profiles": None, "reason": "两台一起换"}
            trainer.post(f"/models/{second}/promote", json=body).raise_for_status()
        for stack in pair.stacks:
            until(stack, lambda stack=stack: engines_of(stack) == {second: "ready"})
        assert {answered_by(base) for base in pair.bases} == {second}
        with trainer_at(pair.bases[1], password) as trainer:
            hosts = trainer.get("/live").json()["hosts"]
            assert len(hosts) == 2
            trainer.post("/rollback", json={"profile": "demo"}).raise_for_status()
        both = {first: "ready", second: "ready"}
        for stack in pair.stacks:
            until(stack, lambda stack=stack: engines_of(stack) == both)
        assert {answered_by(base) for base in pair.bases} == {first}
