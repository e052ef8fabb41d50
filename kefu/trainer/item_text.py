"""An item of the inbox as people read it on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from kefu.store.base import Document

_SPEAKERS = {"shopper": "顾客", "bot": "机器人", "agent": "客服", "system": "系统"}
_ACTIONS = {
    "label": "标注为",
    "skip": "跳过",
    "approve": "复核通过",
    "undo": "撤销上一步",
    "commit": "写入训练数据",
}


def line(item: Document) -> str:
    """The item in one line of a list."""
    sure = f"{item['confidence']:.2f}" if item["confidence"] is not None else "-"
    read = f"{item['intent'] or '-'} {sure}"
    label = f" → {item['label']}" if item["label"] else ""
    place = f"{item['item_id']:>6}  {item['kind']:<16} {read:<28} ×{item['count']}"
    return f"{place}  {item['text']}{label}"


def told(item: Document, title: Callable[[str], str]) -> str:
    """All that is known of the item; ``title`` names an intent in Chinese."""

    def named(intent: str) -> str:
        return f"{title(intent)} {intent}"

    sections = [
        ("消息", [item["text"], _facts(item)]),
        ("意图排名", [f"{named(one['name'])} {one['confidence']:.2f}" for one in item["ranking"]]),
        ("分词", [" / ".join(item["tokens"])] if item["tokens"] else []),
        *_why(item["explanation"], named),
        ("相似的消息", [f"{one['item_id']}  {one['text']}" for one in item["alike"]]),
        ("前后对话", [_said(one) for one in item["talk"]]),
        ("经过", [_done(one) for one in item["history"]]),
    ]
    return "\n".join(_section(name, lines) for name, lines in sections if lines)


def _section(name: str, lines: Iterable[str]) -> str:
    return "\n".join([name, *(f"  {each}" for each in lines)])


def _facts(item: Document) -> str:
    limit = f"回答的界限 {item['threshold']:.2f}" if item["threshold"] is not None else ""
    acted = "直接回答了" if item["answered"] else "没有直接回答"
    label = f"{item['labelled_by']}标注为 {item['label']}" if item["label"] else ""
    hint = item["new_intent_hint"] or ""
    facts = ["、".join(item["kinds"]), f"出现 {item['count']} 次", acted, limit, label, hint]
    return "，".join(fact for fact in facts if fact)


def _why(why: Document, named: Callable[[str], str]) -> list[tuple[str, list[str]]]:
    near = [f"{named(each['intent'])}  {each['text']}" for each in why["neighbours"]]
    none = ["没有相近的例句：这是一种新的说法。"]
    found = [("训练数据里最接近的例句", near or none)]
    if not why["evidence"]:
        unseen = "机器人引擎没有运行，暂时看不到支持的字词。"
        return [("为什么", [unseen]), *found]
    pieces = "  ".join(f"{each['text']} {each['weight']:+.2f}" for each in why["evidence"])
    return [(f"支持「{named(why['intent'])}」的字词", [pieces]), *found]


def _said(one: dict[str, Any]) -> str:
    speaker = _SPEAKERS.get(one["from"] or "", one["from"])
    text = " ".join((one["text"] or "（图片、卡片或按钮）").split())
    return f"{'→' if one['here'] else ' '} {speaker}：{text}"


def _done(one: dict[str, Any]) -> str:
    label = f" {one['label']}" if one["label"] and one["action"] == "label" else ""
    undone = "（已撤销）" if one["undone"] else ""
    return f"{one['at']}  {one['staff']} {_ACTIONS[one['action']]}{label}{undone}"
