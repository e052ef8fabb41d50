"""Our engine beside stock Rasa: same domain, rules, actions, messages, machine, in one run.

Stock Rasa learns from a sample of the utterances (DIET needs minutes for each epoch of all of
them). Our training is timed on the same sample and on all; the model measured is the one of all.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from benchmarks.engine.servers import (
    ROOT,
    STOCK,
    Server,
    action_server,
    engine_server,
    stock_server,
)
from benchmarks.engine.talk import EngineTalk, StockTalk
from benchmarks.machine import machine

PLAIN = ["你好", "谢谢", "你是机器人吗", "再见"]
WITH_ACTION = ["我的快递到哪了", "付款一直失败", "我的账号被锁了", "退款什么时候到账"]
TALK = [text for pair in zip(PLAIN, WITH_ACTION, strict=True) for text in pair]
ACTIONS_PORT, STOCK_PORT, ENGINE_PORT = 5955, 5905, 5906


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / ".kefu" / "bench")
    parser.add_argument("--seconds", type=float, default=20, help="length of each throughput run")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--per-intent", type=int, default=20, help="size of the sample")
    parser.add_argument("--trained", action="store_true", help="use the last run's models")
    options = parser.parse_args(arguments)
    options.work.mkdir(parents=True, exist_ok=True)
    figures = run(options.work, options.seconds, options.per_intent, options.trained)
    print(table(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2))
    return 0


def run(work: Path, seconds: float, per_intent: int, trained: bool) -> dict[str, Any]:
    sample = work / "sample"
    times = work / "training.json"
    if not trained:
        times.write_text(json.dumps(train_all(work, sample, per_intent)))
    training = json.loads(times.read_text())
    (ours,) = (work / "ours").glob("*.tar.gz")
    actions = action_server(ACTIONS_PORT)
    try:
        say("Measuring stock Rasa")
        served = stock_server(sample / "models/stock.tar.gz", sample, STOCK_PORT)
        with_stock = measure(served, StockTalk, STOCK_PORT, seconds)
        say("Measuring our engine")
        served = engine_server(ours, ROOT, ENGINE_PORT, ACTIONS_PORT)
        with_ours = measure(served, EngineTalk, ENGINE_PORT, seconds)
    finally:
        actions.stop()
    return {
        "machine": machine(),
        "sample": training["sample"],
        "training_on_all_s": training["ours_on_all"],
        "stock_silent": StockTalk.silent,
        "stock": {"training_on_sample_s": training["stock_on_sample"]} | with_stock,
        "ours": {"training_on_sample_s": training["ours_on_sample"]} | with_ours,
    }


def train_all(work: Path, sample: Path, per_intent: int) -> dict[str, float]:
    """Train everything, one after another; seconds each."""
    size = lay_out(sample, per_intent)
    say(f"Training our model on the sample ({size} utterances)")
    on_sample = train_ours(sample, work / "ours-sample")
    say("Training our model on all utterances")
    on_all = train_ours(ROOT, work / "ours")
    say("Training the stock model on the sample (DIET and TED; takes minutes)")
    stock = train_stock(sample)
    times = {"ours_on_sample": on_sample, "ours_on_all": on_all, "stock_on_sample": stock}
    return {"sample": size, **times}


def train_ours(project: Path, out: Path) -> float:
    shutil.rmtree(out, ignore_errors=True)
    python = str(ROOT / "engine/.venv/bin/python")
    environment = {"PYTHONPATH": str(ROOT / "engine"), "RASA_TELEMETRY_ENABLED": "false"}
    started = time.perf_counter()
    subprocess.run(
        [python, "-m", "kefu_engine", "train", "--out", str(out)],
        cwd=project,
        env=dict(os.environ) | environment,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def train_stock(project: Path) -> float:
    subprocess.run([uv(), "sync", "--frozen", "--quiet", "--project", str(STOCK)], check=True)
    started = time.perf_counter()
    command = [str(STOCK / ".venv/bin/rasa"), "train", "--fixed-model-name", "stock"]
    subprocess.run(
        [*command, "--config", "stock.yml", "--data", "data/nlu", "data/rules", "stories.yml"],
        cwd=project,
        env=dict(os.environ) | {"RASA_TELEMETRY_ENABLED": "false"},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - started


def lay_out(project: Path, per_intent: int) -> int:
    """A project with both configurations and a sample of the utterances; how many there are."""
    shutil.rmtree(project, ignore_errors=True)
    for folder in ("rules", "dictionary", "entities"):
        shutil.copytree(ROOT / "data" / folder, project / "data" / folder)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, project)
    shutil.copy(STOCK / "config.yml", project / "stock.yml")
    shutil.copy(STOCK / "stories.yml", project)
    shutil.copy(STOCK / "credentials.yml", project)
    endpoint = f'action_endpoint:\n  url: "http://127.0.0.1:{ACTIONS_PORT}/webhook"\n'
    (project / "endpoints.yml").write_text(endpoint)
    return sample_utterances(project / "data" / "nlu", per_intent)


def sample_utterances(folder: Path, per_intent: int) -> int:
    """Write evenly spread utterances of each intent to ``folder``."""
    folder.mkdir()
    yaml = YAML(typ="safe")
    taken: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data/nlu").rglob("*.yml")):
        for block in yaml.load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = [line[2:] for line in block.get("examples", "").splitlines() if line]
            if "intent" in block:
                taken.setdefault(block["intent"], []).extend(lines)
    blocks = ['version: "3.1"', "nlu:"]
    for intent, lines in taken.items():
        step = max(1, len(lines) // per_intent)
        taken[intent] = lines[::step][:per_intent]
        blocks += [f"- intent: {intent}", "  examples: |", *(f"    - {t}" for t in taken[intent])]
    (folder / "sample.yml").write_text("\n".join(blocks) + "\n", encoding="utf-8")
    return sum(len(lines) for lines in taken.values())


def uv() -> str:
    found = shutil.which("uv") or str(ROOT / ".tools/uv/bin/uv")
    return found


def measure(server: Server, talk: type[Any], port: int, seconds: float) -> dict[str, float]:
    try:
        figures = {"ready_s": server.ready, "memory_fresh_mb": server.memory}
        figures |= latencies(talk, port)
        for clients in (1, 8):
            done = throughput(talk, port, clients, seconds)
            figures |= {f"{name}_c{clients}": value for name, value in done.items()}
        return figures | {"memory_mb": server.memory}
    finally:
        server.stop()


def latencies(talk: type[Any], port: int) -> dict[str, float]:
    """Milliseconds by kind of message early in a talk, and by the number of the turn."""
    line = talk.line(port)
    warm_up(talk, line)
    plain, acted = [], []
    for _ in range(30):
        one = talk(line)
        for text in TALK:
            (plain if text in PLAIN else acted).append(one.say(text))
    by_turn: dict[int, list[float]] = {5: [], 200: []}
    for _ in range(5):
        one = talk(line)
        for number in range(1, 205):
            took = one.say(TALK[number % len(TALK)])
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


def throughput(talk: type[Any], port: int, clients: int, seconds: float) -> dict[str, float]:
    """Messages per second and latencies while ``clients`` shoppers talk without a pause."""
    started = time.perf_counter()

    def one_shopper(_: int) -> list[float]:
        line, took = talk.line(port), []
        while time.perf_counter() - started < seconds:
            conversation = talk(line)
            took += [conversation.say(text) for text in TALK]
        return took

    with ThreadPoolExecutor(clients) as pool:
        took = [one for many in pool.map(one_shopper, range(clients)) for one in many]
    elapsed = time.perf_counter() - started
    return {
        "messages_per_s": len(took) / elapsed,
        "p50_ms": statistics.median(took),
        "p99_ms": percentile(took, 99),
    }


def warm_up(talk: type[Any], line: Any) -> None:
    for _ in range(3):
        one = talk(line)
        for text in TALK:
            one.say(text)


def percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def table(figures: dict[str, Any]) -> str:
    """The figures as a Markdown table, with the ratio of stock to ours (or ours to stock)."""
    ours, stock = figures["ours"], figures["stock"]
    lines = [
        figures["machine"],
        f"Sample: {figures['sample']} utterances; ours on all of them trained in "
        f"{figures['training_on_all_s']:.0f} s; stock gave no reply at all "
        f"{figures['stock_silent']} times.",
        "",
        "| | stock Rasa | Kefu's engine | ratio |",
        "|---|---|---|---|",
    ]
    for name in stock:
        better = "messages_per_s" in name
        ratio = ours[name] / stock[name] if better else stock[name] / ours[name]
        lines.append(f"| {name} | {stock[name]:.4g} | {ours[name]:.4g} | {ratio:.1f} × |")
    growth = [one["turn_200_p50_ms"] / one["turn_5_p50_ms"] for one in (stock, ours)]
    lines.append(f"| 200th turn / 5th turn | {growth[0]:.2f} | {growth[1]:.2f} | |")
    return "\n".join(lines)


def say(line: str) -> None:
    print(f"▸ {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
