"""Which role may do what: the one place that knows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a person is in a profile."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    TRAINER = "trainer"
    ADMIN = "admin"


class Right(StrEnum):
    """What a role lets a person do in its profile.

    SERVE: see shoppers' talks, answer, work on tickets. SUPERVISE: see all agents' work, whisper,
    move talks, keep canned responses and groups, remove pictures. TRAIN: correct and train the
    bot. ADMINISTER: keep the staff's accounts.
    """

    SERVE = "serve"
    SUPERVISE = "supervise"
    TRAIN = "train"
    ADMINISTER = "administer"


HOLDERS: Mapping[Right, frozenset[str]] = {
    Right.SERVE: frozenset({Role.AGENT, Role.SUPERVISOR, Role.ADMIN}),
    Right.SUPERVISE: frozenset({Role.SUPERVISOR, Role.ADMIN}),
    Right.TRAIN: frozenset({Role.TRAINER, Role.ADMIN}),
    Right.ADMINISTER: frozenset({Role.ADMIN}),
}


def gives(roles: frozenset[str], right: Right) -> bool:
    """Whether any of the roles has the right."""
    return bool(roles & HOLDERS[right])
