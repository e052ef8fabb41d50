"""What can go wrong with runs, comparisons and promotions."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class JobNotFound(KefuError):
    """There is no such run or comparison."""

    code: ClassVar[str] = "not_found"
    title: ClassVar[str] = "没有找到这个任务，请刷新页面后重试。"
    status: ClassVar[int] = 404


class JobOver(KefuError):
    """A run that has ended cannot be cancelled."""

    code: ClassVar[str] = "job_over"
    title: ClassVar[str] = "这个任务已经结束，无法取消。"
    status: ClassVar[int] = 409


class ModelNotFound(KefuError):
    """No model with this hash is known, or there is none to go back to."""

    code: ClassVar[str] = "model_not_found"
    title: ClassVar[str] = "没有找到这个模型，请刷新页面后重试。"
    status: ClassVar[int] = 404


class ArchiveUnfit(KefuError):
    """The archive is not in the store, or is not what its name says."""

    code: ClassVar[str] = "archive_unfit"
    title: ClassVar[str] = "模型文件缺失或已损坏，请重新训练后再试。"
    status: ClassVar[int] = 409


class ReasonNeeded(KefuError):
    """The last comparison speaks against the candidate: to promote it takes a reason."""

    code: ClassVar[str] = "reason_needed"
    title: ClassVar[str] = "对比结果显示这个模型有退步，如仍要上线请填写理由。"
    status: ClassVar[int] = 409


class AlreadyLive(KefuError):
    """The model answers already wherever it was to be promoted."""

    code: ClassVar[str] = "already_live"
    title: ClassVar[str] = "这个模型已经在线，无需重复操作。"
    status: ClassVar[int] = 409


class FrozenTooNear(KefuError):
    """A frozen message resembles a training utterance."""

    code: ClassVar[str] = "too_near_training"
    title: ClassVar[str] = "这句话与训练例句太接近，不能放进测试集，请换一种说法。"
    status: ClassVar[int] = 409


class FrozenInvalid(KefuError):
    """A frozen row cannot be kept as it is."""

    code: ClassVar[str] = "frozen_invalid"
    title: ClassVar[str] = "测试句不符合要求，请检查文字和意图。"
    status: ClassVar[int] = 422
