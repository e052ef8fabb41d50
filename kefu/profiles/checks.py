"""What a schema cannot see: that everything which a profile names is there."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kefu.profiles.canned import VARIABLES
from kefu.profiles.groups import Group
from kefu.profiles.profile import ALWAYS_OPEN, Profile
from kefu.profiles.webhook import SHORTEST_KEY

Place = list[str | int]
Problem = tuple[Place, str]

# Without these a talk cannot go on, and a person must be within reach at any time.
INDISPENSABLE = frozenset({"human_agent", "affirm", "deny", "inform", "greet", "not_solved"})
_PLACEHOLDER = re.compile(r"{([^{}]*)}")


@dataclass(frozen=True, slots=True)
class Known:
    """What profiles may refer to. ``responses``: the placeholders of each, by its name."""

    intents: frozenset[str]
    responses: Mapping[str, frozenset[str]]
    knowledge: Path

    @classmethod
    def read(cls, domain: Path, knowledge: Path) -> Known:
        """From ``domain.yml`` and the folder of articles."""
        yaml: Any = YAML(typ="safe")
        content: dict[str, Any] = yaml.load(domain.read_text(encoding="utf-8"))
        listed: list[Any] = content["intents"]
        # An intent with settings is a mapping of one key.
        intents = frozenset(str(one) if isinstance(one, str) else next(iter(one)) for one in listed)
        responses = {
            name: frozenset(found for one in variants for found in _holes(str(one.get("text", ""))))
            for name, variants in content["responses"].items()
        }
        return cls(intents, responses, knowledge)

    def has_article(self, profile: str, slug: str) -> bool:
        places = (self.knowledge / f"{slug}.md", self.knowledge / profile / f"{slug}.md")
        return any(place.is_file() for place in places)


def problems(profile: Profile, known: Known) -> Iterator[Problem]:
    """Every mistake with the place in the file where it stands."""
    yield from _intents(profile, known)
    yield from _groups(profile)
    yield from _hours(profile)
    yield from _texts(profile, known)
    yield from _canned(profile)
    yield from _policies(profile)
    yield from _webhook(profile)
    for index, slug in enumerate(profile.articles):
        if not known.has_article(profile.profile, slug):
            yield ["articles", index], f"没有这篇文章：{slug}"


def _intents(profile: Profile, known: Known) -> Iterator[Problem]:
    off = frozenset(profile.services_off)
    for place, intent in _named_intents(profile):
        if intent not in known.intents:
            yield place, f"没有这个意图：{intent}{_hint(intent, known.intents)}"
        elif place[0] == "services_off" and intent in INDISPENSABLE:
            yield place, f"{intent} 不能关闭"
        elif place[0] == "quick_entries" and intent in off:
            yield place, f"{intent} 已在 services_off 中关闭"


def _named_intents(profile: Profile) -> Iterator[tuple[Place, str]]:
    for index, intent in enumerate(profile.services_off):
        yield ["services_off", index], intent
    for index, entry in enumerate(profile.quick_entries):
        yield ["quick_entries", index, "intent"], entry.intent
    for index, group in enumerate(profile.groups):
        for number, intent in enumerate(group.intents):
            yield ["groups", index, "intents", number], intent
    for index, text in enumerate(profile.canned):
        for number, intent in enumerate(text.intents):
            yield ["canned", index, "intents", number], intent
    for index, seller in enumerate(profile.sellers):
        for intent in seller.intents:
            yield ["sellers", index, "intents", intent], intent


def _groups(profile: Profile) -> Iterator[Problem]:
    names = [group.group for group in profile.groups]
    taken: dict[str, str] = {}
    for index, group in enumerate(profile.groups):
        if group.group in names[:index]:
            yield ["groups", index, "group"], f"客服组 {group.group} 重复"
        if group.overflow and (trouble := _overflow(profile, group)):
            yield ["groups", index, "overflow"], trouble
        for number, intent in enumerate(group.intents):
            if taken.setdefault(intent, group.group) != group.group:
                place: Place = ["groups", index, "intents", number]
                yield place, f"{intent} 已分给客服组 {taken[intent]}"
    ids = [seller.seller_id for seller in profile.sellers]
    for index, seller in enumerate(profile.sellers):
        if seller.seller_id in ids[:index]:
            yield ["sellers", index, "seller_id"], f"商家 {seller.seller_id} 重复"
        if seller.group not in names:
            yield ["sellers", index, "group"], _unknown("客服组", seller.group, names)
        for intent, group_name in seller.intents.items():
            if group_name not in names:
                yield ["sellers", index, "intents", intent], _unknown("客服组", group_name, names)


def _overflow(profile: Profile, group: Group) -> str | None:
    """What is wrong with a group's ``overflow``: nobody, or a circle."""
    seen = {group.group}
    name = group.overflow
    while name:
        if name in seen:
            return f"从 {group.group} 溢出又回到 {name}，形成了循环"
        seen.add(name)
        following = profile.group(name)
        if following is None:
            return _unknown("客服组", name, [one.group for one in profile.groups])
        name = following.overflow
    return None


def _hours(profile: Profile) -> Iterator[Problem]:
    names = {*profile.hours, ALWAYS_OPEN}
    parts = {"channels": profile.channels, "groups": profile.groups, "sellers": profile.sellers}
    for key, listed in parts.items():
        for index, part in enumerate(listed):
            if part.hours not in names:
                yield [key, index, "hours"], _unknown("服务时间", part.hours, names)


def _texts(profile: Profile, known: Known) -> Iterator[Problem]:
    voice = frozenset(profile.voice)
    yield from _unfilled(["greeting"], profile.greeting, voice)
    for name, variants in profile.responses.items():
        place: Place = ["responses", name]
        if name not in known.responses:
            yield place, _unknown("回复", name, known.responses)
            continue
        if not variants:
            yield place, "至少要有一种说法"
        for index, text in enumerate(variants):
            yield from _unfilled([*place, index], text, voice | known.responses[name])


def _unfilled(place: Place, text: str, fillable: frozenset[str]) -> Iterator[Problem]:
    for hole in _holes(text):
        if hole not in fillable:
            yield place, f"没有可以填入 {{{hole}}} 的内容"


def _canned(profile: Profile) -> Iterator[Problem]:
    groups = [group.group for group in profile.groups]
    shortcuts = [text.shortcut.lower() for text in profile.canned]
    for index, text in enumerate(profile.canned):
        if text.shortcut.lower() in shortcuts[:index]:
            yield ["canned", index, "shortcut"], f"快捷短语 {text.shortcut} 重复"
        if text.group is not None and text.group not in groups:
            yield ["canned", index, "group"], _unknown("客服组", text.group, groups)
        yield from _unfilled(["canned", index, "text"], text.text, VARIABLES)


def _policies(profile: Profile) -> Iterator[Problem]:
    for name, value in asdict(profile.policies).items():
        if isinstance(value, int) and not isinstance(value, bool) and value < 0:
            yield ["policies", name], "不能小于 0"
    if "{token}" not in profile.policies.reset_url:
        yield ["policies", "reset_url"], "要包含 {token}"


def _webhook(profile: Profile) -> Iterator[Problem]:
    channel = profile.webhook_channel
    key = channel.key() if channel else None
    if channel and key is not None and len(key) < SHORTEST_KEY:
        trouble = f"环境变量 {channel.key_env} 中的密钥太短，至少要有 {SHORTEST_KEY} 个字符"
        yield ["webhook_channel", "key_env"], trouble


def _holes(text: str) -> list[str]:
    return _PLACEHOLDER.findall(text)


def _unknown(kind: str, name: str, names: Collection[str]) -> str:
    return f"没有这个{kind}：{name}{_hint(name, names)}"


def _hint(name: str, names: Collection[str]) -> str:
    close = get_close_matches(name, sorted(names), n=1)
    return f"，是不是 {close[0]}？" if close else ""
