"""What can go wrong on the way to a shopper."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class NoticeNotSent(KefuError):
    """The mail server, SMS service or webhook did not take it; ``for_good``: nor will it ever."""

    code: ClassVar[str] = "notice_not_sent"
    title: ClassVar[str] = "通知发送失败，请检查邮件、短信或回调服务的设置。"
    status: ClassVar[int] = 502

    def __init__(self, detail: str, *, for_good: bool = False) -> None:
        super().__init__(detail)
        self.for_good = for_good


class TransportInvalid(KefuError):
    """``KEFU_SMTP_URL``, ``KEFU_SMS_URL`` or ``KEFU_WEBHOOK_URL`` cannot be used."""

    code: ClassVar[str] = "transport_invalid"
    title: ClassVar[str] = "通知服务的地址设置有误，请检查。"
