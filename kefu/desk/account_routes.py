"""The staff's API: one's own account, and the accounts of others for administrators."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kefu.accounts import administration, own
from kefu.accounts.administration import Wanted
from kefu.accounts.passwords import check_strength, hash_password, new_password
from kefu.accounts.rights import Right
from kefu.channels.shopper import InRuntime, address_of
from kefu.desk import limits
from kefu.desk.access import InMember, SessionKey
from kefu.handoff.presence import LARGEST_CAPACITY

router = APIRouter(prefix="/api/v1/desk", tags=["desk"])

Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]
StaffId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Names = dict[
    Annotated[str, StringConstraints(max_length=40)],
    Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=100)],
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewPassword(_Body):
    old: Password
    new: Password


class Code(_Body):
    code: Annotated[str, StringConstraints(min_length=1, max_length=20)]


class OwnPassword(_Body):
    password: Password


class TotpBegun(BaseModel):
    """``uri`` goes into a QR code; ``secret`` is for typing. Neither is shown again."""

    uri: str
    secret: str


class StaffToAdd(_Body):
    """Without a ``password`` one is made and told once."""

    username: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    roles: Names = Field(max_length=100)
    groups: Names | None = Field(default=None, max_length=100)
    capacity: int | None = Field(default=None, ge=1, le=LARGEST_CAPACITY)
    password: Password | None = None


class StaffChange(_Body):
    """What is left out stays as it is."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=80)] | None = None
    roles: Names | None = Field(default=None, max_length=100)
    groups: Names | None = Field(default=None, max_length=100)
    active: bool | None = None
    capacity: int | None = Field(default=None, ge=1, le=LARGEST_CAPACITY)
    password: Password | None = None


class StaffList(BaseModel):
    staff: list[dict[str, Any]]


class PasswordMade(BaseModel):
    password: str


@router.put("/me/password", status_code=204)
async def change_password(
    body: NewPassword,
    request: Request,
    runtime: InRuntime,
    member: InMember,
    key: SessionKey = None,
) -> None:
    """Another password for oneself; all other sessions end."""
    await _tried(runtime, request, member.staff.username)
    await own.change_password(runtime.database, member.staff, key or "", body.old, body.new)
    await runtime.throttle.right(member.staff.username, address_of(request))


@router.post("/me/totp")
async def begin_totp(runtime: InRuntime, member: InMember) -> TotpBegun:
    """Begin with a second factor; it counts once a code has confirmed it."""
    await limits.spend(runtime.rates, limits.ACCOUNTS, member)
    begun = await runtime.database.write(
        partial(own.begin_totp, staff_id=member.staff_id, seal=runtime.seal)
    )
    return TotpBegun(uri=begun.uri, secret=begun.secret)


@router.post("/me/totp/confirm", status_code=204)
async def confirm_totp(body: Code, runtime: InRuntime, member: InMember) -> None:
    """Show that the authenticator knows the secret; from now on logging in asks for its code."""
    await runtime.throttle.tried_code(member.staff_id)
    await runtime.database.write(
        partial(own.confirm_totp, staff_id=member.staff_id, seal=runtime.seal, code=body.code)
    )
    await runtime.throttle.right_code(member.staff_id)


@router.delete("/me/totp", status_code=204)
async def end_totp(
    body: OwnPassword, request: Request, runtime: InRuntime, member: InMember
) -> None:
    """Do without a second factor from now on."""
    await _tried(runtime, request, member.staff.username)
    await own.end_totp(runtime.database, member.staff, body.password)
    await runtime.throttle.right(member.staff.username, address_of(request))


@router.get("/staff")
async def list_staff(runtime: InRuntime, member: InMember) -> StaffList:
    """The accounts in the administrator's profiles."""
    found = await runtime.database.read(partial(administration.listing, admin=member))
    return StaffList(staff=found)


@router.post("/staff", status_code=201)
async def add_staff(body: StaffToAdd, runtime: InRuntime, member: InMember) -> dict[str, Any]:
    """A new account; ``password`` is told this once."""
    member.require_somewhere(Right.ADMINISTER)
    await limits.spend(runtime.rates, limits.ACCOUNTS, member)
    password = body.password or new_password()
    if body.password:
        check_strength(password, body.username)
    wanted = Wanted(
        name=body.name,
        roles=body.roles,
        groups=body.groups,
        capacity=body.capacity,
        password_hash=await asyncio.to_thread(hash_password, password),
    )
    made = await runtime.database.write(
        partial(
            administration.create,
            admin=member,
            profiles=runtime.profiles,
            username=body.username,
            wanted=wanted,
        )
    )
    return {**made, "password": password}


@router.put("/staff/{staff_id}")
async def change_staff(
    staff_id: StaffId, body: StaffChange, runtime: InRuntime, member: InMember
) -> dict[str, Any]:
    """Change an account; deactivating it or giving it a password ends its sessions."""
    member.require_somewhere(Right.ADMINISTER)
    await limits.spend(runtime.rates, limits.ACCOUNTS, member)
    hashed = None
    if body.password:
        check_strength(body.password, "")
        hashed = await asyncio.to_thread(hash_password, body.password)
    wanted = Wanted(
        name=body.name,
        roles=body.roles,
        groups=body.groups,
        active=body.active,
        capacity=body.capacity,
        password_hash=hashed,
    )
    return await runtime.database.write(
        partial(
            administration.change,
            admin=member,
            profiles=runtime.profiles,
            staff_id=staff_id,
            wanted=wanted,
        )
    )


@router.post("/staff/{staff_id}/reset-password")
async def reset_password(staff_id: StaffId, runtime: InRuntime, member: InMember) -> PasswordMade:
    """A new password, told this once, and no second factor: for who has lost them."""
    member.require_somewhere(Right.ADMINISTER)
    await limits.spend(runtime.rates, limits.ACCOUNTS, member)
    password = new_password()
    hashed = await asyncio.to_thread(hash_password, password)
    await runtime.database.write(
        partial(administration.reset, admin=member, staff_id=staff_id, password_hash=hashed)
    )
    return PasswordMade(password=password)


async def _tried(runtime: InRuntime, request: Request, username: str) -> None:
    """A password that is asked for again may not be guessed either."""
    await runtime.throttle.tried(username, address_of(request))
