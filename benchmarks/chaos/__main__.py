"""``python -m benchmarks.chaos``: kill and cut under load, and check that nothing is lost.

Exit code 0: every invariant held. 1: one did not. 2: a server that the run needs is not there.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benchmarks.chaos import report
from benchmarks.chaos.phases import Outcome, Run, phases
from benchmarks.machine import busy, machine, versions
from kefu.shop import open_gateway
from tests.chaos.stage import one_desk, two_desks

STAGES = {"postgresql": two_desks, "sqlite": one_desk}
ABOUT = {
    "postgresql": "two desks, two engines, two action servers on PostgreSQL and Redis",
    "sqlite": "one desk, one engine, one action server on SQLite",
}
RESULTS = Path(__file__).parent / "results"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="on each database, at least")
    parser.add_argument("--seed", type=int, default=20261111)
    parser.add_argument("--database", choices=STAGES, help="only this one")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    failed = False
    for database in [options.database] if options.database else STAGES:
        try:
            outcomes = run(database, options.kills, options.seed, options.results)
        except (pytest.skip.Exception, pytest.fail.Exception) as missing:
            print(f"{database}: {missing}", file=sys.stderr)
            return 2
        failed = failed or bool(report.violations(outcomes))
    return int(failed)


def run(database: str, kills: int, seed: int, results: Path) -> list[Outcome]:
    """All phases on one kind of database; prints each as it ends, writes what came out."""
    began = datetime.now(UTC)
    with (
        tempfile.TemporaryDirectory(prefix="kefu-chaos-") as folder,
        STAGES[database](Path(folder)) as stage,
        closing(open_gateway(stage.shop_url)) as shop,
    ):
        about: dict[str, Any] = {
            "stage": ABOUT[database],
            "data": "the demo shop; shoppers return, urge and ask",
            "seed": seed,
            "machine": machine(),
            "load_before": busy(),
            "versions": versions(stage.desk_url),
            "began": began.isoformat(timespec="seconds"),
        }
        print(f"\n{about['stage']}; seed {seed}\n{about['machine']}\n", flush=True)
        going = Run(stage, shop, seed)
        asyncio.run(going.do(list(phases(stage, kills)), _tell))
        logs = ["".join(stack.lines) for stack in stage.stacks]
    name = f"{database}-{began:%Y%m%d-%H%M%S}"
    path = report.write(results, name, about, going.outcomes)
    print(f"\n{report.table(going.outcomes)}\n")
    print(f"{report.kills(going.outcomes)} kills, written to {path}", flush=True)
    broken = report.violations(going.outcomes)
    if broken:
        for number, log in enumerate(logs, 1):
            path.with_name(f"{name}-host{number}.log").write_text(log)
        print("\n\n".join(["VIOLATIONS", *broken]), flush=True)
    return going.outcomes


def _tell(outcome: Outcome) -> None:
    pairs = zip(report.HEAD, report.cells(outcome), strict=True)
    (_, name), *rest = pairs
    said = ", ".join(f"{key} {value}" for key, value in rest if value != "0")
    state = "VIOLATED" if outcome.violations else "held"
    print(f"▸ {name}: {state} ({said})", flush=True)


if __name__ == "__main__":
    sys.exit(main())
