"""What can go wrong at the shopper's door."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class SessionRefused(KefuError):
    """The session token is missing, forged or expired; the resume token opens a new session."""

    code: ClassVar[str] = "session_refused"
    title: ClassVar[str] = "会话已过期，请重新打开客服窗口。"
    status: ClassVar[int] = 401


class IdentityRefused(KefuError):
    """The shop's token for this shopper does not hold for this profile."""

    code: ClassVar[str] = "identity_refused"
    title: ClassVar[str] = "登录状态已失效，请重新登录商城后再咨询。"
    status: ClassVar[int] = 401


class TooManyConnections(KefuError):
    """One conversation is open in more windows than a person has."""

    code: ClassVar[str] = "too_many_connections"
    title: ClassVar[str] = "您打开的客服窗口太多了，请关闭一些后再试。"
    status: ClassVar[int] = 429


class TooManyRequests(KefuError):
    """More messages or sessions than a person sends."""

    code: ClassVar[str] = "too_many_requests"
    title: ClassVar[str] = "您发送得太快了，请稍等片刻再试。"
    status: ClassVar[int] = 429
