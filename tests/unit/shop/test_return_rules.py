"""What may go back: to be returned, exchanged or repaired, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.shop import return_rules
from kefu.shop.model import Order, OrderState, ReturnKind, ReturnReason, ReturnState, Verdict
from kefu.shop.policy import ShopPolicy
from kefu.shop.return_rules import FAULT_MAY_HELP, end_of_warranty
from kefu.shop.rules import BEIJING, QUALITY_REASONS, Category
from tests.shop_data import order_value, return_value

MICROSECOND = timedelta(microseconds=1)
SIGNED = datetime(2026, 11, 1, 10, 0, tzinfo=BEIJING)
END_OF_7TH_DAY = datetime(2026, 11, 9, 0, 0, tzinfo=BEIJING)
END_OF_15TH_DAY = datetime(2026, 11, 17, 0, 0, tzinfo=BEIJING)
SOON = SIGNED + timedelta(hours=1)
UNSIGNED = (OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED)
FAULTS = sorted(QUALITY_REASONS)
AT_WILL = [None, ReturnReason.NO_REASON, ReturnReason.WRONG_SIZE, ReturnReason.OTHER]
BOTH = [ReturnKind.RETURN, ReturnKind.EXCHANGE]


def signed(*categories: str, at: datetime = SIGNED, **more: object) -> Order:
    return order_value(signed_at=at.astimezone(UTC), categories=categories or ("clothing",), **more)


def judge(
    kind: ReturnKind = ReturnKind.RETURN,
    order: Order | None = None,
    at: datetime = SOON,
    reason: ReturnReason | None = None,
    policy: ShopPolicy | None = None,
    months: int = 0,
) -> Verdict:
    return return_rules.verdict_for(
        kind,
        order or signed(),
        "i1",
        at,
        reason,
        policy=policy or ShopPolicy(),
        warranty_months=months,
    )


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("reason", AT_WILL)
def test_at_will_until_the_last_moment_of_the_seventh_beijing_day(
    kind: ReturnKind, reason: ReturnReason | None
):
    assert judge(kind, at=END_OF_7TH_DAY - MICROSECOND, reason=reason).allowed
    late = judge(kind, at=END_OF_7TH_DAY, reason=reason)
    assert (late.allowed, late.code) == (False, "fault_only")
    assert "7天" in late.sentence
    assert "15天" in late.sentence


def test_day_of_signing_is_the_beijing_day_not_the_utc_day():
    # 23:30 UTC on 31 October is already 1 November in Beijing.
    order = signed(at=datetime(2026, 10, 31, 23, 30, tzinfo=UTC))
    assert judge(order=order, at=END_OF_7TH_DAY - MICROSECOND).allowed
    assert not judge(order=order, at=END_OF_7TH_DAY).allowed


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("reason", FAULTS)
def test_faults_until_the_end_of_the_fifteenth_day(kind: ReturnKind, reason: ReturnReason):
    assert judge(kind, at=END_OF_15TH_DAY - MICROSECOND, reason=reason).code == "ok"
    late = judge(kind, at=END_OF_15TH_DAY, reason=reason)
    assert late.code == f"{kind}_expired"
    assert "15天" in late.sentence
    assert judge(kind, at=END_OF_15TH_DAY).code == f"{kind}_expired"


@pytest.mark.parametrize("reason", FAULTS)
def test_a_policy_may_leave_only_the_exchange_for_later_faults(reason: ReturnReason):
    strict = ShopPolicy(return_days=3, quality_days=7, exchange_days=30)
    at = END_OF_7TH_DAY
    refused = judge(at=at, reason=reason, policy=strict)
    assert refused.code == "exchange_only"
    assert "超过7天" in refused.sentence
    assert "30天" in refused.sentence
    assert judge(ReturnKind.EXCHANGE, at=at, reason=reason, policy=strict).allowed
    assert judge(at=at - MICROSECOND, reason=reason, policy=strict).allowed
    assert judge(at=at - MICROSECOND, policy=strict).code == "fault_only"


@pytest.mark.parametrize("kind", BOTH)
def test_a_shop_without_returns_at_will_still_answers_for_faults(kind: ReturnKind):
    strict = ShopPolicy(return_days=0)
    refused = judge(kind, at=SIGNED, policy=strict)
    assert refused.code == "fault_only"
    assert "0天" not in refused.sentence
    assert judge(kind, at=SIGNED, reason=ReturnReason.DAMAGED, policy=strict).allowed
    nothing = ShopPolicy(return_days=0, quality_days=0, exchange_days=0)
    gone = judge(kind, at=SIGNED, reason=ReturnReason.DAMAGED, policy=nothing)
    assert (gone.allowed, "0天" in gone.sentence) == (False, False)


@pytest.mark.parametrize(
    "category", ["fresh_food", "underwear", "customised", "virtual", "periodicals"]
)
@pytest.mark.parametrize("reason", AT_WILL)
@pytest.mark.parametrize("kind", BOTH)
def test_excluded_goods_cannot_go_back_at_will(
    category: str, reason: ReturnReason | None, kind: ReturnKind
):
    verdict = judge(kind, signed(category), reason=reason)
    assert (verdict.allowed, verdict.code) == (False, "category_excluded")


@pytest.mark.parametrize("category", ["fresh_food", "underwear", "customised"])
@pytest.mark.parametrize("kind", BOTH)
def test_excluded_goods_can_go_back_for_a_fault(category: str, kind: ReturnKind):
    assert judge(kind, signed(category), reason=ReturnReason.DAMAGED).allowed


@pytest.mark.parametrize("hours", [24, 48])
def test_faults_of_fresh_food_must_be_told_in_time(hours: int):
    policy = ShopPolicy(quick_claim_hours=hours)
    fresh, limit = signed("fresh_food"), SIGNED + timedelta(hours=hours)
    assert judge(order=fresh, at=limit, reason=ReturnReason.DAMAGED, policy=policy).allowed
    late = judge(order=fresh, at=limit + MICROSECOND, reason=ReturnReason.DAMAGED, policy=policy)
    assert late.code == "fresh_claim_expired"
    assert f"{hours}小时" in late.sentence


@pytest.mark.parametrize("kind", BOTH)
def test_virtual_goods_never_come_back(kind: ReturnKind):
    verdict = judge(kind, signed("virtual"), reason=ReturnReason.DAMAGED)
    assert verdict.code == "category_excluded"


@pytest.mark.parametrize("category", ["cosmetics", "snacks"])
@pytest.mark.parametrize("kind", BOTH)
def test_some_goods_must_be_unopened_unless_faulty(category: str, kind: ReturnKind):
    at_will = judge(kind, signed(category))
    assert (at_will.allowed, at_will.code) == (True, "ok_unopened")
    assert "未拆封" in at_will.sentence
    assert judge(kind, signed(category), reason=ReturnReason.DAMAGED).code == "ok"


@pytest.mark.parametrize("kind", list(ReturnKind))
@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ReturnState.REQUESTED, "return_open"),
        (ReturnState.APPROVED, "return_open"),
        (ReturnState.SHIPPED_BACK, "return_open"),
        (ReturnState.INSPECTING, "return_open"),
        (ReturnState.REFUNDED, "already_returned"),
        (ReturnState.REJECTED, "ok"),
        (ReturnState.CLOSED, "ok"),
    ],
)
def test_an_item_has_one_standing_rma_of_any_kind(kind: ReturnKind, state: ReturnState, code: str):
    order = signed("clothing", "clothing", returns=(return_value(state),))
    verdict = judge(kind, order, months=12)
    assert (verdict.code, verdict.allowed) == (code, code == "ok")
    if code == "return_open":
        assert "RMA0000000001" in verdict.sentence
        assert "退货申请" in verdict.sentence
    assert return_rules.return_verdict(order, "i2", SOON).allowed


@pytest.mark.parametrize("kind", list(ReturnKind))
@pytest.mark.parametrize("state", UNSIGNED)
def test_unsigned_orders_have_nothing_to_send_back(kind: ReturnKind, state: OrderState):
    assert judge(kind, order_value(state), months=12).code == "not_signed"


@pytest.mark.parametrize("kind", list(ReturnKind))
@pytest.mark.parametrize("state", [OrderState.CANCELLED, OrderState.CLOSED])
def test_ended_orders_have_nothing_to_send_back(kind: ReturnKind, state: OrderState):
    assert judge(kind, order_value(state), months=12).code == "order_closed"


@pytest.mark.parametrize("kind", list(ReturnKind))
def test_a_signed_order_without_its_day_cannot_be_judged(kind: ReturnKind):
    assert judge(kind, order_value(OrderState.SIGNED), months=12).code == "not_signed"


def test_unknown_item_is_refused():
    assert return_rules.return_verdict(signed(), "other", SIGNED).code == "item_not_found"


@pytest.mark.parametrize(
    ("signed_on", "months", "last"),
    [
        ((2026, 11, 1), 12, (2027, 11, 1)),
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2028, 1, 31), 1, (2028, 2, 29)),
        ((2026, 12, 15), 1, (2027, 1, 15)),
        ((2028, 2, 29), 12, (2029, 2, 28)),
    ],
)
def test_warranty_ends_with_the_same_day_of_a_later_month(
    signed_on: tuple[int, int, int], months: int, last: tuple[int, int, int]
):
    order = signed("electronics", at=datetime(*signed_on, 23, 0, tzinfo=BEIJING))
    end = datetime(*last, tzinfo=BEIJING) + timedelta(days=1)
    fault = ReturnReason.DAMAGED
    repair = ReturnKind.REPAIR
    assert judge(repair, order, end - MICROSECOND, fault, months=months).allowed
    late = judge(repair, order, end, fault, months=months)
    assert (late.allowed, late.code) == (False, "warranty_expired")
    assert f"{months}个月" in late.sentence
    assert "付费维修" in late.sentence


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 60),
)
def test_a_longer_warranty_ends_later(signed_at: datetime, months: int):
    end = end_of_warranty(signed_at, months)
    assert timedelta(days=28 * months) < end - signed_at < timedelta(days=31 * months + 2)
    assert end < end_of_warranty(signed_at, months + 1)


def test_without_a_warranty_a_repair_is_paid_and_done_by_a_person():
    verdict = judge(ReturnKind.REPAIR, reason=ReturnReason.DAMAGED)
    assert (verdict.allowed, verdict.code) == (False, "no_warranty")
    assert "付费维修" in verdict.sentence


@pytest.mark.parametrize("reason", [ReturnReason.NO_REASON, ReturnReason.WRONG_SIZE])
def test_what_is_not_broken_is_not_repaired(reason: ReturnReason):
    assert judge(ReturnKind.REPAIR, reason=reason, months=12).code == "not_a_fault"


def test_an_exchange_at_will_says_what_for():
    (item,) = signed().items
    wrong_size, broken = ReturnReason.WRONG_SIZE, ReturnReason.DAMAGED
    assert return_rules.variant_verdict(item, wrong_size, None).code == "variant_needed"
    same = return_rules.variant_verdict(item, wrong_size, "红色")
    assert same.code == "variant_same"
    assert "红色" in same.sentence
    assert return_rules.variant_verdict(item, wrong_size, "红色 XL").allowed
    assert return_rules.variant_verdict(item, broken, None).allowed
    assert return_rules.variant_verdict(item, broken, "红色").allowed


@given(
    st.sampled_from(list(ReturnKind)),
    st.sampled_from(list(OrderState)),
    st.sampled_from([*Category, "something_new"]),
    st.sampled_from([None, *ReturnReason]),
    st.integers(0, 40 * 24 * 60),
    st.builds(
        ShopPolicy,
        return_days=st.integers(0, 30),
        quality_days=st.integers(0, 30),
        exchange_days=st.integers(0, 30),
    ),
)
def test_every_verdict_speaks_and_help_is_never_promised_in_vain(
    kind: ReturnKind,
    state: OrderState,
    category: str,
    reason: ReturnReason | None,
    minutes: int,
    policy: ShopPolicy,
):
    order = order_value(state, signed_at=SIGNED, categories=(category,))
    at = SIGNED + timedelta(minutes=minutes)
    verdict = judge(kind, order, at, reason, policy, months=1)
    assert verdict.sentence.endswith("。")
    assert verdict.allowed or verdict.code != "ok"
    if verdict.code == "fault_only":
        assert verdict.code in FAULT_MAY_HELP
        fresh_late = category == "fresh_food" and minutes > 48 * 60
        assert fresh_late or judge(kind, order, at, ReturnReason.DAMAGED, policy).allowed
    if verdict.code == "exchange_only":
        assert judge(ReturnKind.EXCHANGE, order, at, reason, policy).allowed
