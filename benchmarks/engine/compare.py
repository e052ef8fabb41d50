"""Our engine beside stock Rasa: same utterances, domain, rules, actions, messages, machine."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from benchmarks.engine.servers import (
    ROOT,
    STOCK,
    Server,
    action_server,
    engine_server,
    stock_server,
)
from benchmarks.engine.talk import EngineTalk, StockTalk

PLAIN = ["你好", "谢谢", "你是机器人吗", "再见"]
WITH_ACTION = ["我的快递到哪了", "付款一直失败", "我的账号被锁了", "退款什么时候到账"]
TALK = [text for pair in zip(PLAIN, WITH_ACTION, strict=True) for text in pair]
ACTIONS_PORT, STOCK_PORT, ENGINE_PORT = 5955, 5905, 5906


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / ".kefu" / "bench")
    parser.add_argument("--seconds", type=float, default=20, help="length of each throughput run")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    figures = run(options.work, options.seconds)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2))
    return 0


def run(work: Path, seconds: float) -> dict[str, Any]:
    say("Training our model")
    ours, ours_training = train_ours(work)
    say("Training the stock model (DIET and TED; takes minutes)")
    project, stock, stock_training = train_stock(work)
    actions = action_server(project / "domain.yml", ACTIONS_PORT)
    try:
        say("Measuring stock Rasa")
        with_stock = measure(
            stock_server(stock, project, STOCK_PORT), StockTalk, STOCK_PORT, seconds
        )
        say("Measuring our engine")
        server = engine_server(ours, ROOT, ENGINE_PORT, ACTIONS_PORT)
        with_ours = measure(server, EngineTalk, ENGINE_PORT, seconds)
    finally:
        actions.stop()
    return {
        "machine": machine(),
        "stock": {"training_s": stock_training} | with_stock,
        "ours": {"training_s": ours_training} | with_ours,
    }


def train_ours(work: Path) -> tuple[Path, float]:
    out = work / "ours"
    shutil.rmtree(out, ignore_errors=True)
    started = time.perf_counter()
    done = subprocess.run(
        [str(ROOT / "engine/.venv/bin/python"), "-m", "kefu_engine", "train", "--out", str(out)],
        cwd=ROOT,
        env=dict(os.environ) | {"PYTHONPATH": "engine", "RASA_TELEMETRY_ENABLED": "false"},
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    seconds = time.perf_counter() - started
    return out / f"{done.stdout.strip().splitlines()[-1]}.tar.gz", seconds


def train_stock(work: Path) -> tuple[Path, Path, float]:
    """The project and model of stock Rasa; an unchanged one is not trained again."""
    subprocess.run([uv(), "sync", "--frozen", "--quiet", "--project", str(STOCK)], check=True)
    project = work / "stock"
    seconds_file = project / "training_seconds"
    if not stock_is_fresh(project, seconds_file):
        shutil.rmtree(project, ignore_errors=True)
        lay_out(project)
        started = time.perf_counter()
        subprocess.run(
            [str(STOCK / ".venv/bin/rasa"), "train", "--fixed-model-name", "stock"],
            cwd=project,
            env=dict(os.environ) | {"RASA_TELEMETRY_ENABLED": "false"},
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        seconds_file.write_text(str(time.perf_counter() - started))
    return project, project / "models/stock.tar.gz", float(seconds_file.read_text())


def lay_out(project: Path) -> None:
    """Our domain, utterances and rules with the stock configuration."""
    project.mkdir(parents=True)
    for folder in ("nlu", "rules"):
        shutil.copytree(ROOT / "data" / folder, project / "data" / folder)
    shutil.copy(STOCK / "stories.yml", project / "data")
    shutil.copy(ROOT / "domain.yml", project)
    for name in ("config.yml", "credentials.yml"):
        shutil.copy(STOCK / name, project)
    endpoint = f'action_endpoint:\n  url: "http://127.0.0.1:{ACTIONS_PORT}/webhook"\n'
    (project / "endpoints.yml").write_text(endpoint)


def stock_is_fresh(project: Path, stamp: Path) -> bool:
    if not stamp.exists():
        return False
    sources = [ROOT / "domain.yml", STOCK / "config.yml", STOCK / "stories.yml"]
    sources += [*(ROOT / "data/nlu").rglob("*.yml"), *(ROOT / "data/rules").rglob("*.yml")]
    return max(path.stat().st_mtime for path in sources) < stamp.stat().st_mtime


def uv() -> str:
    found = shutil.which("uv") or str(ROOT / ".tools/uv/bin/uv")
    return found


def measure(server: Server, talk: type[Any], port: int, seconds: float) -> dict[str, float]:
    try:
        figures = {"ready_s": server.ready, "memory_fresh_mb": server.memory}
        figures |= asyncio.run(latencies(talk, port))
        for clients in (1, 8):
            done = asyncio.run(throughput(talk, port, clients, seconds))
            figures |= {f"{name}_c{clients}": value for name, value in done.items()}
        return figures | {"memory_mb": server.memory}
    finally:
        server.stop()


async def latencies(talk: type[Any], port: int) -> dict[str, float]:
    """Milliseconds by kind of message early in a talk, and by the number of the turn."""
    async with client() as http:
        await warm_up(talk, port, http)
        plain, acted = [], []
        for _ in range(30):
            one = talk(http, port)
            for text in TALK:
                (plain if text in PLAIN else acted).append(await one.say(text))
        by_turn: dict[int, list[float]] = {5: [], 200: []}
        for _ in range(5):
            one = talk(http, port)
            for number in range(1, 205):
                took = await one.say(TALK[number % len(TALK)])
                for mark, near in by_turn.items():
                    if mark - 4 <= number <= mark + 4:
                        near.append(took)
    return {
        "plain_p50_ms": statistics.median(plain),
        "plain_p99_ms": percentile(plain, 99),
        "action_p50_ms": statistics.median(acted),
        "action_p99_ms": percentile(acted, 99),
        "turn_5_p50_ms": statistics.median(by_turn[5]),
        "turn_200_p50_ms": statistics.median(by_turn[200]),
    }


async def throughput(talk: type[Any], port: int, clients: int, seconds: float) -> dict[str, float]:
    """Messages per second and latencies while ``clients`` shoppers talk without a pause."""
    took: list[float] = []
    async with client() as http:
        await warm_up(talk, port, http)
        started = time.perf_counter()

        async def one_shopper() -> None:
            while time.perf_counter() - started < seconds:
                conversation = talk(http, port)
                for text in TALK:
                    took.append(await conversation.say(text))

        await asyncio.gather(*(one_shopper() for _ in range(clients)))
        elapsed = time.perf_counter() - started
    return {
        "messages_per_s": len(took) / elapsed,
        "p50_ms": statistics.median(took),
        "p99_ms": percentile(took, 99),
    }


async def warm_up(talk: type[Any], port: int, http: httpx.AsyncClient) -> None:
    for _ in range(3):
        one = talk(http, port)
        for text in TALK:
            await one.say(text)


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=120, trust_env=False)


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> str:
    model = next(
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )


def table(figures: dict[str, Any]) -> str:
    """The figures as a Markdown table, with the ratio of stock to ours (or ours to stock)."""
    ours, stock = figures["ours"], figures["stock"]
    lines = [
        figures["machine"],
        "",
        "| | stock Rasa | Kefu's engine | ratio |",
        "|---|---|---|---|",
    ]
    for name in stock:
        better = "messages_per_s" in name
        ratio = ours[name] / stock[name] if better else stock[name] / ours[name]
        lines.append(f"| {name} | {stock[name]:.4g} | {ours[name]:.4g} | {ratio:.1f} × |")
    growth = {
        who: figures[who]["turn_200_p50_ms"] / figures[who]["turn_5_p50_ms"]
        for who in figures
        if who != "machine"
    }
    lines.append(f"| 200th turn / 5th turn | {growth['stock']:.2f} | {growth['ours']:.2f} | |")
    return "\n".join(lines)


def say(line: str) -> None:
    print(f"▸ {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
