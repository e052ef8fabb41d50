"""``python -m benchmarks.load``: how much one desk and one engine carry, and what happens beyond.

Parts: ``rate`` (messages a second at a p99 of 500 ms), ``overload`` (twice that for a minute),
``idle`` (sockets that say nothing), ``stock`` (the rate of stock Rasa). Without ``--part`` all but
the last. Client and servers share the machine. Exit code 1: a message was lost under overload.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load import report
from benchmarks.load.idle import hold_idle, raise_file_limit
from benchmarks.load.kefu import DATABASES, Crowd, served
from benchmarks.load.overload import overload
from benchmarks.load.rate import Grow, best, highest
from benchmarks.load.shoppers import TEXTS, line
from benchmarks.load.stock import StockCrowd, StockRest, StockSocketIo, model, stock_served
from benchmarks.machine import busy, machine, versions

Json = dict[str, Any]
RESULTS = Path(__file__).parent / "results"
USUAL = ("rate", "overload", "idle")


@dataclass(frozen=True)
class Lengths:
    """Seconds of a step of the rate and of the overload; how many idle sockets."""

    step: float = 8.0
    overload: float = 60.0
    sockets: int = 5000


QUICK = Lengths(step=4.0, overload=15.0, sockets=500)


@dataclass
class Figures:
    """What was measured, by part and database."""

    about: Json
    rates: dict[str, Json] = field(default_factory=dict)
    overloads: dict[str, Json] = field(default_factory=dict)
    idle: Json = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    def text(self) -> list[str]:
        blocks = [report.facts("what", self.about)]
        if self.rates:
            blocks.append(report.rates(self.rates))
        blocks += [report.facts(f"overload, {on}", row) for on, row in self.overloads.items()]
        if self.idle:
            blocks.append(report.facts("idle sockets, sqlite", self.idle))
        return [*blocks, *(f"LOST: {each}" for each in self.lost)]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.load", description=__doc__)
    parser.add_argument("--part", action="append", choices=[*USUAL, "stock"])
    parser.add_argument("--database", choices=DATABASES, help="only this one")
    parser.add_argument("--quick", action="store_true", help="short steps, few sockets")
    parser.add_argument(
        "--rate", type=float, help="overload: twice this, instead of a measured one"
    )
    parser.add_argument("--sockets", type=int, help="how many idle ones")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    usual = QUICK if options.quick else Lengths()
    lengths = Lengths(usual.step, usual.overload, options.sockets or usual.sockets)
    files = raise_file_limit(lengths.sockets + 500)
    began = datetime.now(UTC)
    about: Json = {
        "machine": machine(),
        "load_before": busy(),
        "files": files,
        "texts": " ".join(TEXTS),
        "data": "the demo shop's 190 accounts, everyone from an address of their own",
        "quick": options.quick,
        "began": began.isoformat(timespec="seconds"),
    }
    parts = options.part or USUAL
    databases = [options.database] if options.database else DATABASES
    figures = Figures(about)
    try:
        for database in databases:
            on_database(figures, parts, database, lengths, options.rate)
        if "idle" in parts:
            idle(figures, lengths)
        if "stock" in parts:
            stock(figures, lengths)
    except (pytest.skip.Exception, pytest.fail.Exception) as missing:
        print(missing, file=sys.stderr)
        return 2
    finally:
        publish(figures, options.results, f"load-{began:%Y%m%d-%H%M%S}")
    return int(bool(figures.lost))


def publish(figures: Figures, results: Path, name: str) -> None:
    """Print and write what was measured, also if a later part broke."""
    print("\n" + "\n\n".join(figures.text()))
    path = report.write(results, name, asdict(figures), figures.text())
    print(f"\nwritten to {path}", flush=True)


def on_database(
    figures: Figures, parts: list[str], database: str, lengths: Lengths, rate: float | None
) -> None:
    """The rate and twice the rate, each on a fresh Kefu."""
    needs_rate = "overload" in parts and rate is None
    if "rate" in parts or needs_rate:
        with served(database) as kefu:
            say(f"messages a second, {database}")
            figures.about[f"versions_{database}"] = versions(kefu.desk_url)
            base = kefu.stack.base_url
            row = asyncio.run(
                _rate(lambda http: Crowd(http, base).grow, lengths.step, kefu.cpu_seconds)
            )
            figures.rates[f"Kefu, {database}"] = row | {"memory_mb": kefu.memory()}
            rate = rate or row["best"]["answered_per_s"]
    if "overload" in parts:
        assert rate
        with served(database) as kefu:
            say(f"twice {rate:.0f} messages a second for {lengths.overload:.0f} s, {database}")
            try:
                row = asyncio.run(overload(kefu, 2 * rate, lengths.overload))
            except (AssertionError, TimeoutError) as error:
                figures.lost.append(f"{database}: {type(error).__name__} {error}")
            else:
                figures.overloads[database] = row


def idle(figures: Figures, lengths: Lengths) -> None:
    with served("sqlite") as kefu:
        say(f"{lengths.sockets} idle sockets")
        figures.idle = asyncio.run(hold_idle(kefu, lengths.sockets))


def stock(figures: Figures, lengths: Lengths) -> None:
    """One channel after the other, each on a server that has just started."""
    project = model()
    for channel in (StockRest, StockSocketIo):
        with stock_served(project) as (server, actions):
            say(f"messages a second, stock Rasa, {channel.way}")
            row = asyncio.run(
                _rate(
                    lambda http, channel=channel: StockCrowd(http, channel).grow,
                    lengths.step,
                    lambda s=server, a=actions: {"rasa": s.cpu_seconds, "actions": a.cpu_seconds},
                )
            )
            figures.rates[f"stock Rasa, {channel.way}, nothing stored"] = row | {
                "memory_mb": {"rasa": round(server.memory, 1)}
            }


async def _rate(
    crowd: Callable[[Any], Grow], seconds: float, cpu: Callable[[], dict[str, float]]
) -> Json:
    """All steps, the best, and what a message costs each process in CPU time."""
    before = cpu()
    async with line() as http:
        steps = await highest(
            crowd(http), seconds, lambda step: print(report.step(step.as_json()), flush=True)
        )
    said = sum(step.said for step in steps)
    return {
        "best": best(steps).as_json(),
        "cpu_ms_per_message": {
            part: round((used - before[part]) * 1000 / said, 2) for part, used in cpu().items()
        },
        "steps": [step.as_json() for step in steps],
    }


def say(text: str) -> None:
    print(f"▸ {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
