"""The way from the queue to an agent, through the desk's own API."""

from __future__ import annotations

from tests.desk_stage import Desk, texts
from tests.engine_server import EngineServer
from tests.integration.desk.staff import calling, person


async def test_a_chat_goes_to_the_agent_who_is_online_and_both_see_it(
    desk: Desk, engine: EngineServer
) -> None:
    wang = await person(desk, "wang")
    assert (await wang.is_("online"))["load"] == 0
    async with wang.socket() as line:
        shopper = await calling(desk, engine)
        view = await shopper.until_state("assigned")
        assert texts(view, "system")[-1] == "人工客服客服wang为您服务。"
        inbox = await line.until_inbox(lambda inbox: bool(inbox["mine"]))
        (mine,) = inbox["mine"]
        assert mine["conversation_id"] == shopper.conversation_id
        assert (mine["sla"]["kind"], inbox["presence"]["load"]) == ("answer", 1)
        await line.send("watch", conversation_id=shopper.conversation_id, after=0)
        await shopper.say("我的快递丢了")
        frame = await line.until(
            lambda frame: frame["type"] == "event" and frame["event"].get("text") == "我的快递丢了"
        )
        seqs = [f["event"]["seq"] for f in line.frames if f["type"] == "event"]
        assert seqs == list(range(1, frame["event"]["seq"] + 1)), "from the first, without a gap"
        await line.send("ping")
        await line.until(lambda frame: frame["type"] == "pong")


async def test_nobody_online_leaves_the_chat_in_the_queue_until_somebody_takes_it(
    desk: Desk, engine: EngineServer
) -> None:
    wang, li = await person(desk, "wang"), await person(desk, "li")
    shopper = await calling(desk, engine)
    (row,) = (await wang.get("/inbox"))["queue"]
    assert (row["position"], row["sla"]["kind"], row["state"]) == (1, "wait", "waiting")
    assert (await wang.do(shopper, "claim")).status_code == 204
    refused = await li.do(shopper, "claim")
    assert (refused.status_code, refused.json()["title"]) == (409, "这个会话正由客服wang接待。")
    (colleague,) = (await li.get("/inbox"))["colleagues"]
    assert colleague["agent_name"] == "客服wang"


async def test_a_transfer_goes_to_a_colleague_who_is_online(
    desk: Desk, engine: EngineServer
) -> None:
    wang, li = await person(desk, "wang"), await person(desk, "li")
    shopper = await calling(desk, engine)
    await wang.do(shopper, "claim")
    target = {"to_staff": li.staff_id, "note": "要退运费"}
    refused = await wang.do(shopper, "transfer", target)
    assert (refused.status_code, refused.json()["code"]) == (409, "agent_not_online")
    await li.is_("online")
    assert (await li.do(shopper, "transfer", target)).status_code == 409, "not theirs to give"
    assert (await wang.do(shopper, "transfer", target)).status_code == 204
    (row,) = (await li.get("/inbox"))["mine"]
    assert "客服wang转交时留言：要退运费" in row["note"]
    await shopper.until_said("已为您转接人工客服客服li")
    assert (await wang.get("/inbox"))["mine"] == []
