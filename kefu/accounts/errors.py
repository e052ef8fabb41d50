"""What can go wrong with logging in."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class LoginRefused(KefuError):
    """User name or password is wrong; which of them is not said."""

    code: ClassVar[str] = "login_refused"
    title: ClassVar[str] = "用户名或密码不正确。"
    status: ClassVar[int] = 401


class LoginThrottled(KefuError):
    """Too many wrong passwords for this name from this address."""

    code: ClassVar[str] = "login_throttled"
    title: ClassVar[str] = "登录失败次数过多，请 15 分钟后再试。"
    status: ClassVar[int] = 429


class NotLoggedIn(KefuError):
    """There is no session, or it has ended."""

    code: ClassVar[str] = "not_logged_in"
    title: ClassVar[str] = "请先登录。"
    status: ClassVar[int] = 401


class RequestForged(KefuError):
    """The request comes from another site, or lacks the CSRF token."""

    code: ClassVar[str] = "request_forged"
    title: ClassVar[str] = "请求未通过安全校验，请刷新页面后重试。"
    status: ClassVar[int] = 403
