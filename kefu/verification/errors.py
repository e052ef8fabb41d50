"""What can go wrong with a one-time code."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class VerificationNotFound(KefuError):
    """This conversation asked for no such code."""

    code: ClassVar[str] = "verification_not_found"
    title: ClassVar[str] = "没有找到这次验证，请重新获取验证码。"
    status: ClassVar[int] = 404


class VerificationOver(KefuError):
    """The code was used, replaced by a newer request, or could not be sent."""

    code: ClassVar[str] = "verification_over"
    title: ClassVar[str] = "这次验证已经结束，请使用最新的验证码，或重新发起申请。"
    status: ClassVar[int] = 409


class CodeExpired(KefuError):
    """The code's time is over; another can be sent."""

    code: ClassVar[str] = "code_expired"
    title: ClassVar[str] = "验证码已过期，请重新获取。"
    status: ClassVar[int] = 410


class TooManyTries(KefuError):
    """The code was entered wrong too often and is worthless now; another can be sent."""

    code: ClassVar[str] = "too_many_tries"
    title: ClassVar[str] = "验证码错误次数过多，已失效，请重新获取。"
    status: ClassVar[int] = 429


class CodeWrong(KefuError):
    """Not the code; ``tries_left`` says how often it may still be entered."""

    code: ClassVar[str] = "code_wrong"
    status: ClassVar[int] = 422

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            "the code is wrong", title=f"验证码不正确，请核对后重新输入，还可以试 {tries_left} 次。"
        )
        self.tries_left = tries_left

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "tries_left": self.tries_left}


class ResendTooEarly(KefuError):
    """A code was sent just now; ``retry_after`` seconds are to wait."""

    code: ClassVar[str] = "resend_too_early"
    status: ClassVar[int] = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(
            "a code was sent just now", title=f"验证码刚刚发送过，请 {retry_after} 秒后再重新获取。"
        )
        self.retry_after = retry_after

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "retry_after": self.retry_after}


class SendLimitReached(KefuError):
    """No more codes this hour, for this login or from this network address."""

    code: ClassVar[str] = "send_limit_reached"
    status: ClassVar[int] = 429

    def __init__(self, retry_after: int) -> None:
        minutes = max(1, -(-retry_after // 60))
        super().__init__(
            "too many codes within an hour",
            title=f"验证码获取次数过多，请 {minutes} 分钟后再试，或联系人工客服。",
        )
        self.retry_after = retry_after

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "retry_after": self.retry_after}
