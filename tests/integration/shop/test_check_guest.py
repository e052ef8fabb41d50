"""Order number and last four digits of the phone, and how often one may guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier

import pytest

from kefu.shop.gateway import ShopGateway
from kefu.shop.ledger import GuestCheckRow
from kefu.shop.model import GuestCheck, OrderState, TurnRef
from tests.shop_data import NOW, ShopData

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Guest:
    """Somebody who tries digits on one order number, a turn each."""

    def __init__(self, shop: ShopGateway, number: str) -> None:
        self.shop, self.number = shop, number
        self.turns = 0

    def turn(self, at: datetime) -> TurnRef:
        self.turns += 1
        return TurnRef(f"{self.number}-{self.turns}", at)

    def try_(self, tail: str, at: datetime = NOW, turn: TurnRef | None = None) -> GuestCheck:
        return self.shop.check_guest("p", self.number, tail, turn or self.turn(at))


@pytest.fixture
def guest(shop: ShopGateway, data: ShopData) -> Guest:
    return Guest(shop, data.order(data.account(), OrderState.SHIPPED, phone="13900005678"))


def test_right_digits_open_the_whole_order(guest: Guest):
    check = guest.try_("5678")
    assert check.order is not None
    assert check.order.order_number == guest.number
    assert check.order.shipments[0].events
    assert (check.blocked_until, check.tries_left) == (None, 5)


@pytest.mark.parametrize("tail", ["", "678", "05678", "13900005678", "８８８８", "56 78"])
def test_anything_but_the_four_digits_is_wrong(guest: Guest, tail: str):
    assert guest.try_(tail) == GuestCheck(None, tries_left=4)


def test_unknown_orders_and_other_profiles_answer_like_wrong_digits(
    guest: Guest, shop: ShopGateway
):
    unknown = Guest(shop, f"{guest.number}9")
    for minute in range(7):
        at = NOW + minute * MINUTE
        known = guest.try_("0000", at)
        assert unknown.try_("5678", at) == known
        assert shop.check_guest("q", guest.number, "5678", guest.turn(at)) == known
    assert known.blocked_until == NOW + 4 * MINUTE + HOUR


def test_the_fifth_wrong_try_blocks_the_number_for_an_hour(guest: Guest):
    tries = [guest.try_("0000", NOW + n * MINUTE) for n in range(5)]
    assert [each.tries_left for each in tries] == [4, 3, 2, 1, 0]
    end = NOW + 4 * MINUTE + HOUR
    assert [each.blocked_until for each in tries] == [None] * 4 + [end]
    for at in (NOW + 5 * MINUTE, end - timedelta(microseconds=1)):
        assert guest.try_("5678", at) == GuestCheck(None, blocked_until=end)
    assert guest.try_("0000", end) == GuestCheck(None, tries_left=4)
    assert guest.try_("5678", end).order is not None


def test_tries_over_an_hour_old_no_longer_count(guest: Guest):
    for n in range(4):
        guest.try_("0000", NOW + n * MINUTE)
    assert guest.try_("0000", NOW + HOUR) == GuestCheck(None, tries_left=1)


def test_a_right_try_starts_the_count_anew(guest: Guest):
    for _ in range(4):
        guest.try_("0000")
    assert guest.try_("5678", NOW + MINUTE).order is not None
    assert guest.try_("0000", NOW + 2 * MINUTE).tries_left == 4


def test_a_turn_counts_once_and_repeats_its_answer(guest: Guest):
    first = guest.turn(NOW)
    answers = [guest.try_("0000", turn=first) for _ in range(3)]
    assert answers == [GuestCheck(None, tries_left=4)] * 3
    for _ in range(3):
        guest.try_("0000")
    fifth = guest.turn(NOW)
    blocked = guest.try_("0000", turn=fifth)
    assert blocked.blocked_until == NOW + HOUR
    assert guest.try_("0000", turn=fifth) == blocked
    assert guest.try_("0000", turn=first) == answers[0]


def test_a_turn_that_guessed_wrong_cannot_guess_again(guest: Guest):
    turn = guest.turn(NOW)
    guest.try_("0000", turn=turn)
    assert guest.try_("5678", turn=turn).order is None


def test_a_turn_that_was_right_repeats_the_order_but_not_for_wrong_digits(guest: Guest):
    turn = guest.turn(NOW)
    right = guest.try_("5678", turn=turn)
    assert guest.try_("5678", turn=turn) == right
    assert guest.try_("0000", turn=turn).order is None


@pytest.mark.parametrize("round_", range(2))
def test_guesses_at_once_are_all_counted(guest: Guest, data: ShopData, round_: int):
    barrier = Barrier(8)

    def guess(turn: TurnRef) -> GuestCheck:
        barrier.wait()
        return guest.try_("0000", turn=turn)

    with ThreadPoolExecutor(8) as pool:
        checks = list(pool.map(guess, [guest.turn(NOW) for _ in range(8)]))
    counted = sorted(each.tries_left for each in checks if not each.blocked_until)
    assert counted == [1, 2, 3, 4]
    assert [each.blocked_until for each in checks if each.blocked_until] == [NOW + HOUR] * 4
    assert data.count(GuestCheckRow, profile="p", order_key=guest.number) == 5
    assert guest.try_("5678").order is None


def test_one_turn_at_once_with_itself_counts_once(guest: Guest, data: ShopData):
    turn = guest.turn(NOW)
    with ThreadPoolExecutor(4) as pool:
        checks = list(pool.map(lambda _: guest.try_("0000", turn=turn), range(4)))
    assert checks == [GuestCheck(None, tries_left=4)] * 4
    assert data.count(GuestCheckRow, profile="p", order_key=guest.number) == 1


def test_old_tries_are_forgotten(guest: Guest, data: ShopData):
    guest.try_("0000")
    later = replace(guest.turn(NOW), now=NOW + timedelta(days=2))
    guest.try_("0000", turn=later)
    assert data.count(GuestCheckRow, profile="p", order_key=guest.number) == 1
