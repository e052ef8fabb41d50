"""Read the profile files; every mistake is told with its file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from kefu.profiles import wording
from kefu.profiles.checks import Known, problems
from kefu.profiles.errors import ProfileInvalid, ProfileNotFound
from kefu.profiles.profile import Profile
from kefu.profiles.source import NotYaml, Source, read
from kefu.shop.policy import ShopPolicy

DOMAIN = Path(__file__).parents[2] / "domain.yml"


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

    def get(self, name: str) -> Profile | None:
        """The profile, if there is one of this name still."""
        return self._by_name.get(name)

    def put(self, profile: Profile) -> None:
        """From now on this is the profile of its name."""
        self._by_name[profile.profile] = profile

    @property
    def policies(self) -> Mapping[str, ShopPolicy]:
        """Each profile's promises to its shoppers."""
        return {profile.profile: profile.policies for profile in self}


def load_profiles(folder: Path, domain: Path = DOMAIN) -> Profiles:
    """Read ``*.yml`` in ``folder``; articles are looked for in ``knowledge`` beside it.

    ``domain`` names the intents and responses there are. Raises ``ProfileInvalid`` listing the
    mistakes of all files.
    """
    paths = sorted([*folder.glob("*.yml"), *folder.glob("*.yaml")])
    if not paths:
        raise ProfileInvalid(f"{folder}: 没有客服配置文件（*.yml）")
    known = Known.read(domain, folder.parent / "knowledge")
    loaded: dict[str, tuple[Path, Profile]] = {}
    mistakes: list[str] = []
    for path in paths:
        try:
            profile = _load(path, known)
            _claim(profile.profile, path, loaded)
            _claim_key(profile, path, loaded)
        except ProfileInvalid as error:
            mistakes += error.mistakes
        else:
            loaded[profile.profile] = (path, profile)
    if mistakes:
        raise ProfileInvalid(*mistakes)
    return Profiles([profile for _, profile in loaded.values()])


def _load(path: Path, known: Known) -> Profile:
    try:
        source = read(path)
    except NotYaml as error:
        raise ProfileInvalid(f"{path}:{error.line}: {error.reason}") from error
    try:
        profile = Profile.model_validate(source.content)
    except ValidationError as error:
        raise ProfileInvalid(*_findings(path, source, error)) from error
    found = [
        f"{path}:{source.line(place)}: {_dotted(place)}: {text}"
        for place, text in problems(profile, known)
    ]
    if found:
        raise ProfileInvalid(*found)
    return profile


def _claim(name: str, path: Path, loaded: Mapping[str, tuple[Path, Profile]]) -> None:
    if name in loaded:
        first, _ = loaded[name]
        raise ProfileInvalid(f"{path}:{_name_line(path)}: profile: {name} 已在 {first} 中定义")
    if name != path.stem:
        raise ProfileInvalid(
            f"{path}:{_name_line(path)}: profile: {name} 应与文件名 {path.stem} 一致"
        )


def _claim_key(profile: Profile, path: Path, loaded: Mapping[str, tuple[Path, Profile]]) -> None:
    """What is signed for one brand must be worth nothing at another."""
    place = ["webhook_channel", "key_env"]
    mine = profile.webhook_channel
    for first, other in loaded.values():
        theirs = other.webhook_channel
        if mine and theirs and mine.key_env == theirs.key_env:
            line = read(path).line(place)
            raise ProfileInvalid(
                f"{path}:{line}: {_dotted([*place])}: {mine.key_env} 已用于 {first}，"
                "每个品牌要有自己的密钥"
            )


def _name_line(path: Path) -> int:
    return read(path).line(["profile"])


def _findings(path: Path, source: Source, error: ValidationError) -> list[str]:
    lines: list[str] = []
    for item in error.errors(include_url=False, include_input=False):
        place = [part for part in item["loc"] if not _is_technical(part)]
        text = wording.sentence(item["type"], item["msg"], item.get("ctx", {}))
        lines.append(f"{path}:{source.line(place)}: {_dotted(place)}: {text}")
    return lines


def _is_technical(part: str | int) -> bool:
    """``[key]`` marks a key instead of its value; the rest names what pydantic ran."""
    return isinstance(part, str) and "[" in part


def _dotted(place: list[str | int]) -> str:
    return ".".join(str(part) for part in place) or "(文件)"
