from __future__ import annotations

from pathlib import Path

from actions.titles import TITLES as BUTTONS
from kefu.trainer.answers import intents_of
from kefu.trainer.intents import TITLES, pinyin_initials

ROOT = Path(__file__).parents[3]
# Posted by the desk alone: nobody types them.
UNTYPED = {"code_verified", "picture_sent"}


def test_every_intent_has_a_title_that_shoppers_see_too() -> None:
    intents = set(intents_of((ROOT / "domain.yml").read_text("utf-8"))) - UNTYPED
    assert intents <= set(TITLES)
    assert {name: TITLES[name] for name in BUTTONS} == BUTTONS


def test_titles_are_found_by_their_first_letters() -> None:
    assert pinyin_initials(TITLES["track_logistics"]) == "cwl"
