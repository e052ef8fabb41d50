from __future__ import annotations

import json
import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.engine_process import ENGINE_DIR, engine_python
from kefu.trainer.examples import ExampleFile
from kefu.trainer.likeness import LikenessIndex
from kefu.trainer.normal_form import normal, shape, trigrams

ROOT = Path(__file__).parents[3]
ASK_ENGINE = """
import json, sys
import kefu_engine
from kefu_engine.dataset import shape_of
from kefu_engine.normalizer import normalize
texts = json.load(sys.stdin)
json.dump([[normalize(t).text, shape_of(t)] for t in texts], sys.stdout)
"""
ODD = [
    "ＡＢＣ１２３",
    "訂單　查詢！！！！",
    "a\u200bb\n c",
    "  ",
    "",
    "……。。。。",
    "***",
    "裡面隻頭髮乾",
    "１２３.４５",
]


def similarity(one: str, other: str) -> float:
    a, b = trigrams(one), trigrams(other)
    return len(a & b) / len(a | b)


def test_texts_are_folded_as_the_engine_folds_them() -> None:
    texts = [*ODD]
    for path in sorted((ROOT / "data/nlu").glob("*.yml")):
        texts += [e.plain for e in ExampleFile(path.read_text("utf-8")).examples]
    found = subprocess.run(
        [str(engine_python()), "-c", ASK_ENGINE],
        input=json.dumps(texts),
        env={"PYTHONPATH": str(ENGINE_DIR), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    theirs = json.loads(found.stdout)
    assert [[normal(text), shape(text)] for text in texts] == theirs


texts = st.lists(st.text(alphabet="退货款吗呢", min_size=1, max_size=8), max_size=30, unique=True)


@settings(deadline=None)
@given(texts=texts, sought=st.text(alphabet="退货款吗呢", min_size=1, max_size=8))
def test_the_index_finds_exactly_what_is_alike(texts: list[str], sought: str) -> None:
    index: LikenessIndex[int] = LikenessIndex()
    for number, text in enumerate(texts):
        index.add(number, text)
    for number in range(0, len(texts), 3):
        index.remove(number)
    for limit in (0.3, 0.8, 1.0):
        expected = {
            number
            for number, text in enumerate(texts)
            if number % 3 and similarity(sought, text) >= limit
        }
        assert {number for number, _ in index.near(sought, limit)} == expected


def test_the_most_alike_comes_first() -> None:
    index: LikenessIndex[str] = LikenessIndex()
    for text in ("我要退货退款", "我要退货", "完全不同的话"):
        index.add(text, text)
    assert [text for text, _ in index.near("我要退货", 0.3)] == ["我要退货", "我要退货退款"]
    assert "我要退货" in index
    assert len(index) == 3
