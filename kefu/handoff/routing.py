"""Which group of agents a hand-off goes to: pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from kefu.profiles import Group, Profile

# They ask for a person or answer a question, and say nothing of what it is about.
NO_TOPIC = frozenset(
    {
        "human_agent", "not_solved", "urge_reply", "greet", "thanks", "goodbye", "affirm", "deny",
        "inform", "abuse", "bot_challenge", "out_of_scope", "nlu_fallback", "code_verified",
        "open_ticket", "ticket_progress", "picture_sent",
    }
)  # fmt: skip


def topic(intents: Iterable[str | None]) -> str | None:
    """What a talk is about: the first of ``intents`` (newest first) that names a topic."""
    return next((intent for intent in intents if intent and intent not in NO_TOPIC), None)


# Somebody loses money or the account at this very moment.
PRESSING = frozenset({"fraud_report"})
# It has gone wrong already, or it is about money taken or an account shut.
RAISED = frozenset({"complaint", "dispute_appeal", "payment_charged", "account_locked"})
# Reasons of a hand-off that are a failure of the bot's.
FAILED = frozenset({"not_solved", "abuse", "action_failed", "complaint"})
# A level of membership with this benefit goes before the others.
SERVED_FIRST = "专属客服"


def priority(
    profile: Profile,
    *,
    reason: str,
    intents: Iterable[str | None],
    sentiment: str,
    in_distress: bool,
    member_level: str | None,
) -> int:
    """2 for danger and running losses, 1 for trouble, anger and promised precedence, else 0."""
    about = topic(intents)
    if in_distress or about in PRESSING:
        return 2
    benefits = next(
        (each.benefits for each in profile.policies.levels if each.name == member_level), ()
    )
    raised = about in RAISED or reason in FAILED or sentiment == "angry"
    return 1 if raised or SERVED_FIRST in benefits else 0


def group_for(
    profile: Profile,
    at: datetime,
    *,
    intents: Iterable[str | None],
    context: Mapping[str, str],
    seller_id: str | None = None,
) -> Group:
    """The group that takes a hand-off made ``at``.

    ``intents`` are those of the talk, newest first. While a group is closed the one that helps it
    out takes over; if none of them is open, it stays with the group whose business it is.
    """
    seller = profile.seller(seller_id or context.get("seller_id"))
    group = profile.group_for(topic(intents), context, seller.seller_id if seller else None)
    return open_one(profile, group, at) or group


def open_one(profile: Profile, group: Group, at: datetime) -> Group | None:
    """``group`` or the first open one that helps it out, if there is one.

    Profiles hold no circle of them.
    """
    if profile.hours_of(group).is_open(at):
        return group
    helper = profile.group(group.overflow) if group.overflow else None
    return open_one(profile, helper, at) if helper else None
