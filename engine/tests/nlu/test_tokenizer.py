from __future__ import annotations

from pathlib import Path

from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.training.fingerprinting import calculate_fingerprint_key
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.normalizer import TextNormalizer
from kefu_engine.tokenizer import ChineseTokenizer

from .conftest import stored


def cut(tokenizer: ChineseTokenizer, text: str) -> Message:
    return tokenizer.process(TextNormalizer().process([Message({"text": text})]))[0]


def test_two_models_keep_their_own_words(tmp_path: Path) -> None:
    tokenizers = []
    for name, word in (("a", "仅退款不退货"), ("b", "晒单返现")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "words.txt").write_text(f"# 说明\n{word}\n", encoding="utf-8")
        storage = LocalModelStorage.create(tmp_path / f"{name}-model")
        (tmp_path / f"{name}-model").mkdir(exist_ok=True)
        config = {"dictionary": str(folder)}
        tokenizers.append(stored(ChineseTokenizer, storage, config, TrainingData()))
        # The archive has the words: the project's files are not needed any more.
        (folder / "words.txt").unlink()
    first, second = tokenizers
    assert "仅退款不退货" in cut(first, "申请仅退款不退货可以吗").get("tokens")
    assert "仅退款不退货" not in cut(second, "申请仅退款不退货可以吗").get("tokens")
    assert "晒单返现" in cut(second, "晒单返现怎么领").get("tokens")


def test_offsets_are_those_of_the_raw_text(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "model").mkdir()
    storage = LocalModelStorage.create(tmp_path / "model")
    tokenizer = stored(
        ChineseTokenizer, storage, {"dictionary": str(tmp_path / "words")}, TrainingData()
    )
    raw = " 訂單　 ＫＦ１２３！！！"
    message = cut(tokenizer, raw)
    assert {raw[t.start : t.end] for t in message.get("text_tokens")} >= {"訂單", "ＫＦ１２３"}
    assert message.get("tokens")[0] == "订单"


def test_one_changed_word_changes_the_training_fingerprint(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    config = {**ChineseTokenizer.get_default_config(), "dictionary": str(tmp_path)}
    words.write_text("运费险\n", encoding="utf-8")
    before = calculate_fingerprint_key(ChineseTokenizer, config, {})
    assert calculate_fingerprint_key(ChineseTokenizer, config, {}) == before
    words.write_text("价保\n", encoding="utf-8")
    assert calculate_fingerprint_key(ChineseTokenizer, config, {}) != before
