"""Which waiting chat goes to which agent: pure rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

Skill = tuple[str, str]
"""Profile and group."""


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat that waits. ``refused_by``: agents who let it lie."""

    conversation_id: str
    skill: Skill
    priority: int
    queued_at: datetime
    returned: bool = False
    previous_agent: int | None = None
    refused_by: frozenset[int] = frozenset()

    @property
    def rank(self) -> tuple[bool, int, datetime, str]:
        """The smaller, the sooner: given back by a lost agent, then urgent, then old."""
        return (not self.returned, -self.priority, self.queued_at, self.conversation_id)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent who takes chats now. ``idle_since``: when the last chat came or went."""

    staff_id: int
    skills: frozenset[Skill]
    capacity: int
    load: int
    idle_since: datetime

    @property
    def free(self) -> int:
        return max(0, self.capacity - self.load)


@dataclass(frozen=True, slots=True)
class Pair:
    chat: Chat
    agent: Agent


Reach = Mapping[Skill, Mapping[Skill, timedelta]]
"""For each group those that may take its chats, and after which wait."""


def reach(overflows: Mapping[Skill, tuple[Skill, timedelta] | None]) -> Reach:
    """Who may take whose chats: a group its own at once, its helper after the wait that the group
    allows, the helper's helper after both waits. The table holds no circle."""
    found: dict[Skill, dict[Skill, timedelta]] = {}
    for skill in overflows:
        waits = found.setdefault(skill, {skill: timedelta()})
        here, waited = skill, timedelta()
        while following := overflows.get(here):
            here, waited = following[0], waited + following[1]
            if here in waits:
                break
            waits[here] = waited
    return found


def plan(
    chats: Iterable[Chat], agents: Iterable[Agent], reached: Reach, now: datetime
) -> list[Pair]:
    """Every chat that can be assigned now, in the order in which it is done."""
    free = {agent.staff_id: agent for agent in agents}
    pairs: list[Pair] = []
    for chat in sorted(chats, key=lambda each: each.rank):
        agent = best(chat, list(free.values()), reached, now)
        if agent is None:
            continue
        pairs.append(Pair(chat, agent))
        free[agent.staff_id] = replace(agent, load=agent.load + 1, idle_since=now)
    return pairs


def best(chat: Chat, agents: Sequence[Agent], reached: Reach, now: datetime) -> Agent | None:
    """Whom the chat goes to: the one it knows, else the one with the most room, else the one who
    has been idle longest. Who let it lie gets it again only where nobody else has room."""
    waits = reached.get(chat.skill, {chat.skill: timedelta()})
    serving = {skill for skill, wait in waits.items() if now - chat.queued_at >= wait}
    able = [agent for agent in agents if agent.free and agent.skills & serving]
    willing = [agent for agent in able if agent.staff_id not in chat.refused_by]
    known = [agent for agent in willing if agent.staff_id == chat.previous_agent]
    if known:
        return known[0]
    return min(
        willing or able,
        key=lambda each: (-each.free, each.idle_since, each.staff_id),
        default=None,
    )
