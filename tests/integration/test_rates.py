"""Rates are counted for all desks in Redis, and by each desk while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kefu import rates
from kefu.rates import Rate, Rates, network
from tests.redis_server import RedisServer, redis_server

KEY = b"k" * 32
THRICE = Rate("thrice", 3, 60)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
async def desks(redis: RedisServer) -> AsyncIterator[tuple[Rates, Rates]]:
    both = Rates(redis.url, KEY), Rates(redis.url, KEY)
    yield both
    for each in both:
        await each.close()


async def test_without_redis_each_counts_by_itself_and_forgets_on_request() -> None:
    mine, yours = Rates(None, KEY), Rates(None, KEY)
    assert [await mine.spend(THRICE, "a") == 0 for _ in range(4)] == [True, True, True, False]
    assert 1 <= await mine.spend(THRICE, "a") <= 60
    assert await mine.spend(THRICE, "b") == 0
    assert await mine.spend(Rate("other", 3, 60), "a") == 0
    assert await yours.spend(THRICE, "a") == 0
    await mine.forget(THRICE, "a")
    assert await mine.spend(THRICE, "a") == 0


async def test_a_window_ends(desks: tuple[Rates, Rates]) -> None:
    for counter in (desks[0], Rates(None, KEY)):
        short = Rate("short", 1, 1)
        assert await counter.spend(short, "a") == 0
        assert await counter.spend(short, "a") == 1
        await asyncio.sleep(1.2)
        assert await counter.spend(short, "a") == 0


async def test_desks_count_together_even_at_once(desks: tuple[Rates, Rates]) -> None:
    spent = await asyncio.gather(*(desks[n % 2].spend(THRICE, "a") for n in range(20)))
    assert sum(seconds == 0 for seconds in spent) == 3
    await desks[1].forget(THRICE, "a")
    assert await desks[0].spend(THRICE, "a") == 0


async def test_while_redis_is_away_each_desk_counts_and_says_so_once(
    redis: RedisServer, desks: tuple[Rates, Rates], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "LEFT_ALONE", 0.0)
    desk, other = desks
    assert await desk.spend(THRICE, "a") == 0
    redis.kill()
    with capture_logs() as logs:
        assert [await desk.spend(THRICE, "a") == 0 for _ in range(4)] == [True] * 3 + [False]
        assert await other.spend(THRICE, "a") == 0
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings == ["redis away, each desk counts by itself"] * 2, "once for each desk"
    redis.start()
    with capture_logs() as logs:
        assert await desk.spend(THRICE, "a") == 0
        assert await other.spend(THRICE, "a") == 0
    assert [entry["event"] for entry in logs] == ["redis counts again"] * 2
    assert await desk.spend(THRICE, "a") == 0
    assert await other.spend(THRICE, "a") > 0, "together again"


async def test_redis_is_left_alone_for_a_while_after_it_did_not_answer(
    redis: RedisServer, desks: tuple[Rates, Rates]
) -> None:
    redis.kill()
    assert await desks[0].spend(THRICE, "a") == 0
    redis.start()
    for _ in range(2):
        assert await desks[0].spend(THRICE, "a") == 0
    assert await desks[0].spend(THRICE, "a") > 0, "counted here, not anew in Redis"


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_household_is_one(address: str, stands_for: str) -> None:
    assert network(address) == stands_for


def test_nobody_can_be_read_out_of_redis() -> None:
    mine, other = Rates(None, KEY), Rates(None, b"o" * 32)
    assert "203.0.113.7" not in mine._hidden("203.0.113.7")
    assert mine._hidden("a") != other._hidden("a")
