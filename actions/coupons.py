"""The shopper's coupons and why one cannot be used; rules of promotions out of the library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from actions.base import KefuAction
from actions.cards import goods_of
from actions.choose import OrderChoice, named_number
from actions.knowledge import answer_from_library
from actions.products import ProductChoice
from actions.reply import PERSON, Reply, button
from actions.turn import Turn
from kefu.shop.coupon_rules import coupon_verdict
from kefu.shop.coupon_rules import goods_of as goods_by_category
from kefu.shop.model import Verdict
from kefu.shop.money import Coupon

INTENT = "promotion_coupon"
MINE = "mine"
LISTED = 8
LOGIN = "优惠券在您的账号里，登录后我就能帮您查。"
NONE = "您的账号里现在没有优惠券。可以去活动页面看看有没有能领的。"

_OWN = re.compile(
    r"^(?:我的)?(?:优惠券|券|红包|卡券)[吧呢?]?$|我的?[券优红]|我[这那]张|我有(?:哪些|什么|啥|几张|多少)?.{0,3}券|券.{0,2}有没有|有没有.{0,4}券|[有还]?有?[啥什]么?.{0,3}券.{0,2}(?:能用|可用|可以用)|有(?:哪些|什么|几张).{0,2}券|我还有|查.{0,4}券|哪些券|券包|券(?:呢|没了|不见|找不到|还在)|快过期"
)
_TROUBLE = re.compile(
    r"用不了|不能用|不给用|没法用|用不上|不可用|没减|不减|不符合|为什么.{0,6}[券减]|咋.{0,4}[不没].{0,2}[用减]|不让用|选不了|灰的"
)
_WORTH = re.compile(r"(?:满\s*(\d+))?\s*[减-]\s*(\d+)")


class PromotionCoupon(KefuAction):
    """Lists what is in the account, judges a coupon against the goods in question, else rules."""

    action_name: ClassVar[str] = "action_promotion_coupon"

    def answer(self, turn: Turn, reply: Reply) -> None:
        trouble = bool(_TROUBLE.search(turn.text))
        own = trouble or not turn.text or _OWN.search(turn.text)
        if not own:
            mine = [] if turn.is_guest else [button("看看我的优惠券", INTENT, choice=MINE)]
            answer_from_library(turn, reply, self.services, intent=INTENT, buttons=mine)
        elif turn.is_guest:
            reply.say(LOGIN, [PERSON])
        else:
            self.judge(turn, reply, trouble=trouble)

    def judge(self, turn: Turn, reply: Reply, *, trouble: bool) -> None:
        coupons = self.shop.coupons(turn.viewer)
        if not coupons:
            reply.say(NONE, [PERSON])
            return
        named, goods = self.goods_in_question(turn) if trouble else ("", None)
        meant = meant_coupons(turn, coupons) if trouble else []
        verdicts = {each.coupon_id: coupon_verdict(each, turn.now, goods) for each in coupons}
        if trouble and _WORTH.search(turn.text) and not meant:
            mine = button("看看我的优惠券", INTENT, choice=MINE)
            reply.say(
                "您的账号里没有这张券，可能领在了别的账号，或者已经过期很久了。", [mine, PERSON]
            )
        elif meant:
            self.explain(reply, meant, verdicts, named)
        else:
            self.list_all(turn, reply, coupons, verdicts, named)

    def goods_in_question(self, turn: Turn) -> tuple[str, Mapping[str, int] | None]:
        """The order or the product that the coupon is to be used for: its name, fen by category."""
        choice = OrderChoice(self.shop, turn)
        about_order = named_number(turn) or choice.points_back()
        order = choice.named() or (choice.in_mind() if about_order else None)
        if order:
            return goods_of(order), goods_by_category(order)
        product = ProductChoice(self.shop, turn).meant()
        if product:
            return product.name, {product.category: product.price}
        return "", None

    @staticmethod
    def explain(
        reply: Reply, coupons: list[Coupon], verdicts: Mapping[str, Verdict], named: str
    ) -> None:
        lead = f"按「{named}」来看：\n" if named else ""
        lines = [f"「{each.name}」：{verdicts[each.coupon_id].sentence}" for each in coupons]
        refused = next(
            (verdicts[each.coupon_id] for each in coupons if not verdicts[each.coupon_id].allowed),
            None,
        )
        if refused:
            reply.refused(refused)
        usable = refused is None
        more = "\n页面上还是用不了的话，可以请人工客服看看。" if usable else ""
        all_mine = button("看看我的优惠券", INTENT, choice=MINE)
        reply.say(f"{lead}{chr(10).join(lines)}{more}", [all_mine, PERSON])

    @staticmethod
    def list_all(
        turn: Turn,
        reply: Reply,
        coupons: tuple[Coupon, ...],
        verdicts: Mapping[str, Verdict],
        named: str,
    ) -> None:
        """Usable ones first, the next to expire at the top."""
        ranked = sorted(coupons, key=lambda each: not verdicts[each.coupon_id].allowed)
        lines = [
            f"{number}. {each.name}：{verdicts[each.coupon_id].sentence}"
            for number, each in enumerate(ranked[:LISTED], 1)
        ]
        usable = sum(each.allowed for each in verdicts.values())
        scope = f"对「{named}」，" if named else ""
        text = f"{scope}您有{len(coupons)}张优惠券，现在能用的{usable}张：\n" + "\n".join(lines)
        hidden = len(coupons) - LISTED
        if hidden > 0:
            text += f"\n还有{hidden}张，请在账号的优惠券页面查看。"
        reply.say(text, [PERSON] if named or usable == 0 else [])
        refused = [each for each in verdicts.values() if not each.allowed]
        if named and len(refused) == len(coupons):
            reply.refused(refused[0])


def meant_coupons(turn: Turn, coupons: tuple[Coupon, ...]) -> list[Coupon]:
    """Those that the message names by what they are worth (「满199减30」), or by name."""
    found = _WORTH.search(turn.text)
    if found:
        minimum, amount = found.groups()
        same = [each for each in coupons if each.amount == int(amount) * 100]
        # The threshold is often remembered as a round number.
        exact = [each for each in same if minimum and each.minimum == int(minimum) * 100]
        return exact or same
    return [each for each in coupons if each.name in turn.text]
