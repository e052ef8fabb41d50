"""The reports' API on SQLite and PostgreSQL: real talks, made-up histories, roles, CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from kefu.profiles.hours import SHOP_TIME
from kefu.reports.api import REPORTS
from kefu.store.database import utc_now
from kefu.store.handoff_tables import ToldWait
from kefu.store.tables import Conversation, Staff
from tests.desk_stage import Desk
from tests.engine_server import EngineServer, answer
from tests.integration.desk.staff import HANDOFF, Person, person
from tests.service_history import History

REPORTS_API = "/api/v1/reports"
LEAD = {"demo": ("supervisor",)}
# Of the rows of each report a figure, and in which column its table has it.
COLUMNS = {
    "intents": ("intents", "handed", 2),
    "waits": ("groups", "handoffs", 2),
    "hours": ("hours", "handoffs", 2),
    "agents": ("agents", "chats", 1),
    "satisfaction": ("served_by", "asked", 1),
}


async def fetch(who: Person, report: str, **query: str) -> dict[str, Any]:
    response = await ask(who, report, **query)
    assert response.status_code == 200, response.text
    return response.json()


async def ask(who: Person, report: str, **query: str) -> httpx.Response:
    return await who.client.get(f"{REPORTS_API}/{report}", params=query)


def today() -> str:
    return datetime.now(SHOP_TIME).date().isoformat()


async def test_a_talk_that_is_passed_on_and_one_that_the_bot_answers(
    desk: Desk, engine: EngineServer
) -> None:
    lead = await person(desk, "lead", roles=LEAD)
    wang, li = await person(desk, "wang"), await person(desk, "li")
    engine.behave = lambda request: _understood(request, "order_status")
    alone = await desk.shopper()
    await alone.say("我的订单到哪了")
    await alone.until_said("echo")
    shopper = await desk.shopper()
    await shopper.say("退款怎么还没到")
    await shopper.until_said("echo")
    engine.behave = _calls
    await shopper.say("还是没到")
    await shopper.until(lambda view: view["state"] != "bot")
    await wang.is_("online")
    await li.is_("online")
    assert (await wang.do(shopper, "claim")).status_code in {200, 204, 409}
    owner, other = await _owner(desk, wang, li, shopper.conversation_id)
    await owner.say(shopper, "您好")
    body = {"to_staff": other.staff_id, "note": "请接着处理"}
    assert (await owner.do(shopper, "transfer", body)).status_code in {200, 204}
    await other.say(shopper, "我来继续")
    closing = {"resolution": "solved", "intent_right": False, "right_intent": "refund_progress"}
    assert (await other.do(shopper, "close", closing)).status_code in {200, 204}

    found = await fetch(lead, "overview")
    figures = found["figures"]
    assert (found["scope"], found["profiles"]) == ("all", ["demo"])
    assert figures["talks"] == 2
    assert figures["contained"] == {"n": 1, "of": 2, "share": 0.5}
    assert figures["handoffs"] == 1
    assert figures["left"] == {"n": 0, "of": 1, "share": 0.0}
    assert figures["first_response"]["n"] == figures["resolution"]["n"] == 1
    assert figures["wrong"] == {"n": 1, "of": 1, "share": 1.0}
    assert found["before"]["talks"] == 0
    assert found["before"]["contained"]["share"] is None
    assert [row["talks"] for row in found["days"]][-1] == 2
    rows = {row["staff_id"]: row for row in (await fetch(lead, "agents"))["agents"]}
    first, second = rows[owner.staff_id], rows[other.staff_id]
    assert (first["chats"], first["passed_on"], first["response"]["n"]) == (1, 1, 1)
    assert (second["chats"], second["passed_on"], second["response"]["n"]) == (1, 0, 0)
    assert second["wrong"]["n"] == 1
    intents = {row["intent"]: row for row in (await fetch(lead, "intents"))["intents"]}
    # The question before the call is what it was about.
    assert intents["order_status"]["handoff_rate"] == {"n": 1, "of": 2, "share": 0.5}
    assert "human_agent" not in intents
    # Each agent sees their own part.
    mine = await fetch(owner, "agents")
    assert [row["staff_id"] for row in mine["agents"]] == [owner.staff_id]
    assert mine["scope"] == "own"


async def _understood(request: dict[str, Any], intent: str) -> dict[str, Any]:
    return answer(request, parse={"text": "", "intent": {"name": intent, "confidence": 0.9}})


async def _calls(request: dict[str, Any]) -> dict[str, Any]:
    called = await _understood(request, "human_agent")
    return {**called, "replies": [], "commands": [HANDOFF]}


async def _owner(desk: Desk, wang: Person, li: Person, talk: str) -> tuple[Person, Person]:
    """Who has the talk, by hand or since it was given to them; and the other."""
    found = await desk.runtime.database.read(lambda session: session.get_one(Conversation, talk))
    return (wang, li) if found.assigned_to == wang.staff_id else (li, wang)


@pytest.fixture
async def history(desk: Desk) -> tuple[Person, Person, Person]:
    """A supervisor and two agents of a shop with 400 talks in ten days."""
    lead = await person(desk, "lead", roles=LEAD)
    wang = await person(desk, "wang")
    li = await person(desk, "li", groups={"demo": ("service",)})
    made = History("demo", ["service"], [wang.staff_id, li.staff_id], utc_now(), 10)
    await desk.runtime.database.write(lambda session: made.write(session, 400))
    return lead, wang, li


async def test_the_same_history_gives_the_same_figures_everywhere(
    history: tuple[Person, Person, Person],
) -> None:
    """Counted here a second time from the rows as they were made, on either database."""
    lead, wang, li = history
    since = (datetime.now(SHOP_TIME).date() - timedelta(days=9)).isoformat()
    found = await fetch(lead, "overview", profile="demo", **{"from": since})
    figures, days = found["figures"], found["days"]
    assert figures["talks"] == 400
    assert sum(day["handoffs"] for day in days) == figures["handoffs"] > 40
    assert sum(day["satisfied"]["of"] for day in days) == figures["satisfied"]["of"] > 20
    # A talk of two days counts on both.
    assert 400 <= sum(day["talks"] for day in days) <= 410
    waits = await fetch(lead, "waits", **{"from": since})
    (group,) = waits["groups"]
    assert group["name"]
    assert group["handoffs"] == figures["handoffs"]
    assert group["right"] == figures["told_right"]
    steps = waits["steps"]
    assert sum(step["served"] for step in steps) == figures["wait"]["n"]
    assert sum(step["left"] for step in steps) == figures["left"]["n"]
    hours = await fetch(lead, "hours", **{"from": since})
    assert sum(row["handoffs"] for row in hours["hours"]) == figures["handoffs"]
    assert sum(row["questions"] for row in hours["week"]) > 800
    agents = (await fetch(lead, "agents", **{"from": since}))["agents"]
    assert {row["staff_id"] for row in agents} == {wang.staff_id, li.staff_id}
    assert sum(row["chats"] for row in agents) == figures["wait"]["n"]
    assert sum(row["response"]["n"] for row in agents) == figures["first_response"]["n"]
    assert sum(row["wrong"]["of"] for row in agents) == figures["wrong"]["of"] > 10
    intents = (await fetch(lead, "intents", **{"from": since}))["intents"]
    assert sum(row["talks"] for row in intents) == 400
    assert sum(row["handed"] for row in intents) == figures["handoff_rate"]["n"]
    found = await fetch(lead, "satisfaction", **{"from": since})
    assert found["satisfied"] == figures["satisfied"]
    assert sum(row["n"] for row in found["reasons"]) == figures["satisfied"]["of"]


async def test_a_leader_looks_at_one_group_and_the_groups_make_up_the_whole(desk: Desk) -> None:
    lead = await person(desk, "lead", roles={"tmall": ("supervisor",)})
    clothes = await person(
        desk, "clothes", roles={"tmall": ("agent",)}, groups={"tmall": ("shop-clothes",)}
    )
    groups = ["official", "shop-clothes"]
    made = History("tmall", groups, [lead.staff_id, clothes.staff_id], utc_now(), 5)
    await desk.runtime.database.write(lambda session: made.write(session, 200))

    async def of(report: str, group: str | None) -> dict[str, Any]:
        chosen = {"group": group} if group else {}
        return await fetch(lead, report, profile="tmall", **chosen)

    whole = await of("overview", None)
    parts = [await of("overview", group) for group in groups]
    assert (whole["group"], [part["group"] for part in parts]) == (None, groups)
    for name in ("wait", "first_response", "resolution"):
        counted = [part["figures"][name]["n"] for part in parts]
        assert sum(counted) == whole["figures"][name]["n"] > max(counted) > 0
    for name in ("left", "satisfied", "told_right"):
        counted = [part["figures"][name]["of"] for part in parts]
        assert 0 < sum(counted) <= whole["figures"][name]["of"]
    assert {part["figures"]["talks"] for part in parts} == {None}
    assert parts[1]["days"][-1]["contained"] is None
    (waits,) = (await of("waits", "shop-clothes"))["groups"]
    assert waits["group"] == "shop-clothes"
    rows = [(await of("agents", group))["agents"] for group in groups]
    everybody = (await of("agents", None))["agents"]
    for name in ("chats", "given_back"):
        assert sum(row[name] for row in rows[0] + rows[1]) == sum(row[name] for row in everybody)
    handed = [(await of("intents", group))["intents"] for group in groups]
    assert {row["talks"] for row in handed[1]} == {None}
    assert sum(row["handed"] for row in handed[0] + handed[1]) == whole["figures"]["handoffs"]
    # Marks belong to the call before them; those before any call, to no group.
    marked = sum(part["figures"]["wrong"]["of"] for part in parts)
    assert 0 < marked < whole["figures"]["wrong"]["of"]
    assert {row["questions"] for row in (await of("hours", "official"))["hours"]} == {None}
    sheet = await ask(lead, "intents", profile="tmall", group="official", format="csv")
    assert "kefu-intents-tmall-official-" in sheet.headers["content-disposition"]


async def test_whose_groups_figures_one_may_see(desk: Desk) -> None:
    lead = await person(desk, "lead", roles={"tmall": ("supervisor",), "demo": ("agent",)})
    seller = await person(
        desk, "s1", roles={"tmall": ("agent",)}, groups={"tmall": ("shop-clothes",)}
    )

    async def verdict(who: Person, **query: str) -> tuple[int, str]:
        response = await ask(who, "overview", **query)
        return response.status_code, response.json().get("code", "")

    assert await verdict(lead, profile="tmall", group="shop-clothes") == (200, "")
    assert await verdict(lead, profile="tmall", group="agents") == (404, "group_not_found")
    assert await verdict(lead, group="shop-clothes") == (422, "profile_needed")
    assert await verdict(lead, profile="demo", group="agents") == (403, "role_missing")
    assert await verdict(lead, profile="tp", group="merchant") == (403, "role_missing")
    assert await verdict(lead, profile="nowhere", group="x") == (404, "profile_not_found")
    # An agent has figures of their own, of their own group as of any other.
    for group in ("shop-clothes", "official", "no-such"):
        assert await verdict(seller, profile="tmall", group=group) == (403, "role_missing")
    shown = {
        each["profile"]: each["leads"]
        for each in (await lead.client.get("/api/v1/desk/profiles")).json()["profiles"]
    }
    assert shown == {"tmall": True, "demo": False}


async def test_agents_see_their_own_figures_alone(
    desk: Desk, history: tuple[Person, Person, Person]
) -> None:
    lead, wang, li = history
    all_of_it = (await fetch(lead, "overview"))["figures"]
    parts = [(await fetch(each, "overview", profile="demo"))["figures"] for each in (wang, li)]
    for figures in parts:
        assert figures["talks"] is figures["contained"] is figures["handoff_rate"] is None
        assert 0 < figures["handoffs"] < all_of_it["handoffs"]
    served = sum(figures["wait"]["n"] for figures in parts)
    assert served == all_of_it["wait"]["n"]
    assert sum(figures["told_right"]["of"] for figures in parts) == all_of_it["told_right"]["of"]
    hours = await fetch(wang, "hours")
    assert {row["questions"] for row in hours["hours"]} == {None}
    (rated,) = (await fetch(wang, "satisfaction"))["served_by"]
    assert rated["served_by"] == "agent"
    refused = await ask(wang, "intents")
    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")


async def test_who_may_see_which_profile(desk: Desk) -> None:
    lead = await person(desk, "lead", roles=LEAD)
    both = await person(desk, "both", roles={"demo": ("supervisor",), "tmall": ("agent",)})
    trainer = await person(desk, "trainer", roles={"*": ("trainer",)})
    admin = await person(desk, "boss", roles={"*": ("admin",)})
    for report in REPORTS:
        assert (await desk.client().get(f"{REPORTS_API}/{report}")).status_code == 401
        assert (await ask(trainer, report)).status_code == 403
        assert (await ask(lead, report, profile="tmall")).status_code == 403
        assert (await ask(lead, report, profile="nowhere")).status_code == 404
        assert (await fetch(lead, report))["profiles"] == ["demo"]
        assert len((await fetch(admin, report))["profiles"]) > 1
    assert (await fetch(both, "overview"))["profiles"] == ["demo"]
    assert (await fetch(both, "overview", profile="tmall"))["scope"] == "own"
    assert (await desk.client().get(f"{REPORTS_API}/definitions")).status_code == 401
    response = await lead.client.get(f"{REPORTS_API}/definitions")
    assert response.json()["contained"]["title"] == "机器人独立接待率"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2026-13-01"}, "开始日期"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "不能晚于结束日期"),
        ({"to": "2999-01-01"}, "不能晚于今天"),
        ({"from": "2020-01-01"}, "最多查看 366 天"),
    ],
)
async def test_a_bad_range_is_refused(desk: Desk, query: dict[str, str], said: str) -> None:
    lead = await person(desk, "lead", roles=LEAD)
    response = await ask(lead, "overview", **query)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "range_refused"
    assert said in response.json()["title"]


async def test_tables_for_spreadsheets(desk: Desk, history: tuple[Person, Person, Person]) -> None:
    lead, wang, li = history
    await desk.runtime.database.write(
        lambda session: session.execute(
            update(Staff).where(Staff.staff_id == wang.staff_id).values(name='=HYPERLINK("x")')
        )
    )
    for report in REPORTS:
        response = await ask(lead, report, format="csv")
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/csv; charset=utf-8"
        assert f"kefu-{report}-demo-" in response.headers["content-disposition"]
        assert response.content.startswith(b"\xef\xbb\xbf")
        header, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
        assert rows
        assert {len(row) for row in rows} == {len(header)}
        shown = await fetch(lead, report)
        if report == "overview":
            handoffs = rows[list(shown["figures"]).index("handoffs")]
            assert handoffs[1] == str(shown["figures"]["handoffs"])
        else:
            part, field, column = COLUMNS[report]
            assert [row[column] for row in rows] == [str(each[field]) for each in shown[part]]
    response = await ask(lead, "agents", format="csv")
    names = {row[0] for row in csv.reader(io.StringIO(response.text))}
    assert '\'=HYPERLINK("x")' in names
    assert "客服li" in names
    mine = await ask(li, "agents", format="csv")
    assert len(mine.text.splitlines()) == 2


async def test_nothing_has_happened_yet(desk: Desk) -> None:
    lead = await person(desk, "lead", roles=LEAD)
    day = {"from": today(), "to": today()}
    found = await fetch(lead, "overview", **day)
    assert found["figures"]["talks"] == 0
    assert found["figures"]["contained"]["share"] is None
    assert found["figures"]["wait"] == {"n": 0, "median": None, "p90": None}
    assert len(found["days"]) == 1
    assert (await fetch(lead, "intents", **day))["intents"] == []
    assert (await fetch(lead, "agents", **day))["agents"] == []


async def test_midnight_is_beijings_in_the_database_too(
    desk: Desk, history: tuple[Person, Person, Person]
) -> None:
    """The last hand-off of a day and the first of the next, moved right up to midnight."""
    lead, _, _ = history
    day = datetime.now(SHOP_TIME).date() - timedelta(days=3)
    midnight = datetime(day.year, day.month, day.day, tzinfo=SHOP_TIME).astimezone(UTC)
    before = day - timedelta(days=1)

    async def told(on: Any) -> int:
        found = await fetch(lead, "waits", **{"from": on.isoformat(), "to": on.isoformat()})
        return found["told"]["told"]

    await desk.runtime.database.write(
        lambda session: session.execute(update(ToldWait).values(told_at=midnight))
    )
    everything = await told(day)
    assert everything > 0
    assert await told(before) == 0
    await desk.runtime.database.write(
        lambda session: session.execute(
            update(ToldWait).values(told_at=midnight - timedelta(microseconds=1))
        )
    )
    assert await told(day) == 0
    assert await told(before) == everything
