"""What can go wrong in a conversation."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class ConversationNotFound(KefuError):
    """No such conversation, or none that the asker may see."""

    code: ClassVar[str] = "conversation_not_found"
    title: ClassVar[str] = "没有找到这个会话。"
    status: ClassVar[int] = 404


class ConversationClosed(KefuError):
    """The conversation is closed; the shopper begins a new one."""

    code: ClassVar[str] = "conversation_closed"
    title: ClassVar[str] = "本次会话已结束，请重新发起咨询。"
    status: ClassVar[int] = 409


class StateConflict(KefuError):
    """The conversation is not in a state that allows this; the sentence says who was first."""

    code: ClassVar[str] = "state_conflict"
    title: ClassVar[str] = "会话状态已经变化，请刷新后再试。"
    status: ClassVar[int] = 409


class MessageRefused(KefuError):
    """The message is empty, too long, or not of a known form."""

    code: ClassVar[str] = "message_refused"
    title: ClassVar[str] = "消息内容不符合要求，请修改后重新发送。"
    status: ClassVar[int] = 422


class ButtonUnknown(KefuError):
    """The conversation never showed a button with this id."""

    code: ClassVar[str] = "button_unknown"
    title: ClassVar[str] = "这个按钮已失效，请直接输入您的问题。"
    status: ClassVar[int] = 422


class TurnRefused(KefuError):
    """What the engine answered cannot be carried out: an unknown command, a malformed button."""

    code: ClassVar[str] = "turn_refused"
    title: ClassVar[str] = "系统出了点问题，请稍后再试。"
    status: ClassVar[int] = 502


class TurnOvertaken(KefuError):
    """Another attempt holds the turn now, or the conversation moved on: nothing was committed."""

    code: ClassVar[str] = "turn_overtaken"
    status: ClassVar[int] = 409
