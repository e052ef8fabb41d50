"""The services that shoppers are promised (``services.yml``): who promises what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kefu.profiles.source import read

FILE = Path(__file__).with_name("services.yml")
PROFILES = ("tp", "tpwallet", "tiktokshop", "tmall")


class Unknown(Exception):
    """No such service."""


class Service(BaseModel):
    """``promised``: the profiles that promise it by name; without any it is due in at least one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*(\.[a-z]+(-[a-z]+)*)$")]
    title: str
    promised: list[str] = []


class Catalogue:
    """All services by name, in the order of the file."""

    def __init__(self, services: list[Service]) -> None:
        self._by_name = {each.name: each for each in services}
        if len(self._by_name) != len(services):
            raise ValueError("a service stands twice in the catalogue")
        wrong = {name for each in services for name in each.promised} - set(PROFILES)
        if wrong:
            raise ValueError(f"no such profiles: {sorted(wrong)}")

    def __getitem__(self, name: str) -> Service:
        """Raises ``Unknown``."""
        try:
            return self._by_name[name]
        except KeyError:
            raise Unknown(f"no service {name!r} in {FILE.name}") from None

    def __iter__(self) -> Iterator[Service]:
        return iter(self._by_name.values())


def load_catalogue(path: Path = FILE) -> Catalogue:
    content = read(path).content
    return Catalogue([Service.model_validate(each) for each in content["services"]])
