"""Why a chat cannot be given to somebody."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class AgentNotOnline(KefuError):
    """Chats go to agents who are there and take them."""

    code: ClassVar[str] = "agent_not_online"
    title: ClassVar[str] = "这位客服现在不在线，请选择其他同事或客服组。"
    status: ClassVar[int] = 409


class AgentNotSuitable(KefuError):
    """The colleague does not serve this brand, or the talk's group."""

    code: ClassVar[str] = "agent_not_suitable"
    title: ClassVar[str] = "这位同事不负责这个店铺的会话，请选择其他同事。"
    status: ClassVar[int] = 409


class GroupNotFound(KefuError):
    """The profile has no such group."""

    code: ClassVar[str] = "group_not_found"
    title: ClassVar[str] = "没有这个客服组。"
    status: ClassVar[int] = 404


class GroupInvalid(KefuError):
    """A change of a group that cannot be; the sentence says what is wrong."""

    code: ClassVar[str] = "group_invalid"
    title: ClassVar[str] = "客服组的设置有误，请修改后再保存。"
    status: ClassVar[int] = 422


class TargetMissing(KefuError):
    """A transfer names exactly one: an agent or a group."""

    code: ClassVar[str] = "transfer_target_missing"
    title: ClassVar[str] = "请选择一位同事或一个客服组。"
    status: ClassVar[int] = 422
