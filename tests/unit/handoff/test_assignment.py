from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kefu.handoff.assignment import Agent, Chat, Reach, Skill, best, plan, reach

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
A, B, C = ("tp", "a"), ("tp", "b"), ("tmall", "a")
SKILLS: list[Skill] = [A, B, C]
# B's chats may go to A's agents after five minutes.
REACH = reach({A: None, B: (A, timedelta(minutes=5)), C: None})

chats = st.lists(
    st.builds(
        Chat,
        conversation_id=st.uuids().map(str),
        skill=st.sampled_from(SKILLS),
        priority=st.integers(0, 2),
        queued_at=st.integers(0, 1200).map(lambda seconds: NOW - timedelta(seconds=seconds)),
        returned=st.booleans(),
        previous_agent=st.none() | st.integers(1, 6),
        refused_by=st.frozensets(st.integers(1, 6), max_size=2),
    ),
    max_size=30,
    unique_by=lambda chat: chat.conversation_id,
)
agents = st.lists(
    st.builds(
        Agent,
        staff_id=st.integers(1, 6),
        skills=st.frozensets(st.sampled_from(SKILLS), min_size=1),
        capacity=st.integers(1, 6),
        load=st.integers(0, 7),
        idle_since=st.integers(0, 600).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    ),
    max_size=6,
    unique_by=lambda agent: agent.staff_id,
)


def agent(staff_id: int, **more: object) -> Agent:
    known = {"skills": frozenset({A}), "capacity": 3, "load": 0, "idle_since": NOW}
    return Agent(staff_id, **{**known, **more})  # pyright: ignore[reportArgumentType]


def chat(name: str = "c", **more: object) -> Chat:
    known = {"skill": A, "priority": 0, "queued_at": NOW}
    return Chat(name, **{**known, **more})  # pyright: ignore[reportArgumentType]


def may_take(one: Agent, waiting: Chat, reached: Reach = REACH) -> bool:
    waited = NOW - waiting.queued_at
    return any(s in one.skills and waited >= w for s, w in reached[waiting.skill].items())


@given(chats, agents)
def test_no_chat_goes_to_two_agents_and_nobody_gets_more_than_they_can_take(
    waiting: list[Chat], present: list[Agent]
) -> None:
    pairs = plan(waiting, present, REACH, NOW)
    assert len({pair.chat.conversation_id for pair in pairs}) == len(pairs)
    got = Counter(pair.agent.staff_id for pair in pairs)
    for one in present:
        assert got[one.staff_id] <= one.free
    assert all(may_take(pair.agent, pair.chat) for pair in pairs)


@given(chats, agents)
def test_no_chat_is_forgotten_while_somebody_who_serves_it_has_room(
    waiting: list[Chat], present: list[Agent]
) -> None:
    pairs = plan(waiting, present, REACH, NOW)
    got = Counter(pair.agent.staff_id for pair in pairs)
    assigned = {pair.chat.conversation_id for pair in pairs}
    for left in waiting:
        if left.conversation_id not in assigned:
            for one in present:
                assert not may_take(one, left) or got[one.staff_id] >= one.free


@given(chats, agents)
def test_nobody_overtakes_a_chat_that_ranks_before_it(
    waiting: list[Chat], present: list[Agent]
) -> None:
    pairs = plan(waiting, present, REACH, NOW)
    served = [pair.chat.rank for pair in pairs]
    assert served == sorted(served)
    assigned = {pair.chat.conversation_id for pair in pairs}
    for left in waiting:
        if left.conversation_id in assigned:
            continue
        for pair in pairs:
            later = pair.chat.rank > left.rank
            assert not (later and may_take(pair.agent, left)), "the earlier one could have had it"


def test_the_returned_come_first_then_the_urgent_then_the_old() -> None:
    old = chat("old", queued_at=NOW - timedelta(minutes=9))
    urgent = chat("urgent", priority=2)
    returned = chat("returned", returned=True)
    order = sorted([old, urgent, returned], key=lambda each: each.rank)
    assert [each.conversation_id for each in order] == ["returned", "urgent", "old"]


def test_it_goes_to_the_agent_with_most_room_and_of_equals_to_the_longest_idle() -> None:
    busy, fresh = agent(1, load=2), agent(2, load=1)
    assert best(chat(), [busy, fresh], REACH, NOW) == fresh
    idle = agent(3, load=1, idle_since=NOW - timedelta(minutes=1))
    assert best(chat(), [busy, fresh, idle], REACH, NOW) == idle
    full = [agent(each, load=3) for each in (1, 2)]
    assert best(chat(), full, REACH, NOW) is None


def test_the_agent_whom_the_shopper_knows_comes_first_while_there_is_room() -> None:
    known, freer = agent(1, load=2), agent(2)
    asking = chat(previous_agent=1)
    assert best(asking, [known, freer], REACH, NOW) == known
    assert best(asking, [replace(known, load=3), freer], REACH, NOW) == freer
    assert best(asking, [replace(known, skills=frozenset({B})), freer], REACH, NOW) == freer


def test_who_let_it_lie_gets_it_again_only_where_nobody_else_has_room() -> None:
    slack, other = agent(1), agent(2, load=2)
    asking = chat(previous_agent=1, refused_by=frozenset({1}))
    assert best(asking, [slack, other], REACH, NOW) == other
    assert best(asking, [slack, replace(other, load=3)], REACH, NOW) == slack


def test_another_group_helps_out_only_after_the_wait_that_the_group_allows() -> None:
    helper = agent(1)
    early = chat(skill=B, queued_at=NOW - timedelta(minutes=4))
    late = chat(skill=B, queued_at=NOW - timedelta(minutes=5))
    assert best(early, [helper], REACH, NOW) is None
    assert best(late, [helper], REACH, NOW) == helper
    assert (
        best(chat(skill=A, queued_at=late.queued_at), [agent(2, skills=frozenset({B}))], REACH, NOW)
        is None
    )


def test_helpers_of_helpers_come_after_both_waits() -> None:
    chain = reach({A: (B, timedelta(minutes=5)), B: (C, timedelta(minutes=10)), C: None})
    assert chain[A] == {A: timedelta(), B: timedelta(minutes=5), C: timedelta(minutes=15)}
