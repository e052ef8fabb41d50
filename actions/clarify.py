"""What the bot did not understand: looked up in the help articles, asked once in other words, then
given to a person.
"""

from __future__ import annotations

import re
from typing import ClassVar

from actions.handoff import hand_off
from actions.knowledge import find, quote
from actions.likely import Referring
from actions.offers import MISSES
from actions.person import HandOff, asks_for_person
from actions.reply import PERSON, Reply
from actions.small_talk import LEFT_ALONE, MOOD_HEARD, gives_up_in_words, is_without_words
from actions.technical import offer_technical
from actions.titles import MENU_INTENTS, suggestions
from actions.turn import Turn
from kefu.profiles import Profile

FITS_WELL = 12.0
"""bm25; what fits at all begins at ``kefu.knowledge.library.ENOUGH``."""
_RECORDS = ("order_status", "refund_progress")
_GOODS = re.compile(
    r"退货|退换|换货|发货|快递|物流|包裹|运单|派送|签收|收货地址|(?:衣服|鞋子?|裤子|东西|商品).{0,6}[退换]"
)


def asks_a_shop(text: str, profile: Profile) -> bool:
    """Whether it is about goods, at a brand that sells and sends none."""
    sends_none = {"return_request", "track_logistics", "urge_shipping"} <= set(profile.services_off)
    return sends_none and bool(_GOODS.search(text))


def misses_before(turn: Turn) -> int:
    """How many messages in a row, up to the one before this, were not understood."""
    return int(turn.set_before(MISSES) or 0)


class Clarify(Referring):
    """Offers the likeliest services; the second time in a row a person takes over."""

    action_name: ClassVar[str] = "action_clarify"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if self.serve_reference(turn, reply) or offer_technical(turn, reply):
            return
        profile = self.services.profiles[turn.claims.profile]
        if asks_a_shop(turn.text, profile):
            reply.say(
                f"商品的发货、配送和退换由卖家办理，{profile.brand}这边办不了，请联系您下单的店铺或平台。"
                "付款和退款的记录，我可以帮您查。",
                [*suggestions(_RECORDS), PERSON],
            )
            return
        if asks_for_person(turn):
            HandOff(self.services).answer(turn.as_request("human_agent"), reply)
            return
        if is_without_words(turn.text):
            reply.say(MOOD_HEARD)
        elif gives_up_in_words(turn.text):
            reply.say(LEFT_ALONE)
        elif self.quote_article(turn, reply):
            return
        elif misses_before(turn):
            hand_off(turn, reply, "low_confidence", "机器人连续两次没有听懂")
        else:
            reply.remember(MISSES, 1)
            buttons = suggestions(turn.ranking) or suggestions(MENU_INTENTS)
            reply.say("抱歉，我没太听懂。您是想问下面这些吗？也可以换个说法。", [*buttons, PERSON])

    def quote_article(self, turn: Turn, reply: Reply) -> bool:
        """Whether a help article fits the words; one that did not help is not shown again.

        After a miss a person is due, unless an article fits well.
        """
        passage = find(turn, self.services)
        if passage is None or (misses_before(turn) and passage.score < FITS_WELL):
            return False
        if turn.was_said(f"《{passage.title}》"):
            return False
        quote(reply, passage, suggestions(turn.ranking))
        return True
