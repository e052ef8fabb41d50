"""The same question in the same words, counted from turn to turn. Pure."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

from kefu_engine.normalizer import normalize
from kefu_engine.requests import is_service

TOO_OFTEN = 3
REMEMBERED_FOR = timedelta(minutes=30)
# Asking for a person is always heard; a ticket is opened by saying the same once more.
_NEVER_COUNTED = frozenset({"human_agent", "complaint", "dispute_appeal", "feedback"})

Asked = dict[str, Any]


def counts(intent: str | None) -> bool:
    """Whether a message of this intent is a question that can be asked too often."""
    return is_service(intent) and intent not in _NEVER_COUNTED


def asked_now(before: Asked | None, text: str, intent: str, now: datetime) -> Asked:
    """What to keep in mind of a question: ``{"digest", "intent", "count", "at"}``.

    ``before`` is what was kept of the last one. Signs and blanks make no difference; after half an
    hour a question is new again.
    """
    digest = _digest(text)
    same = (
        before is not None
        and before["digest"] == digest
        and now - datetime.fromisoformat(before["at"]) <= REMEMBERED_FOR
    )
    count = before["count"] + 1 if before and same else 1
    return {"digest": digest, "intent": intent, "count": count, "at": now.isoformat()}


def _digest(text: str) -> str:
    words = re.sub(r"[\W_]+", "", normalize(text).text)
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()
