"""Each report as one table: a header in Chinese, and rows of plain numbers. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kefu.reports.definitions import DEFINITIONS
from kefu.reports.sheet import Cell
from kefu.store.base import Document

Row = Sequence[Cell]
Table = tuple[list[str], list[Row]]

_TIMES = ("wait", "first_response", "resolution")


def overview(found: Document) -> Table:
    """One row a figure: of a share how many of how many, of a time the median and the p90."""
    header = ["指标", "本期", "90 分位（秒）", "样本数", "上期", "上期 90 分位（秒）", "上期样本数"]
    now, before = found["figures"], found["before"]
    return header, [
        [
            _title(name) + ("中位数（秒）" if name in _TIMES else ""),
            *_cells(now[name]),
            *_cells(before[name]),
        ]
        for name in now
    ]


def _cells(value: Document | int | None) -> tuple[Cell, Cell, Cell]:
    """Value, p90, and what it was counted over."""
    if not isinstance(value, dict):
        return value, None, None
    if "share" in value:
        return value["share"], None, value["of"]
    return value["median"], value["p90"], value["n"]


def intents(found: Document) -> Table:
    header = ["问题类型", "会话数", "转人工", "转人工率", "机器人独立接待率"]
    header += ["标记数", "答错数", "答错率", "实际多为"]
    return header, [
        [
            row["title"],
            row["talks"],
            row["handed"],
            row["handoff_rate"]["share"],
            row["contained"]["share"],
            row["wrong"]["of"],
            row["wrong"]["n"],
            row["wrong"]["share"],
            "、".join(f"{each['title']} {each['n']}" for each in row["meant"]),
        ]
        for row in found["intents"]
    ]


def waits(found: Document) -> Table:
    header = ["品牌", "客服组", "转人工次数", "未等到客服", "退回队列次数", "排队中位数（秒）"]
    header += ["排队 90 分位（秒）", "告知次数", "可比较", "范围内", "比告知短", "比告知长"]
    header += ["预计等待准确率", "告知下限中位数（秒）", "告知上限中位数（秒）", "实际中位数（秒）"]
    return header, [
        [
            row["brand"],
            row["name"],
            row["handoffs"],
            row["left"],
            row["returned"],
            row["wait"]["median"],
            row["wait"]["p90"],
            row["told"],
            row["right"]["of"],
            row["right"]["n"],
            row["shorter"],
            row["longer"],
            row["right"]["share"],
            row["low"],
            row["high"],
            row["had"]["median"],
        ]
        for row in found["groups"]
    ]


def hours(found: Document) -> Table:
    header = ["时段", "提问数", "转人工次数", "排队中位数（秒）", "排队 90 分位（秒）"]
    return header, [
        [
            f"{row['hour']:02}:00–{row['hour'] + 1:02}:00",
            row["questions"],
            row["handoffs"],
            row["wait"]["median"],
            row["wait"]["p90"],
        ]
        for row in found["hours"]
    ]


def agents(found: Document) -> Table:
    header = ["客服", "接待次数", "转出", "退回", "接起后首次回复中位数（秒）"]
    header += ["接起后首次回复 90 分位（秒）", "首次回复数", "接待时长中位数（秒）"]
    header += ["接待时长 90 分位（秒）", "满意度", "评价数", "标记数", "标记答错数"]
    return header, [
        [
            row["name"],
            row["chats"],
            row["passed_on"],
            row["given_back"],
            row["response"]["median"],
            row["response"]["p90"],
            row["response"]["n"],
            row["held"]["median"],
            row["held"]["p90"],
            row["satisfied"]["share"],
            row["satisfied"]["of"],
            row["wrong"]["of"],
            row["wrong"]["n"],
        ]
        for row in found["agents"]
    ]


def satisfaction(found: Document) -> Table:
    header = ["接待方", "邀请评价", "已评价", "评价率", "满意度", "平均星级"]
    header += [f"{star} 星" for star in range(1, 6)]
    return header, [
        [
            row["name"],
            row["asked"],
            row["given"]["n"],
            row["given"]["share"],
            row["satisfied"]["share"],
            row["mean"],
            *row["stars"],
        ]
        for row in found["served_by"]
    ]


def _title(name: str) -> str:
    return DEFINITIONS[name].title


TABLES: Mapping[str, Callable[[Document], Table]] = {
    "overview": overview,
    "intents": intents,
    "waits": waits,
    "hours": hours,
    "agents": agents,
    "satisfaction": satisfaction,
}
