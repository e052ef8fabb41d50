from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest

from kefu_engine.mislabels import OUT_OF_FOLD, NoOutOfFold, likely_mislabels


def archive(path: Path, *, with_probabilities: bool = True) -> Path:
    """A model's archive with fifty messages of two intents, one of them in the wrong one."""
    truth = np.array([0] * 25 + [1] * 25)
    right = np.where(truth == 0, 0.95, 0.05)
    right[3] = 0.02
    probabilities = np.column_stack([right, 1 - right]).astype(np.float16)
    words = {"intents": ["invoice", "greet"], "texts": [f"第{n}句" for n in range(50)]}
    files = {"intent_classifier.json": json.dumps(words).encode()}
    arrays = {"intent_classifier.npz": {"truth": truth}}
    if with_probabilities:
        arrays[OUT_OF_FOLD] = {"probabilities": probabilities}
    for name, content in arrays.items():
        out = io.BytesIO()
        np.savez_compressed(out, **content)
        files[name] = out.getvalue()
    with tarfile.open(path, "w:gz") as members:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"components/train_x/{name}")
            entry.size = len(content)
            members.addfile(entry, io.BytesIO(content))
    return path


def test_a_message_in_the_wrong_intent_is_found(tmp_path: Path) -> None:
    assert likely_mislabels(archive(tmp_path / "m.tar.gz")) == [
        {
            "text": "第3句",
            "intent": "invoice",
            "probability": 0.02,
            "suggested": "greet",
            "suggested_probability": 0.98,
        }
    ]


def test_an_older_archive_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoOutOfFold):
        likely_mislabels(archive(tmp_path / "m.tar.gz", with_probabilities=False))
