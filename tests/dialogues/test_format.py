"""A mistake in a conversation is told with its file and line before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogues.format import Script, ScriptInvalid, read_file
from tests.dialogues.services import load_catalogue

GOOD = """\
profile: tp
conversations:
  - name: one question and its answer
    shopper: p0001
    services: [order.state]
    turns:
      - say: 发货没
        says: 备货
"""


def read(tmp_path: Path, text: str, folder: str = "tp") -> list[Script]:
    path = tmp_path / folder / "a.yml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return read_file(path, load_catalogue())


def mistakes(tmp_path: Path, text: str, folder: str = "tp") -> str:
    with pytest.raises(ScriptInvalid) as refused:
        read(tmp_path, text, folder)
    return str(refused.value).replace(str(tmp_path), "")


def test_a_conversation_knows_its_lines(tmp_path: Path) -> None:
    (script,) = read(tmp_path, GOOD)
    assert (script.line, script.turn_lines) == (3, (7,))
    assert script.conversation.turns[0].says == ["备货"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (("says: 备货", "sais: 备货"), "a.yml:8: conversations.0.turns.0.sais"),
        (("shopper: p0001", "shopper: Li"), "a.yml:4: conversations.0.shopper"),
        (("shopper: p0001", "shopper: p0900"), "a.yml:3: p0900 is no demo shopper of tp"),
        (("[order.state]", "[order.stat]"), "a.yml:5: services: no service 'order.stat'"),
        (("        says: 备货\n", ""), "a.yml:7: conversations.0.turns.0: "),
        (("says: 备货", "press: 备货"), "exactly one of say, press"),
        (("says: 备货", "says: /备货(/"), "a.yml:7: conversations.0.turns.0"),
        (("profile: tp", "profile: shop"), "a.yml:1: profile"),
        (("    turns:", "    shopper: p0002\n    turns:"), "a.yml:6: "),
    ],
    ids=[
        "key",
        "account",
        "shopper",
        "service",
        "nothing",
        "two steps",
        "pattern",
        "profile",
        "twice",
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, wrong: tuple[str, str], told: str) -> None:
    assert told in mistakes(tmp_path, GOOD.replace(*wrong))


def test_a_file_belongs_into_its_profiles_folder(tmp_path: Path) -> None:
    assert "/tmall/a.yml:1: profile: the folder is tmall" in mistakes(tmp_path, GOOD, "tmall")


def test_two_conversations_may_not_share_a_name(tmp_path: Path) -> None:
    twice = GOOD + GOOD.split("conversations:\n")[1]
    assert "a.yml:9: name: stands here twice" in mistakes(tmp_path, twice)
