"""An answer that is not what was expected is told, whatever it is that differs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.pool import NullPool

import kefu.store
from kefu.shop.schema import OrderRow
from tests.dialogues.checks import mistakes
from tests.dialogues.format import Conversation, Turn
from tests.dialogues.shops import Wanted, case_number, fill
from tests.dialogues.talk import Answer, Talk
from tests.dialogues.variables import NoSuchRow, fill_in
from tests.dialogues.worlds import World
from tests.e2e.stack import Stack

KEY, OTHER = "tp/a: first", "tp/a: second"


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """A talk of p0006's copy (one paid order), not yet opened."""
    shop_url, desk_url = (f"sqlite:///{tmp_path / name}" for name in ("shop.db", "kefu.db"))
    accounts = fill(shop_url, [Wanted(KEY, "tp", "p0006"), Wanted(OTHER, "tp", "p0006")])
    kefu.store.migrate(desk_url)
    engines = [create_engine(url, poolclass=NullPool) for url in (shop_url, desk_url)]
    made = Conversation.model_validate(
        {"name": "not held", "shopper": "p0006", "services": ["order.state"], "turns": [TURN]}
    )
    opened = Talk(World(Stack(tmp_path, port=1), *engines, accounts), "tp", made, KEY)
    yield opened
    await opened.close()
    for engine in engines:
        engine.dispose()


TURN = {"say": "发货没", "says": "备货"}


def answer(text: str = "正在备货", **more: Any) -> Answer:
    return Answer("发货没", [{"seq": 2, "type": "message", "from": "bot", "text": text, **more}])


def told(talk: Talk, found: Answer | None = None, **expected: Any) -> list[str]:
    turn = Turn.model_validate({"say": "发货没", **(expected or {"says": "备货"})})
    return mistakes(turn, found or answer(), talk)


def test_what_fits_is_right(talk: Talk) -> None:
    assert told(talk, says=["备货", "/正.备/"], not_says="取消", state="bot") == []
    assert told(talk, effect={"orders": {"state": "paid"}, "operations": [], "urges": NONE}) == []


NONE = {"count": 0}


@pytest.mark.parametrize(
    ("expected", "beginning"),
    [
        ({"says": "签收"}, "says: not '签收'"),
        ({"says": "/签.收/"}, "says: not"),
        ({"not_says": "备货"}, "not_says: '备货'"),
        ({"buttons": ["催发货"]}, "buttons: no '催发货'"),
        ({"cards": "order"}, "cards: no order"),
        ({"state": "waiting"}, "state: bot"),
        ({"event": "verify_request"}, "event: no verify_request"),
        ({"action": "action_order_status"}, "action: no action_order_status"),
        ({"refused": "code_wrong"}, "refused: nothing"),
        ({"no_answer": True}, "no_answer: 正在备货"),
        ({"effect": {"operations": ["urge_shipping"]}}, "operations: []"),
        ({"effect": {"orders": {"state": "shipped"}}}, "orders: 0 rows"),
        ({"effect": {"orders": {"count": 0}}}, "orders: 1 rows"),
    ],
)
def test_what_differs_is_told(talk: Talk, expected: dict[str, Any], beginning: str) -> None:
    (mistake,) = told(talk, **expected)
    assert mistake.startswith(beginning)


def test_silence_is_a_mistake(talk: Talk) -> None:
    assert "nothing was answered" in told(talk, Answer("发货没"))


def test_what_no_shopper_may_read_is_told(talk: Talk) -> None:
    phone = fill_in("${account.phone}", talk.holder)
    assert any("no shopper may read" in each for each in told(talk, answer("备货 utter_greet")))
    assert told(talk, answer(f"备货，电话{phone}")) == ["shows the shopper's whole phone number"]


def test_an_effect_on_somebody_elses_copy_does_not_count(talk: Talk) -> None:
    other = talk.world.accounts[OTHER]
    with talk.world.shop.begin() as connection:
        theirs = update(OrderRow).where(OrderRow.account_id == other)
        connection.execute(theirs.values(state="shipped"))
    assert told(talk, effect={"orders": {"state": "paid"}}) == []


def test_variables_come_from_the_shoppers_own_rows(talk: Talk) -> None:
    number = fill_in("${order.paid}", talk.holder)
    assert number.startswith("TP")
    assert fill_in("${order.1.total} ${order.paid}", talk.holder).endswith(number)
    assert fill_in("${other.order}", talk.holder) != number
    with pytest.raises(NoSuchRow, match="orders has no shipped"):
        fill_in("${order.shipped}", talk.holder)


def test_only_a_demo_shopper_can_be_copied() -> None:
    assert case_number("tp", "p0006") == 6
    for account in ("p9999", "m0001", "p0000"):
        with pytest.raises(LookupError):
            case_number("tp", account)
