"""What a model makes of many messages: intents alone, in batches, in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.core.channels.channel import UserMessage
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.nlu.classifiers.classifier import IntentClassifier

from kefu_engine import progress
from kefu_engine.evaluation import FALLBACK
from kefu_engine.model import Model, load

BATCH = 64
ANSWERED, ASKED, HANDED_OFF = 0, 1, 2
HUMAN_AGENT = "human_agent"
_TICK = 0.3


@dataclass(frozen=True, slots=True)
class Readings:
    """Of ``n`` messages: ``rankings`` of intents with their confidence, best first, ``(n,)``;
    ``first``, how surely the best is meant; ``sure``, how surely its answer serves; the thresholds
    that held. ``serves``: by intent, whom else its answer serves."""

    rankings: list[list[tuple[str, float]]]
    first: NDArray[Any]
    sure: NDArray[Any]
    answer: float
    clarify: float
    serves: Mapping[str, frozenset[str]]

    @property
    def intents(self) -> list[str]:
        """The best intent of every message; empty where there is none."""
        return [ranking[0][0] if ranking else "" for ranking in self.rankings]

    def outcomes(self, answer: float | None = None) -> NDArray[Any]:
        """``ANSWERED``, ``ASKED`` or ``HANDED_OFF`` for each, at another threshold if one is
        given. Who asks for a person gets one."""
        answer = self.answer if answer is None else answer
        found = np.where(self.first >= min(self.clarify, answer), ASKED, HANDED_OFF)
        found = np.where(self.sure >= answer, ANSWERED, found)
        human = np.array([intent == HUMAN_AGENT for intent in self.intents], dtype=bool)
        return np.where(human & (found == ANSWERED), HANDED_OFF, found)

    def serve(self, index: int, labels: Sequence[str]) -> bool:
        """Whether the answer to a message's best intent is right for one of ``labels``."""
        intent = self.intents[index]
        return bool({intent, *self.serves.get(intent, ())}.intersection(labels))


def read_with(
    archives: Sequence[Path], texts: Sequence[str], metadata: Mapping[str, Any]
) -> list[Readings]:
    """Every text read by the models in ``archives``, side by side. Raises ``ModelUnsuitable``.

    ``metadata`` is that of a turn (``processor.py``).
    """
    context = multiprocessing.get_context("fork")
    done = context.Value("q", 0)
    total = max(1, len(archives) * len(texts))
    # Forked: what this process has imported already need not be imported again.
    with ProcessPoolExecutor(
        len(archives), mp_context=context, initializer=_remember, initargs=(done,)
    ) as pool:
        jobs = [pool.submit(_read, path, list(texts), dict(metadata)) for path in archives]
        while wait(jobs, _TICK).not_done:
            progress.tell(5 + 80 * done.value / total, "重放历史消息")
        return [job.result() for job in jobs]


_done: Any = None


def _remember(done: Any) -> None:
    global _done  # noqa: PLW0603 - how a pool hands its workers what cannot be pickled
    _done = done


def _read(path: Path, texts: list[str], metadata: dict[str, Any]) -> Readings:
    model = load(path)
    rankings: list[list[tuple[str, float]]] = []
    answer = clarify = 0.0
    for message in _classified(model, texts, metadata):
        # Keyword classifiers rank nothing.
        ranking: Any = message.get("intent_ranking") or [message.get("intent") or {"name": None}]
        rankings.append(
            [
                (one["name"], float(one["confidence"]))
                for one in ranking
                if one["name"] not in (None, FALLBACK)
            ]
        )
        thresholds = message.get("thresholds") or {}
        answer = float(thresholds.get("answer", answer))
        clarify = float(thresholds.get("clarify", clarify))
    first = np.array([ranking[0][1] if ranking else 0.0 for ranking in rankings])
    sure = np.array([_mass(ranking, model.also_serves) for ranking in rankings])
    return Readings(rankings, first, sure, answer, clarify, model.also_serves)


def _mass(ranking: list[tuple[str, float]], serves: Mapping[str, frozenset[str]]) -> float:
    if not ranking:
        return 0.0
    served = {ranking[0][0], *serves.get(ranking[0][0], ())}
    return sum(confidence for name, confidence in ranking if name in served)


def _classified(model: Model, texts: list[str], metadata: dict[str, Any]) -> Iterator[Any]:
    """The messages behind the intent classifier: entities are of no concern here, and slow."""
    node = _classifier_of(model)
    for start in range(0, len(texts), BATCH):
        batch: list[Any] = []
        for text in texts[start : start + BATCH]:
            message = UserMessage(metadata=metadata)
            # The constructor strips the text.
            message.text = text
            batch.append(message)
        results = model.graph.run({PLACEHOLDER_MESSAGE: batch, PLACEHOLDER_TRACKER: None}, [node])
        yield from results[node]
        if _done is not None:
            with _done.get_lock():
                _done.value += len(batch)


def _classifier_of(model: Model) -> str:
    """The classifier's node; of another pipeline the whole of the understanding."""
    for name, node in model.graph.schema.nodes.items():
        if name in model.graph.nodes and issubclass(node.uses, IntentClassifier):
            return name
    return model.nlu_node
