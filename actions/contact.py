"""Ways to reach the brand: where, when, and whether somebody is there right now."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.calls import LEAVE_MESSAGE
from actions.reply import PERSON, Reply
from actions.sellers import seller_in_question
from actions.ticket_progress import tell_tickets
from actions.titles import intent_button
from actions.turn import Turn
from kefu.profiles import Channel, Hours, Profile
from kefu.profiles.hours import ALWAYS
from kefu.shop import wording

_KINDS = {
    "phone": re.compile(r"电话|热线|打给|拨打|号码"),
    "email": re.compile(r"邮箱|邮件|e-?mail", re.IGNORECASE),
    "wechat": re.compile(r"微信|公众号"),
    "weibo": re.compile(r"微博"),
    "douyin": re.compile(r"抖音"),
    "ticket": re.compile(r"工单|留言"),
}
_COURIER = re.compile(r"快递|物流|配送|派件|圆通|中通|申通|韵达|顺丰|邮政|极兔")


class ContactInfo(KefuAction):
    """All channels, or the one that the words name."""

    action_name: ClassVar[str] = "action_contact_info"

    def answer(self, turn: Turn, reply: Reply) -> None:
        profile = self.services.profiles[turn.claims.profile]
        if tell_tickets(turn, reply):
            return
        if turn.entity("courier") or _COURIER.search(turn.text):
            reply.say(
                "快递公司的电话我这里没有，怕说错，请以面单或快递公司官网上的为准。"
                "包裹到哪了、派件员的联系方式，可以看物流里的最新一条。",
                [intent_button("track_logistics"), PERSON],
            )
            return
        chosen = channels_meant(turn, profile)
        lines = [channel_line(turn, profile, each) for each in chosen]
        lines += self.seller_line(turn, profile)
        if not lines:
            reply.offer_person("您可以随时在这里留言，我全天在线。")
            return
        lead = "可以这样联系我们：" if len(lines) > 1 else ""
        text = "\n".join([lead, *lines]).strip()
        reply.say(text, [PERSON, LEAVE_MESSAGE])

    def seller_line(self, turn: Turn, profile: Profile) -> list[str]:
        """In a mall, the hours of the shop in question."""
        seller = profile.seller(seller_in_question(self.shop, turn)) if profile.sellers else None
        if seller is None:
            return []
        now = now_text(turn, profile.hours_of(seller))
        return [f"{seller.name}的客服：在这里转人工，{now}"]


def channels_meant(turn: Turn, profile: Profile) -> list[Channel]:
    """Those that the words name, if the brand has one; else all."""
    kinds = {kind for kind, words in _KINDS.items() if words.search(turn.text)}
    return [each for each in profile.channels if each.kind in kinds] or list(profile.channels)


def channel_line(turn: Turn, profile: Profile, channel: Channel) -> str:
    """「客服热线：400-…，周一至周五 9:00-18:00，现在休息，明天09:00开始」."""
    times = {str(kind): text for kind, text in profile.answer_times.items()}
    answered = times.get(channel.kind)
    hours = now_text(turn, profile.hours_of(channel))
    rest = f"；答复时间：{answered}" if answered else ""
    return f"{channel.title}：{channel.address}，{hours}{rest}"


def now_text(turn: Turn, hours: Hours) -> str:
    """When somebody is there, and whether that is now."""
    if hours == ALWAYS:
        return "全天可用"
    if hours.is_open(turn.now):
        return f"{hours.text()}，现在在线"
    opening = hours.next_opening(turn.now)
    again = f"，{wording.moment_text(opening, turn.now)}开始" if opening else ""
    return f"{hours.text()}，现在休息{again}"
