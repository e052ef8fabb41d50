"""What the engine is asked in a turn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kefu import turn_token
from kefu.conversation.turns import TurnInput
from kefu.profiles import Profile


def build(
    taken: TurnInput, profile: Profile, token_key: bytes, lifetime: timedelta
) -> dict[str, Any]:
    """The body of ``POST /turn`` but for its deadline; its token is good for ``lifetime``."""
    claims = turn_token.TurnClaims(
        turn_id=taken.turn_id,
        conversation_id=taken.conversation_id,
        profile=taken.profile,
        account_id=taken.account_id,
        now=taken.now,
        verified_orders=taken.verified_orders,
        context=taken.context,
    )
    threshold = profile.answer_threshold
    return {
        "turn_id": taken.turn_id,
        "conversation_id": taken.conversation_id,
        "attempt": taken.attempt,
        "profile": taken.profile,
        "now": taken.now.isoformat(),
        "model": taken.model,
        "tracker": taken.tracker,
        "message": taken.message,
        "turn_token": turn_token.sign(claims, token_key, lifetime),
        "context": taken.context,
        "thresholds": None if threshold is None else {"answer": threshold},
        "masked_intents": profile.masked_intents,
    }
