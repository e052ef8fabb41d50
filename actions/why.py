"""A bare 「为什么」 after an answer: the reason behind the rule that was applied, and a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, cast

from actions.base import KefuAction
from actions.knowledge import article_card
from actions.reply import OFFER_SLOT, PERSON, VERDICT_SLOT, Reply
from actions.titles import services
from actions.turn import Turn
from kefu.knowledge import Passage

ASK = "需要请人工客服帮您看看还有没有别的办法吗？"
NO_MORE = "我能说明的原因就是这些，没能让您满意，很抱歉。"
WHY_PROVE = "订单里有姓名、电话和地址，核对过是您本人的订单才能显示，这是为了保护您的信息。"
WHICH = "您是想问哪一点的原因呢？麻烦说得具体一些，比如「为什么还没发货」，我好帮您查。"

# Why there is such a rule; the verdict's own sentence has said what it means for this order.
_REASONS: Mapping[str, str] = {
    "order_not_found": "为了保护顾客的信息，我只能看到您本人的订单，换了账号就查不到了。",
    "sign_in_first": "订单号和手机尾号在面单上就看得到，只凭这些，我没法确认您就是下单的人。",
    "already_shipped": "包裹交给快递公司以后，面单和路线就定了，仓库叫不回来，也改不了上面的信息。",
    "already_signed": "签收后商品已经在您手里，要先把商品退回商家，货款才能退给您。",
    "already_cancelled": "这笔订单之前已经取消过，取消后不会再发货，所以不用再办一次。",
    "order_closed": "订单取消或关闭以后就不再处理了，里面的信息不能再动。",
    "not_paid": "付款成功以后订单才算生效，在那之前没有货款，也不会安排发货。",
    "not_signed": "商品还没到您手里，有没有问题、要不要退，都要等签收以后才能确定。",
    "return_needed": "商品已经签收，商家要先收到退回的商品，才能把货款退给您。",
    "refund_open": "同一笔订单的退款在处理中，重复申请反而会让审核变慢。",
    "return_open": "同一件商品同时只能办一个售后，这样寄回和退款才不会弄混。",
    "already_returned": "这件商品的货款已经退给您了，一件商品只能退一次。",
    "refunded": "货款已经全部退回，这笔订单没有实际成交的金额了。",
    "return_expired": "退货期从签收的第二天算起，过了期限，商家就没法再按新品收回了。",
    "exchange_expired": "换货期从签收的第二天算起，过了期限，商家没法再按新品换给您。",
    "exchange_only": "退货期已经过了，不过商品本身有问题的，换货期更长一些，所以还能换。",
    "fault_only": "无理由退换的期限已经过了，只有商品本身的问题还在受理期内。",
    "category_excluded": "这一类商品拆封或交付后不能再卖给别人，按规定不适用无理由退货。",
    "fresh_claim_expired": "生鲜放久了自然会变质，时间一长，就分不清是不是发货时的问题了。",
    "not_a_fault": "维修解决的是商品坏了的问题，尺码颜色不合适，修也修不好。",
    "no_warranty": "有没有保修由品牌方按商品决定，这件商品出厂时就不带免费保修。",
    "warranty_expired": "免费保修的期限由品牌方规定，过期后配件和人工要另外收费。",
    "price_claim_expired": "价格会一直变动，所以差价只补保价期内的。",
    "price_not_lower": "差价按您实际付的钱和现在的售价来比，现在没有更便宜，就没有差价可退。",
    "already_claimed": "差价一件商品只补一次，之前已经补过了。",
    "item_returned": "退货时会退您实付的钱，再补差价就重复了。",
    "invoice_expired": "开票要和商家的账期对上，过了期限，财务就不能再补开了。",
    "invoice_stands": "一笔订单只能开一张同样的发票，重复开票报销时会有麻烦。",
    "coupon_used": "一张券只能用一次，用过就核销了。",
    "coupon_expired": "券只在有效期内能用，过期后系统会自动作废。",
    "coupon_not_started": "券到了开始时间才会生效。",
    "coupon_other_category": "这张券是为指定的商品发的，别的商品不参加。",
    "coupon_minimum": "满减券按参加活动的商品金额算，凑够门槛才会生效。",
    "lock_by_person": "人工限制的账号要由人工核实身份，这是为了防止别人冒充您解锁。",
    "lock_not_over": "锁定时间没到就解开，别人也可能趁机登录您的账号。",
}


class Why(KefuAction):
    """Explains the last refusal; without one it asks what is meant."""

    action_name: ClassVar[str] = "action_why"

    def answer(self, turn: Turn, reply: Reply) -> None:
        verdict = cast("dict[str, str] | None", turn.set_before(VERDICT_SLOT))
        if verdict:
            # Kept for the next 「凭什么」.
            reply.remember(VERDICT_SLOT, verdict)
            self.explain(turn, reply, verdict)
        elif turn.active_form == "guest_form":
            reply.say(WHY_PROVE)
        else:
            reply.offer_person(WHICH)

    def explain(self, turn: Turn, reply: Reply, verdict: Mapping[str, str]) -> None:
        if turn.repeats(self.action_name):
            reply.offer_person(NO_MORE, ask=ASK)
            return
        passage = self.passage(turn, verdict["sentence"])
        parts = [reason_of(verdict)]
        if passage:
            parts.append(f"《{passage.title}》{passage.section}\n{passage.text}")
        text = "\n".join([*parts, ASK])
        reply.say(text, [PERSON], [article_card(passage)] if passage else ())
        reply.remember(OFFER_SLOT, PERSON)

    def passage(self, turn: Turn, sentence: str) -> Passage | None:
        """What the help article on the refused request says to it, if it speaks of it at all."""
        served = services()
        asked = next((each for each in turn.previous_intents() if each in served), None)
        if asked is None:
            return None
        found = self.services.library.for_intent(turn.claims.profile, asked, sentence)
        # Without a score the article was not chosen for these words.
        return found if found and found.score else None


def reason_of(verdict: Mapping[str, str]) -> str:
    """The reason behind a verdict; where none is written down, what it said."""
    reason = _REASONS.get(verdict["code"])
    if reason:
        return f"是这样的：{reason}"
    return f"刚才是按店铺的规则判断的：{verdict['sentence']}规则对每位顾客都一样，我不能破例。"
