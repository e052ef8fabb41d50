"""Why there is no report."""

from __future__ import annotations

from typing import ClassVar

from kefu.errors import KefuError


class RangeRefused(KefuError):
    """The range of days cannot be reported on; the sentence says why."""

    code: ClassVar[str] = "range_refused"
    title: ClassVar[str] = "日期范围不正确，请重新选择。"
    status: ClassVar[int] = 422


class ProfileNeeded(KefuError):
    """A group was named without the profile whose group it is."""

    code: ClassVar[str] = "profile_needed"
    title: ClassVar[str] = "请先选择店铺，再选择客服组。"
    status: ClassVar[int] = 422
