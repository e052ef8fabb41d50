"""A hand-off in a mall says whose goods it is about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions.base import Services
from kefu.profiles import load_profiles
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.model import Order
from kefu.shop.sql_gateway import SqlGateway
from tests.unit.actions.conftest import Bot

SELLERS = """
sellers:
  - {seller_id: s01, name: 云裳服饰旗舰店, group: agents}
  - {seller_id: s02, name: 极光数码专营店, group: agents}
"""


@pytest.fixture
def mall(services: Services, tmp_path: Path) -> Services:
    """The demo shop as a mall: its goods have sellers anyway."""
    text = Path("data/profiles/demo.yml").read_text("utf-8")
    (tmp_path / "demo.yml").write_text(text + SELLERS, "utf-8")
    return replace(services, profiles=load_profiles(tmp_path))


def call(bot: Bot) -> dict[str, Any]:
    (command,) = bot.runs("action_handoff").commands
    return command


def order_of(bot: Bot, *sellers: str | None) -> Order:
    """An order of the bot's shopper with goods of exactly these sellers."""
    return next(
        order for order in bot.orders() if {item.seller_id for item in order.items} == set(sellers)
    )


@pytest.fixture
def bot(mall: Services) -> Bot:
    return Bot(mall, account_id="u0001")


def test_the_order_in_the_message_names_the_seller(bot: Bot) -> None:
    number = order_of(bot, "s02").order_number
    bot.hears(f"{number}转人工", "human_agent", order_number=number)
    assert call(bot)["seller_id"] == "s02"


def test_so_does_the_order_that_was_talked_about(bot: Bot) -> None:
    number = order_of(bot, "s02").order_number
    bot.hears("到哪了", "order_status", order_number=number).runs("action_order_status")
    bot.hears("转人工", "human_agent")
    assert call(bot)["seller_id"] == "s02"


def test_and_the_order_that_the_chat_was_opened_from(bot: Bot) -> None:
    bot.context = {"order_id": order_of(bot, "s02").order_number, "seller_id": "s01"}
    bot.hears("转人工", "human_agent")
    assert call(bot)["seller_id"] == "s02"


def test_without_an_order_the_page_does(bot: Bot) -> None:
    bot.context = {"seller_id": "s01"}
    bot.hears("转人工", "human_agent")
    assert call(bot)["seller_id"] == "s01"


def test_an_order_of_somebody_else_names_nobody(bot: Bot, mall: Services) -> None:
    number = order_of(bot, "s02").order_number
    other = Bot(mall, account_id="u0002", context={"order_id": number})
    other.hears("转人工", "human_agent")
    assert call(other)["seller_id"] is None


def test_a_brand_without_sellers_is_not_asked(services: Services) -> None:
    plain = Bot(services, account_id="u0001", context={"seller_id": "s01"})
    plain.hears("转人工", "human_agent")
    assert "seller_id" not in call(plain)


def test_a_shop_that_is_away_keeps_nobody_from_a_person(
    bot: Bot, mall: Services, shop: SqlGateway
) -> None:
    number = order_of(bot, "s02").order_number
    away = replace(mall, shop=SqlGateway("postgresql://nobody@127.0.0.1:1/none"))
    with pytest.raises(ShopUnavailable):
        away.shop.ping()
    alone = Bot(away, account_id="u0001", context={"order_id": number})
    alone.hears("转人工", "human_agent")
    command = call(alone)
    assert (command["type"], command["seller_id"]) == ("handoff", None)
    away.shop.close()
