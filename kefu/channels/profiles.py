"""What the public may know of a profile: how it looks, and how and when it can be reached."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from kefu.channels.callers import require_origin
from kefu.channels.shopper import InRuntime
from kefu.profiles import Channel, Profile
from kefu.store.database import utc_now

router = APIRouter(prefix="/api/v1/profiles", tags=["profiles"])


class ChannelView(BaseModel):
    """``open``: whether a person answers there now; ``next_opening``: when one does again."""

    kind: str
    title: str
    address: str
    hours: str
    open: bool
    next_opening: datetime | None
    answer_time: str | None


class ProfileView(BaseModel):
    """``theme``: ``colour`` is the brand's, as ``#rrggbb``."""

    profile: str
    brand: str
    bot_name: str
    greeting: str
    theme: dict[str, str]
    channels: list[ChannelView]
    links: dict[str, str]


@router.get("/{profile}")
async def read_profile(profile: str, request: Request, runtime: InRuntime) -> ProfileView:
    """Brand, theme, and the channels with their hours and whether they are open now."""
    found = runtime.profiles[profile]
    require_origin(request, found)
    return view(found, utc_now())


def view(profile: Profile, now: datetime) -> ProfileView:
    return ProfileView(
        profile=profile.profile,
        brand=profile.brand,
        bot_name=profile.bot_name,
        greeting=profile.greeting_text,
        theme=profile.theme.model_dump(),
        channels=[_channel(profile, channel, now) for channel in profile.channels],
        links=profile.links,
    )


def _channel(profile: Profile, channel: Channel, now: datetime) -> ChannelView:
    hours = profile.hours_of(channel)
    is_open = hours.is_open(now)
    return ChannelView(
        kind=channel.kind,
        title=channel.title,
        address=channel.address,
        hours=hours.text(),
        open=is_open,
        next_opening=None if is_open else hours.next_opening(now),
        answer_time=profile.answer_times.get(channel.kind),
    )
