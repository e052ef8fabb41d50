"""Every promised service has a conversation, and a gap is told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.dialogues import report
from tests.dialogues.format import Script
from tests.dialogues.report import Coverage, load_coverage

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def coverage() -> Coverage:
    return load_coverage()


def test_every_service_has_a_conversation_where_it_is_promised(coverage: Coverage) -> None:
    assert coverage.gaps() == []


def test_there_are_as_many_as_agreed(coverage: Coverage) -> None:
    assert coverage.shortages() == []


def test_a_promised_service_without_a_conversation_is_told(coverage: Coverage) -> None:
    def elsewhere(script: Script) -> bool:
        return script.profile != "tmall" or "who.brand" not in script.conversation.services

    left = replace(coverage, scripts=[each for each in coverage.scripts if elsewhere(each)])
    assert {
        "who.brand: no conversation",
        "who.brand: promised by tmall, no conversation there",
    } <= set(left.gaps())
    line = next(line for line in left.as_markdown().splitlines() if "who.brand" in line)
    assert line.endswith("| – | – | – | **none** |")


def test_too_few_conversations_are_told(coverage: Coverage) -> None:
    few = replace(coverage, scripts=coverage.scripts[:10])
    assert "conversations: 10 of 150" in few.shortages()


def test_a_gap_fails_the_command(
    coverage: Coverage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.main() == 0
    monkeypatch.setattr(report, "load_coverage", lambda: replace(coverage, scripts=[]))
    assert report.main() == 1
    assert "order.list: no conversation" in capsys.readouterr().err


def test_shoppers_speak_in_words_that_the_model_was_not_trained_on(coverage: Coverage) -> None:
    trained = _trained()
    said = {
        (script.key, turn.say)
        for script in coverage.scripts
        for turn in script.conversation.turns
        if turn.say and len(_bare(turn.say)) > KEYWORD
    }
    assert sorted(each for each in said if _bare(each[1]) in trained) == []


# A shorter message is a keyword (转人工, 查订单): there is no other way to say it.
KEYWORD = 6
_ENTITY = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")


def _trained() -> set[str]:
    yaml = YAML(typ="safe")
    found: set[str] = set()
    for path in (ROOT / "data" / "nlu").glob("*.yml"):
        for block in yaml.load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = str(block.get("examples", "")).splitlines()
            found |= {_bare(_ENTITY.sub(r"\1", line.lstrip("- "))) for line in lines}
    return found


def _bare(text: str) -> str:
    return re.sub(r"[\s\W]", "", text)
