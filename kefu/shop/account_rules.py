"""What may be done with an account by whoever has proved to own it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kefu.shop.model import Account, Verdict
from kefu.shop.people import Membership
from kefu.shop.policy import MemberLevel


def unlock_verdict(account: Account) -> Verdict:
    """A lock with an end guards against guessing; one without was set by a person."""
    if not account.locked:
        return Verdict(True, "not_locked", "您的账号是正常的，没有被锁定。")
    if account.locked_until is None:
        return Verdict(
            False,
            "lock_by_person",
            "这个账号是人工限制的，不能自助解锁，需要人工客服核实后处理。",
        )
    return Verdict(True)


def membership_of(
    level: str, growth: int, points: int, levels: Sequence[MemberLevel]
) -> Membership:
    """Where a member stands. ``levels``: the lowest first; one that is not known has no benefits.

    The next level is the first above the member's own whose growth is not reached yet.
    """
    names = [each.name for each in levels]
    place = names.index(level) if level in names else -1
    ahead = next((each for each in levels[place + 1 :] if each.growth > growth), None)
    return Membership(
        level=level,
        growth=growth,
        next_level=ahead.name if ahead else None,
        next_growth=ahead.growth if ahead else None,
        points=points,
        benefits=levels[place].benefits if place >= 0 else (),
    )
