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
    """Too many wrong passwords for this name from this address; ``retry_after`` in seconds."""

    code: ClassVar[str] = "login_throttled"
    status: ClassVar[int] = 429

    def __init__(self, retry_after: int) -> None:
        minutes = -(-retry_after // 60)
        super().__init__(
            "too many wrong passwords", title=f"登录失败次数过多，请 {minutes} 分钟后再试。"
        )
        self.retry_after = retry_after

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "retry_after": self.retry_after}


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


class RoleMissing(KefuError):
    """None of the member's roles in the profile lets them do this."""

    code: ClassVar[str] = "role_missing"
    title: ClassVar[str] = "您的账号没有这项权限，如有需要请联系管理员。"
    status: ClassVar[int] = 403


class TotpRequired(KefuError):
    """The password was right; the account asks for the code of its second factor as well."""

    code: ClassVar[str] = "totp_required"
    title: ClassVar[str] = "请输入身份验证器上的 6 位动态码。"
    status: ClassVar[int] = 401


class TotpWrong(KefuError):
    """The code is wrong, too old, or was used before."""

    code: ClassVar[str] = "totp_wrong"
    title: ClassVar[str] = "动态码不正确或已经用过，请等下一个动态码再试。"
    status: ClassVar[int] = 401


class TotpNotConfirmed(TotpWrong):
    """The code does not show that the authenticator has the new secret. The login stays."""

    status: ClassVar[int] = 422


class TotpNotBegun(KefuError):
    """There is no new second factor to confirm."""

    code: ClassVar[str] = "totp_not_begun"
    title: ClassVar[str] = "请先开始绑定身份验证器，再输入动态码。"
    status: ClassVar[int] = 409


class PasswordWrong(KefuError):
    """The present password is wrong."""

    code: ClassVar[str] = "password_wrong"
    title: ClassVar[str] = "当前密码不正确。"
    status: ClassVar[int] = 403


class PasswordWeak(KefuError):
    """The new password is too short, too common, or says the user name."""

    code: ClassVar[str] = "password_weak"
    title: ClassVar[str] = "新密码太简单：至少 10 个字符，不能是常见密码，也不能包含用户名。"
    status: ClassVar[int] = 422


class StaffNotFound(KefuError):
    """No such account, or none in the administrator's profiles."""

    code: ClassVar[str] = "staff_not_found"
    title: ClassVar[str] = "没有找到这个账号。"
    status: ClassVar[int] = 404


class StaffRefused(KefuError):
    """The account cannot be made or changed like this."""

    code: ClassVar[str] = "staff_refused"
    title: ClassVar[str] = "账号信息有误，请检查后重试。"
    status: ClassVar[int] = 422


class UsernameTaken(KefuError):
    """Somebody else is called so."""

    code: ClassVar[str] = "username_taken"
    title: ClassVar[str] = "这个用户名已经有人使用，请换一个。"
    status: ClassVar[int] = 409


class LastAdmin(KefuError):
    """Somebody must be left who can administer everything."""

    code: ClassVar[str] = "last_admin"
    title: ClassVar[str] = "至少要保留一位启用中的全局管理员。"
    status: ClassVar[int] = 409
