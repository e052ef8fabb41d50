"""The last gate before a log line is written."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from kefu.privacy.mask import mask_log


def mask_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor that masks every string value of a log line."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask_log(value)
    return event
