"""The systems that are compared: a Rasa pipeline each, or plain scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "engine/.venv/bin/python"
STOCK = ROOT / "benchmarks/stock/.venv/bin/python"

_FEATURES: list[dict[str, Any]] = [
    {"name": "JiebaTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]


@dataclass(frozen=True)
class System:
    """``pipeline`` of Rasa components; none means character n-grams with logistic regression."""

    title: str
    python: Path
    pipeline: list[dict[str, Any]] = field(default_factory=list)
    ours: bool = False


SYSTEMS = {
    "kefu": System(
        "Kefu",
        ENGINE,
        [
            {"name": "kefu_engine.normalizer.TextNormalizer"},
            {"name": "kefu_engine.tokenizer.ChineseTokenizer"},
            {"name": "kefu_engine.intent_classifier.CalibratedIntentClassifier"},
        ],
        ours=True,
    ),
    "ngrams": System("character n-grams, logistic regression", ENGINE),
    "rasa-lr": System(
        "Rasa's LogisticRegressionClassifier",
        STOCK,
        [*_FEATURES, {"name": "LogisticRegressionClassifier"}],
    ),
    "diet": System(
        "stock Rasa: jieba, DIET",
        STOCK,
        [*_FEATURES, {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True}],
    ),
}
