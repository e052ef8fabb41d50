"""Components on a real model storage, trained on a part of the project's own utterances."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import kefu_engine  # noqa: F401 - Rasa can only be imported after it
from kefu_engine.dataset import Utterance, read_utterances
from kefu_engine.intent_classifier import CalibratedIntentClassifier
from kefu_engine.normalizer import TextNormalizer
from kefu_engine.tokenizer import ChineseTokenizer

ROOT = Path(__file__).parents[3]
FEW = (
    "track_logistics", "invoice", "refund_progress", "password_reset", "human_agent", "thanks",
    "change_order", "out_of_scope",
)  # fmt: skip
CONTEXT = ExecutionContext(GraphSchema({}), "nlu-tests")

Parse = Callable[..., Message]


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("KEFU_HOME")
    os.environ["KEFU_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    if before is None:
        del os.environ["KEFU_HOME"]
    else:
        os.environ["KEFU_HOME"] = before


@pytest.fixture(scope="session")
def utterances() -> list[Utterance]:
    return read_utterances(ROOT / "data/nlu")


def stored(
    component: Any, storage: LocalModelStorage, config: dict[str, Any], data: TrainingData
) -> Any:
    """The component created, trained and loaded again, as a model archive does it."""
    resource = Resource(component.__name__)
    full = {**component.get_default_config(), **config}
    component.create(full, storage, resource, CONTEXT).train(data)
    return component.load(full, storage, resource, CONTEXT)


@pytest.fixture(scope="session")
def pipeline(
    utterances: list[Utterance], tmp_path_factory: pytest.TempPathFactory
) -> tuple[ChineseTokenizer, CalibratedIntentClassifier]:
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
    rows = [u for u in utterances if u.intent in FEW]
    data = TrainingData([Message.build(u.plain, u.intent) for u in rows])
    TextNormalizer().process_training_data(data)
    config = {"dictionary": str(ROOT / "data/dictionary")}
    tokenizer = stored(ChineseTokenizer, storage, config, data)
    tokenizer.process_training_data(data)
    return tokenizer, stored(CalibratedIntentClassifier, storage, {}, data)


@pytest.fixture(scope="session")
def parse(pipeline: tuple[ChineseTokenizer, CalibratedIntentClassifier]) -> Parse:
    tokenizer, classifier = pipeline

    def run(text: str, **metadata: Any) -> Message:
        messages = [Message({"text": text, "metadata": metadata})]
        return classifier.process(tokenizer.process(TextNormalizer().process(messages)))[0]

    return run
