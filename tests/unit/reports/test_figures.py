"""Each figure over a handful of rows, counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kefu.intents import Intents, shipped
from kefu.reports import agents, hours, intents, overview, satisfaction, waits
from kefu.reports.agents import Holding
from kefu.reports.quantities import Share, Spread, spread
from kefu.reports.rows import HandoffRow, MarkRow, MoveRow, RatingRow, ToldRow, TopicRow

# 10:00 on Monday, 30 November 2026, in Beijing.
TEN = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return TEN + timedelta(seconds=seconds)


def handoff(talk: str = "a", **more: Any) -> HandoffRow:
    """Asked at ten, and nothing happened since."""
    usual: dict[str, Any] = {
        "conversation_id": talk,
        "profile": "demo",
        "agent_group": "service",
        "outcome": "waiting",
        "asked_at": TEN,
        "assigned_at": None,
        "answered_at": None,
        "ended_at": None,
        "returns": 0,
    }
    return HandoffRow(**{**usual, **more})


SERVED = handoff(
    "a", outcome="closed", assigned_at=after(30), answered_at=after(50), ended_at=after(600)
)
BACK = handoff(
    "b", outcome="bot", assigned_at=after(90), answered_at=after(100), ended_at=after(400)
)
LEFT = handoff("c", outcome="left", ended_at=after(200))
WAITING = handoff("d")
RETURNED = handoff("e", outcome="waiting", assigned_at=after(10), returns=2)


def test_the_middle_and_the_ninth_tenth() -> None:
    assert spread([]) == Spread(0, None, None)
    assert spread([7.4]) == Spread(1, 7, 7)
    assert spread([4, 1, 3, 2]) == Spread(4, 2, 4)
    assert spread(range(1, 11)) == Spread(10, 6, 9)
    assert spread(range(1, 101)) == Spread(100, 50, 90)


@pytest.mark.parametrize(("n", "of", "told"), [(0, 0, None), (0, 3, 0.0), (1, 3, 0.3333)])
def test_a_share_of_nothing_is_none(n: int, of: int, told: float | None) -> None:
    assert Share(n, of).document() == {"n": n, "of": of, "share": told}


def test_times_of_hand_offs() -> None:
    rows = [SERVED, BACK, LEFT, WAITING, RETURNED]
    assert overview.waited(rows) == Spread(3, 30, 90)
    assert overview.first_response(rows) == Spread(2, 75, 100)
    assert overview.resolution(rows) == Spread(2, 500, 600)


def test_who_left_counts_among_those_whose_wait_is_over() -> None:
    assert overview.left([SERVED, BACK, LEFT, WAITING, RETURNED]) == Share(1, 4)
    assert overview.left([WAITING]).share is None


def test_who_left_after_an_agent_had_the_talk_was_served() -> None:
    gone = handoff("a", outcome="closed", assigned_at=after(5), ended_at=after(9))
    assert overview.left([gone]) == Share(0, 1)
    assert overview.first_response([gone]) == Spread(0, None, None)
    assert overview.resolution([gone]) == Spread(1, 9, 9)


def test_clocks_that_differ_give_no_time_below_nothing() -> None:
    assert overview.waited([handoff(assigned_at=after(-0.2))]) == Spread(1, 0, 0)


def test_each_day_by_itself_around_midnight() -> None:
    before = handoff("a", asked_at=datetime(2026, 11, 29, 15, 59, 59, tzinfo=UTC))
    midnight = handoff("b", asked_at=datetime(2026, 11, 29, 16, 0, tzinfo=UTC))
    again = midnight._replace(asked_at=midnight.asked_at + timedelta(minutes=5))
    days = [date(2026, 11, 29), date(2026, 11, 30), date(2026, 12, 1)]
    talks = {"2026-11-29": 4, "2026-11-30": 2}
    found = overview.daily(days, [before, midnight, again], talks, [("2026-11-30", 2, 1)])
    assert [row["day"] for row in found] == ["2026-11-29", "2026-11-30", "2026-12-01"]
    assert [row["handoffs"] for row in found] == [1, 2, 0]
    assert [row["talks"] for row in found] == [4, 2, 0]
    # Two calls in one talk are one talk that reached a person.
    assert [row["contained"]["share"] for row in found] == [0.75, 0.5, None]
    assert [row["satisfied"]["share"] for row in found] == [None, 0.5, None]


def test_an_agent_is_not_told_of_the_bots_talks() -> None:
    (found,) = overview.daily([date(2026, 11, 30)], [SERVED], None, [])
    assert found["talks"] is None
    assert found["contained"] is None
    assert found["handoffs"] == 1


def test_a_group_knows_only_what_was_handed_to_it() -> None:
    marks = [MarkRow("order_status", False, "track_logistics", 7, 1)]
    found = intents.by_intent(
        None, [TopicRow("a", "order_status"), TopicRow("b", None)], marks, shipped()
    )
    row = next(each for each in found if each["intent"] == "order_status")
    assert (row["talks"], row["handed"], row["handoff_rate"]["share"]) == (None, 1, None)
    assert row["wrong"] == {"n": 1, "of": 1, "share": 1.0}


def test_containment_by_intent() -> None:
    talks = {"order_status": 4, "return_request": 2, "greet": 6, "human_agent": 3}
    topics = [
        TopicRow("a", "order_status"),
        TopicRow("a", "order_status"),
        TopicRow("b", "return_request"),
        TopicRow("c", None),
    ]
    found = {row["intent"]: row for row in intents.by_intent(talks, topics, [], shipped())}
    assert list(found) == ["order_status", "return_request", None]
    # The same talk called twice about the same.
    assert found["order_status"]["handoff_rate"] == {"n": 1, "of": 4, "share": 0.25}
    assert found["order_status"]["contained"] == {"n": 3, "of": 4, "share": 0.75}
    assert found["return_request"]["contained"]["share"] == 0.5
    assert found[None]["handed"] == 1
    assert found[None]["title"] == "没有具体问题"
    assert found[None]["handoff_rate"]["share"] is None


def test_wrong_answers_by_intent_and_what_was_meant() -> None:
    marks = [
        MarkRow("order_status", True, None, 1, 6),
        MarkRow("order_status", False, "track_logistics", 1, 2),
        MarkRow("order_status", False, "track_logistics", 2, 1),
        MarkRow("order_status", False, None, 2, 1),
        MarkRow("greet", False, "complaint", 2, 1),
    ]
    known = Intents(requests={"track_logistics": "看看到哪了"})
    found = {row["intent"]: row for row in intents.by_intent({}, [], marks, known)}
    assert found["order_status"]["wrong"] == {"n": 4, "of": 10, "share": 0.4}
    assert found["order_status"]["meant"] == [
        {"intent": "track_logistics", "title": "看看到哪了", "n": 3}
    ]
    assert found["greet"]["wrong"]["share"] == 1
    assert found["greet"]["handoff_rate"]["share"] is None
    assert overview.wrong(marks) == Share(5, 11)


def test_waits_told_beside_waits_had() -> None:
    told = [
        ToldRow("demo", "service", 60, 180, 60),
        ToldRow("demo", "service", 60, 180, 180),
        ToldRow("demo", "service", 60, 180, 181),
        ToldRow("demo", "service", 60, 180, 59),
        ToldRow("demo", "service", 60, 180, None),
    ]
    found = waits.compared(told)
    assert found["told"] == 5
    assert found["right"] == {"n": 2, "of": 4, "share": 0.5}
    assert (found["shorter"], found["longer"]) == (1, 1)
    assert (found["low"], found["high"], found["had"]["median"]) == (60, 180, 120)
    assert waits.compared([])["right"]["share"] is None


def test_waits_by_steps() -> None:
    found = waits.by_step(
        [
            handoff(assigned_at=after(60)),
            handoff(assigned_at=after(61)),
            handoff(assigned_at=after(7200)),
            LEFT,
            WAITING,
        ]
    )
    assert [row["up_to"] for row in found] == [60, 180, 300, 600, 1800, None]
    assert [row["served"] for row in found] == [1, 1, 0, 0, 0, 1]
    assert [row["left"] for row in found] == [0, 0, 1, 0, 0, 0]


def test_waits_by_group() -> None:
    other = ToldRow("demo", "returns", 0, 60, 30)
    found = waits.by_group([SERVED, LEFT, RETURNED], [other])
    assert [(row["group"], row["handoffs"]) for row in found] == [("service", 3), ("returns", 0)]
    assert found[0]["left"] == 1
    assert found[0]["returned"] == 2
    assert found[0]["wait"] == {"n": 2, "median": 20, "p90": 30}
    assert found[1]["right"]["share"] == 1


def test_load_by_hour_in_beijing() -> None:
    late = handoff("b", asked_at=datetime(2026, 11, 29, 16, 30, tzinfo=UTC))
    found = hours.load([SERVED, late], {"2026-11-29 15": 3, "2026-11-29 16": 5})
    by_hour = {row["hour"]: row for row in found["hours"]}
    assert by_hour[10]["handoffs"] == 1
    assert by_hour[10]["wait"]["median"] == 30
    assert (by_hour[23]["questions"], by_hour[0]["questions"]) == (3, 5)
    week = {(row["weekday"], row["hour"]): row for row in found["week"]}
    assert len(week) == 7 * 24
    # 15:00 in UTC is still Sunday evening, 16:00 is Monday.
    assert week[7, 23]["questions"] == 3
    assert week[1, 0] == {"weekday": 1, "hour": 0, "questions": 5, "handoffs": 1}


def test_load_without_the_bots_questions() -> None:
    found = hours.load([], None)
    assert {row["questions"] for row in found["hours"]} == {None}
    assert {row["handoffs"] for row in found["week"]} == {0}


def moves(*steps: tuple[str, float, int | None, int | None]) -> list[MoveRow]:
    return [MoveRow("a", after(at), name, owner, new) for name, at, owner, new in steps]


def test_who_had_a_chat_that_was_passed_on() -> None:
    found = agents.holdings(
        moves(("assign", 30, None, 1), ("transfer_to", 100, 1, 2), ("resolve", 600, 2, None))
    )
    assert found == [
        Holding("a", 1, after(30), after(100), "transfer_to"),
        Holding("a", 2, after(100), after(600), "resolve"),
    ]


def test_a_chat_that_the_range_begins_with_in_an_agents_hands_has_no_start() -> None:
    found = agents.holdings(moves(("transfer_to", 10, 1, 2), ("leave", 20, None, None)))
    assert found == [Holding("a", 2, after(10))]


def test_agents_figures_with_a_returned_and_a_transferred_chat() -> None:
    had = agents.holdings(
        [
            # Given back by 1 without a word, answered by 2, passed on to 3, who ends it.
            *moves(
                ("assign", 0, None, 1),
                ("give_back", 60, 1, None),
                ("assign", 70, None, 2),
                ("transfer_to", 200, 2, 3),
                ("resolve", 500, 3, None),
            ),
            # Still with 2.
            MoveRow("b", after(0), "claim", None, 2),
        ]
    )
    asked = [
        handoff("a", answered_at=after(90), returns=1),
        handoff("b", answered_at=after(4)),
    ]
    ratings = [RatingRow("agent", 3, 5, 2), RatingRow("agent", 3, 2, 1)]
    marks = [MarkRow("order_status", False, None, 2, 1), MarkRow("order_status", True, None, 2, 3)]
    found = {row["staff_id"]: row for row in agents.by_agent(had, asked, ratings, marks)}
    assert list(found) == [2, 1, 3]
    assert (found[1]["chats"], found[1]["given_back"], found[1]["response"]["n"]) == (1, 1, 0)
    assert found[1]["held"] == {"n": 1, "median": 60, "p90": 60}
    assert (found[2]["chats"], found[2]["passed_on"]) == (2, 1)
    # From taking it up: 20 s and 4 s; one chat is not over.
    assert found[2]["response"] == {"n": 2, "median": 12, "p90": 20}
    assert found[2]["held"] == {"n": 1, "median": 130, "p90": 130}
    assert found[2]["wrong"]["share"] == 0.25
    assert found[3]["response"] == {"n": 0, "median": None, "p90": None}
    assert found[3]["satisfied"] == {"n": 2, "of": 3, "share": 0.6667}


def test_nobody_did_anything() -> None:
    assert agents.by_agent([], [], [], []) == []


def test_satisfaction_is_four_and_five_stars_of_those_given() -> None:
    rows = [
        RatingRow("bot", None, None, 5),
        RatingRow("bot", None, 4, 1),
        RatingRow("agent", 1, 3, 1),
        RatingRow("agent", 2, 5, 2),
    ]
    assert satisfaction.satisfied(rows) == Share(3, 4)
    bot, agent = satisfaction.by_server(rows, ["bot", "agent"])
    assert bot["given"] == {"n": 1, "of": 6, "share": 0.1667}
    assert (bot["mean"], bot["stars"]) == (4.0, [0, 0, 0, 1, 0])
    assert (agent["asked"], agent["mean"], agent["satisfied"]["share"]) == (3, 4.33, 0.6667)
    (empty,) = satisfaction.by_server([], ["bot"])
    assert (empty["mean"], empty["satisfied"]["share"], empty["given"]["share"]) == (None,) * 3
