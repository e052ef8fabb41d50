"""What a profile's own values are called in an article: ``{brand}``, ``{return_days}`` …"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields

from kefu.profiles import Profile

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


def values_of(profile: Profile) -> dict[str, str]:
    """By placeholder, without its braces; docs/knowledge.md lists them."""
    policy = profile.policies
    numbers = {each.name: getattr(policy, each.name) for each in fields(policy)}
    return {
        **profile.voice,
        **{name: str(value) for name, value in numbers.items() if type(value) is int},
        **{f"refund_days_{method}": words for method, words in policy.refund_days.items()},
        **{f"links.{name}": url for name, url in profile.links.items()},
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with every placeholder that ``values`` knows replaced."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def unknown_in(text: str, values: Mapping[str, str]) -> list[tuple[int, str]]:
    """Placeholders that ``values`` lacks, each with its line (from 0)."""
    return [
        (text.count("\n", 0, found.start()), found[0])
        for found in _PLACEHOLDER.finditer(text)
        if found[1] not in values
    ]
