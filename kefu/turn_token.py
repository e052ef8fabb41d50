"""The desk's signed word on whose turn it is, which travels through the engine to the actions.

Authorisation in an action reads these claims, never a slot: a slot may hold what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import jwt

from kefu.errors import KefuError

AUDIENCE = "kefu-actions"
HEADER = "X-Kefu-Turn-Token"
SUBJECT_LENGTH = 20


class TurnTokenRefused(KefuError):
    """The call carries no turn token, or one that is forged or expired."""

    code: ClassVar[str] = "turn_token_refused"
    title: ClassVar[str] = "请求未通过验证。"
    status: ClassVar[int] = 401


@dataclass(frozen=True, slots=True)
class Verified:
    """A one-time code was entered: for what, by the owner of which account; ``phone``: the new one.

    The account may be another than the one signed in: a guest names theirs.
    """

    purpose: str
    account_id: str
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class TicketSummary:
    """A ticket of the shopper's that is not closed; ``due_at`` is aware.

    ``subject``: its beginning, at most ``SUBJECT_LENGTH`` characters.
    """

    number: str
    kind: str
    state: str
    due_at: datetime
    order_number: str | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class TurnClaims:
    """Who is served in a turn and when it is.

    ``now`` is frozen when the turn begins (aware datetime); a retry carries the same one.
    ``verified_orders`` are order numbers that a guest has proved to own in this conversation.
    ``context`` says what the chat was opened from (order_id, item_id, case_id, page).
    ``verified`` is set in the one turn that follows a code that was right. ``tickets`` are the
    shopper's own that are not closed, newest first, at most ten. ``groups`` are those that
    supervisors have changed (``kefu.handoff.groups``): name, hours, who helps out. In a turn that
    is only ``looking``, whose answer is a suggestion to an agent, nothing may be changed.
    ``model``: the hash of the one that the turn is bound to.
    """

    turn_id: str
    conversation_id: str
    profile: str
    account_id: str | None
    now: datetime
    verified_orders: frozenset[str] = frozenset()
    context: dict[str, str] = field(default_factory=dict[str, str])
    verified: Verified | None = None
    tickets: tuple[TicketSummary, ...] = ()
    groups: tuple[Mapping[str, Any], ...] = ()
    looking: bool = False
    model: str | None = None


def sign(claims: TurnClaims, key: bytes, lifetime: timedelta) -> str:
    """A compact JWT (HS256) that expires ``lifetime`` from the wall clock's now."""
    body: dict[str, Any] = {
        "aud": AUDIENCE,
        "exp": datetime.now(UTC) + lifetime,
        "turn_id": claims.turn_id,
        "conversation_id": claims.conversation_id,
        "profile": claims.profile,
        "account_id": claims.account_id,
        "now": claims.now.isoformat(),
        "verified_orders": sorted(claims.verified_orders),
        "context": claims.context,
        "verified": asdict(claims.verified) if claims.verified else None,
        "tickets": [
            {**asdict(ticket), "due_at": ticket.due_at.isoformat()} for ticket in claims.tickets
        ],
        "groups": [dict(group) for group in claims.groups],
        "looking": claims.looking,
        "model": claims.model,
    }
    return jwt.encode(body, key, algorithm="HS256")


def verify(token: str | None, key: bytes) -> TurnClaims:
    """The claims of ``token``; raises ``TurnTokenRefused``."""
    if not token:
        raise TurnTokenRefused("the turn token is missing")
    try:
        body = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "aud", "turn_id", "profile", "now"]},
        )
    except jwt.InvalidTokenError as error:
        raise TurnTokenRefused(f"the turn token is not valid: {error}") from error
    return TurnClaims(
        turn_id=body["turn_id"],
        conversation_id=body["conversation_id"],
        profile=body["profile"],
        account_id=body["account_id"],
        now=datetime.fromisoformat(body["now"]),
        verified_orders=frozenset(body["verified_orders"]),
        context=dict(body["context"]),
        verified=Verified(**body["verified"]) if body.get("verified") else None,
        tickets=tuple(ticket_summary(each) for each in body.get("tickets", ())),
        groups=tuple(body.get("groups", ())),
        looking=bool(body.get("looking")),
        model=body.get("model"),
    )


def ticket_summary(stored: Mapping[str, Any]) -> TicketSummary:
    """A summary from its JSON."""
    due_at = datetime.fromisoformat(stored["due_at"])
    return TicketSummary(
        stored["number"],
        stored["kind"],
        stored["state"],
        due_at,
        stored["order_number"],
        stored.get("subject", ""),
    )
