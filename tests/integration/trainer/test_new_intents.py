"""A new intent is one commit that touches what it must and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kefu.errors import KefuError
from kefu.trainer import new_intents
from kefu.trainer.new_intents import NewIntent
from kefu.trainer.training_data import TrainingData
from tests.trainer_project import TRAINER, git

TRADE_IN = NewIntent(
    name="trade_in",
    title="以旧换新",
    file="data/nlu/service.yml",
    texts=(
        "旧手机能抵多少钱",
        "以旧换新怎么弄",
        "旧的拿来换新的行吗",
        "旧冰箱你们收吗",
        "旧机回收不",
    ),
    kind="text",
    text="旧机可以抵扣，下单时勾选「以旧换新」。",
)
UTTERANCES = """\
+
+- intent: trade_in
+  metadata:
+    hand: trainer-7
+  examples: |
+    - 旧手机能抵多少钱
+    - 以旧换新怎么弄
+    - 旧的拿来换新的行吗
+    - 旧冰箱你们收吗
+    - 旧机回收不
"""


def rule(action: str) -> str:
    steps = f"+      - intent: trade_in\n+      - action: {action}\n"
    return f"+\n+  - rule: trade_in\n+    steps:\n{steps}"


def added(checkout: Path, file: str) -> str:
    """What the last commit adds to a file; it must take nothing away."""
    lines = git(checkout, "show", "--format=", "-U0", "HEAD", "--", file).splitlines(keepends=True)
    changed = [line for line in lines if line[0] in "+-" and line[:4] not in ("+++ ", "--- ")]
    assert all(line.startswith("+") for line in changed), changed
    return "".join(changed)


def create(data: TrainingData, new: NewIntent) -> str | None:
    return new_intents.create(data, new, TRAINER, hand="trainer-7").commit


def test_an_intent_with_a_text(data: TrainingData, checkout: Path) -> None:
    assert create(data, TRADE_IN)
    assert git(checkout, "log", "-1", "--format=%an|%s").strip() == (
        "王训练|新建意图：以旧换新（trade_in），5 条例句"
    )
    assert git(checkout, "show", "--format=", "--name-only", "HEAD").split() == [
        "data/intents.yml", "data/nlu/service.yml", "data/rules/all.yml", "domain.yml",
    ]  # fmt: skip
    assert added(checkout, "data/intents.yml") == "+  trade_in: 以旧换新\n"
    assert added(checkout, "data/nlu/service.yml") == UTTERANCES
    assert added(checkout, "data/rules/all.yml") == rule("utter_trade_in")
    assert added(checkout, "domain.yml") == (
        '+  - trade_in\n+  utter_trade_in:\n+    - text: "旧机可以抵扣，下单时勾选「以旧换新」。"\n'
    )
    found = {one["name"]: one["title"] for one in data.intents()}
    assert found["trade_in"] == "以旧换新"
    [twin] = [one for one in data.check("旧机回收不", "invoice") if one.kind == "two_intents"]
    assert "「以旧换新」" in twin.hint


def test_an_intent_with_an_article(data: TrainingData, checkout: Path) -> None:
    article = "data/knowledge/invoice.md"
    assert new_intents.articles(data) == [{"file": article, "title": "发票怎么开"}]
    new = replace(TRADE_IN, kind="article", article=article)
    create(data, new)
    assert added(checkout, "data/rules/all.yml") == rule("action_article")
    assert added(checkout, "domain.yml") == "+  - trade_in\n"
    shown = git(checkout, "show", "--format=", "-U0", "HEAD", "--", article)
    assert shown.endswith("-intents: [invoice]\n+intents: [invoice, trade_in]\n")
    assert new_intents.for_engineers(new) == []


@pytest.mark.parametrize("kind", ["handoff", "program"])
def test_an_intent_for_people(data: TrainingData, checkout: Path, kind: str) -> None:
    new = replace(TRADE_IN, kind=kind)  # pyright: ignore[reportArgumentType]
    create(data, new)
    assert added(checkout, "data/rules/all.yml") == rule("action_handoff")
    told = "\n".join(new_intents.for_engineers(new))
    assert ("action_trade_in" in told) == (kind == "program")


def test_another_title_is_one_line(data: TrainingData, checkout: Path) -> None:
    assert new_intents.rename(data, "invoice", "开发票", TRAINER).commit
    shown = git(checkout, "show", "--format=%s", "-U0", "HEAD")
    assert shown.startswith("意图改名：发票 → 开发票（invoice）\n")
    assert shown.endswith("-  invoice: 发票\n+  invoice: 开发票\n")
    assert data.current().title_of("invoice") == "开发票"
    assert new_intents.rename(data, "invoice", "开发票", TRAINER).commit is None
    for intent, title, code in (
        ("invoice", "查订单", "intent_refused"),
        ("invoice", "invoice", "intent_refused"),
        ("no_such", "没有这个", "label_unknown"),
    ):
        with pytest.raises(KefuError) as refused:
            new_intents.rename(data, intent, title, TRAINER)
        assert refused.value.code == code


def test_a_project_without_titles_gets_the_file(data: TrainingData, checkout: Path) -> None:
    git(checkout, "rm", "--quiet", "data/intents.yml")
    git(checkout, "commit", "--quiet", "--message=Forget")
    assert create(data, TRADE_IN)
    assert (checkout / "data/intents.yml").read_text("utf-8") == "requests:\n  trade_in: 以旧换新\n"
    assert data.current().title_of("trade_in") == "以旧换新"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "Trade-In"}, "intent_refused"),
        ({"name": "invoice"}, "intent_refused"),
        ({"name": "nlu_fallback"}, "intent_refused"),
        # No intent, but its response would be overwritten.
        ({"name": "thanks"}, "intent_refused"),
        ({"title": "trade in"}, "intent_refused"),
        ({"title": "发票"}, "intent_refused"),
        ({"texts": TRADE_IN.texts[:4]}, "intent_refused"),
        ({"texts": (*TRADE_IN.texts[:4], TRADE_IN.texts[0])}, "intent_refused"),
        ({"text": "抵 {amount} 元"}, "intent_refused"),
        ({"text": " "}, "file_invalid"),
        ({"texts": (*TRADE_IN.texts, "开个发票呗")}, "data_refused"),
        ({"texts": (*TRADE_IN.texts, "舊機回收不")}, "data_refused"),
        ({"file": "data/nlu/none.yml"}, "file_unknown"),
        ({"kind": "article", "article": "data/knowledge/none.md"}, "file_unknown"),
    ],
)
def test_what_no_intent_can_be_made_of_leaves_everything_as_it_was(
    data: TrainingData, checkout: Path, change: dict[str, object], code: str
) -> None:
    with pytest.raises(KefuError) as refused:
        create(data, replace(TRADE_IN, **change))  # pyright: ignore[reportArgumentType]
    assert refused.value.code == code
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "rev-list", "--count", "HEAD").strip() == "1"
