"""Who may do what in the workbench: who has the right to train, by profile.

Messages and models belong to a profile and are seen by its trainers alone. The training data is
one for all profiles, since one model serves them all: whoever trains any profile may change it. A
change is a commit with its author, and reaches shoppers only with a model that somebody promotes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends

from kefu.accounts.members import Member
from kefu.accounts.rights import Right
from kefu.desk.access import InMember
from kefu.profiles import Profiles
from kefu.store.tables import EVERY_PROFILE
from kefu.trainer.git import Author


def trainer(member: InMember) -> Member:
    """Raises ``RoleMissing`` for who trains no profile."""
    member.require_somewhere(Right.TRAIN)
    return member


def trained_profiles(member: Member) -> frozenset[str]:
    """The profiles that the member trains; ``*`` stands for all of them."""
    return member.profiles_with(Right.TRAIN)


def trained_names(member: Member, profiles: Profiles) -> list[str]:
    """The profiles that the member trains by name, ``*`` among them for who trains all."""
    names = [each.profile for each in profiles if member.may(Right.TRAIN, each.profile)]
    return [*names, EVERY_PROFILE] if member.may(Right.TRAIN, EVERY_PROFILE) else names


def require_profile(member: Member, profile: str) -> None:
    """Raises ``RoleMissing`` for a profile that the member does not train."""
    member.require(Right.TRAIN, profile)


def require_profiles(member: Member, profiles: Profiles, wanted: Iterable[str]) -> None:
    """Raises ``RoleMissing`` unless the member trains all of ``wanted``, or ``ProfileNotFound``."""
    for name in wanted:
        require_profile(member, name)
        if name != EVERY_PROFILE:
            profiles[name]


def author_of(member: Member) -> Author:
    return Author(member.staff.name, member.staff.username)


def actor(member: Member) -> str:
    """How the member stands in histories and the audit."""
    return f"staff:{member.staff_id}"


InTrainer = Annotated[Member, Depends(trainer)]
