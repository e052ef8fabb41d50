"""The profiles that come with Kefu."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from kefu.privacy.mask import is_bank_card, mask_message
from kefu.profiles import Profile, Profiles, load_profiles
from kefu.profiles.hours import SHOP_TIME

NAMES = ("demo", "tp", "tpwallet", "tiktokshop", "tmall")
NUMBERS = {
    "demo": "KF20261108004217",
    "tp": "TP20261108004217",
    "tpwallet": "TW2026110800421799",
    "tiktokshop": "571234567890123456",
    "tmall": "4012345678901234567",
}


@pytest.fixture(scope="module")
def profiles() -> Profiles:
    return load_profiles(Path("data/profiles"))


@pytest.fixture(params=NAMES)
def brand(request: pytest.FixtureRequest, profiles: Profiles) -> Profile:
    return profiles[request.param]


def test_these_are_all(profiles: Profiles) -> None:
    assert sorted(each.profile for each in profiles) == sorted(NAMES)


def test_a_person_is_one_press_away(brand: Profile) -> None:
    assert brand.quick_entries[-1].intent == "human_agent"


def test_every_brand_has_its_own_key_issuer_and_colour(profiles: Profiles) -> None:
    for value in (
        {each.identity.key_env for each in profiles if each.identity},
        {each.identity.issuer for each in profiles if each.identity},
        {each.theme.colour for each in profiles},
        {each.brand for each in profiles},
        {each.bot_name for each in profiles},
    ):
        assert len(value) == len(NAMES)


def test_every_brand_can_be_reached_in_several_ways(brand: Profile) -> None:
    kinds = {channel.kind for channel in brand.channels}
    assert {"chat", "phone"} <= kinds
    assert len(kinds) >= 3
    assert set(brand.answer_times) <= kinds


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_an_order_number_fits_its_brand_alone(profiles: Profiles, name: str, number: str) -> None:
    fitting = {
        each.profile
        for each in profiles
        if any(re.fullmatch(pattern, number) for pattern in each.order_number_patterns)
    }
    assert fitting == {name}


@pytest.mark.parametrize(("name", "number"), NUMBERS.items())
def test_an_order_number_survives_masking(profiles: Profiles, name: str, number: str) -> None:
    # One digit in ten makes a number that passes for a bank card.
    lookalikes = [number[:-1] + digit for digit in "0123456789"]
    for each in lookalikes:
        grouped = " ".join(each[i : i + 4] for i in range(0, len(each), 4))
        for text in (f"订单{each}到哪了", f"订单 {grouped} 到哪了"):
            assert mask_message(text, profiles[name].known_numbers).text == text


def test_a_bank_card_does_not(brand: Profile) -> None:
    for length in (16, 17, 18, 19):
        card = next(
            f"{'6222021234567890123'[: length - 1]}{digit}"
            for digit in "0123456789"
            if is_bank_card(f"{'6222021234567890123'[: length - 1]}{digit}")
        )
        assert card not in mask_message(f"卡号{card}", brand.known_numbers).text
    # A card may hold the digits of an order number.
    odd = next(
        f"625712345678901234{digit}"
        for digit in "0123456789"
        if is_bank_card(f"625712345678901234{digit}")
    )
    assert odd not in mask_message(odd, brand.known_numbers).text


def test_a_wallet_offers_nothing_about_goods(profiles: Profiles) -> None:
    wallet = profiles["tpwallet"]
    off = {"track_logistics", "return_request", "product_question", "install_service"}
    assert off <= set(wallet.services_off)
    assert not off & set(profiles["tmall"].services_off)
    assert wallet.terms["订单"] == "交易"


MALL = [
    # goods, stock, shipping and changes are the seller's
    ("product_question", {}, "s01", "shop-clothes"),
    ("urge_shipping", {}, "s02", "shop-digital"),
    ("change_order", {}, "s04", "shop-home"),
    (None, {}, "s03", "shop-fresh"),
    # rules, disputes and accounts are the mall's, whoever sold it
    ("dispute_appeal", {}, "s01", "official"),
    ("account_locked", {}, "s02", "official"),
    ("promotion_coupon", {}, "s03", "official"),
    ("payment_failure", {}, None, "official"),
    # so is what begins at its own doors
    ("order_status", {"page": "/order-anomaly?id=1"}, "s01", "official"),
    (None, {"page": "/help"}, None, "official"),
    ("order_status", {"page": "/item/42"}, "s01", "shop-clothes"),
    # some goods are the brand's after-sale
    ("repair_warranty", {}, "s02", "brand-care"),
    ("install_service", {}, "s04", "brand-care"),
    ("repair_warranty", {}, "s01", "shop-clothes"),
    # and without a seller it is the mall's
    ("urge_shipping", {}, None, "official"),
    ("urge_shipping", {}, "s99", "official"),
]


@pytest.mark.parametrize(("intent", "context", "seller", "group"), MALL)
def test_who_answers_in_a_mall(
    profiles: Profiles, intent: str | None, context: dict[str, str], seller: str | None, group: str
) -> None:
    assert profiles["tmall"].group_for(intent, context, seller).group == group


@pytest.mark.parametrize(
    ("name", "intent", "context", "group"),
    [
        ("tp", "order_status", {}, "agents"),
        ("tp", "complaint", {}, "complaints"),
        ("tpwallet", "payment_failure", {}, "technical"),
        ("tpwallet", "membership", {"page": "/error/500"}, "technical"),
        ("tpwallet", "fraud_report", {}, "safety"),
        ("tiktokshop", "dispute_appeal", {}, "appeals"),
        ("tiktokshop", "merchant_service", {}, "partners"),
        ("tiktokshop", "order_status", {"page": "/seller/home"}, "partners"),
        ("tiktokshop", "order_status", {}, "agents"),
    ],
)
def test_who_answers_elsewhere(
    profiles: Profiles, name: str, intent: str, context: dict[str, str], group: str
) -> None:
    assert profiles[name].group_for(intent, context).group == group


def test_the_mall_is_there_around_the_clock_and_its_sellers_are_not(profiles: Profiles) -> None:
    mall = profiles["tmall"]
    night = datetime(2026, 10, 2, 3, 0, tzinfo=SHOP_TIME)
    assert mall.hours_of(mall.groups[0]).is_open(night)
    assert len(mall.sellers) == 4
    assert not any(mall.hours_of(seller).is_open(night) for seller in mall.sellers)
