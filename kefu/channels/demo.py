"""The demo's choice of brands and of shoppers, each with another trouble."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from kefu.channels.shopper import InRuntime
from kefu.runtime import Runtime
from kefu.shop import demo

router = APIRouter(prefix="/api/v1/demo", tags=["demo"])


class DemoProfile(BaseModel):
    profile: str
    brand: str


class DemoShopper(BaseModel):
    account_id: str
    name: str
    hint: str


@router.get("/profiles")
async def demo_profiles(runtime: InRuntime) -> list[DemoProfile]:
    """The brands to choose from; only in demo mode."""
    _only_in_demo(runtime)
    return [DemoProfile(profile=each.profile, brand=each.brand) for each in runtime.profiles]


@router.get("/shoppers")
async def demo_shoppers(
    runtime: InRuntime, profile: Annotated[str, Query(max_length=40)] = demo.PROFILE
) -> list[DemoShopper]:
    """The shoppers of a brand to choose from, if it has a demo shop; only in demo mode."""
    _only_in_demo(runtime)
    shoppers = demo.demo_shoppers(runtime.profiles[profile].profile)
    return [
        DemoShopper(account_id=account_id, name=name, hint=hint)
        for account_id, name, hint in shoppers
    ]


def _only_in_demo(runtime: Runtime) -> None:
    if not runtime.settings.demo:
        raise HTTPException(404)
