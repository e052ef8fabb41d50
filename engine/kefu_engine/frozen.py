"""The frozen test set: labelled messages that no model is ever trained on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kefu_engine.dataset import (
    TOO_CLOSE_TO_EVALUATION,
    overlaps,
    read_utterances,
    shape_of,
)
from kefu_engine.labelled import LabelledText, read_rows


def read_frozen(files: Sequence[Path]) -> list[LabelledText]:
    """The rows of all files. Raises ``EvaluationFileInvalid``."""
    return [row for file in files for row in read_rows(file)]


def conflicts(files: Sequence[Path], texts: Sequence[str], data: Path) -> list[dict[str, Any]]:
    """Frozen messages, and ``texts``, that equal a training utterance of the folder ``data`` or
    resemble one by more than ``TOO_CLOSE_TO_EVALUATION``: ``[{text, intent, utterance, likeness}]``
    """
    frozen = [*(row.text for row in read_frozen(files)), *texts]
    training = read_utterances(data)
    if not frozen or not training:
        return []
    plain = [utterance.plain for utterance in training]
    likeness: Any = overlaps(frozen, plain)
    nearest = np.asarray(likeness.argmax(axis=1)).ravel()
    known = {shape_of(text): index for index, text in enumerate(plain)}
    found: list[dict[str, Any]] = []
    for row, text in enumerate(frozen):
        same = known.get(shape_of(text))
        index = int(nearest[row]) if same is None else same
        how = 1.0 if same is not None else float(likeness[row, index])
        if how > TOO_CLOSE_TO_EVALUATION:
            found.append(
                {
                    "text": text,
                    "intent": training[index].intent,
                    "utterance": plain[index],
                    "likeness": round(how, 3),
                }
            )
    return found
