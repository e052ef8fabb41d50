"""What can go wrong with a ticket."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class TicketNotFound(KefuError):
    """No such ticket, or none that the asker may see."""

    code: ClassVar[str] = "ticket_not_found"
    title: ClassVar[str] = "没有找到这张工单。"
    status: ClassVar[int] = 404


class TicketClosed(KefuError):
    """The ticket is closed: whatever is new becomes another one."""

    code: ClassVar[str] = "ticket_closed"
    title: ClassVar[str] = "这张工单已经关闭，不能再修改。"
    status: ClassVar[int] = 409


class ContactRefused(KefuError):
    """Neither a mobile number nor an e-mail address, and nobody is signed in to be told."""

    code: ClassVar[str] = "contact_refused"
    title: ClassVar[str] = "请填写正确的手机号或邮箱，方便我们答复您。"
    status: ClassVar[int] = 422
