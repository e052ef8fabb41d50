"""Why a rating is not taken."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class RatingNotAsked(KefuError):
    """The conversation never asked for this rating."""

    code: ClassVar[str] = "rating_not_asked"
    title: ClassVar[str] = "这次服务还不能评价，请在客服邀请您评价后再试。"
    status: ClassVar[int] = 404


class RatingOver(KefuError):
    """Too late to give this rating, or to change it."""

    code: ClassVar[str] = "rating_over"
    title: ClassVar[str] = "评价时间已过，不能再修改了。如有问题，请直接联系客服。"
    status: ClassVar[int] = 409
