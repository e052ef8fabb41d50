"""What of real talks comes into the trainer's inbox, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.desk import corrections
from kefu.profiles import Profiles, load_profiles
from kefu.store.database import Database, utc_now
from kefu.store.desk_tables import Correction
from kefu.store.inbox_tables import InboxItem
from kefu.store.tables import Conversation, Staff
from kefu.trainer import reading
from kefu.trainer.collecting import InboxCollector
from tests.trainer_talks import FALLEN, SURE, add_talk, rate

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles(ROOT / "data/profiles")


@pytest.fixture(autouse=True)
def _no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SAMPLED_SHARE", 0.0)


@pytest.fixture
def collector(database: Database, profiles: Profiles) -> InboxCollector:
    return InboxCollector(database, profiles, workers.new_name())


def items(database: Database) -> list[InboxItem]:
    query = select(InboxItem).order_by(InboxItem.hardness.desc(), InboxItem.item_id)
    return database.read_now(lambda session: list(session.scalars(query)))


def kinds(database: Database) -> dict[str, list[str]]:
    return {item.text: reading.kinds_in(item.kinds) for item in items(database)}


async def test_what_was_not_understood_comes_in_once_and_is_counted(
    database: Database, collector: InboxCollector
) -> None:
    def talks(session: Session) -> None:
        add_talk(session, ("发票抬头咋改呀", FALLEN))
        add_talk(session, ("發票抬頭咋改呀！！", FALLEN))
        add_talk(session, ("我的订单到哪了", SURE))
        add_talk(session, ("发票抬头咋改呀", FALLEN), profile="tmall")
        add_talk(session, ("1234", FALLEN))

    database.write_now(talks)
    assert await collector.collect() == 5
    assert await collector.collect() == 0
    found = items(database)
    assert [(i.profile, i.kind, i.count) for i in found] == [
        ("demo", "low_confidence", 2),
        ("tmall", "low_confidence", 1),
    ]
    assert found[0].intent == "invoice"
    assert found[0].suggested == ["invoice", "greet"]
    assert found[0].reading["fell_back"] is True


async def test_what_is_not_settled_yet_waits(database: Database, collector: InboxCollector) -> None:
    database.write_now(lambda s: add_talk(s, ("发票抬头咋改", FALLEN), began=utc_now()))
    assert await collector.collect() == 0


async def test_a_talk_shows_what_was_said_again_and_what_was_handed_off(
    database: Database, collector: InboxCollector
) -> None:
    asked = (("human_agent", 0.99),)
    misread = (("invoice", 0.95),)

    def talks(session: Session) -> None:
        add_talk(session, ("东西咋还没到", FALLEN), ("我的订单到哪里了", SURE))
        add_talk(session, ("开个红字的票", misread), ("不是这个", (("not_solved", 0.95),)))
        add_talk(session, ("你们店搬家了吗", misread), ("转人工", asked), handed_off=True)
        add_talk(session, ("这钱算谁的呀", misread), handed_off=True)
        add_talk(session, ("你好", (("greet", 0.99),)), ("转人工", asked), handed_off=True)

    database.write_now(talks)
    await collector.collect()
    assert kinds(database) == {
        "东西咋还没到": ["low_confidence"],
        "开个红字的票": ["rephrased"],
        "你们店搬家了吗": ["handed_off"],
        "这钱算谁的呀": ["handed_off"],
    }


async def test_what_was_said_again_suggests_what_was_meant(
    database: Database, collector: InboxCollector
) -> None:
    unsure = (("nlu_fallback", 0.7), ("greet", 0.3), ("order_status", 0.2))
    database.write_now(lambda s: add_talk(s, ("东西咋还没到", unsure), ("我的订单到哪了", SURE)))
    await collector.collect()
    [item] = items(database)
    assert item.kind == "rephrased"
    assert item.suggested == ["order_status", "greet"]
    assert item.count == 1


async def test_a_bad_rating_points_at_what_was_asked_last(
    database: Database, collector: InboxCollector
) -> None:
    def talks(session: Session) -> None:
        # The bot asks for a rating after thanks or a goodbye.
        asked = (("前面一句话", SURE), ("最后一句话", SURE), ("谢谢", (("thanks", 0.99),)))
        rate(session, add_talk(session, *asked)[-1], 1)
        rate(session, add_talk(session, ("谢啦白忙一场", (("thanks", 0.99),)))[-1], 1)
        rate(session, add_talk(session, ("满意的一句", SURE))[-1], 5)
        rate(session, add_talk(session, ("人工的一句", SURE))[-1], 1, served_by="agent")

    database.write_now(talks)
    await collector.collect()
    assert kinds(database) == {"最后一句话": ["thumbs_down"]}


async def test_an_agents_mark_counts_most_and_suggests_the_right_intent(
    database: Database, collector: InboxCollector
) -> None:
    """Marks as the agent desk writes them; a second opinion of the same agent's comes in too."""
    talks: dict[str, str] = {}

    def talk(session: Session) -> int:
        staff = Staff(username="a", name="a", password_hash="", active=True, created_at=utc_now())
        session.add(staff)
        session.flush()
        for said in ("错的一句", "对的一句"):
            talks[said] = add_talk(session, (said, SURE))[0].conversation_id
        return staff.staff_id

    staff_id = database.write_now(talk)

    def mark(session: Session, said: str, right_intent: str | None) -> None:
        corrections.record(
            session,
            session.get_one(Conversation, talks[said]),
            staff_id,
            right=right_intent is None,
            right_intent=right_intent,
            known={"invoice", "greet"},
        )
        for row in session.scalars(select(Correction)):
            row.at -= timedelta(minutes=1)

    database.write_now(lambda session: mark(session, "错的一句", "invoice"))
    database.write_now(lambda session: mark(session, "对的一句", None))
    await collector.collect()
    [item] = items(database)
    assert (item.text, item.kind) == ("错的一句", "agent_wrong")
    assert item.suggested[0] == "invoice"
    database.write_now(lambda session: mark(session, "对的一句", "greet"))
    await collector.collect()
    assert kinds(database) == {"错的一句": ["agent_wrong"], "对的一句": ["agent_wrong"]}


async def test_like_messages_gather_in_one_group(
    database: Database, collector: InboxCollector, profiles: Profiles
) -> None:
    def first(session: Session) -> None:
        add_talk(session, ("怎么把发票寄到公司去", FALLEN))
        add_talk(session, ("你们老板姓什么叫什么", FALLEN))

    def later(session: Session) -> None:
        add_talk(session, ("怎么把发票寄到公司去呢", FALLEN))

    database.write_now(first)
    await collector.collect()
    database.write_now(later)
    # Another desk, which knows the groups from the rows alone.
    another = InboxCollector(database, profiles, workers.new_name())
    _free_lease(database)
    await another.collect()
    groups = {item.text: item.group_id for item in items(database)}
    assert groups["怎么把发票寄到公司去呢"] == groups["怎么把发票寄到公司去"]
    assert groups["你们老板姓什么叫什么"] != groups["怎么把发票寄到公司去"]


async def test_two_desks_take_up_each_message_once(
    database: Database, database_url: str, profiles: Profiles
) -> None:
    def talks(session: Session) -> None:
        for number in range(30):
            add_talk(
                session, (f"第{'甲乙丙丁戊己庚辛壬癸'[number % 10]}种{number}没懂的话", FALLEN)
            )

    database.write_now(talks)
    other = Database(database_url)
    try:
        await asyncio.gather(
            InboxCollector(database, profiles, workers.new_name()).collect(),
            InboxCollector(other, profiles, workers.new_name()).collect(),
        )
    finally:
        other.close()
    assert sum(item.count for item in items(database)) == 30


async def test_a_batch_that_fails_is_read_again_from_where_it_began(
    database: Database, collector: InboxCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.write_now(lambda s: add_talk(s, ("发票抬头咋改呀", FALLEN)))
    whole = reading.masked
    broken = True

    def masked(*arguments: Any) -> Any:
        if broken:
            raise RuntimeError("half-way")
        return whole(*arguments)

    monkeypatch.setattr(reading, "masked", masked)
    with pytest.raises(RuntimeError):
        await collector.collect()
    assert items(database) == []
    broken = False
    await collector.collect()
    assert [item.count for item in items(database)] == [1]


async def test_the_sample_holds_confident_messages_only(
    database: Database, collector: InboxCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SAMPLED_SHARE", 1.0)

    def talks(session: Session) -> None:
        add_talk(session, ("我的订单到哪了", SURE))
        add_talk(session, ("我的订单到哪了", SURE))
        add_talk(session, ("完全没听懂的", FALLEN))

    database.write_now(talks)
    await collector.collect()
    assert {(i.kind, i.sampled, i.count) for i in items(database)} == {
        ("confident_sample", 2, 2),
        ("low_confidence", 0, 1),
    }


async def test_personal_data_never_reaches_the_inbox(
    database: Database, collector: InboxCollector
) -> None:
    said = "我13912345678的单20261130009988怎么改"
    database.write_now(lambda s: add_talk(s, (said, FALLEN)))
    await collector.collect()
    [item] = items(database)
    row = f"{item.text}{item.normal}{item.reading}"
    assert "13912345678" not in row
    assert "20261130009988" not in row
    assert item.text.startswith("我***********的单20")


def _stored(session: Session, at: Any) -> Any:
    return at if session.get_bind().dialect.name == "postgresql" else at.replace(tzinfo=None)


def _free_lease(database: Database) -> None:
    database.write_now(
        lambda session: session.execute(
            text("UPDATE leases SET until = :past"),
            {"past": _stored(session, utc_now() - timedelta(days=1))},
        )
    )
