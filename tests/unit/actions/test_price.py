"""Price protection: the computation is shown, the difference comes back once."""

from __future__ import annotations

from typing import Any

import pytest

from kefu.shop.model import Order, TurnRef
from kefu.shop.read_only import without_writes
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot
from tests.unit.actions.form_talk import Talk


def is_cheaper(bot: Bot, order: Order) -> bool:
    """Whether price protection gives something for its first item."""
    claim = bot.services.shop.price_claim(
        bot.viewer,
        TurnRef("looking", bot.now),
        order_number=order.order_number,
        item_id=order.items[0].item_id,
    )
    return claim is not None and claim.verdict.allowed


@pytest.fixture
def cheaper(as_shopper: Any) -> Bot:
    """The one order costs ¥40 less by now."""
    bots = (as_shopper(f"u{number:04d}") for number in range(10, 24))
    return next(bot for bot in bots if len(bot.orders()) == 1 and is_cheaper(bot, bot.orders()[0]))


def test_the_computation_is_shown_before_anything_is_done(cheaper: Bot) -> None:
    talk = Talk(cheaper)
    shown = talk.says("刚买就降价了，退我差价", "price_protection").text
    assert "− ¥299.00）× 1件 = ¥40.00" in shown
    assert "原路退回" in shown
    assert cheaper.orders()[0].refunds == ()
    done = talk.press("确认申请").text
    (refund,) = cheaper.orders()[0].refunds
    assert refund.amount == 4000
    assert refund.refund_id in done
    again = talk.says("再退一次差价", "price_protection")
    assert "已经退过一次" in again.text
    assert again.slots["last_verdict"]["code"] == "already_claimed"
    assert len(cheaper.orders()[0].refunds) == 1


def test_who_does_not_want_it_keeps_the_right_to_it(cheaper: Bot) -> None:
    talk = Talk(cheaper)
    talk.says("价保", "price_protection")
    talk.says("算了不申请了", "deny")
    assert cheaper.orders()[0].refunds == ()
    assert "¥40.00" in talk.says("价保", "price_protection").text


def test_where_the_price_is_the_same_both_prices_are_told(as_shopper: Any) -> None:
    bot = as_shopper("u0009")
    answer = Talk(bot).says("帮我看看能不能退差价", "price_protection")
    assert answer.text.count("¥") >= 2
    assert bot.form is None
    assert answer.slots["last_verdict"]["code"] in ("price_not_lower", "price_claim_expired")


def test_a_question_about_the_rule_gets_the_rule(cheaper: Bot) -> None:
    answer = Talk(cheaper).says("价格保护几天", "price_protection")
    assert "付款后7天" in answer.text
    assert cheaper.form is None


def test_a_shop_that_lets_nothing_be_written_gets_a_ticket(cheaper: Bot, shop: SqlGateway) -> None:
    object.__setattr__(cheaper.services, "shop", without_writes(shop))
    talk = Talk(cheaper)
    talk.says("价保", "price_protection")
    (command,) = talk.press("确认申请").commands
    assert "¥40.00" in command["details"]
