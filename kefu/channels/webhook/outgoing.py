"""What a shop's server is told of a talk."""

from __future__ import annotations

from kefu.store.base import Document


def concerns_server(event: Document) -> bool:
    """Whether the shopper is to see it: not what they themselves wrote or how they rated."""
    if event["type"] == "message":
        return event["from"] != "shopper"
    return event["type"] != "rating"


def event_id(conversation_id: str, seq: int) -> str:
    """The same for the same event, however often it is sent."""
    return f"{conversation_id}:{seq}"


def envelope(profile: str, conversation_id: str, user_id: str, event: Document) -> Document:
    return {
        "event_id": event_id(conversation_id, event["seq"]),
        "profile": profile,
        "conversation_id": conversation_id,
        "user": {"id": user_id},
        "event": event,
    }
