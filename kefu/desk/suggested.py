"""What was suggested, signed: an agent sends the bot's cards, and no others.

The page hands back what it was given, so that no desk has to remember it; nobody can put a card
of their own making, or one of another talk, before a shopper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import jwt

from kefu.errors import KefuError
from kefu.store.base import Document
from kefu.store.database import utc_now

AUDIENCE = "kefu-suggestion"
ALGORITHM = "HS256"
# What the cards say of orders and parcels is old by then.
LIFETIME = timedelta(minutes=30)


class SuggestionRefused(KefuError):
    """What was suggested is too old, was changed, or belongs to another talk or agent."""

    code: ClassVar[str] = "suggestion_refused"
    title: ClassVar[str] = (
        "这条建议已经过期，附带的卡片不能再发送。可以重试只发文字，或刷新页面重新获取建议。"
    )
    status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Suggested:
    """Signs for one agent in one talk."""

    key: bytes
    conversation_id: str
    staff_id: int

    def sign(self, text: str, cards: Sequence[Document]) -> str:
        claims = {
            "aud": AUDIENCE,
            "exp": utc_now() + LIFETIME,
            "sub": self._subject,
            "text": text,
            "cards": list(cards),
        }
        return jwt.encode(claims, self.key, ALGORITHM)

    def cards(self, token: str | None, text: str) -> list[Document]:
        """The cards that go with the unchanged ``text``, none without a ``token``.

        Raises ``SuggestionRefused``.
        """
        if token is None:
            return []
        try:
            claims = jwt.decode(
                token,
                self.key,
                [ALGORITHM],
                audience=AUDIENCE,
                subject=self._subject,
                options={"require": ["exp", "sub"]},
            )
        except jwt.InvalidTokenError as error:
            raise SuggestionRefused(type(error).__name__) from None
        if claims["text"] != text:
            raise SuggestionRefused("the text was changed")
        return claims["cards"]

    @property
    def _subject(self) -> str:
        return f"{self.conversation_id} {self.staff_id}"
