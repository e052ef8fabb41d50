"""A call or a link that smells of a scam: the warning first, then the report."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.knowledge import article_card
from actions.matters import MATTERS, PENDING
from actions.reply import PERSON, Reply, button
from actions.ticket_progress import tell_tickets
from actions.tickets import begin, open_one, tell_known
from actions.turn import Turn

WARNING = (
    "请先不要转账、不要点对方的链接，也不要说出验证码或共享屏幕。"
    "我们的客服不会索要密码、验证码和银行卡号，也不会要您转账。"
)
ALREADY_LOST = (
    "如果钱已经转出或被盗刷，请马上拨打 110 或反诈专线 96110，并联系银行止付，"
    "同时改掉登录和支付密码。"
)
_LOST = re.compile(r"(已经?|刚|都|被).{0,6}(转|付|汇|打)(了|过|走)|转了|盗刷|被骗|骗走|骗了")
_REPORT = re.compile(r"举报|登记|报案")


class FraudReport(KefuAction):
    action_name: ClassVar[str] = "action_fraud_report"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if tell_tickets(turn, reply):
            return
        fraud = MATTERS["fraud"]
        known = open_one(turn, fraud)
        if turn.repeats(self.action_name) and _REPORT.search(turn.text) and not known:
            begin(turn, reply, fraud)
            return
        self.warn(turn, reply)
        if known:
            tell_known(turn, reply, fraud, known)

    def warn(self, turn: Turn, reply: Reply) -> None:
        """Money that is gone is spoken of first: there minutes count."""
        profile = turn.claims.profile
        lost = bool(_LOST.search(turn.text))
        parts = [ALREADY_LOST, WARNING] if lost else [WARNING, ALREADY_LOST]
        passage = self.services.library.for_intent(profile, "fraud_report", turn.text)
        fraud = MATTERS["fraud"]
        reply.remember(PENDING, {"kind": fraud.kind, "details": turn.own_words})
        reply.say(
            f"{''.join(parts)}\n{fraud.offer}",
            [button(fraud.submit, "open_ticket", ticket=fraud.kind), PERSON],
            [article_card(passage)] if passage else (),
        )
