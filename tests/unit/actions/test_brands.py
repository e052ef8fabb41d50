"""What supervisors change of the groups reaches the bot with the turn's claims."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actions.brands import Brands
from actions.turn import current_claims
from kefu import turn_token
from kefu.profiles import load_profiles
from kefu.turn_token import TurnClaims

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SHUT = {
    "group": "agents",
    "name": "夜班客服",
    "hours": {"weekly": {"mon-sun": "22:00-24:00"}, "holidays": None, "dates": {}},
    "overflow": None,
}
KEY = b"k" * 32


@pytest.fixture
def claims() -> Iterator[TurnClaims]:
    made = TurnClaims("t", "c", "tp", None, NOW, groups=(SHUT,))
    token = current_claims.set(made)
    yield made
    current_claims.reset(token)


def test_in_a_turn_its_own_brand_is_as_the_claims_say(claims: TurnClaims) -> None:
    brands = Brands(load_profiles(Path("data/profiles")))
    group = brands["tp"].group("agents")
    assert group
    assert group.name == "夜班客服"
    assert not brands["tp"].hours_of(group).is_open(NOW)
    assert brands["demo"].groups[0].name == "在线客服", "another brand is as its file says"
    assert brands["tp"] is brands["tp"], "made once"


def test_without_changes_a_brand_is_as_its_file_says(claims: TurnClaims) -> None:
    brands = Brands(load_profiles(Path("data/profiles")))
    current_claims.set(replace(claims, groups=()))
    assert brands["tp"].groups[0].name == "在线客服"


def test_the_changes_travel_in_the_token(claims: TurnClaims) -> None:
    token = turn_token.sign(claims, KEY, timedelta(minutes=1))
    assert turn_token.verify(token, KEY).groups == (SHUT,)
