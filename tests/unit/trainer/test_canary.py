from __future__ import annotations

import random

from kefu.conversation.models import takes_part
from kefu.trainer.canary import BOUND, LEAST_CONVERSATIONS, Arm, is_worse, z_score


def test_the_share_is_kept_and_each_conversation_stays_where_it_is() -> None:
    talks = [f"conversation-{n}" for n in range(20_000)]
    chosen = [talk for talk in talks if takes_part(talk, "a" * 64, 0.1)]
    assert 1850 < len(chosen) < 2150
    assert all(takes_part(talk, "a" * 64, 0.2) for talk in chosen), "a larger share keeps them"
    others = [talk for talk in talks if takes_part(talk, "b" * 64, 0.1)]
    assert 120 < len(set(chosen) & set(others)) < 280, "another canary gets others"


def test_a_clear_rise_stops_it_and_a_small_or_a_lucky_one_does_not() -> None:
    assert is_worse(Arm(100, 45), Arm(900, 180))
    assert not is_worse(Arm(100, 24), Arm(900, 180))
    assert not is_worse(Arm(LEAST_CONVERSATIONS - 1, 49), Arm(900, 180)), "too few"
    assert not is_worse(Arm(100, 5), Arm(900, 180)), "better"


def test_without_hand_offs_or_conversations_there_is_nothing_to_tell() -> None:
    assert z_score(Arm(0, 0), Arm(10, 1)) == 0
    assert z_score(Arm(10, 0), Arm(10, 0)) == 0


def test_a_canary_as_good_as_the_live_model_is_seldom_stopped() -> None:
    """Looked at after every tenth conversation, over 2,000 of them."""
    chance = random.Random(5)
    stopped = 0
    for _ in range(200):
        arms = [Arm(0, 0), Arm(0, 0)]
        for number in range(2000):
            side = 0 if chance.random() < 0.2 else 1
            arm = arms[side]
            arms[side] = Arm(arm.conversations + 1, arm.handed_off + (chance.random() < 0.25))
            if number % 10 == 0 and is_worse(arms[0], arms[1]):
                stopped += 1
                break
    assert stopped <= 10, f"{stopped} of 200 at a bound of {BOUND}"
