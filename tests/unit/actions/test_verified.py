"""What a right code brings about, and that nothing but the desk's word does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from kefu.shop.gateway import ShopReadOnly
from kefu.shop.model import Account, TurnRef, Viewer
from kefu.shop.sql_gateway import SqlGateway
from kefu.turn_token import Verified
from tests.unit.actions.conftest import NOW, Bot

AsShopper = Callable[..., Bot]


def proved(bot: Bot, purpose: str, account_id: str = "u0007", phone: str | None = None) -> Bot:
    bot.proved = Verified(purpose, account_id, phone)
    return bot.hears(intent="code_verified", purpose=purpose)


def account(bot: Bot, account_id: str) -> Account:
    found = bot.services.shop.account(Viewer("demo", account_id))
    assert found
    return found


def test_without_the_desks_word_nothing_happens(as_shopper: AsShopper) -> None:
    bot: Bot = as_shopper("u0007")
    bot.slots["verified"] = {"purpose": "unlock", "account_id": "u0007"}
    answer = bot.hears(intent="code_verified", purpose="unlock").runs("action_code_verified")
    assert "重新发起" in answer.text
    assert account(bot, "u0007").locked


def test_an_unknown_purpose_does_nothing(as_shopper: AsShopper) -> None:
    bot = proved(as_shopper("u0007"), "become_admin")
    assert "重新发起" in bot.runs("action_code_verified").text
    assert account(bot, "u0007").locked


@pytest.mark.parametrize("signed_in", ["u0007", None, "u0001"])
def test_the_account_of_the_code_is_unlocked_whoever_is_signed_in(
    as_shopper: AsShopper, signed_in: str | None
) -> None:
    bot = proved(as_shopper(signed_in), "unlock")
    answer = bot.runs("action_code_verified")
    assert "已经解锁" in answer.text
    assert not account(bot, "u0007").locked
    assert bot.runs("action_code_verified").text == answer.text
    done = bot.services.shop.operations(bot.turn_id)
    assert [(each.name, each.target) for each in done] == [("unlock_account", "u0007")]


def test_a_new_password_is_set_on_the_shops_own_page(as_shopper: AsShopper) -> None:
    answer = proved(as_shopper(None), "reset_password").runs("action_code_verified")
    assert re.search(r"/account/reset\?token=[\w-]{40,}", answer.text)
    assert "密码" in answer.text


def test_the_new_phone_is_bound_and_shown_masked(as_shopper: AsShopper) -> None:
    bot = proved(as_shopper("u0001"), "change_phone", "u0001", "13900001111")
    answer = bot.runs("action_code_verified")
    assert "139****1111" in answer.text
    assert "13900001111" not in answer.text
    assert account(bot, "u0001").phone_masked == "139****1111"


def test_a_phone_that_another_account_has_is_refused_with_the_reason(
    as_shopper: AsShopper,
) -> None:
    first = proved(as_shopper("u0001"), "change_phone", "u0001", "13900001111")
    first.runs("action_code_verified")
    bot = proved(as_shopper("u0002", turn_id="turn-2"), "change_phone", "u0002", "13900001111")
    assert "已经绑定了其他账号" in bot.runs("action_code_verified").text
    assert account(bot, "u0002").phone_masked != "139****1111"


def test_a_shop_that_lets_nothing_be_written_gets_a_ticket(
    as_shopper: AsShopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(
        self: SqlGateway, profile: str, account_id: str, turn: TurnRef, *, phone: str
    ) -> Account:
        raise ShopReadOnly

    monkeypatch.setattr(SqlGateway, "change_phone", refuse)
    bot = proved(as_shopper("u0001"), "change_phone", "u0001", "13900001111")
    command = bot.runs("action_code_verified").commands[0]
    assert (command["type"], command["kind"]) == ("ticket", "service")
    assert "u0001" in command["details"]
    assert "13900001111" in command["details"]


def test_a_link_says_until_when_it_is_good(as_shopper: AsShopper) -> None:
    bot = proved(as_shopper(None), "reset_password")
    link = bot.services.shop.start_password_reset("demo", "u0007", TurnRef(bot.turn_id, NOW))
    assert link.expires_at > NOW + timedelta(minutes=1)
    assert "今天" in bot.runs("action_code_verified").text
