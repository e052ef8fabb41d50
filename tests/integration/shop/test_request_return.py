"""Opening an RMA: once per turn, one per item, whatever happens at the same time."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kefu.shop.after_sale_tables import ReturnRow
from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.model import OrderState, Return, ReturnReason, ReturnState, TurnRef, Viewer
from tests.shop_data import NOW, ShopData


class Asking:
    """One shopper with one signed order, who asks to return its first item."""

    def __init__(self, shop: ShopGateway, data: ShopData, **order: object) -> None:
        self.shop, self.data = shop, data
        self.account = data.account()
        self.viewer = Viewer("p", self.account)
        self.number = data.order(self.account, **order)
        self.item = f"{self.number}-1"

    def turn(self, name: str = "t") -> TurnRef:
        return TurnRef(f"{name}-{self.number}", NOW)

    def ask(self, turn: TurnRef, reason: ReturnReason = ReturnReason.WRONG_SIZE, **more) -> Return:
        asked = {"order_number": self.number, "item_id": self.item, "note": "有点小"} | more
        viewer = asked.pop("viewer", self.viewer)
        return self.shop.request_return(viewer, turn, reason=reason, **asked)

    def counts(self) -> tuple[int, int, int]:
        """RMAs, operations, notices."""
        return (
            len(self.data.rma_rows(self.number)),
            sum(
                self.data.count(OperationRow, target=f"{self.number}/{self.number}-{n}")
                for n in (1, 2)
            ),
            self.data.count(NoticeRow, order_number=self.number),
        )


@pytest.fixture
def asking(shop: ShopGateway, data: ShopData) -> Asking:
    return Asking(shop, data, seller_id=data.seller(), items=2)


def test_return_is_opened_with_operation_and_notice(asking: Asking):
    made = asking.ask(asking.turn())
    assert re.fullmatch(r"RMA\d{10}", made.rma_number)
    assert (made.state, made.refund_amount) == (ReturnState.REQUESTED, 10000)
    assert made.return_address == "杭州市退货仓"
    assert made.requested_at == NOW
    assert asking.counts() == (1, 1, 1)
    assert asking.shop.returns(asking.viewer) == (made,)
    (operation,) = asking.shop.operations(asking.turn().turn_id)
    assert (operation.name, operation.target) == (
        "request_return",
        f"{asking.number}/{asking.item}",
    )
    assert operation.result["rma_number"] == made.rma_number
    assert operation.at == NOW
    found = asking.shop.operation(asking.turn(), "request_return", operation.target)
    assert found == operation
    assert asking.shop.operation(asking.turn("other"), "request_return", operation.target) is None


def test_the_same_turn_again_replays_even_when_the_rules_have_changed_their_mind(asking: Asking):
    made = asking.ask(asking.turn())
    with Session(asking.data.engine) as session, session.begin():
        session.execute(
            update(ReturnRow)
            .where(ReturnRow.rma_number == made.rma_number)
            .values(state=ReturnState.REFUNDED)
        )
    late = TurnRef(asking.turn().turn_id, NOW + timedelta(days=300))
    assert asking.ask(late) == made
    assert asking.counts() == (1, 1, 1)


@pytest.mark.parametrize("other", [{"reason": ReturnReason.DAMAGED}, {"note": "太大"}])
def test_other_arguments_in_the_same_turn_conflict(asking: Asking, other: dict):
    asking.ask(asking.turn())
    with pytest.raises(OperationConflict):
        asking.ask(asking.turn(), **other)
    assert asking.counts() == (1, 1, 1)


def test_another_viewer_cannot_replay_a_turn(asking: Asking):
    asking.ask(asking.turn())
    with pytest.raises(OperationConflict):
        asking.ask(asking.turn(), viewer=Viewer("p", asking.data.account()))


def test_any_note_may_be_typed(asking: Asking):
    made = asking.ask(asking.turn(), note="坏了😀\0'; --" + "很" * 5000)
    (kept,) = asking.shop.returns(asking.viewer)
    assert kept == made
    assert kept.note.startswith("坏了😀'; --很")


def test_one_turn_may_return_two_items(asking: Asking):
    first = asking.ask(asking.turn())
    second = asking.ask(asking.turn(), item_id=f"{asking.number}-2")
    assert first.rma_number != second.rma_number
    assert asking.counts() == (2, 2, 2)
    assert [
        each.result["rma_number"] for each in asking.shop.operations(asking.turn().turn_id)
    ] == [
        first.rma_number,
        second.rma_number,
    ]


def test_a_later_turn_is_told_of_the_open_return(asking: Asking):
    made = asking.ask(asking.turn())
    with pytest.raises(RuleRefused) as refused:
        asking.ask(asking.turn("later"))
    assert refused.value.verdict.code == "return_open"
    assert made.rma_number in refused.value.sentence
    assert asking.counts() == (1, 1, 1)


def test_a_rejected_return_may_be_followed_by_another(asking: Asking):
    made = asking.ask(asking.turn())
    with Session(asking.data.engine) as session, session.begin():
        session.execute(
            update(ReturnRow)
            .where(ReturnRow.rma_number == made.rma_number)
            .values(state=ReturnState.REJECTED, active_item_id=None)
        )
    assert asking.ask(asking.turn("later")).rma_number != made.rma_number


def test_someone_elses_order_is_refused_like_an_unknown_one(asking: Asking):
    stranger = Viewer("p", asking.data.account())
    with pytest.raises(RuleRefused) as elses:
        asking.ask(asking.turn("a"), viewer=stranger)
    with pytest.raises(RuleRefused) as unknown:
        asking.ask(asking.turn("b"), viewer=stranger, order_number="KF20261101999999")
    with pytest.raises(RuleRefused) as foreign:
        asking.ask(asking.turn("c"), viewer=Viewer("q", asking.account))
    assert elses.value.verdict == unknown.value.verdict == foreign.value.verdict
    assert asking.counts() == (0, 0, 0)


def test_an_item_of_another_order_is_refused(asking: Asking):
    other = asking.data.order(asking.account)
    with pytest.raises(RuleRefused) as refused:
        asking.ask(asking.turn(), item_id=f"{other}-1")
    assert refused.value.verdict.code == "item_not_found"


def test_a_refused_return_leaves_nothing_behind(shop: ShopGateway, data: ShopData):
    asking = Asking(shop, data, state=OrderState.SHIPPED)
    with pytest.raises(RuleRefused) as refused:
        asking.ask(asking.turn())
    assert refused.value.verdict.code == "not_signed"
    assert asking.counts() == (0, 0, 0)


def test_the_clock_is_the_turns(shop: ShopGateway, data: ShopData):
    asking = Asking(shop, data, signed_at=NOW - timedelta(days=30))
    with pytest.raises(RuleRefused):
        asking.ask(asking.turn())
    asking.ask(TurnRef("past" + asking.number, NOW - timedelta(days=29)))


@pytest.mark.parametrize("active", [True, False])
def test_the_database_itself_refuses_a_second_standing_return(asking: Asking, active: bool):
    asking.ask(asking.turn())
    row = {
        "profile": "p",
        "rma_number": f"X{asking.number}",
        "order_number": asking.number,
        "item_id": asking.item,
        "active_item_id": asking.item if active else None,
        "reason": ReturnReason.OTHER,
        "note": "",
        "state": ReturnState.APPROVED,
        "refund_amount": 1,
        "requested_at": NOW,
        "updated_at": NOW,
        "return_address": None,
        "tracking_number": None,
    }
    with pytest.raises(Exception, match=r"(?i)unique|duplicate|constraint") as refused:
        asking.data.insert(ReturnRow, row)
    # MariaDB reports a failed CHECK as an operational error.
    assert isinstance(refused.value, IntegrityError) or not active


def at_once(*calls) -> list[Return | Exception]:
    """Run ``calls`` in threads that start together."""
    barrier = Barrier(len(calls))

    def run(call):
        barrier.wait()
        try:
            return call()
        except RuleRefused as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.parametrize("round_", range(3))
def test_two_turns_at_once_open_one_return(asking: Asking, round_: int):
    turns = [asking.turn(f"turn{n}") for n in range(4)]
    results = at_once(*(lambda turn=turn: asking.ask(turn) for turn in turns))
    opened = [each for each in results if isinstance(each, Return)]
    refused = [each for each in results if isinstance(each, RuleRefused)]
    assert (len(opened), len(refused)) == (1, 3)
    assert {each.verdict.code for each in refused} == {"return_open"}
    assert asking.counts() == (1, 1, 1)


@pytest.mark.parametrize("round_", range(3))
def test_the_same_turn_twice_at_once_gives_one_result(asking: Asking, round_: int):
    results = at_once(*[lambda: asking.ask(asking.turn())] * 4)
    assert len({each.rma_number for each in results if isinstance(each, Return)}) == 1
    assert results == [results[0]] * 4
    assert asking.counts() == (1, 1, 1)
