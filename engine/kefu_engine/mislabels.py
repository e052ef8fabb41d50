"""Training messages that are probably in the wrong intent (confident learning, cleanlab).

Read from a model's archive: its training kept what models that had not seen a message made of it.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kefu_engine.errors import EngineError

OUT_OF_FOLD = "out_of_fold.npz"
# More than that nobody reads; the next training finds the rest.
_MOST = 200


class NoOutOfFold(EngineError):
    """The archive was written before trainings kept their out-of-fold probabilities."""

    code: ClassVar[str] = "no_out_of_fold"
    title: ClassVar[str] = "这个模型没有保存交叉验证结果，请重新训练。"


def likely_mislabels(archive: Path) -> list[dict[str, Any]]:
    """``{text, intent, probability, suggested, suggested_probability}``, the surest first.

    Raises ``NoOutOfFold``.
    """
    stored = _members(archive, ("intent_classifier.json", "intent_classifier.npz", OUT_OF_FOLD))
    if len(stored) < 3:
        raise NoOutOfFold(archive.name)
    words = json.loads(stored["intent_classifier.json"])
    with np.load(io.BytesIO(stored["intent_classifier.npz"]), allow_pickle=False) as arrays:
        truth = arrays["truth"]
    with np.load(io.BytesIO(stored[OUT_OF_FOLD]), allow_pickle=False) as arrays:
        probabilities = arrays["probabilities"].astype(np.float64)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    # Imported late: it brings pandas.
    from cleanlab.filter import find_label_issues

    found = find_label_issues(
        truth,
        probabilities,
        return_indices_ranked_by="normalized_margin",
        filter_by="both",
        n_jobs=1,
    )
    intents: list[str] = words["intents"]
    rows: list[dict[str, Any]] = []
    for index in found[:_MOST]:
        given, best = int(truth[index]), int(probabilities[index].argmax())
        rows.append(
            {
                "text": words["texts"][index],
                "intent": intents[given],
                "probability": round(float(probabilities[index, given]), 4),
                "suggested": intents[best],
                "suggested_probability": round(float(probabilities[index, best]), 4),
            }
        )
    return rows


def run(archive: Path) -> str:
    """The command's output: JSON with ``model`` and ``likely``."""
    rows = likely_mislabels(archive)
    return json.dumps(
        {"model": archive.name.removesuffix(".tar.gz"), "likely": rows}, ensure_ascii=False
    )


def _members(archive: Path, names: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as members:
        for member in members:
            name = member.name.rsplit("/", 1)[-1]
            if name in names:
                file = members.extractfile(member)
                assert file is not None
                found[name] = file.read()
    return found
