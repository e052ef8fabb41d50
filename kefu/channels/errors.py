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


class OriginRefused(KefuError):
    """A web page calls whose origin the profile does not list."""

    code: ClassVar[str] = "origin_refused"
    title: ClassVar[str] = "当前网站未开通该品牌的在线客服，请到品牌的官方网站咨询。"
    status: ClassVar[int] = 403


class TooManyConnections(KefuError):
    """More polls and sockets are open than a person, or a network, has."""

    code: ClassVar[str] = "too_many_connections"
    title: ClassVar[str] = "您打开的客服窗口太多了，请关闭一些后再试。"
    status: ClassVar[int] = 429


class TooManyRequests(KefuError):
    """More than a person sends; ``retry_after`` seconds are to wait."""

    code: ClassVar[str] = "too_many_requests"
    status: ClassVar[int] = 429

    def __init__(self, retry_after: int, detail: str = "") -> None:
        wait = f"{retry_after} 秒" if retry_after < 60 else f"{-(-retry_after // 60)} 分钟"
        super().__init__(detail, title=f"您操作得太快了，请 {wait}后再试。")
        self.retry_after = retry_after

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "retry_after": self.retry_after}


class TranscriptExpired(KefuError):
    """The address of a transcript is forged or has expired."""

    code: ClassVar[str] = "transcript_expired"
    title: ClassVar[str] = "这个页面已过期，请回到聊天窗口重新打开。"
    status: ClassVar[int] = 410
