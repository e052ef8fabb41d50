"""Who takes a hand-off: groups of agents, and in a mall the sellers' own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from kefu.profiles.strict import Strict

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
GroupName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Intent = Annotated[str, StringConstraints(pattern=r"^[a-z_]+$")]


class Group(Strict):
    """Agents who answer the same questions.

    ``intents`` are its topics; ``pages`` are beginnings of the page that the chat was opened from.
    While it is closed, ``overflow`` takes its hand-offs if that is open. After ``overflow_minutes``
    of waiting agents of ``overflow`` may step in. ``mode``: chats are given to agents (push), or
    agents pick them (pull). Who has not answered within ``answer_seconds`` loses the chat again;
    a wait of more than ``wait_seconds`` is shown as too long.
    """

    group: GroupName
    name: Name
    hours: str = "always"
    intents: list[Intent] = Field(default=[])
    pages: list[Name] = Field(default=[])
    overflow: GroupName | None = None
    overflow_minutes: int | None = Field(default=None, ge=1, le=24 * 60)
    mode: Literal["push", "pull"] = "push"
    answer_seconds: int = Field(default=120, ge=15, le=60 * 60)
    wait_seconds: int = Field(default=180, ge=15, le=24 * 60 * 60)


class SellerService(Strict):
    """A mall's seller: ``group`` answers for its orders, but for ``intents`` sent elsewhere."""

    seller_id: Name
    name: Name
    group: GroupName
    hours: str = "always"
    intents: dict[Intent, GroupName] = Field(default={})
