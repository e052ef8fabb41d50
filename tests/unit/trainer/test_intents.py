from __future__ import annotations

from pathlib import Path

import pytest

from kefu.intents import shipped
from kefu.trainer import intents
from kefu.trainer.answers import intents_of
from kefu.trainer.errors import FileInvalid

ROOT = Path(__file__).parents[3]


def test_every_intent_has_one_title_of_its_own() -> None:
    titles = shipped().titles
    assert set(titles) == set(intents_of((ROOT / "domain.yml").read_text("utf-8")))
    assert len(set(titles.values())) == len(titles)


def test_titles_are_found_by_their_first_letters() -> None:
    assert intents.pinyin_initials(shipped().titles["track_logistics"]) == "cwl"


@pytest.mark.parametrize("text", ["- a", "request:\n  a: 甲\n", "talk: 甲\n"])
def test_what_holds_no_titles_is_refused(text: str) -> None:
    with pytest.raises(FileInvalid):
        intents.read(text)
