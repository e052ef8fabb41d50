"""What can be wrong with a profile."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class ProfileNotFound(KefuError):
    """No service profile has this name."""

    code: ClassVar[str] = "profile_not_found"
    title: ClassVar[str] = "没有找到这个店铺的客服。"
    status: ClassVar[int] = 404


class ProfileInvalid(KefuError):
    """Profile files have ``mistakes``, each as ``file:line: key: mistake`` in Chinese."""

    code: ClassVar[str] = "profile_invalid"
    title: ClassVar[str] = "客服配置文件有误，请按下列提示修改后重新启动。"

    def __init__(self, *mistakes: str) -> None:
        super().__init__("\n".join([self.title, *mistakes]))
        self.mistakes = mistakes
