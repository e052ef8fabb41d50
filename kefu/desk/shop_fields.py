"""The data that an action needs, as a form that a page can draw. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kefu.desk.errors import ActionRefused
from kefu.store.base import Document

LONGEST = 1000

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Field:
    """``options``: value and title, where one of several has to be chosen."""

    name: str
    title: str
    kind: Literal["text", "select", "textarea"] = "text"
    required: bool = False
    options: tuple[Option, ...] = ()

    def as_json(self) -> Document:
        shown: Document = {
            "name": self.name,
            "title": self.title,
            "type": self.kind,
            "required": self.required,
        }
        if self.kind == "select":
            shown["options"] = [{"value": value, "title": title} for value, title in self.options]
        return shown


Form = tuple[Field, ...]


def options(titles: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple((str(value), title) for value, title in titles.items())


def check(form: Form, given: Mapping[str, str]) -> dict[str, str]:
    """What was filled in, without the fields left empty; raises ``ActionRefused``."""
    known = {field.name for field in form}
    if unknown := set(given) - known:
        raise ActionRefused(f"unknown fields: {', '.join(sorted(unknown))}")
    values = {name: text.replace("\0", "").strip() for name, text in given.items()}
    values = {name: text for name, text in values.items() if text}
    for field in form:
        text = values.get(field.name, "")
        if field.required and not text:
            raise ActionRefused(f"{field.name} is empty", title=f"请填写{field.title}。")
        if len(text) > LONGEST:
            raise ActionRefused(
                f"{field.name} is too long", title=f"{field.title}请控制在 {LONGEST} 字以内。"
            )
        if text and field.options and text not in dict(field.options):
            raise ActionRefused(f"{field.name} is none of them", title=f"请重新选择{field.title}。")
    return values


def told(form: Form, values: Mapping[str, str]) -> str:
    """What was filled in, in words."""
    said = (
        f"{field.title}：{dict(field.options).get(values[field.name], values[field.name])}"
        for field in form
        if field.name in values
    )
    return "；".join(said)
