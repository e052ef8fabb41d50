"""Booking, moving and calling off a visit to install goods."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from kefu.shop.changes import DayPart, Installation, InstallationState
from kefu.shop.read_only import without_writes
from tests.unit.actions.form_talk import Talk

# NOW is Sunday 22 November 2026 in Beijing.


@pytest.fixture
def talk(as_shopper: Any) -> Talk:
    """A washing machine signed for yesterday."""
    return Talk(as_shopper("u0018"))


def visit(talk: Talk) -> Installation | None:
    order = talk.bot.orders()[0]
    found = talk.bot.services.shop.installations(talk.bot.viewer, order.order_number)
    return found[0] if found else None


def test_a_visit_is_booked_by_buttons(talk: Talk) -> None:
    assert "哪一天" in talk.says("预约安装", "install_service").text
    assert "时段" in talk.press("明天").text
    confirm = talk.press("下午")
    assert talk.bot.orders()[0].address_masked in confirm.text
    assert visit(talk) is None
    done = talk.press("确认")
    booked = visit(talk)
    assert booked is not None
    assert (booked.day, booked.part) == (date(2026, 11, 23), DayPart.AFTERNOON)
    assert booked.booking_id in done.text


def test_day_and_part_may_stand_in_the_wish(talk: Talk) -> None:
    confirm = talk.says("约周六上午来装洗衣机", "install_service")
    assert "11月28日 周六 上午" in confirm.text


def test_the_time_is_corrected_at_the_confirmation(talk: Talk) -> None:
    talk.says("约周六上午来装", "install_service")
    assert "11月29日 周日 晚上" in talk.says("不对，周日晚上", "inform").text
    talk.says("可以", "affirm")
    booked = visit(talk)
    assert booked is not None
    assert booked.part is DayPart.EVENING


@pytest.mark.parametrize("words", ["今天", "12月30日"])
def test_a_day_that_cannot_be_is_told_with_those_that_can(talk: Talk, words: str) -> None:
    talk.says("预约安装", "install_service")
    again = talk.says(words, "inform")
    assert "11月23日至12月6日" in again.text
    assert talk.bot.slots["visit_day"] is None


def test_a_booked_visit_is_told_moved_and_called_off(talk: Talk) -> None:
    talk.says("约明天上午安装", "install_service")
    talk.press("确认")
    first = visit(talk)
    assert first is not None
    told = talk.says("师傅什么时候来", "install_service")
    assert first.booking_id in told.text
    talk.press("改时间")
    assert "改到" in talk.says("后天下午", "inform").text
    talk.press("确认")
    moved = visit(talk)
    assert moved is not None
    assert (moved.booking_id, moved.day) == (first.booking_id, date(2026, 11, 24))
    asked = talk.says("取消安装预约", "install_service")
    assert "确认取消" in asked.text
    talk.press("确认")
    gone = visit(talk)
    assert gone is not None
    assert gone.state is InstallationState.CANCELLED


def test_a_visit_is_kept_by_who_thinks_again(talk: Talk) -> None:
    talk.says("约明天上午安装", "install_service")
    talk.press("确认")
    talk.says("取消安装预约", "install_service")
    talk.press("保留预约")
    kept = visit(talk)
    assert kept is not None
    assert kept.state is InstallationState.BOOKED


def test_nothing_booked_is_nothing_to_call_off(talk: Talk) -> None:
    assert "不需要取消" in talk.says("取消安装", "install_service").text
    assert talk.bot.form is None


def test_what_it_costs_is_answered_by_the_article(talk: Talk) -> None:
    told = talk.says("安装要收费吗", "install_service")
    assert told.cards[0]["type"] == "article"
    assert "哪一天" in talk.press("预约安装").text


def test_a_question_in_the_form_is_answered_and_the_form_asks_again(talk: Talk) -> None:
    talk.says("预约安装", "install_service")
    told = talk.says("安装要收费吗", "install_service")
    assert told.cards[0]["type"] == "article"
    assert "哪一天" in told.text


def test_goods_that_need_no_fitter_are_told_so(as_shopper: Any) -> None:
    told = Talk(as_shopper("u0009")).says("预约安装", "install_service")
    assert "没有需要上门安装" in told.text
    assert "/human_agent" in told.payloads


def test_an_old_confirmation_books_no_other_day(talk: Talk) -> None:
    talk.says("约周六上午来装", "install_service")
    old = talk.last.payloads[0]
    talk.says("改成周日上午", "inform")
    talk.press_payload(old)
    assert visit(talk) is None


def test_a_booked_sofa_in_the_mall_is_told(as_shopper: Any) -> None:
    mall = Talk(as_shopper("m0017", profile="tmall"))
    told = mall.says("安装约好了吗", "install_service")
    assert "沙发" in told.text
    assert "预约号AZ" in told.text


def test_a_shop_that_is_read_only_gets_a_ticket(talk: Talk) -> None:
    talk.bot.services = replace(talk.bot.services, shop=without_writes(talk.bot.services.shop))
    talk.says("约明天上午安装", "install_service")
    (command,) = talk.press("确认").commands
    assert "2026-11-23 上午" in command["details"]
    assert visit(talk) is None
