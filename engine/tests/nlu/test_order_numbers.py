"""Order numbers in each brand's format, which the turn brings along."""

from __future__ import annotations

import unicodedata

import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from kefu_engine.entities import RuleEntityExtractor

from .conftest import ROOT, stored

NOW = "2026-11-22T10:00:00+08:00"
PATTERNS = {
    "demo": [r"KF\d{14}"],
    "tp": [r"TP\d{14}"],
    "tpwallet": [r"TW\d{16}"],
    "tiktokshop": [r"57\d{16}"],
    "tmall": [r"(?!62)\d{19}"],
}


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> RuleEntityExtractor:
    storage = LocalModelStorage.create(tmp_path_factory.mktemp("entities"))
    config = {"patterns": str(ROOT / "data/entities")}
    return stored(RuleEntityExtractor, storage, config, TrainingData())


def found(extractor: RuleEntityExtractor, text: str, profile: str) -> list[tuple[str, str, str]]:
    metadata = {
        "now": NOW,
        "profile": profile,
        "order_number_patterns": PATTERNS.get(profile, []),
    }
    entities = extractor.extract(Message({"text": text, "metadata": metadata}))
    return [(e["entity"], e["value"], text[e["start"] : e["end"]]) for e in entities]


@pytest.mark.parametrize(
    ("profile", "text", "said"),
    [
        ("demo", "帮我看看KF20261108004217到哪了", "KF20261108004217"),
        ("tp", "帮我看看TP20261108004217到哪了", "TP20261108004217"),
        ("tp", "tp20261108004217啥时候发", "tp20261108004217"),
        ("tp", "ＴＰ２０２６１１０８００４２１７取消", "ＴＰ２０２６１１０８００４２１７"),
        ("tp", "单子TP-20261108-004217呢", "TP-20261108-004217"),
        ("tpwallet", "TW2026110800421799这笔没到账", "TW2026110800421799"),
        ("tiktokshop", "571234567890123456还没收到", "571234567890123456"),
        ("tiktokshop", "我买的5712 3456 7890 123456还没收到", "5712 3456 7890 123456"),
        ("tmall", "麻烦催一下4012345678901234567发货", "4012345678901234567"),
    ],
)
def test_a_number_is_found_in_running_text(
    extractor: RuleEntityExtractor, profile: str, text: str, said: str
) -> None:
    value = unicodedata.normalize("NFKC", said).replace(" ", "").replace("-", "").upper()
    assert ("order_number", value, said) in found(extractor, text, profile)


@pytest.mark.parametrize(
    ("profile", "text"),
    [
        ("demo", "麻烦催一下4012345678901234567发货"),
        ("demo", "我看571234567890123456还没收到"),
        ("tp", "麻烦催一下4012345678901234567发货"),
        # A piece of a longer number is none.
        ("tiktokshop", "卡号6257123456789012345678"),
        ("tmall", "付款用的40123456789012345678扣了"),
        # Bank cards of 19 digits.
        ("tmall", "我用6222021234567890123付的"),
        ("tp", "xtp20261108004217"),
    ],
)
def test_what_fits_another_brand_or_nothing_is_no_order_number(
    extractor: RuleEntityExtractor, profile: str, text: str
) -> None:
    assert [name for name, _, _ in found(extractor, text, profile) if name == "order_number"] == []


def test_two_numbers_beside_each_other_are_two(extractor: RuleEntityExtractor) -> None:
    text = "4012345678901234567 4012345678901234568哪个先到"
    values = [value for _, value, _ in found(extractor, text, "tmall")]
    assert values == ["4012345678901234567", "4012345678901234568"]


def test_the_brands_number_wins_over_the_rules(extractor: RuleEntityExtractor) -> None:
    (entity,) = found(extractor, "快递571234567890123456", "tiktokshop")[-1:]
    assert entity[:2] == ("order_number", "571234567890123456")
