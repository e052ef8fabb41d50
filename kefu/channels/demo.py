"""The demo's choice of shoppers, each with another trouble."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kefu.channels.shopper import InRuntime
from kefu.shop import demo

router = APIRouter(prefix="/api/v1/demo", tags=["demo"])


class DemoShopper(BaseModel):
    account_id: str
    name: str
    hint: str


@router.get("/shoppers")
async def demo_shoppers(runtime: InRuntime) -> list[DemoShopper]:
    """A dozen shoppers of the demo shop to choose from; only in demo mode."""
    if not runtime.settings.demo:
        raise HTTPException(404)
    return [
        DemoShopper(account_id=account_id, name=name, hint=hint)
        for account_id, name, hint in demo.demo_shoppers()
    ]
