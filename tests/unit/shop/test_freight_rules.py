"""Who pays for sending goods back."""

from __future__ import annotations

import pytest

from kefu.shop.freight_rules import freight_payer, freight_sentence
from kefu.shop.model import FreightPayer, ReturnKind, ReturnReason
from kefu.shop.policy import ShopPolicy
from kefu.shop.rules import QUALITY_REASONS
from tests.shop_data import order_value

AT_WILL = sorted(set(ReturnReason) - QUALITY_REASONS)
BOTH = [ReturnKind.RETURN, ReturnKind.EXCHANGE]


@pytest.mark.parametrize("insured", [True, False])
@pytest.mark.parametrize("kind", list(ReturnKind))
@pytest.mark.parametrize("reason", sorted(QUALITY_REASONS))
def test_the_seller_pays_for_a_fault(insured: bool, kind: ReturnKind, reason: ReturnReason):
    order = order_value(freight_insured=insured)
    assert freight_payer(order, reason, kind) is FreightPayer.SELLER


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("reason", AT_WILL)
def test_at_will_the_shopper_pays_unless_insured(kind: ReturnKind, reason: ReturnReason):
    assert freight_payer(order_value(), reason, kind) is FreightPayer.SHOPPER
    insured = order_value(freight_insured=True)
    assert freight_payer(insured, reason, kind) is FreightPayer.INSURANCE
    generous = ShopPolicy(freight_by_shopper_on_no_reason=False)
    assert freight_payer(insured, reason, kind, generous) is FreightPayer.SELLER


def test_a_repair_under_warranty_costs_the_shopper_nothing():
    payer = freight_payer(order_value(), ReturnReason.OTHER, ReturnKind.REPAIR)
    assert payer is FreightPayer.SELLER


def test_every_payer_has_a_sentence_of_its_own():
    sentences = {freight_sentence(payer) for payer in FreightPayer}
    assert len(sentences) == len(FreightPayer)
    assert all(sentence.endswith("。") for sentence in sentences)
