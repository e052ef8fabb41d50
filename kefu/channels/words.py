"""Short texts that stand beside the talk: tidied as messages are."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from kefu.conversation.messages import tidy

# A phone number that is copied from an address book often has marks of direction around it.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f]*$"),
    AfterValidator(tidy),
]


def name_of(text: str) -> str:
    """``text`` as a name that is shown to agents: one line, at most 80 characters, perhaps none."""
    return " ".join(tidy(text).split())[:80].rstrip()
