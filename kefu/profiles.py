"""Service profiles: one file per brand with its voice, its identity keys and its rules."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML

from kefu.errors import KefuError


class ProfileNotFound(KefuError):
    """No service profile has this name."""

    code: ClassVar[str] = "profile_not_found"
    title: ClassVar[str] = "没有找到这个店铺的客服。"
    status: ClassVar[int] = 404


class ProfileInvalid(KefuError):
    """A profile file cannot be read; the detail says which and why."""

    code: ClassVar[str] = "profile_invalid"
    title: ClassVar[str] = "客服配置文件有误，请检查。"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(_Strict):
    """How the shop signs its shoppers' tokens: a public key as PEM, or a secret's variable.

    ``key_env`` names the environment variable that holds a shared secret (HS256) or a PEM.
    """

    algorithm: Literal["HS256", "RS256", "ES256", "EdDSA"]
    issuer: str
    public_key: str | None = None
    key_env: str | None = None

    def key(self) -> str | None:
        return self.public_key or (os.environ.get(self.key_env) if self.key_env else None)


class QuickEntry(_Strict):
    """A button of the greeting: ``intent`` is what pressing it means."""

    title: str
    intent: str = Field(pattern=r"^[a-z_]+$")


class Profile(_Strict):
    """One brand's service. ``ticket_hours``: within how many hours each kind is answered."""

    profile: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    brand: str
    greeting: str
    quick_entries: list[QuickEntry] = []
    identity: Identity | None = None
    origins: list[str] = []
    order_number_patterns: list[str] = []
    masked_intents: list[str] = []
    answer_threshold: float | None = Field(default=None, ge=0, le=1)
    ticket_hours: dict[str, int] = {}
    ticket_hours_otherwise: int = 24

    @field_validator("order_number_patterns")
    @classmethod
    def _compiles(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            re.compile(pattern)
        return patterns

    def hours_for(self, kind: str) -> int:
        return self.ticket_hours.get(kind, self.ticket_hours_otherwise)


class Profiles:
    """All profiles of a folder, by name."""

    def __init__(self, profiles: list[Profile]) -> None:
        self._by_name = {profile.profile: profile for profile in profiles}

    def __getitem__(self, name: str) -> Profile:
        """Raises ``ProfileNotFound``."""
        try:
            return self._by_name[name]
        except KeyError:
            raise ProfileNotFound("no such profile") from None

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._by_name.values())


def load_profiles(folder: Path) -> Profiles:
    """Read ``*.yml`` in ``folder``; raises ``ProfileInvalid``."""
    return Profiles([_load(path) for path in sorted(folder.glob("*.yml"))])


def _load(path: Path) -> Profile:
    yaml = YAML(typ="safe")
    content: Any = yaml.load(path.read_text(encoding="utf-8"))  # pyright: ignore[reportUnknownMemberType]
    try:
        profile = Profile.model_validate(content)
    except (ValidationError, re.error) as error:
        raise ProfileInvalid(f"{path}: {error}") from error
    if profile.profile != path.stem:
        raise ProfileInvalid(f"{path}: the profile is called {profile.profile!r}")
    return profile
