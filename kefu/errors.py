"""Typed errors: each carries a code for programs and a Chinese sentence for people."""

from __future__ import annotations

from typing import ClassVar


class KefuError(Exception):
    """The request could not be carried out.

    ``code`` names the error for programs, ``title`` tells a person in Chinese what to do next,
    ``status`` is the HTTP status it is answered with, ``detail`` is English text for engineers
    and never holds personal data.
    """

    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "系统出了点问题，请稍后再试。"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "", *, title: str | None = None) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.sentence = title or self.title

    def as_problem(self) -> dict[str, object]:
        """The error as an RFC 9457 problem document."""
        return {
            "type": "about:blank",
            "status": self.status,
            "code": self.code,
            "title": self.sentence,
            "detail": self.detail,
        }
