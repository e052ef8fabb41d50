"""Why a turn could not be run: each error has a code for the desk and a Chinese sentence."""

from __future__ import annotations

from typing import Any, ClassVar


class EngineError(Exception):
    """The turn could not be run.

    ``code`` names the error for the desk, ``title`` is for people, ``status`` the HTTP status.
    ``detail`` is English text for engineers and never holds what a shopper wrote.
    """

    code: ClassVar[str] = "turn_failed"
    title: ClassVar[str] = "机器人没能处理这条消息，请稍后再试。"
    status: ClassVar[int] = 500

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail

    def as_problem(self) -> dict[str, Any]:
        """The error as an RFC 9457 problem document."""
        return {
            "type": "about:blank",
            "status": self.status,
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
        }


class BadRequest(EngineError):
    """The request is not a turn."""

    code = "bad_request"
    title = "请求格式不正确。"
    status = 400


class BodyTooLarge(BadRequest):
    """The request body is over the limit."""

    status = 413


class Unauthorised(EngineError):
    """The engine secret is missing or wrong."""

    code = "unauthorised"
    title = "请求未通过验证。"
    status = 401


class ModelMismatch(EngineError):
    """The turn asks for another model than the one that is loaded."""

    code = "model_mismatch"
    title = "机器人正在更新，请稍后再试。"
    status = 409


class Loading(EngineError):
    """The model is still being loaded."""

    code = "loading"
    title = "机器人正在启动，请稍后再试。"
    status = 503


class DeadlineExceeded(EngineError):
    """The turn took longer than its deadline."""

    code = "deadline_exceeded"
    title = "处理超时，请稍后再试。"
    status = 504


class TurnFailed(EngineError):
    """The dialogue itself is wrong: no reply, no rule, too many predictions."""


class ActionFailed(EngineError):
    """An action, a form or the slot extraction did not do its work; ``action`` names it."""

    code = "action_failed"
    title = "查询服务暂时不可用，请稍后再试。"
    status = 502

    def __init__(self, action: str, detail: str) -> None:
        super().__init__(f"{action}: {detail}")
        self.action = action

    def as_problem(self) -> dict[str, Any]:
        return {**super().as_problem(), "action": self.action}


class ActionsUnreachable(ActionFailed):
    """No action server listens: it is being restarted, and waiting helps."""

    code = "actions_unreachable"
    status = 503


class EventRefused(ActionFailed):
    """An action returned an event that a stateless engine cannot honour."""

    def __init__(self, action: str, event: str) -> None:
        super().__init__(action, f"the event {event!r} is not allowed")


class ModelUnsuitable(EngineError):
    """The archive is damaged, or holds a dialogue that the turn engine cannot run faithfully."""

    code = "model_unsuitable"
    title = "模型无法使用。"
