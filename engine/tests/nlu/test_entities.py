from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.training.fingerprinting import calculate_fingerprint_key
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.entities import RuleEntityExtractor
from kefu_engine.numerals import number_of

from .conftest import ROOT, stored

NOW = "2026-11-22T10:00:00+08:00"  # a Sunday


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> RuleEntityExtractor:
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("entities"))
    config = {"patterns": str(ROOT / "data/entities")}
    return stored(RuleEntityExtractor, storage, config, TrainingData())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我的订单KF20261108004217到哪了", {("order_number", "KF20261108004217")}),
        ("ＫＦ２０２６１１０８００４２１７", {("order_number", "KF20261108004217")}),
        ("KF 20261108 004217", {("order_number", "KF20261108004217")}),
        ("订单号 2026 0811 0012 3456", {("order_number", "2026081100123456")}),
        ("202608110012345678", {("order_number", "202608110012345678")}),
        ("快递单号是75123456789012", {("tracking_number", "75123456789012")}),
        ("YT2233445566778 三天没动了", {("tracking_number", "YT2233445566778"), ("courier", "")}),
        ("sf1234567890123查一下", {("tracking_number", "SF1234567890123")}),
        ("电话13800137754", {("phone", "13800137754")}),
        ("138 0013 9026", {("phone", "13800139026")}),
        ("尾号1234的", {("phone_tail", "1234")}),
        ("8848", {("phone_tail", "8848")}),
        ("花了两百块", {("amount", 200.0)}),
        ("退了￥1,299.00", {("amount", 1299.0)}),
        ("三十五块五", {("amount", 35.5)}),
        ("1.2万的单子", {("amount", 12000.0)}),
        ("昨天买的", {("date", "2026-11-21")}),
        ("上周五下的单", {("date", "2026-11-13")}),
        ("11月3号付的款", {("date", "2026-11-03")}),
        ("前天晚上8点", {("date", "2026-11-20T20:00")}),
        ("3号到的", {("date", "2026-11-03")}),
        ("25号能到吗", {("date", "2026-11-25")}),
        ("顺丰到哪了", {("courier", "顺丰")}),
        ("用招行信用卡付的", {("bank", "招商银行"), ("payment_method", "信用卡")}),
        ("花呗付不了", {("payment_method", "花呗")}),
        ("耳机没声音", {("product", "耳机")}),
        ("买的iphone15", {("product", "手机")}),
        ("7天无理由", set()),
        ("打3.5折", set()),
        ("2月30号", set()),
        ("problems with items", set()),
        ("", set()),
    ],
)
def test_what_is_found(extractor: RuleEntityExtractor, text: str, expected: set) -> None:
    message = Message({"text": text, "metadata": {"now": NOW, "profile": "demo"}})
    found = {(e["entity"], e["value"]) for e in extractor.extract(message)}
    assert found == {pair for pair in expected if pair[1] != ""}


def test_offsets_are_those_of_the_raw_text(extractor: RuleEntityExtractor) -> None:
    raw = "　訂單號：ＫＦ２０２６１１０８００４２１７　！！！！ 順豐"
    found = extractor.extract(Message({"text": raw, "metadata": {"now": NOW}}))
    assert [raw[e["start"] : e["end"]] for e in found] == [
        "ＫＦ２０２６１１０８００４２１７",
        "順豐",
    ]


def test_a_rule_of_one_profile_holds_for_it_alone(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "model").mkdir()
    (tmp_path / "rules/numbers.yml").write_text(
        "patterns:\n  - {entity: order_number, pattern: 'tp\\d{6}', profiles: [tp]}\n", "utf-8"
    )
    storage = LocalModelStorage.create(tmp_path / "model")
    config = {"patterns": str(tmp_path / "rules")}
    extractor = stored(RuleEntityExtractor, storage, config, TrainingData())
    for profile, count in (("tp", 1), ("demo", 0)):
        message = Message({"text": "tp123456", "metadata": {"now": NOW, "profile": profile}})
        assert len(extractor.extract(message)) == count


def test_one_changed_word_changes_the_training_fingerprint(tmp_path: Path) -> None:
    folder = tmp_path / "entities"
    shutil.copytree(ROOT / "data/entities", folder)
    config = {"patterns": str(folder)}
    before = calculate_fingerprint_key(RuleEntityExtractor, config, {})
    banks = folder / "banks.yml"
    banks.write_text(banks.read_text("utf-8").replace("招行", "招招"), "utf-8")
    assert calculate_fingerprint_key(RuleEntityExtractor, config, {}) != before


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("39.9", 39.9), ("1,299", 1299), ("1.2万", 12000), ("3k", 3000), ("两百五", 250),
        ("一万二", 12000), ("一千零五十", 1050), ("十五", 15), ("三点五", 3.5), ("二〇二六", 2026),
    ],
)  # fmt: skip
def test_numerals(text: str, value: float) -> None:
    assert number_of(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "块", "一二点", "点五", "1.2.3"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        number_of(text)
