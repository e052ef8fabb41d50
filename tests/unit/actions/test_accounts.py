"""Locked accounts, forgotten passwords, another phone: up to the code, never past it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from kefu.shop.schema import AccountRow
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_data import ShopData
from tests.unit.actions.conftest import Answer, Bot
from tests.unit.actions.form_talk import Talk

LOCKED = "u0007"


def code(answer: Answer) -> dict[str, Any]:
    (command,) = answer.commands
    assert command["type"] == "verify_request"
    return command


@pytest.fixture
def set_account(shop: SqlGateway, tmp_path: Any) -> Any:
    """Changes columns of a demo account."""
    data = ShopData(f"sqlite:///{tmp_path / 'shop.db'}")

    def change(account_id: str, **values: Any) -> None:
        with data.engine.begin() as connection:
            connection.execute(
                update(AccountRow)
                .where(AccountRow.profile == "demo", AccountRow.account_id == account_id)
                .values(**values)
            )

    yield change
    data.close()


@pytest.fixture
def locked(as_shopper: Any) -> Talk:
    return Talk(as_shopper(LOCKED))


@pytest.fixture
def guest(as_shopper: Any) -> Talk:
    return Talk(as_shopper(None))


def test_a_locked_account_hears_why_until_when_and_how(locked: Talk) -> None:
    told = locked.says("账号被锁了", "account_locked")
    assert "输错登录密码" in told.text
    assert "自动解锁" in told.text
    assert "****" in told.text
    assert not told.commands


@pytest.mark.parametrize("way", ["press", "yes"])
def test_the_code_is_sent_on_a_press_or_a_yes(locked: Talk, way: str) -> None:
    locked.says("账号被锁了", "account_locked")
    answer = locked.press("发送验证码") if way == "press" else locked.says("好的", "affirm")
    assert code(answer) == {"type": "verify_request", "purpose": "unlock"}
    assert "输入框" in answer.text
    account = locked.bot.services.shop.account(locked.bot.viewer)
    assert account
    assert account.locked


def test_a_yes_after_something_else_sends_no_code(locked: Talk) -> None:
    locked.says("账号被锁了", "account_locked")
    locked.says("你们几点上班", "contact_info")
    assert not locked.says("好的", "affirm").commands


def test_a_lock_set_by_a_person_needs_a_person(locked: Talk, set_account: Any) -> None:
    set_account(LOCKED, locked_until=None, lock_reason="风险核查")
    told = locked.says("账号被锁了", "account_locked")
    assert "风险核查" in told.text
    assert "人工" in told.text
    assert locked.bot.slots["last_verdict"]["code"] == "lock_by_person"
    assert not locked.press_payload('/account_locked{"purpose": "unlock"}').commands


def test_in_a_wallet_a_lock_goes_to_the_safety_group(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None, profile="tpwallet"))
    talk.says("账户被冻结了", "account_locked")
    command = talk.says("转人工", "human_agent").commands[0]
    assert command["group"] == "safety"


def test_an_account_without_address_or_lock(bot: Bot, set_account: Any, locked: Talk) -> None:
    assert "没有被锁定" in Talk(bot).says("账号被锁了", "account_locked").text
    set_account(LOCKED, phone="", email=None)
    told = locked.says("账号被锁了", "account_locked")
    assert "没有绑定" in told.text
    assert told.payloads == ["/human_agent"]


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("13812345678", "13812345678"),
        ("我的手机是 138 1234 5678", "13812345678"),
        ("Nobody@Example.com", "nobody@example.com"),
        ("u0007", "u0007"),
        ("账号是zhang_san", "zhang_san"),
    ],
)
@pytest.mark.parametrize(
    ("wish", "intent", "purpose"),
    [("账号被锁了", "account_locked", "unlock"), ("忘记密码", "password_reset", "reset_password")],
)
def test_a_guest_names_the_account(
    guest: Talk, text: str, login: str, wish: str, intent: str, purpose: str
) -> None:
    asked = guest.says(wish, intent)
    assert "手机号、邮箱或账号名" in asked.text
    assert not asked.commands
    assert code(guest.says(text, "inform")) == {
        "type": "verify_request",
        "purpose": purpose,
        "login": login,
    }
    assert guest.bot.form is None
    assert guest.bot.slots["login_name"] is None


def test_a_guest_hears_the_same_whether_the_account_exists(as_shopper: Any) -> None:
    answers: list[str] = []
    for login in (LOCKED, "nobody99"):
        talk = Talk(as_shopper(None))
        talk.says("账号被锁了", "account_locked")
        answers.append(talk.says(login, "inform").text)
    assert answers[0] == answers[1]


def test_the_account_may_come_with_the_wish(guest: Talk) -> None:
    assert code(guest.says("13812345678 密码忘了", "password_reset"))["login"] == "13812345678"


def test_unhappy_ways_through_the_login_form(guest: Talk) -> None:
    guest.says("忘记密码", "password_reset")
    assert "不完整" in guest.says("1381234", "inform").text
    digression = guest.says("你们几点上班", "contact_info")
    assert digression.text.endswith("我发验证码核对是您本人。")
    assert "没太听懂" in guest.says("这个那个", "nlu_fallback").text
    left = guest.says("算了", "deny")
    assert not left.commands
    assert guest.bot.form is None


def test_a_corrected_login_is_no_refusal(guest: Talk) -> None:
    guest.says("忘记密码", "password_reset")
    assert code(guest.says("不对，是13912345678", "deny"))["login"] == "13912345678"


def test_a_password_is_reset_by_code_for_who_is_signed_in(bot: Bot) -> None:
    talk = Talk(bot)
    assert not talk.says("忘记密码", "password_reset").commands
    assert code(talk.says("好", "affirm")) == {
        "type": "verify_request",
        "purpose": "reset_password",
    }


def test_another_phone_takes_a_number_and_a_yes(bot: Bot) -> None:
    talk = Talk(bot)
    talk.says("换绑手机", "account_change")
    assert "不完整" in talk.says("1391234", "inform").text
    shown = talk.says("13912345678", "inform", phone="13912345678")
    assert "139****5678" in shown.text
    assert "13912345678" not in shown.text
    assert not shown.commands
    answer = talk.press("开始验证")
    assert code(answer)["phone"] == "13912345678"
    assert code(answer)["purpose"] == "change_phone"


def test_the_new_phone_is_corrected_before_the_yes(bot: Bot) -> None:
    talk = Talk(bot)
    first = talk.says("手机号换成13912345678", "account_change")
    old_button = first.payloads[0]
    talk.says("不对，是13712345678", "deny")
    assert not talk.press_payload(old_button).commands
    assert talk.bot.form == "phone_form"
    assert "新手机号" in talk.says("换个号码", "nlu_fallback").text
    talk.says("13612345678", "inform")
    assert code(talk.says("可以", "affirm"))["phone"] == "13612345678"


def test_giving_up_changes_nothing(bot: Bot) -> None:
    talk = Talk(bot)
    talk.says("换绑手机", "account_change")
    assert "没有改动" in talk.says("算了", "deny").text
    talk.says("换绑手机", "account_change")
    talk.says("13912345678", "inform")
    left = talk.says("先不换了", "deny")
    assert not left.commands
    assert talk.bot.form is None


def test_a_guest_signs_in_before_the_phone_is_changed(guest: Talk) -> None:
    answer = guest.says("换绑手机", "account_change")
    assert "先登录" in answer.text
    assert guest.bot.form is None
    assert not guest.press_payload('/account_change{"purpose": "change_phone"}').commands


def test_closing_the_account_is_read_up(bot: Bot) -> None:
    answer = Talk(bot).says("怎么注销账号", "account_change")
    assert [card["type"] for card in answer.cards] == ["article"]
    assert "注销" in answer.text
    assert "/human_agent" in answer.payloads


def test_membership_is_told_from_the_shop(bot: Bot, guest: Talk) -> None:
    standing = bot.services.shop.membership(bot.viewer)
    assert standing
    told = Talk(bot).says("我是什么会员", "membership")
    assert standing.level in told.text
    assert str(standing.points) in told.text
    if standing.next_growth:
        assert str(standing.next_growth - standing.growth) in told.text
    renewal = Talk(bot).says("怎么关闭自动续费", "membership")
    assert "续费" in renewal.text or "扣费" in renewal.text
    anonymous = guest.says("我是什么会员", "membership")
    assert "登录后" in anonymous.text
    assert anonymous.cards[0]["type"] == "article"


def test_a_seller_whose_shop_is_closed_is_led_to_the_sellers_group(as_shopper: Any) -> None:
    guest = as_shopper(None, profile="tiktokshop")
    answer = guest.hears("我的店铺被封了", "account_locked").runs("action_account_locked")
    assert "商家与合作伙伴支持" in answer.text
