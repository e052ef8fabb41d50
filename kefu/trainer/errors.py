"""What can go wrong for a trainer; the sentences say what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from kefu.errors import KefuError


class ItemNotFound(KefuError):
    """No such item in the inbox, or none that the member may see."""

    code: ClassVar[str] = "inbox_item_not_found"
    title: ClassVar[str] = "找不到这条消息，请刷新列表后再试。"
    status: ClassVar[int] = 404


class ItemConflict(KefuError):
    """The item is in a state that does not allow this."""

    code: ClassVar[str] = "inbox_item_conflict"
    title: ClassVar[str] = "这条消息刚刚被同事处理过，请刷新后再试。"
    status: ClassVar[int] = 409


class LabelUnknown(KefuError):
    """No intent of this name is trained."""

    code: ClassVar[str] = "label_unknown"
    title: ClassVar[str] = "没有这个意图，请从列表中选择；确实需要新意图时请选「需要新意图」。"
    status: ClassVar[int] = 422


class EntityMarkInvalid(KefuError):
    """Marked entities overlap, lie outside the text or have no known name."""

    code: ClassVar[str] = "entity_mark_invalid"
    title: ClassVar[str] = "实体标注有误：请检查起止位置，标注之间不能重叠。"
    status: ClassVar[int] = 422


class GitMissing(KefuError):
    """There is no ``git`` on this machine."""

    code: ClassVar[str] = "git_missing"
    title: ClassVar[str] = "训练主机上没有安装 git，无法保存。请让管理员安装 git 后重试。"
    status: ClassVar[int] = 503


class NotVersioned(KefuError):
    """The workspace is no git checkout."""

    code: ClassVar[str] = "workspace_not_versioned"
    title: ClassVar[str] = (
        "训练数据所在的文件夹没有纳入 git 管理，无法保存。"
        "请让管理员用 git clone 取得项目，或在项目文件夹中执行 git init 并提交全部文件。"
    )
    status: ClassVar[int] = 503


class GitFailed(KefuError):
    """Git refused; the detail holds its own words."""

    code: ClassVar[str] = "git_failed"
    title: ClassVar[str] = "git 没有保存成功，您的修改尚未写入。请把下面的错误信息发给管理员。"
    status: ClassVar[int] = 503


class WorkspaceBusy(KefuError):
    """Another save, or another git command, holds the workspace."""

    code: ClassVar[str] = "workspace_busy"
    title: ClassVar[str] = "另一个保存操作还没有结束，请稍后再试。"
    status: ClassVar[int] = 503


class WorkspaceDirty(KefuError):
    """A file has changes that somebody made outside the workbench and did not commit."""

    code: ClassVar[str] = "workspace_dirty"
    title: ClassVar[str] = "文件里有别人尚未提交的改动，请让管理员先提交或撤销它们，再保存。"
    status: ClassVar[int] = 409

    def __init__(self, paths: Sequence[str]) -> None:
        detail = f"uncommitted changes in {', '.join(paths)}"
        super().__init__(detail, title=f"{'、'.join(paths)}：{self.title}")


class EditedMeanwhile(KefuError):
    """The file is no longer the one that the trainer saw.

    ``merged`` is the three-way merge where it is clean; ``marked`` shows the places in conflict.
    """

    code: ClassVar[str] = "edited_meanwhile"
    title: ClassVar[str] = "这个文件刚刚被别人改过。请查看对方的修改，合并后再保存。"
    status: ClassVar[int] = 409

    def __init__(
        self,
        path: str,
        *,
        theirs: str,
        theirs_base: str,
        base_text: str | None = None,
        merged: str | None = None,
        marked: str | None = None,
    ) -> None:
        super().__init__(f"{path} has changed")
        self.more: dict[str, Any] = {
            "path": path,
            "theirs": theirs,
            "theirs_base": theirs_base,
            "base_text": base_text,
            "merged": merged,
            "marked": marked,
        }

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), **self.more}


class FileUnknown(KefuError):
    """No such file, or none that the workbench shows."""

    code: ClassVar[str] = "file_unknown"
    title: ClassVar[str] = "没有这个文件，或者它不能在这里查看。"
    status: ClassVar[int] = 404


class FileFixed(KefuError):
    """The file can be read here, but is changed by engineers."""

    code: ClassVar[str] = "file_fixed"
    title: ClassVar[str] = "这个文件只能查看，需要修改请联系工程师。"
    status: ClassVar[int] = 403


class FileInvalid(KefuError):
    """The new text is not what this kind of file must hold; the sentence names the line."""

    code: ClassVar[str] = "file_invalid"
    title: ClassVar[str] = "文件格式有误，请改正后再保存。"
    status: ClassVar[int] = 422


class UtteranceUnknown(KefuError):
    """The utterance does not stand where it is said to stand."""

    code: ClassVar[str] = "utterance_unknown"
    title: ClassVar[str] = "找不到这条例句，它可能刚刚被别人改过，请刷新后再试。"
    status: ClassVar[int] = 404


class IntentRefused(KefuError):
    """A new intent cannot be made like this; the sentence says what to change."""

    code: ClassVar[str] = "intent_refused"
    title: ClassVar[str] = "这个意图不能这样新建，请按提示修改。"
    status: ClassVar[int] = 422


class DataRefused(KefuError):
    """What was to be saved would spoil the training data; ``findings`` say where and why."""

    code: ClassVar[str] = "data_refused"
    title: ClassVar[str] = "有内容不能写入训练数据，请按提示修改后再保存。"
    status: ClassVar[int] = 422

    def __init__(self, findings: Sequence[dict[str, Any]]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = list(findings)

    def as_problem(self) -> dict[str, object]:
        return {**super().as_problem(), "findings": self.findings}


class ImportInvalid(KefuError):
    """The upload is neither a YAML file of Rasa's nor a zip of such."""

    code: ClassVar[str] = "import_invalid"
    title: ClassVar[str] = "无法读取上传的文件，请上传 Rasa 的 YAML 文件，或由本系统导出的 zip。"
    status: ClassVar[int] = 422


class ImportOutdated(KefuError):
    """What is to be committed is not what was shown as the diff."""

    code: ClassVar[str] = "import_outdated"
    title: ClassVar[str] = "预览之后数据又有变化，请重新上传、查看差异后再确认。"
    status: ClassVar[int] = 409
