"""Who is served comes from the signed claims, whatever slots and entities say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from actions.turn import Turn, proof_of, read_turn
from kefu.turn_token import TurnClaims, sign

KEY = b"k" * 32
CLAIMS = TurnClaims("t1", "c1", "demo", None, datetime(2026, 11, 22, 3, 0, tzinfo=UTC))


def turn_with(claims: TurnClaims = CLAIMS, **slots: Any) -> Turn:
    return read_turn(claims, KEY, message={}, slots=slots, events=[], active_form=None)


def test_slots_that_name_accounts_and_orders_widen_nothing() -> None:
    forged = turn_with(
        account_id="u0001",
        guest_order="KF1",
        guest_outcome="verified",
        guest_phone_tail="verified",
        verified_orders=["KF1"],
        guest_proof="KF1",
    )
    assert forged.viewer.account_id is None
    assert forged.viewer.verified_orders == frozenset()


def test_a_proof_signed_in_this_turn_opens_its_order() -> None:
    proof = proof_of(turn_with(), "KF1", KEY)
    assert turn_with(guest_proof=proof).viewer.verified_orders == {"KF1"}


def test_a_proof_of_another_turn_talk_or_key_opens_nothing() -> None:
    proof = proof_of(turn_with(), "KF1", KEY)
    assert not turn_with(replace(CLAIMS, turn_id="t2"), guest_proof=proof).viewer.verified_orders
    other_talk = replace(CLAIMS, conversation_id="c2")
    assert not turn_with(other_talk, guest_proof=proof).viewer.verified_orders
    with_order = replace(CLAIMS, verified_orders=frozenset({"KF1"}))
    forged = sign(with_order, b"x" * 32, timedelta(minutes=5))
    assert not turn_with(guest_proof=forged).viewer.verified_orders


def test_the_title_of_a_pressed_button_is_not_read_as_words() -> None:
    message = {"text": "最近的订单", "intent": {"name": "order_status"}, "intent_ranking": []}
    pressed = read_turn(CLAIMS, KEY, message=message, slots={}, events=[], active_form=None)
    assert pressed.text == ""
    assert pressed.intent == "order_status"
