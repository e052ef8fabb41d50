"""What the replay knows of the right answers: from trainers' labels and agents' marks."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import workers
from kefu.desk import corrections
from kefu.profiles import Profile, load_profiles
from kefu.profiles.profile import TrainerRules
from kefu.store.database import Database, utc_now
from kefu.store.inbox_tables import InboxItem
from kefu.store.tables import Conversation, Staff
from kefu.trainer import labelling
from kefu.trainer.collecting import InboxCollector
from kefu.trainer.comparing import typed_messages, write_messages
from kefu.trainer.labelling import NEW_INTENT, Label
from tests.trainer_talks import FALLEN, SURE, add_talk

pytestmark = pytest.mark.either_database

ROOT = Path(__file__).parents[3]
PROFILES = load_profiles(ROOT / "data/profiles")
DEMO = PROFILES["demo"]
TWO_PERSON = DEMO.model_copy(update={"trainer": TrainerRules(two_person=True)})


@pytest.fixture
async def staff_id(database: Database) -> int:
    """Who labels and marks; the inbox holds what the talks left in it."""

    def talks(session: Session) -> int:
        staff = Staff(username="w", name="w", password_hash="", active=True, created_at=utc_now())
        session.add(staff)
        session.flush()
        for text in ("能开专票吗 订单20260933777", "给我换个抬头", "这是什么"):
            add_talk(session, (text, FALLEN))
        # Other numbers, other width: the same wording.
        add_talk(session, ("能开专票吗？订单20261155123", FALLEN))
        add_talk(session, ("能开专票吗 订单20260933777", FALLEN), profile="tp")
        return staff.staff_id

    staff_id = database.write_now(talks)
    await InboxCollector(database, PROFILES, workers.new_name()).collect()
    return staff_id


def label(database: Database, staff_id: int, start: str, intent: str) -> int:
    """Label the message of the demo shop that begins so."""

    def work(session: Session) -> int:
        query = select(InboxItem.item_id).where(
            InboxItem.profile == "demo", InboxItem.text.startswith(start)
        )
        item_id = session.scalars(query).one()
        labelling.label(session, [item_id], ["demo"], staff_id, Label(intent), replace=False)
        return item_id

    return database.write_now(work)


def mark(database: Database, staff_id: int, text: str, right_intent: str | None) -> None:
    """A talk in which the bot read ``text`` as ``order_status``, and what an agent said of it."""

    def work(session: Session) -> None:
        turn = add_talk(session, (text, SURE), began=utc_now() - timedelta(hours=1))[0]
        session.flush()
        conversation = session.get_one(Conversation, turn.conversation_id)
        known = {"invoice", "greet"}
        right = right_intent is None
        corrections.record(
            session, conversation, staff_id, right=right, right_intent=right_intent, known=known
        )

    database.write_now(work)


def known(database: Database, profile: Profile = DEMO) -> dict[str, str | None]:
    history = database.read_now(lambda session: typed_messages(session, profile, 100))
    return {message.text: message.label for message in history.messages}


async def test_a_label_holds_for_every_message_of_its_wording_in_its_profile(
    database: Database, staff_id: int, tmp_path: Path
) -> None:
    assert set(known(database).values()) == {None}
    label(database, staff_id, "能开专票吗", "invoice")
    label(database, staff_id, "这是什么", NEW_INTENT)
    assert known(database) == {
        "能开专票吗 订单20260933777": "invoice",
        "能开专票吗？订单20261155123": "invoice",
        "给我换个抬头": None,
        "这是什么": None,
    }
    assert set(known(database, PROFILES["tp"]).values()) == {None}
    history = database.read_now(lambda session: typed_messages(session, DEMO, 1))
    write_messages(tmp_path / "messages", history.messages)
    lines = (tmp_path / "messages").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": "能开专票吗？订单20261155123", "label": "invoice"}
    ]


async def test_an_agents_mark_is_known_until_a_trainer_says_otherwise(
    database: Database, staff_id: int
) -> None:
    mark(database, staff_id, "给我换个抬头", "invoice")
    mark(database, staff_id, "我买的那个呢", None)
    assert known(database)["给我换个抬头"] == "invoice"
    assert known(database)["我买的那个呢"] == "order_status"
    label(database, staff_id, "给我换个抬头", "greet")
    assert known(database)["给我换个抬头"] == "greet"
    label(database, staff_id, "给我换个抬头", NEW_INTENT)
    assert known(database)["给我换个抬头"] is None


async def test_where_two_have_to_look_one_word_is_not_enough(
    database: Database, staff_id: int
) -> None:
    mark(database, staff_id, "我买的那个呢", None)
    item_id = label(database, staff_id, "给我换个抬头", "invoice")
    assert set(known(database, TWO_PERSON).values()) == {None}

    def approve(session: Session) -> None:
        other = Staff(username="l", name="l", password_hash="", active=True, created_at=utc_now())
        session.add(other)
        session.flush()
        labelling.approve(session, [item_id], ["demo"], other.staff_id)

    database.write_now(approve)
    assert known(database, TWO_PERSON)["给我换个抬头"] == "invoice"
