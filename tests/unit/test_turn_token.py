from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from kefu.turn_token import (
    TicketSummary,
    TurnClaims,
    TurnTokenRefused,
    Verified,
    sign,
    verify,
)

KEY = b"k" * 32
CLAIMS = TurnClaims(
    turn_id="t1",
    conversation_id="c1",
    profile="demo",
    account_id="u0001",
    now=datetime(2026, 11, 8, 12, 30, tzinfo=UTC),
    verified_orders=frozenset({"KF20261108004217"}),
    context={"order_id": "KF20261108004217"},
    verified=Verified("change_phone", "u0001", "13933334444"),
    model="a" * 64,
    tickets=(
        TicketSummary("TK1", "complaint", "open", datetime(2026, 11, 9, 12, 30, tzinfo=UTC), None),
    ),
)


def test_claims_come_back_as_they_were_signed() -> None:
    assert verify(sign(CLAIMS, KEY, timedelta(seconds=30)), KEY) == CLAIMS
    guest = replace(CLAIMS, account_id=None, verified=None, tickets=())
    assert verify(sign(guest, KEY, timedelta(seconds=30)), KEY) == guest


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "nonsense",
        sign(CLAIMS, b"another key, thirty-two bytes ok", timedelta(seconds=30)),
        sign(CLAIMS, KEY, timedelta(seconds=-1)),
        jwt.encode({"aud": "kefu-actions", "turn_id": "t", "profile": "demo", "now": "x"}, KEY),
        jwt.encode(
            {"aud": "someone-else", "turn_id": "t", "profile": "p", "now": "x", "exp": 2**33}, KEY
        ),
    ],
    ids=["none", "empty", "nonsense", "other key", "expired", "no expiry", "other audience"],
)
def test_what_the_desk_did_not_sign_is_refused(token: str | None) -> None:
    with pytest.raises(TurnTokenRefused):
        verify(token, KEY)


def test_an_unsigned_token_is_refused() -> None:
    body = {"aud": "kefu-actions", "turn_id": "t", "profile": "p", "now": "x", "exp": 2**33}
    with pytest.raises(TurnTokenRefused):
        verify(jwt.encode(body, None, algorithm="none"), KEY)
