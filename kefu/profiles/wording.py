"""A schema's findings in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SENTENCES: Mapping[str, str] = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这一项，请检查拼写",
    "string_type": "应为文字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "bool_parsing": "应为 true 或 false",
    "float_type": "应为数字",
    "bool_type": "应为 true 或 false",
    "list_type": "应为列表",
    "dict_type": "应为键值对",
    "tuple_type": "应写成 09:00-18:00 或 closed",
    "date_type": "应为日期，例如 2026-12-31",
    "model_type": "应为键值对",
    "dataclass_type": "应为键值对",
    "literal_error": "只能是 {expected}",
    "string_too_short": "不能少于 {min_length} 个字",
    "string_too_long": "不能超过 {max_length} 个字",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}",
    "too_short": "至少要有 {min_length} 项",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "unexpected_keyword_argument": "没有这一项，请检查拼写",
}


def sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """What pydantic's error type means; its own English ``message`` for types not listed here."""
    if kind == "value_error":
        return str(context["error"])
    template = _SENTENCES.get(kind)
    return template.format_map(context) if template else message
