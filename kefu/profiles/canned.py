"""Texts that agents send with a few keys: what a profile's file gives them to begin with."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field, StringConstraints

from kefu.profiles.groups import GroupName, Intent
from kefu.profiles.strict import Strict

VARIABLES = frozenset({"order_number", "shopper_name", "agent_name", "brand", "tracking_number"})
SHORTCUT = r"^[^\s/@{}]{1,24}$"
LONGEST_TITLE = 40
LONGEST_TEXT = 1000

_HOLE = re.compile(r"{([^{}]*)}")


class CannedText(Strict):
    """``shortcut`` is what follows the slash; ``intents`` are the questions that it answers.

    With a ``group`` it is that group's alone. The ``VARIABLES`` may stand in braces in the text.
    """

    shortcut: Annotated[str, StringConstraints(pattern=SHORTCUT)]
    title: str = Field(min_length=1, max_length=LONGEST_TITLE)
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    group: GroupName | None = None
    intents: list[Intent] = Field(default=[])


def holes(text: str) -> list[str]:
    """What stands in braces, in order, each once."""
    return list(dict.fromkeys(_HOLE.findall(text)))
