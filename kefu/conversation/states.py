"""Whose turn it is to answer, by name."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    BOT = "bot"
    WAITING = "waiting"
    ASSIGNED = "assigned"
    CLOSED = "closed"
