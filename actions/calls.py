"""A call for a person: to which group it goes, and what a shopper hears while nobody is there."""

from __future__ import annotations

from typing import Any, cast

from actions.matters import MATTERS, PENDING
from actions.reply import Button, Reply, button
from actions.turn import Turn
from kefu.handoff import routing
from kefu.profiles import Group, Profile
from kefu.shop import wording

LEAVE_MESSAGE = button(MATTERS["callback"].submit, "open_ticket", ticket="callback")


def settle_call(profile: Profile, turn: Turn, reply: Reply) -> None:
    """Name the group on the reply's call for a person. While neither it nor one that helps it out
    is open, the call becomes the offer to leave a message: nobody waits through a night.
    """
    for message in list(reply.messages):
        command = _handoff_in(message)
        if command is None:
            continue
        group = group_of(profile, turn, command)
        there = routing.open_one(profile, group, turn.now)
        if there:
            command["group"] = there.group
        else:
            reply.messages.remove(message)
            offer_message(profile, group, turn, reply)


def handoffs_in(reply: Reply) -> list[dict[str, Any]]:
    """The calls for a person that the reply holds."""
    found = [_handoff_in(message) for message in reply.messages]
    return [command for command in found if command is not None]


def _handoff_in(message: dict[str, Any]) -> dict[str, Any] | None:
    custom = cast("dict[str, Any]", message.get("json_message") or {})
    command = cast("dict[str, Any] | None", custom.get("command"))
    return command if command and command["type"] == "handoff" else None


def group_of(profile: Profile, turn: Turn, command: dict[str, Any]) -> Group:
    """The group that the call names, else the one whose business it is, open or not."""
    named = profile.group(command["group"]) if command.get("group") else None
    seller = profile.seller(command.get("seller_id") or turn.claims.context.get("seller_id"))
    return named or profile.group_for(
        routing.topic([turn.intent, *turn.previous_intents()]),
        turn.claims.context,
        seller.seller_id if seller else None,
    )


def offer_message(profile: Profile, group: Group, turn: Turn, reply: Reply) -> None:
    """Say when the group is there again, and that a message can be left until then."""
    reply.remember(PENDING, {"kind": "callback", "details": ""})
    hours = f"（{profile.hours_of(group).text()}）{next_text(profile, group, turn)}"
    reply.say(
        f"现在不是{group.name}的工作时间{hours}。您可以留下问题和联系方式，客服上班后会联系您；也可以继续问我。要留言吗？",
        [LEAVE_MESSAGE],
    )


def next_text(profile: Profile, group: Group, turn: Turn) -> str:
    opening = profile.hours_of(group).next_opening(turn.now)
    return f"，{wording.moment_text(opening, turn.now)}上班" if opening else ""


def person_button(title: str, group: str, **more: str) -> Button:
    """A way to the people of one group."""
    return button(title, "human_agent", group=group, **more)
