"""Trains one system and lets it read messages, in the system's own environment.

``python worker.py SYSTEM NLU.yml TEXTS.json OUT.json``: ``TEXTS.json`` is a list of messages;
``OUT.json`` gets ``{"seconds", "megabytes", "microseconds", "rankings"}``, the last a list of
``[[intent, confidence], ...]`` for every message, best first.
"""

# ruff: noqa: PLC0415 - each system needs libraries of its own environment.

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.nlu.systems import ROOT, SYSTEMS, System

Ranking = list[tuple[str, float]]
WARM_UP, LENGTH = 20, 5


def main(name: str, nlu: str, texts: str, out: str) -> None:
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    system = SYSTEMS[name]
    messages = json.loads(Path(texts).read_text("utf-8"))
    started = time.monotonic()
    read = _rasa(system, nlu) if system.pipeline else _ngrams(nlu)
    seconds = time.monotonic() - started
    for text in messages[:WARM_UP]:
        read(text)
    rankings, times = [], []
    for text in messages:
        begun = time.perf_counter_ns()
        rankings.append(read(text)[:LENGTH])
        times.append((time.perf_counter_ns() - begun) / 1000)
    result = {
        "seconds": round(seconds, 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "microseconds": sorted(times)[len(times) // 2],
        "rankings": rankings,
    }
    Path(out).write_text(json.dumps(result, ensure_ascii=False), "utf-8")


def _rasa(system: System, nlu: str) -> Callable[[str], Ranking]:
    if system.ours:
        import kefu_engine  # noqa: F401 - Rasa can only be imported after it
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu
    from ruamel.yaml import YAML

    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yml"
        document: dict[str, Any] = {
            "recipe": "default.v1",
            "language": "zh",
            "assistant_id": "benchmark",
            "pipeline": system.pipeline,
        }
        with config.open("w", encoding="utf-8") as file:
            YAML(typ="safe").dump(document, file)
        archive = train_nlu(str(config), nlu, folder)
        agent = Agent.load(archive)

    def read(text: str) -> Ranking:
        parsed = asyncio.run(agent.parse_message(text))
        ranking = parsed["intent_ranking"]
        return [(i["name"], i["confidence"]) for i in ranking if i["name"] != "nlu_fallback"]

    return read


def _ngrams(nlu: str) -> Callable[[str], Ranking]:
    import kefu_engine  # noqa: F401 - what reads the utterances imports Rasa
    from kefu_engine.dataset import read_utterances
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    utterances = read_utterances(Path(nlu).parent)
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True)
    matrix = vectors.fit_transform([u.plain for u in utterances])
    model = LogisticRegression(C=10, solver="liblinear")
    model.fit(matrix, [u.intent for u in utterances])

    def read(text: str) -> Ranking:
        found = model.predict_proba(vectors.transform([text]))[0]
        return [(model.classes_[i], float(found[i])) for i in found.argsort()[::-1]]

    return read


if __name__ == "__main__":
    main(*sys.argv[1:])
