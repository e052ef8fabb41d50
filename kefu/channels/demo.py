"""The demo's choice of shoppers: a dozen who show different troubles."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kefu.channels.shopper import InRuntime
from kefu.runtime import Runtime
from kefu.shop.gateway import ShopGateway
from kefu.shop.model import Account, Order, OrderState, PaymentState, ShipmentState, Viewer

PROFILE = "demo"
CHOICES = 12
LOOKED_AT = 60

router = APIRouter(prefix="/api/v1/demo", tags=["demo"])


class DemoShopper(BaseModel):
    account_id: str
    name: str
    hint: str


@router.get("/shoppers")
async def demo_shoppers(request: Request, runtime: InRuntime) -> list[DemoShopper]:
    """A dozen shoppers of the demo shop to choose from; only in demo mode."""
    if not runtime.settings.demo:
        raise HTTPException(404)
    state = request.app.state
    if not getattr(state, "demo_shoppers", None):
        state.demo_shoppers = await asyncio.to_thread(_choose, runtime)
    return state.demo_shoppers


def _choose(runtime: Runtime) -> list[DemoShopper]:
    """Shoppers by what is new about them: each adds a trouble that nobody before has, if any."""
    chosen: list[DemoShopper] = []
    others: list[DemoShopper] = []
    shown: set[str] = set()
    for number in range(1, LOOKED_AT + 1):
        viewer = Viewer(PROFILE, f"u{number:04d}")
        account = runtime.shop.account(viewer)
        if account is None:
            continue
        troubles = _troubles(runtime.shop, viewer, account)
        hint = "、".join(troubles[:3]) or "没有订单"
        shopper = DemoShopper(account_id=account.account_id, name=account.name, hint=hint)
        fresh = set(troubles[:3]) - shown
        shown |= fresh
        (chosen if fresh else others).append(shopper)
    return sorted([*chosen, *others][:CHOICES], key=lambda shopper: shopper.account_id)


_TROUBLES: list[tuple[str, Callable[[Order], bool]]] = [
    ("付款失败", lambda order: any(p.state is PaymentState.FAILED for p in order.payments)),
    ("物流异常", lambda order: any(s.state is ShipmentState.EXCEPTION for s in order.shipments)),
    ("退货中", lambda order: bool(order.returns)),
    ("退款中", lambda order: bool(order.refunds)),
    ("有包裹在路上", lambda order: order.state is OrderState.SHIPPED),
    ("待发货", lambda order: order.state is OrderState.PAID),
    ("刚签收", lambda order: order.state is OrderState.SIGNED),
    ("待付款", lambda order: order.state is OrderState.UNPAID),
    ("订单已取消", lambda order: order.state is OrderState.CANCELLED),
]


def _troubles(shop: ShopGateway, viewer: Viewer, account: Account) -> list[str]:
    orders = shop.orders(viewer, limit=10).orders
    found = ["账号被锁定"] if account.locked else []
    return found + [name for name, has in _TROUBLES if any(has(order) for order in orders)]
