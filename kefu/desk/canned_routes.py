"""The agents' API: canned responses."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.desk import canned, filling, limits
from kefu.desk.access import InScope
from kefu.profiles.canned import LONGEST_TEXT, LONGEST_TITLE, SHORTCUT

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])

ProfileName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
CannedId = Annotated[int, Path(ge=1, le=2**31 - 1)]


class CannedBody(BaseModel):
    """``scope``: one's own (``mine``), or for all, which is for supervisors."""

    model_config = ConfigDict(extra="forbid")

    profile: ProfileName
    group: Annotated[str, StringConstraints(max_length=40)] | None = None
    scope: canned.Whose = canned.MINE
    shortcut: Annotated[str, StringConstraints(pattern=SHORTCUT)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        max_length=LONGEST_TITLE
    )
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        max_length=LONGEST_TEXT
    )
    intents: list[str] | None = Field(default=None, max_length=20)

    def wanted(self, before: tuple[str, ...] = ()) -> canned.Wanted:
        intents = before if self.intents is None else tuple(self.intents)
        return canned.Wanted(self.scope, self.shortcut, self.title, self.text, self.group, intents)


class CannedList(BaseModel):
    canned: list[dict[str, Any]]


class Filled(BaseModel):
    """``missing``: the variables that stand in the text as they were."""

    text: str
    missing: list[str]


@router.get("/canned")
async def list_canned(
    runtime: InRuntime,
    scope: InScope,
    profile: ProfileName,
    q: Annotated[str, Query(max_length=80)] = "",
) -> CannedList:
    """Canned responses, best first: by shortcut, then title, then text."""
    found = await runtime.database.read(
        partial(canned.listing, scope=scope, profile=runtime.profiles[profile].profile, words=q)
    )
    return CannedList(canned=found)


@router.post("/canned", status_code=201)
async def add_canned(body: CannedBody, runtime: InRuntime, scope: InScope) -> dict[str, Any]:
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    profile = runtime.profiles[body.profile]
    return await runtime.database.write(
        partial(canned.add, scope=scope, profile=profile, wanted=body.wanted())
    )


@router.put("/canned/{canned_id}")
async def change_canned(
    canned_id: CannedId, body: CannedBody, runtime: InRuntime, scope: InScope
) -> dict[str, Any]:
    """Change one; the profile stays what it is, and the intents too where none are told."""
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)

    def write(session: Session) -> dict[str, Any]:
        before = tuple(canned.find(session, scope, canned_id).intents)
        wanted = body.wanted(before)
        return canned.change(session, scope, runtime.profiles, canned_id, wanted)

    return await runtime.database.write(write)


@router.delete("/canned/{canned_id}", status_code=204)
async def remove_canned(canned_id: CannedId, runtime: InRuntime, scope: InScope) -> None:
    await limits.spend(runtime.rates, limits.CHANGES, scope.member)
    await runtime.database.write(partial(canned.remove, scope=scope, canned_id=canned_id))


@router.get("/canned/{canned_id}/filled")
async def fill_canned(
    canned_id: CannedId,
    conversation_id: Annotated[str, Query(max_length=40)],
    runtime: InRuntime,
    scope: InScope,
) -> Filled:
    """Its text with the talk's order, names and tracking number put in."""
    await limits.spend(runtime.rates, limits.LOOK_UPS, scope.member)

    text, missing = await filling.filled(
        runtime.database,
        runtime.shop,
        scope,
        profiles=runtime.profiles,
        canned_id=canned_id,
        conversation_id=conversation_id,
    )
    return Filled(text=text, missing=missing)
