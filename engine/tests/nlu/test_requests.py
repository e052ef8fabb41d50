"""How many requests a message holds: the rule by itself, and with our own model on messages."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kefu_engine import model as models
from kefu_engine.dataset import Utterance
from kefu_engine.model import Model
from kefu_engine.processor import parse
from kefu_engine.requests import Request, requests_in
from tests.conftest import run_engine

ROOT = Path(__file__).parents[3]
ROWS = [
    line.split("\t")
    for line in (Path(__file__).parent / "requests.tsv").read_text("utf-8").splitlines()[1:]
]
KEYWORDS = {
    "物流": "track_logistics",
    "订单": "order_status",
    "发票": "invoice",
    "退货": "return_request",
    "碎": "quality_problem",
    "会员": "membership",
    "谢谢": "thanks",
    "在吗": "greet",
    "人工": "human_agent",
    "客服": "human_agent",
    "经理": "human_agent",
}
SERVES = {"order_status": frozenset({"track_logistics"})}


def understood(text: str) -> dict[str, Any]:
    """An understanding by keywords: sure of a text with one intent, of no other."""
    found = sorted({intent for word, intent in KEYWORDS.items() if word in text})
    name = found[0] if len(found) == 1 else "nlu_fallback"
    return {"intent": {"name": name, "confidence": 0.9}, "entities": []}


def heard(text: str) -> list[tuple[str, str]]:
    requests, _ = requests_in(text, understood(text), understood, SERVES)
    return [(each.text, each.intent) for each in requests]


def test_two_services_that_are_both_asked_for_are_two_requests() -> None:
    assert heard("你好在吗，帮我查物流，发票怎么开？谢谢") == [
        ("你好在吗，帮我查物流", "track_logistics"),
        ("发票怎么开？谢谢", "invoice"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "收到就碎了，我要退货",  # a reason is told, not asked for
        "在吗，帮我查物流，谢谢",
        "帮我查订单，物流到哪了",  # one answer serves both
        "帮我查物流，再看看物流",
        "帮我查物流，另外那个啥来着",  # nobody knows what else
        "查发票物流",
    ],
)
def test_one_request_stays_whole(text: str) -> None:
    whole = understood(text)
    assert requests_in(text, whole, understood, SERVES) == ([Request(text, whole)], 0)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("三天了还不动 转人工", ["human_agent"]),
        ("这什么玩意儿，叫你们经理来", ["human_agent"]),
        ("收到就碎了，转人工", ["human_agent"]),
        ("我要退货，碎的，转人工", ["return_request", "human_agent"]),
        (
            "帮我查物流，发票怎么开，会员怎么续，找个客服",
            ["track_logistics", "invoice", "human_agent"],
        ),
        ("收到就碎了，别转人工", ["nlu_fallback"]),
        ("收到就碎了，人工说会退", ["nlu_fallback"]),
    ],
)
def test_who_asks_for_a_person_anywhere_gets_one(text: str, intents: list[str]) -> None:
    requests, left_out = requests_in(text, understood(text), understood, SERVES)
    assert [each.intent for each in requests] == intents
    assert left_out == text.count("会员")
    if intents == ["human_agent"]:
        assert requests[0].text == text, "the rest is why"


def test_a_connective_sets_apart_what_is_only_told() -> None:
    assert heard("杯子碎了 另外发票没有给我") == [
        ("杯子碎了", "quality_problem"),
        ("发票没有给我", "invoice"),
    ]


def test_the_fourth_request_is_counted_and_left_out() -> None:
    text = "查物流，另外开发票，另外我要退货，另外会员怎么续"
    requests, left_out = requests_in(text, understood(text), understood, SERVES)
    assert [each.intent for each in requests] == ["track_logistics", "invoice", "return_request"]
    assert left_out == 1


def test_each_request_keeps_its_entities_with_offsets_into_its_own_text() -> None:
    text = "帮我查物流 KF1 KF2，另外发票开给 KF3"
    whole = understood(text)
    whole["entities"] = [
        {"entity": "order_number", "value": each, "start": text.index(each),
         "end": text.index(each) + 3}
        for each in ("KF1", "KF2", "KF3")
    ]  # fmt: skip
    whole["text_tokens"] = [(0, 2), (text.index("发票"), text.index("发票") + 2)]
    first, second = requests_in(text, whole, understood, SERVES)[0]
    for request, values in ((first, ["KF1", "KF2"]), (second, ["KF3"])):
        found = [request.text[e["start"] : e["end"]] for e in request.parse["entities"]]
        assert found == values
    assert second.parse["text_tokens"] == [(0, 2)]


def test_a_message_of_one_clause_is_parsed_once() -> None:
    def never(text: str) -> dict[str, Any]:
        raise AssertionError(text)

    for text in ("我的快递到哪了", "收到就碎了，盒子也破了", "我的快递，到哪了"):
        assert requests_in(text, understood(text), never, SERVES)[1] == 0


@pytest.fixture(scope="module")
def whole_model() -> Model:
    """The project's own model, trained now unless it has been already."""
    folder = ROOT / "models"
    done = run_engine("train", "--if-changed", "--out", str(folder), cwd=ROOT, timeout=900)
    assert done.returncode == 0, done.stderr
    return models.load(folder / f"{done.stdout.strip()}.tar.gz")


@pytest.fixture(scope="module")
def judged(whole_model: Model) -> Callable[[str], list[str]]:
    def judge(text: str) -> list[str]:
        def understand(piece: str) -> dict[str, Any]:
            return parse(whole_model, piece, {})

        found, _ = requests_in(text, understand(text), understand, whole_model.also_serves)
        return [each.intent for each in found]

    return judge


def _as_meant(found: list[str], meant: str) -> bool:
    wanted = [set(each.split("/")) for each in meant.split("|")]
    return len(found) == len(wanted) and all(
        "*" in each or intent in each for intent, each in zip(found, wanted, strict=True)
    )


def test_messages_with_one_request_are_hardly_ever_split(
    judged: Callable[[str], list[str]],
) -> None:
    split = [text for text, meant in ROWS if meant == "-" and len(judged(text)) > 1]
    assert len(split) <= 0.05 * sum(meant == "-" for _, meant in ROWS), split


def test_messages_with_several_requests_are_mostly_split_as_meant(
    judged: Callable[[str], list[str]],
) -> None:
    rows = [(text.replace("\\n", "\n"), meant) for text, meant in ROWS if meant != "-"]
    missed = [text for text, meant in rows if not _as_meant(judged(text), meant)]
    assert len(missed) <= 0.2 * len(rows), missed


def test_ordinary_messages_are_left_whole(
    judged: Callable[[str], list[str]], utterances: list[Utterance]
) -> None:
    sample = random.Random(5).sample(utterances, 2000)
    split = [each.plain for each in sample if len(judged(each.plain)) > 1]
    assert len(split) < 0.01 * len(sample), split
