"""A profile with what supervisors have changed of its groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kefu.profiles.groups import Group, SellerService
from kefu.profiles.hours import Hours
from kefu.profiles.profile import Profile

_PLAIN = ("name", "mode", "overflow", "overflow_minutes", "answer_seconds", "wait_seconds")


def overlaid(profile: Profile, changes: Sequence[Mapping[str, Any]]) -> Profile:
    """The profile of a file with the changed groups in it.

    A chat channel or a seller that kept the same hours as the group keeps them still.
    """
    for change in changes:
        group = profile.group(change["group"])
        if group is None:
            continue
        hours = f"group {group.group}"
        changed = group.model_copy(
            update={
                **{name: change[name] for name in _PLAIN if name in change},
                "hours": hours,
            }
        )
        profile = profile.model_copy(
            update={
                "groups": [changed if each is group else each for each in profile.groups],
                "hours": {**profile.hours, hours: Hours.model_validate(change["hours"])},
                "sellers": [_following(each, group, hours) for each in profile.sellers],
                "channels": [
                    each.model_copy(update={"hours": hours})
                    if each.kind == "chat" and each.hours == group.hours
                    else each
                    for each in profile.channels
                ],
            }
        )
    return profile


def _following(seller: SellerService, group: Group, hours: str) -> SellerService:
    if (seller.group, seller.hours) != (group.group, group.hours):
        return seller
    return seller.model_copy(update={"hours": hours})
