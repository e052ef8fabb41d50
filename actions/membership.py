"""The shopper's membership: level, the way to the next, points, benefits, renewal."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.knowledge import answer_from_library, article_card
from actions.reply import PERSON, Card, Reply
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.people import Membership as Standing

INTENT = "membership"
SIGN_IN = "登录后我才能查到您的等级和积分。先给您看看会员的规则："

_RENEWAL = re.compile(r"续费|自动扣|扣费|扣款|退订|关闭|取消|到期")


class Membership(KefuAction):
    action_name: ClassVar[str] = "action_membership"

    def answer(self, turn: Turn, reply: Reply) -> None:
        standing = self.shop.membership(turn.viewer)
        if standing is None:
            if turn.is_guest:
                reply.say(SIGN_IN)
            answer_from_library(turn, reply, self.services, intent=INTENT)
            return
        about_renewal = bool(_RENEWAL.search(turn.text))
        lines = [renewal_line(turn, standing)] if about_renewal else standing_lines(standing)
        if not about_renewal and standing.renews_at:
            lines.append(renewal_line(turn, standing))
        if about_renewal:
            lines.append(HOW_TO_END if standing.auto_renew else "")
        reply.say("\n".join(filter(None, lines)), [PERSON], self.cards(turn))

    def cards(self, turn: Turn) -> list[Card]:
        passage = self.services.library.for_intent(turn.claims.profile, INTENT, turn.text)
        return [article_card(passage)] if passage else []


HOW_TO_END = (
    "想关闭，请在到期前到会员页面的续费管理里关掉，已付的这一期仍可用到结束；客服不能代您关闭。"
)


def standing_lines(standing: Standing) -> list[str]:
    lines = [f"您现在是{standing.level}，成长值 {standing.growth}，可用积分 {standing.points}。"]
    if standing.next_level and standing.next_growth is not None:
        lines.append(
            f"再获得 {standing.next_growth - standing.growth} 成长值就升为{standing.next_level}。"
        )
    else:
        lines.append("已经是最高等级了。")
    if standing.benefits:
        lines.append(f"权益：{'、'.join(standing.benefits)}。")
    return lines


def renewal_line(turn: Turn, standing: Standing) -> str:
    """What happens next with a paid membership; there may be none."""
    if standing.renews_at is None:
        return "您没有开通付费会员，不会自动扣费。"
    day = wording.day_text(standing.renews_at, turn.now)
    if standing.auto_renew:
        return f"付费会员开着自动续费，{day}会自动扣款续期。"
    return f"付费会员{day}到期，没有开自动续费，不会扣款。"
