"""What can go wrong with what a member of the staff does."""

from __future__ import annotations

from typing import ClassVar

from kefu.accounts.errors import RoleMissing
from kefu.errors import KefuError

__all__ = ["RoleMissing"]


class NewerMessages(KefuError):
    """Somebody has written since the page was last brought up to date; ``newest_seq``."""

    code: ClassVar[str] = "newer_messages"
    title: ClassVar[str] = "您写回复时对话里又有了新消息，请看过之后再决定是否发送。"
    status: ClassVar[int] = 409

    def __init__(self, newest_seq: int) -> None:
        super().__init__(f"the newest message is {newest_seq}")
        self.newest_seq = newest_seq

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "newest_seq": self.newest_seq}


class MessageNotFound(KefuError):
    """There is no message of an agent under this number."""

    code: ClassVar[str] = "message_not_found"
    title: ClassVar[str] = "没有找到这条消息。"
    status: ClassVar[int] = 404


class MessageNotYours(KefuError):
    """Only who wrote a message may take it back."""

    code: ClassVar[str] = "message_not_yours"
    title: ClassVar[str] = "只能撤回自己发送的消息。"
    status: ClassVar[int] = 403


class RecallTooLate(KefuError):
    """A message can be taken back for two minutes."""

    code: ClassVar[str] = "recall_too_late"
    title: ClassVar[str] = "消息发出已超过 2 分钟，不能撤回了。"
    status: ClassVar[int] = 409


class NoteRefused(KefuError):
    """A note without words, or with too many."""

    code: ClassVar[str] = "note_refused"
    title: ClassVar[str] = "备注不能为空，也不能超过 2000 字。"
    status: ClassVar[int] = 422


class NobodyToWhisperTo(KefuError):
    """No agent has the talk."""

    code: ClassVar[str] = "nobody_to_whisper_to"
    title: ClassVar[str] = "这个会话现在没有客服接待，不能发悄悄话。"
    status: ClassVar[int] = 409


class ColleagueNotFound(KefuError):
    """Nobody of that number serves the profile's shoppers."""

    code: ClassVar[str] = "colleague_not_found"
    title: ClassVar[str] = "没有找到这位同事，或对方不负责这个店铺。"
    status: ClassVar[int] = 404


class CannedNotFound(KefuError):
    """No such canned response, or none that the member may use."""

    code: ClassVar[str] = "canned_not_found"
    title: ClassVar[str] = "没有找到这条快捷回复。"
    status: ClassVar[int] = 404


class CannedRefused(KefuError):
    """A canned response that cannot be kept like this; its sentence says why."""

    code: ClassVar[str] = "canned_refused"
    title: ClassVar[str] = "快捷回复的内容有误，请检查后重试。"
    status: ClassVar[int] = 422


class ShortcutTaken(KefuError):
    """Another canned response has the shortcut."""

    code: ClassVar[str] = "shortcut_taken"
    title: ClassVar[str] = "这个快捷短语已经被占用，请换一个。"
    status: ClassVar[int] = 409


class ActionRefused(KefuError):
    """The action cannot be asked for like this; its sentence says what is missing."""

    code: ClassVar[str] = "action_refused"
    title: ClassVar[str] = "请把需要的信息填写完整后再提交。"
    status: ClassVar[int] = 422


class OrderNotFound(KefuError):
    """The shopper has no such order, or it is another seller's."""

    code: ClassVar[str] = "order_not_found"
    title: ClassVar[str] = "没有在这位顾客名下找到这笔订单。"
    status: ClassVar[int] = 404


class IntentUnknown(KefuError):
    """The bot knows no such intent."""

    code: ClassVar[str] = "intent_unknown"
    title: ClassVar[str] = "没有这个问题类型，请从列表里选择。"
    status: ClassVar[int] = 422
