"""Pictures that the shopper has sent: kept in mind until something is submitted that they prove."""

from __future__ import annotations

from typing import Any, cast

from actions.reply import Reply
from actions.turn import Turn

EVIDENCE = "evidence"
MOST_PICTURES = 9


def evidence_of(turn: Turn) -> list[str]:
    """The ids of the pictures, in the order they came."""
    return list(cast("list[str]", turn.slots.get(EVIDENCE) or []))


def keep_picture(turn: Turn, reply: Reply) -> int:
    """Keep the picture of this message, the newest ones if there are many; how many there are."""
    sent = turn.entity("attachment_id")
    kept = [each for each in evidence_of(turn) if each != sent]
    if sent:
        kept = [*kept, sent][-MOST_PICTURES:]
        reply.remember(EVIDENCE, kept)
    return len(kept)


def submit_evidence(turn: Turn, reply: Reply) -> None:
    """Put the pictures into the tickets that the reply opens; they prove nothing else then."""
    pictures = evidence_of(turn)
    tickets = [command for command in map(_command, reply.messages) if _is_ticket(command)]
    if not (pictures and tickets):
        return
    for command in tickets:
        command["evidence"] = pictures
    reply.remember(EVIDENCE, None)


def note_with_evidence(turn: Turn, note: str) -> str:
    """The note of an application to the shop, which holds no pictures but can name them."""
    pictures = evidence_of(turn)
    if not pictures:
        return note
    return f"{note}（图片凭证 {len(pictures)} 张，客服系统编号：{'、'.join(pictures)}）"


def evidence_lines(turn: Turn) -> list[str]:
    """A line for what is shown before something is submitted, if there are pictures."""
    pictures = evidence_of(turn)
    return [f"图片：{len(pictures)} 张"] if pictures else []


def _command(message: dict[str, Any]) -> dict[str, Any]:
    custom = cast("dict[str, Any]", message.get("json_message") or {})
    return cast("dict[str, Any]", custom.get("command") or {})


def _is_ticket(command: dict[str, Any]) -> bool:
    return command.get("type") == "ticket"
