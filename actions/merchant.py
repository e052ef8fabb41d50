"""Sellers and partners: led to the people who answer for them, not into the shoppers' queue."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.calls import LEAVE_MESSAGE, person_button
from actions.contact import now_text
from actions.knowledge import article_card
from actions.reply import Button, Reply
from actions.turn import Turn
from kefu.handoff import routing
from kefu.profiles import Profile

INTENT = "merchant_service"


class MerchantService(KefuAction):
    """The group whose topic it is, with its hours; the brand's page for partners, if it has one."""

    action_name: ClassVar[str] = "action_merchant_service"

    def answer(self, turn: Turn, reply: Reply) -> None:
        profile = self.services.profiles[turn.claims.profile]
        group = profile.group_for(INTENT, turn.claims.context)
        passage = self.services.library.for_intent(profile.profile, INTENT, turn.text)
        hours = now_text(turn, profile.hours_of(group))
        parts = [f"商家和合作的事由「{group.name}」负责（{hours}）。", *link_text(profile)]
        if passage:
            parts.append(f"相关说明在《{passage.title}》。")
        cards = [article_card(passage)] if passage else []
        reply.say("\n".join(parts), self.ways(turn, profile), cards)

    def ways(self, turn: Turn, profile: Profile) -> list[Button]:
        """To the group, or to whoever helps it out; with nobody there a message can be left."""
        group = profile.group_for(INTENT, turn.claims.context)
        there = routing.open_one(profile, group, turn.now)
        return [person_button(f"转接{there.name}", there.group)] if there else [LEAVE_MESSAGE]


def link_text(profile: Profile) -> list[str]:
    link = profile.links.get("partner")
    return [f"入驻和合作的资料可以看：{link}"] if link else []
