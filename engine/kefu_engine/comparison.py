"""A candidate beside the live model: frozen tests, a replay of real messages, what a day brings.

**Significance.** A candidate loses significantly where, of the messages whose label is known and
on which the two models differ, it is wrong so much more often that chance alone would do it in
less than 5 % of cases (McNemar's exact test, two-sided); once on the frozen set (is the first
intent right?) and once on the labelled messages of the replay (is the shopper answered, and
rightly?). Labels that the candidate was trained on do not count. Intervals are 95 % bootstrap
percentiles over messages, the same drawn messages for both models.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kefu_engine import progress
from kefu_engine.dataset import read_utterances, shape_of
from kefu_engine.frozen import read_frozen
from kefu_engine.readings import Readings, read_with
from kefu_engine.replay import Replayed, on_frozen, per_day, replay, threshold_table
from kefu_engine.significance import loses


@dataclass(frozen=True, slots=True)
class Settings:
    """``thresholds``, ``masked_intents``, ``order_number_patterns``: the profile's, as in a turn.
    ``days``: how many the messages stand for. ``data``: the training data, for its labels."""

    thresholds: dict[str, float] | None = None
    masked_intents: Sequence[str] = ()
    order_number_patterns: Sequence[str] = ()
    days: float | None = None
    data: str | None = None
    items: int = 500
    replicates: int = 1000
    seed: int = 7


def compare(
    *,
    candidate: Path,
    live: Path,
    frozen: Sequence[Path],
    messages: Path | None,
    settings: Settings,
) -> dict[str, Any]:
    """The result of the contract in ``docs/models.md``.

    Raises ``ModelUnsuitable``, ``EvaluationFileInvalid``.
    """
    progress.tell(2, "读取测试集和历史消息")
    rows = read_frozen(frozen)
    replayed = read_messages(messages, settings, {shape_of(r.text): r.labels for r in rows})
    texts = [*(row.text for row in rows), *(message.text for message in replayed)]
    metadata: dict[str, Any] = {
        "thresholds": settings.thresholds,
        "masked_intents": list(settings.masked_intents),
        "order_number_patterns": list(settings.order_number_patterns),
    }
    of_candidate, of_live = read_with([candidate, live], texts, metadata)
    progress.tell(88, "计算指标")
    test = on_frozen(
        rows, _part(of_candidate, 0, len(rows)), _part(of_live, 0, len(rows)), settings.seed
    )
    new, old = _part(of_candidate, len(rows), None), _part(of_live, len(rows), None)
    replayed_result, discordant = replay(replayed, new, old, settings.items)
    # Without a message yet, the frozen rows show what a threshold does.
    shown, days = (new, settings.days) if replayed else (_part(of_candidate, 0, None), None)
    result = {
        "cross_validation": {"candidate": _validated(candidate), "live": _validated(live)},
        "frozen": test.figures,
        "replay": replayed_result,
        "per_day": per_day(new, old, settings.days, settings.replicates, settings.seed),
        "risk_coverage": test.risk_coverage,
        "reliability": test.reliability,
        "thresholds": threshold_table(shown, days),
        "threshold": {"answer": shown.answer, "clarify": shown.clarify},
        "significant_loss": loses(*test.discordant) or loses(*discordant),
        "frozen_broken": bool(test.figures["broken"]),
    }
    progress.tell(100, "完成")
    return result


def read_messages(
    path: Path | None, settings: Settings, frozen: dict[str, tuple[str, ...]]
) -> list[Replayed]:
    """The messages to replay; ``frozen``: the labels of the frozen rows by their shape."""
    if path is None:
        return []
    trained: dict[str, tuple[str, ...]] = {}
    if settings.data:
        for utterance in read_utterances(Path(settings.data)):
            trained[shape_of(utterance.plain)] = (utterance.intent,)
    found: list[Replayed] = []
    # Not splitlines(): a message may hold one of the rarer line separators.
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line.strip():
            continue
        item = json.loads(line)
        shape = shape_of(item["text"])
        given = (item["label"],) if item.get("label") else frozen.get(shape)
        labels = given or trained.get(shape, ())
        # A label that was written into the data judges the answer, but not the candidate's worth.
        independent = given is not None and shape not in trained
        found.append(Replayed(item["text"], labels, independent))
    return found


def _part(readings: Readings, start: int, stop: int | None) -> Readings:
    chosen = slice(start, stop)
    return Readings(
        readings.rankings[chosen],
        readings.first[chosen],
        readings.sure[chosen],
        readings.answer,
        readings.clarify,
        readings.serves,
    )


def _validated(archive: Path) -> dict[str, Any] | None:
    """What cross-validation said when the model was trained; from its card."""
    card = archive.with_name(f"{archive.name.removesuffix('.tar.gz')}.json")
    if not card.is_file():
        return None
    understanding = json.loads(card.read_text(encoding="utf-8")).get("understanding") or {}
    return understanding.get("cross_validation")
