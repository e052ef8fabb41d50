"""Accounts: membership, where they are reached, and what a proved owner does with one."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.shop.gateway import OperationConflict, RuleRefused, ShopGateway
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.model import Account, TurnRef, Viewer
from kefu.shop.people import Contact, ContactChannel, Membership, ResetLink
from kefu.shop.policy import MemberLevel, ShopPolicy
from kefu.shop.schema import AccountRow
from kefu.shop.service_tables import MembershipRow, PasswordResetRow
from tests.shop_backends import OpenShop
from tests.shop_data import NOW, ShopData
from tests.shopper import at_once

_phones = (f"138{number:08d}" for number in itertools.count(1))


@dataclass
class Owner:
    shop: ShopGateway
    data: ShopData
    account: str
    phone: str

    def turn(self, name: str = "t") -> TurnRef:
        return TurnRef(f"{name}-{self.account}", NOW)

    def row(self) -> AccountRow:
        with Session(self.data.engine) as session:
            return session.scalars(select(AccountRow).filter_by(account_id=self.account)).one()

    def notices(self) -> list[str]:
        with Session(self.data.engine) as session:
            rows = session.scalars(select(NoticeRow).filter_by(account_id=self.account))
            return [row.kind for row in rows]


def make_owner(shop: ShopGateway, data: ShopData, **more: Any) -> Owner:
    phone = more.pop("phone", None) or next(_phones)
    return Owner(shop, data, data.account(phone=phone, **more), phone)


@pytest.fixture
def owner(shop: ShopGateway, data: ShopData) -> Owner:
    return make_owner(
        shop,
        data,
        locked=True,
        lock_reason="连续输错密码",
        locked_until=NOW + timedelta(hours=20),
        email=None,
    )


def unlock(owner: Owner, name: str = "t", **more: Any) -> Account:
    asked = {"profile": "p", "account_id": owner.account} | more
    return owner.shop.unlock_account(turn=owner.turn(name), **asked)


def reset(owner: Owner, name: str = "t", **more: Any) -> ResetLink:
    asked = {"profile": "p", "account_id": owner.account} | more
    return owner.shop.start_password_reset(turn=owner.turn(name), **asked)


def rebind(owner: Owner, name: str = "t", **more: Any) -> Account:
    asked = {"profile": "p", "account_id": owner.account, "phone": f"139{owner.phone[3:]}"} | more
    return owner.shop.change_phone(turn=owner.turn(name), **asked)


EFFECTS = pytest.mark.parametrize("act", [unlock, reset, rebind])
Act = Callable[..., Any]


def test_an_account_is_unlocked_once_per_turn(owner: Owner):
    opened = unlock(owner)
    assert (opened.locked, opened.lock_reason, opened.locked_until) == (False, None, None)
    assert owner.shop.account(Viewer("p", owner.account)) == opened
    assert unlock(owner) == opened
    assert owner.notices() == ["account_unlocked"]
    (operation,) = owner.shop.operations(owner.turn().turn_id)
    assert (operation.name, operation.target) == ("unlock_account", owner.account)
    assert owner.phone not in str(operation.result)


def test_an_account_that_is_not_locked_stays_as_it_is(shop: ShopGateway, data: ShopData):
    owner = make_owner(shop, data)
    assert unlock(owner).locked is False
    assert owner.notices() == []


def test_a_lock_that_a_person_set_is_a_persons_to_open(shop: ShopGateway, data: ShopData):
    owner = make_owner(shop, data, locked=True, lock_reason="涉嫌欺诈")
    with pytest.raises(RuleRefused) as refused:
        unlock(owner)
    assert refused.value.verdict.code == "lock_by_person"
    assert owner.row().locked is True


def token_of(link: ResetLink) -> str:
    return hashlib.sha256(link.url.partition("token=")[2].encode()).hexdigest()


def tokens(owner: Owner) -> set[str]:
    with Session(owner.data.engine) as session:
        rows = session.scalars(select(PasswordResetRow).filter_by(account_id=owner.account))
        return {row.token_hash for row in rows}


def test_a_reset_link_is_kept_as_its_hash_alone(owner: Owner):
    link = reset(owner)
    assert link.url.startswith("/account/reset?token=")
    assert link.expires_at == NOW + timedelta(minutes=30)
    token = link.url.partition("token=")[2]
    assert len(token) >= 32
    assert tokens(owner) == {token_of(link)}
    (operation,) = owner.shop.operations(owner.turn().turn_id)
    assert token not in str(operation.result)
    assert owner.notices() == ["password_reset_started"]


def test_the_same_turn_again_gives_a_link_that_works_beside_the_first(owner: Owner):
    first, second = reset(owner), reset(owner)
    assert first.url != second.url
    assert first.expires_at == second.expires_at
    assert tokens(owner) == {token_of(first), token_of(second)}
    assert owner.notices() == ["password_reset_started"]
    assert owner.data.count(OperationRow, target=owner.account) == 1


def test_a_new_link_ends_the_old_ones(owner: Owner):
    reset(owner)
    other = make_owner(owner.shop, owner.data)
    others = reset(other)
    last = reset(owner, "later")
    assert tokens(owner) == {token_of(last)}
    assert tokens(other) == {token_of(others)}


def test_the_policy_names_the_page_and_the_time(owner: Owner, open_shop: OpenShop):
    policy = ShopPolicy(reset_url="https://example.com/r/{token}?lang=zh", reset_minutes=5)
    link = open_shop({"p": policy}).start_password_reset("p", owner.account, owner.turn())
    assert link.url.startswith("https://example.com/r/")
    assert link.url.endswith("?lang=zh")
    assert link.expires_at == NOW + timedelta(minutes=5)


def test_another_phone_is_bound(owner: Owner):
    old = owner.phone
    changed = rebind(owner, phone="+86 139-9876-0001")
    assert changed.phone_masked == "139****0001"
    assert owner.row().phone == "13998760001"
    (notice,) = notices_of(owner)
    assert notice.payload == {"old": f"138****{old[-4:]}", "new": "139****0001"}
    assert owner.shop.find_contact("p", old) is None


def notices_of(owner: Owner) -> list[NoticeRow]:
    with Session(owner.data.engine) as session:
        return list(session.scalars(select(NoticeRow).filter_by(account_id=owner.account)))


@pytest.mark.parametrize("phone", ["", "1381234567", "057188010001", "12345678901", "138\0" * 3])
def test_only_a_mobile_phone_is_bound(owner: Owner, phone: str):
    with pytest.raises(RuleRefused) as refused:
        rebind(owner, phone=phone)
    assert refused.value.verdict.code == "bad_phone"
    assert owner.row().phone == owner.phone


def test_a_phone_belongs_to_one_account(owner: Owner):
    other = make_owner(owner.shop, owner.data)
    with pytest.raises(RuleRefused) as refused:
        rebind(owner, phone=other.phone)
    assert refused.value.verdict.code == "phone_taken"
    assert rebind(owner, "own", phone=owner.phone).account_id == owner.account


def test_another_phone_in_the_same_turn_conflicts(owner: Owner):
    rebind(owner)
    with pytest.raises(OperationConflict):
        rebind(owner, phone="13700000000")


@EFFECTS
@pytest.mark.parametrize("account", ["nobody", "", "\0", "x" * 65])
def test_an_unknown_account_is_refused(owner: Owner, act: Act, account: str):
    with pytest.raises(RuleRefused) as refused:
        act(owner, account_id=account)
    assert refused.value.verdict.code == "account_not_found"


@EFFECTS
def test_an_account_belongs_to_its_profile(owner: Owner, act: Act):
    with pytest.raises(RuleRefused):
        act(owner, profile="q")
    assert (owner.row().locked, owner.row().phone) == (True, owner.phone)


@EFFECTS
@pytest.mark.parametrize("round_", range(2))
def test_the_same_turn_twice_at_once_has_one_effect(owner: Owner, act: Act, round_: int):
    results = at_once(*[lambda: act(owner)] * 4)
    if act is not reset:
        assert results == [results[0]] * 4
    assert len({each.expires_at for each in results if isinstance(each, ResetLink)}) <= 1
    assert owner.data.count(OperationRow, target=owner.account) == 1
    assert len(owner.notices()) == 1


def test_membership_is_counted_by_the_policys_levels(owner: Owner, open_shop: OpenShop):
    levels = (MemberLevel("金卡会员", 0, ("包邮",)), MemberLevel("黑金会员", 500))
    shop = open_shop({"p": ShopPolicy(levels=levels)})
    owner.data.insert(
        MembershipRow,
        {
            "profile": "p",
            "account_id": owner.account,
            "growth": 320,
            "points": 88,
            "renews_at": NOW,
            "auto_renew": True,
        },
    )
    found = shop.membership(Viewer("p", owner.account))
    assert found == Membership("金卡会员", 320, "黑金会员", 500, 88, ("包邮",), NOW, True)


def test_membership_without_a_row_starts_at_nothing(owner: Owner):
    found = owner.shop.membership(Viewer("p", owner.account))
    assert found is not None
    assert (found.level, found.growth, found.points) == ("金卡会员", 0, 0)
    assert (found.renews_at, found.auto_renew) == (None, False)
    assert owner.shop.membership(Viewer("p", None)) is None
    assert owner.shop.membership(Viewer("q", owner.account)) is None


def test_contacts_are_masked_and_the_phone_comes_first(shop: ShopGateway, data: ShopData):
    owner = make_owner(shop, data, email="li.hua@example.com")
    assert shop.contacts("p", owner.account) == (
        Contact(owner.account, ContactChannel.SMS, f"138****{owner.phone[-4:]}"),
        Contact(owner.account, ContactChannel.EMAIL, "l****@example.com"),
    )
    assert shop.contacts("q", owner.account) == ()
    assert shop.contacts("p", "nobody") == shop.contacts("p", "\0") == ()


def test_an_account_is_found_by_what_its_owner_types(shop: ShopGateway, data: ShopData):
    email = f"Li.Hua{next(_phones)}@example.com"
    owner = make_owner(shop, data, email=email)
    spaced = f"+86 {owner.phone[:3]}-{owner.phone[3:7]}-{owner.phone[7:]}"
    by_phone = Contact(owner.account, ContactChannel.SMS, f"138****{owner.phone[-4:]}")
    by_mail = Contact(owner.account, ContactChannel.EMAIL, "L****@example.com")
    for typed in (owner.phone, spaced, f" {owner.phone}\n", owner.account):
        assert shop.find_contact("p", typed) == by_phone
    for typed in (email, email.lower(), email.upper(), f" {email.replace('@', '＠')} "):
        assert shop.find_contact("p", typed) == by_mail
    assert shop.find_contact("q", owner.phone) is None


@pytest.mark.parametrize("typed", ["", " ", "\0", "%", "_", "13800", "x@", "@", "y" * 65])
def test_what_names_no_account_finds_none(shop: ShopGateway, data: ShopData, typed: str):
    make_owner(shop, data)
    assert shop.find_contact("p", typed) is None


def test_a_phone_of_two_accounts_finds_neither(shop: ShopGateway, data: ShopData):
    first = make_owner(shop, data)
    make_owner(shop, data, phone=first.phone)
    assert shop.find_contact("p", first.phone) is None
    assert shop.find_contact("p", first.account) is not None


def notify(owner: Owner, notice_id: str, **more: Any) -> None:
    asked: dict[str, Any] = {
        "notice_id": notice_id,
        "kind": "code",
        "channel": ContactChannel.SMS,
        "payload": {"code": "123456"},
    }
    owner.shop.send_notice("p", owner.account, **(asked | more))


def test_a_notice_waits_in_the_outbox_once(owner: Owner):
    notify(owner, f"v-{owner.account}")
    notify(owner, f"v-{owner.account}", payload={"code": "999999"}, channel=None)
    (row,) = notices_of(owner)
    assert (row.kind, row.channel, row.payload) == ("code", "sms", {"code": "123456"})
    assert (row.sent_at, row.tries, row.order_number) == (None, 0, None)


def test_without_a_channel_the_shop_chooses(owner: Owner):
    notify(owner, f"v-{owner.account}", channel=None)
    assert notices_of(owner)[0].channel is None


def test_any_id_will_do(owner: Owner):
    for _ in range(2):
        notify(owner, "长" * 300 + owner.account)
    assert len(notices_of(owner)) == 1


@pytest.mark.parametrize("round_", range(2))
def test_the_same_notice_at_once_is_sent_once(owner: Owner, round_: int):
    at_once(*[lambda: notify(owner, f"v-{owner.account}")] * 4)
    assert len(notices_of(owner)) == 1
