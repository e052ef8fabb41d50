"""The agents' API: the shopper's side of a talk, and what is done there for them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kefu.channels.shopper import InRuntime
from kefu.desk import limits, shopper_side
from kefu.desk.access import InScope

router = APIRouter(prefix="/api/v1/desk/conversations/{conversation_id}", tags=["desk"])

Name = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,24}$")]


class ShopperActionBody(BaseModel):
    """``operation_id`` is made by the page: the same one is one operation, whatever the network
    does in between."""

    model_config = ConfigDict(extra="forbid")

    operation_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{8,64}$")]
    name: Name
    order_number: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None
    fields: dict[Name, Annotated[str, StringConstraints(max_length=2000)]] = Field(
        default={}, max_length=12
    )


@router.get("/shopper")
async def read_shopper(conversation_id: str, runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    """Account, orders with all that hangs on them, tickets, earlier talks, possible actions.

    While the shop is away, ``problem`` says so and the desk's own side is served.
    """
    await limits.spend(runtime.rates, limits.LOOK_UPS, scope.member)
    found = await shopper_side.side(runtime.database, runtime.shop, conversation_id, scope)
    if found["problem"] is None:
        await runtime.shop_desk.settle(conversation_id)
    return found


@router.post("/shopper-actions")
async def act(
    conversation_id: str, body: ShopperActionBody, runtime: InRuntime, scope: InScope
) -> dict[str, Any]:
    """Do something in the shop for the shopper, once per ``operation_id``.

    ``{done, text, card}``; where the shop is read-only ``done`` is false and ``ticket`` names the
    ticket that was opened instead.
    """
    await limits.spend(runtime.rates, limits.SHOP_ACTIONS, scope.member)
    return await runtime.shop_desk.carry_out(
        conversation_id,
        scope,
        operation_id=body.operation_id,
        name=body.name,
        order_number=body.order_number,
        fields=body.fields,
    )
