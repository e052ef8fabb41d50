"""A help article with a fault is not saved: it would keep the shop from starting."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.trainer.errors import FileInvalid
from kefu.trainer.training_data import TrainingData
from tests.trainer_project import TRAINER, git

ARTICLE = "---\ntitle: 旧机回收\ntopic: 服务\nintents: [invoice]\n---\n旧机可以抵扣货款。\n"


def put(data: TrainingData, text: str) -> None:
    data.files.put("data/knowledge/old-phones.md", text, None, TRAINER)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[invoice]", "[planet]", "第 4 行：没有名为 planet 的意图"),
        ("title: 旧机回收\n", "", "title 缺少或不符合要求"),
        ("---\n旧机", "旧机", "开头缺少两行 ---"),
        ("抵扣货款", "抵扣{planet}", "没有 {planet} 这个值"),
        ("旧机可以抵扣货款。\n", "", "正文是空的"),
    ],
)
def test_a_fault_is_named_with_its_line(
    data: TrainingData, checkout: Path, old: str, new: str, told: str
) -> None:
    before = git(checkout, "rev-parse", "HEAD")
    with pytest.raises(FileInvalid) as refused:
        put(data, ARTICLE.replace(old, new))
    assert "data/knowledge/old-phones.md" in refused.value.sentence
    assert told in refused.value.sentence
    assert git(checkout, "rev-parse", "HEAD") == before
    assert git(checkout, "status", "--porcelain") == ""


def test_a_sound_article_is_saved_beside_one_that_is_not(
    data: TrainingData, checkout: Path
) -> None:
    with (checkout / "data/knowledge/invoice.md").open("a", encoding="utf-8") as article:
        article.write("\n# 大标题\n")
    git(checkout, "commit", "--quiet", "--all", "--message=Spoil")
    put(data, ARTICLE)
    assert (checkout / "data/knowledge/old-phones.md").read_text("utf-8") == ARTICLE
