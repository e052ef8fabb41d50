"""What the engine is asked in a turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from kefu import turn_token
from kefu.conversation import viewer
from kefu.conversation.turns import TurnInput
from kefu.profiles import Profile


def build(
    taken: TurnInput,
    profile: Profile,
    token_key: bytes,
    lifetime: timedelta,
    *,
    looking: bool = False,
) -> dict[str, Any]:
    """The body of ``POST /turn`` but for its deadline; its token is good for ``lifetime``.

    In a turn that is only ``looking`` no action can change anything.
    """
    claims = viewer.claims(
        taken.viewer,
        turn_id=taken.turn_id,
        conversation_id=taken.conversation_id,
        profile=taken.profile,
        now=taken.now,
    )
    claims = replace(claims, looking=looking, model=taken.model)
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
        "context": claims.context,
        **_understanding(profile, taken.thresholds),
        "responses": profile.responses,
        "voice": profile.voice,
    }


def parse_request(
    text: str,
    profile: Profile,
    now: datetime,
    context: Mapping[str, str],
    thresholds: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """The body of ``POST /parse``."""
    return {
        "text": text,
        "profile": profile.profile,
        "now": now.isoformat(),
        "context": dict(context),
        **_understanding(profile, thresholds),
    }


def _understanding(profile: Profile, thresholds: Mapping[str, float] | None) -> dict[str, Any]:
    """What decides how a text is understood; ``thresholds`` win over the profile's own."""
    if thresholds is None and profile.answer_threshold is not None:
        thresholds = {"answer": profile.answer_threshold}
    return {
        "thresholds": thresholds,
        "masked_intents": profile.services_off,
        "order_number_patterns": profile.order_number_patterns,
    }
