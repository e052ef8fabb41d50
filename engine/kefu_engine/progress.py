"""How far a long command has come: JSON lines on stderr, for whoever has started it.

``{"progress": 0..100, "step": "what is being done, in Chinese"}``. Silent until ``announce``.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Generator
from typing import Any, TextIO

_output: TextIO | None = None
_lock = threading.Lock()
_furthest = 0
_said = ""

# By the share of time that each step takes on the full data: the step begins at its percentage.
_COMPONENTS = {
    "RulePolicy": (20, "检查对话规则"),
    "TextNormalizer": (32, "规范化例句"),
    "ChineseTokenizer": (34, "切分词语"),
    "RuleEntityExtractor": (46, "整理实体规则"),
    "CalibratedIntentClassifier": (47, "训练意图模型"),
}
_FOLDS = (60, 95)


def announce() -> None:
    """From now on tell on the present stderr, wherever that leads later."""
    global _output, _furthest
    _output, _furthest = sys.stderr, 0


def tell(progress: float, step: str) -> None:
    """Say that ``step`` has begun; the percentage never goes back."""
    global _furthest, _said  # noqa: PLW0603
    if _output is None:
        return
    with _lock:
        _furthest = max(_furthest, min(100, int(progress)))
        line = json.dumps({"progress": _furthest, "step": step}, ensure_ascii=False)
        if line != _said:
            _said = line
            _output.write(line + "\n")
            _output.flush()


def tell_fold(done: int, folds: int) -> None:
    """Say how many of the classifier's cross-validations are done."""
    begin, end = _FOLDS
    tell(begin + (end - begin) * done / max(folds, 1), f"交叉验证（{done}/{folds}）")


@contextlib.contextmanager
def following_rasa() -> Generator[None]:
    """Tell which component of the pipeline is being trained or applied."""
    from rasa.engine.training.hooks import LoggingHook

    hook: Any = LoggingHook
    before = hook.on_before_node

    def on_before_node(self: Any, node_name: str, *arguments: Any, **more: Any) -> Any:
        name = self._pruned_schema.nodes[node_name].uses.__name__
        if name in _COMPONENTS:
            tell(*_COMPONENTS[name])
        return before(self, node_name, *arguments, **more)

    hook.on_before_node = on_before_node
    try:
        yield
    finally:
        hook.on_before_node = before
