"""An account of one brand sees no order of another, also where both have the same ids."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from actions.base import Services
from kefu.shop.model import Viewer
from kefu.turn_token import TurnClaims
from tests.unit.actions.conftest import Bot


@dataclass
class Elsewhere(Bot):
    """The same account id, signed in at another brand."""

    profile: str = "tp"

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.profile, self.account_id, self.verified)

    def claims(self) -> TurnClaims:
        claims = super().claims()
        return TurnClaims(
            claims.turn_id,
            claims.conversation_id,
            self.profile,
            claims.account_id,
            claims.now,
            claims.verified_orders,
            claims.context,
        )


@pytest.mark.parametrize("profile", ["tp", "tpwallet", "tiktokshop"])
@pytest.mark.parametrize(
    "action", ["action_order_status", "action_track_logistics", "action_refund_progress"]
)
def test_an_order_is_told_to_its_own_brands_account_alone(
    services: Services, profile: str, action: str
) -> None:
    home = Bot(services, account_id="u0001")
    (order, *_) = home.orders()
    number = order.order_number
    home.hears(f"{number}怎么样了", "order_status", order_number=number)
    assert number in str(home.runs("action_order_status").responses)

    away = Elsewhere(services, account_id="u0001", profile=profile)
    assert away.orders() == () or number not in {each.order_number for each in away.orders()}
    away.hears(f"{number}怎么样了", "order_status", order_number=number)
    answer = away.runs(action)
    assert answer.cards == [] or number not in str(answer.cards)
    told = str(answer.responses)
    assert not any(item.name in told for item in order.items)


def test_an_order_that_a_guest_proved_is_proved_at_this_brand_alone(services: Services) -> None:
    (order, *_) = Bot(services, account_id="u0001").orders()
    number = order.order_number
    guest = Elsewhere(services, account_id=None, verified=frozenset({number}))
    guest.hears(f"{number}怎么样了", "order_status", order_number=number)
    answer = guest.runs("action_order_status")
    assert not any(item.name in str(answer.responses) for item in order.items)
