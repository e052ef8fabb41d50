"""A person on request: the group that is meant, in a mall the shop's people or the mall's."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.calls import person_button
from actions.cards import order_title
from actions.choose import OFFERED, OrderChoice, current_number, named_number
from actions.handoff import hand_off
from actions.matters import MATTERS
from actions.reply import Reply
from actions.sellers import seller_in_question
from actions.tickets import begin
from actions.turn import Turn
from kefu.handoff import in_charge, routing
from kefu.profiles import Profile, SellerService

SELLER = "seller"
OFFICIAL = "official"

_SELLER = re.compile(r"店铺|商家|卖家|店主|店家|旗舰店|专营店|店里")
_OFFICIAL = re.compile(r"官方|平台|小二|天猫")
_PERSON = re.compile(r"客服|人工|真人|找|联系|转")
_CALL_BACK = re.compile(r"留言|回[个我一]*(电话|电)|打(个)?电话给我|联系我|给我(回|打)[个]?电话")


class HandOff(KefuAction):
    """The shopper wants a person: any form is left, and nothing is asked but whose."""

    action_name: ClassVar[str] = "action_handoff"

    def answer(self, turn: Turn, reply: Reply) -> None:
        profile = self.services.profiles[turn.claims.profile]
        named = turn.entity("group")
        if _CALL_BACK.search(turn.text):
            begin(turn, reply, MATTERS["callback"])
        elif in_charge.is_asked_for(turn.text):
            self.call_in_charge(profile, turn, reply)
        elif profile.sellers and named not in {each.group for each in profile.groups} - {OFFICIAL}:
            Mall(self, profile, turn, reply).call(named)
        else:
            hand_off(turn, reply, "requested", "顾客要求人工客服", group=named)

    def call_in_charge(self, profile: Profile, turn: Turn, reply: Reply) -> None:
        """Whoever hears complaints; the note asks for somebody who may decide."""
        group = routing.group_for(
            profile, turn.now, intents=["complaint"], context=turn.claims.context
        )
        if profile.hours_of(group).is_open(turn.now):
            reply.say("好的，我会注明您要找负责人，请负责的同事来接待您。")
        why = "顾客要求与负责人沟通，请由主管接待"
        hand_off(turn, reply, "requested", why, group=group.group)


class Mall:
    """Shop or mall: told by the words, by the topic, by the order in question; else asked once."""

    def __init__(self, action: KefuAction, profile: Profile, turn: Turn, reply: Reply) -> None:
        self.action = action
        self.profile = profile
        self.turn = turn
        self.reply = reply

    def call(self, named: str | None) -> None:
        side = named or self.side_in_words()
        seller = self.seller_in_words() or self.profile.seller(
            seller_in_question(self.action.shop, self.turn)
        )
        if side == OFFICIAL or (side is None and self.has_official_topic()):
            self.call_official()
        elif seller:
            self.call_seller(seller)
        elif side == SELLER:
            self.ask_order()
        elif self.has_order() or self.turn.repeats(HandOff.action_name):
            self.call_official()
        else:
            self.ask_side()

    def side_in_words(self) -> str | None:
        if _OFFICIAL.search(self.turn.text):
            return OFFICIAL
        return SELLER if _SELLER.search(self.turn.text) or self.seller_in_words() else None

    def seller_in_words(self) -> SellerService | None:
        """A shop called by the beginning of its name: 「云裳服饰」."""
        return next(
            (each for each in self.profile.sellers if each.name[:4] in self.turn.text), None
        )

    def has_official_topic(self) -> bool:
        topic = routing.topic([self.turn.intent, *self.turn.previous_intents()])
        return topic in self.profile.groups[0].intents

    def has_order(self) -> bool:
        """An order whose seller is not known: the shop is away, or it is somebody else's."""
        number = named_number(self.turn) or current_number(self.turn)
        return bool(number or self.turn.claims.context.get("order_id"))

    def call_official(self) -> None:
        official = self.profile.groups[0]
        self.hand_off(official.name, official.group)

    def call_seller(self, seller: SellerService) -> None:
        """The seller's own people, or whom the seller sends this topic to."""
        topic = routing.topic([self.turn.intent, *self.turn.previous_intents()])
        self.hand_off(seller.name, seller.intents.get(topic or "", seller.group))

    def hand_off(self, whose: str, group: str) -> None:
        found = self.profile.group(group)
        if found and self.profile.hours_of(found).is_open(self.turn.now):
            self.reply.say(f"好的，为您联系{found.name}。")
        why = f"顾客要求人工客服（{whose}）"
        hand_off(self.turn, self.reply, "requested", why, group=group)

    def ask_side(self) -> None:
        self.reply.say(
            "您想找哪边的客服？商品、库存、发货和改单找店铺客服；规则、纠纷和账号安全找官方客服。",
            [person_button("店铺客服", SELLER), person_button("官方客服", OFFICIAL)],
        )

    def ask_order(self) -> None:
        """Which shop it is, by the order; who has none comes from the shop's own page."""
        orders = OrderChoice(self.action.shop, self.turn).recent(None, OFFERED)
        official = person_button("官方客服", OFFICIAL)
        unknown = named_number(self.turn) is not None
        if not orders:
            self.reply.say(
                "我还不知道您要找哪家店。请告诉我店铺的名字，或从商品页、订单页打开聊天；也可以找官方客服。",
                [official],
            )
            return
        buttons = [
            person_button(order_title(each, self.turn.now), SELLER, order_number=each.order_number)
            for each in orders
        ]
        lead = "没有查到这笔订单。" if unknown else ""
        self.reply.say(f"{lead}您要找的是哪一笔订单的店铺？", [*buttons, official])


def asks_for_person(turn: Turn) -> bool:
    """Whether words that were not understood ask for somebody after all."""
    text = turn.text
    whose = _SELLER.search(text) or _OFFICIAL.search(text) or in_charge.is_asked_for(text)
    return bool(_CALL_BACK.search(text) or (whose and _PERSON.search(text) and len(text) <= 20))
