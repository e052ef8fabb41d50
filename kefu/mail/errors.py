"""What can go wrong with incoming e-mail."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class MailboxInvalid(KefuError):
    """The variable that a profile's ``mailbox.url_env`` names is missing or no mailbox's URL."""

    code: ClassVar[str] = "mailbox_invalid"
    title: ClassVar[str] = "收信邮箱的地址设置有误，请检查。"


class MailboxUnreachable(KefuError):
    """The mail server does not answer, or refuses the login; tried again later."""

    code: ClassVar[str] = "mailbox_unreachable"
    title: ClassVar[str] = "暂时连不上收信邮箱，请检查邮箱的地址、账号和密码。"
    status: ClassVar[int] = 502


class LetterUnreadable(KefuError):
    """An e-mail without a sender, or whose headers cannot be parsed; it stays in the mailbox."""

    code: ClassVar[str] = "letter_unreadable"
    title: ClassVar[str] = "有一封邮件无法读取，请到邮箱里查看。"
