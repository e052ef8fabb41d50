"""Whether an account is locked, since when and why."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.reply import PERSON, Reply
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.model import Account


class AccountLocked(KefuAction):
    """The signed-in shopper's own account only: an order's number proves no account."""

    action_name: ClassVar[str] = "action_account_locked"

    def answer(self, turn: Turn, reply: Reply) -> None:
        account = self.shop.account(turn.viewer)
        if account is None:
            reply.offer_person(
                "您还没有登录，我看不到账号的状态。登录不了的话，人工客服可以先核实您的身份再处理。",
                buttons=[intent_button("password_reset")],
            )
        elif account.locked:
            reply.offer_person(locked_sentence(turn, account))
        else:
            reply.say(
                "您的账号目前是正常的，没有被锁定。遇到登录或支付上的限制，请告诉我具体提示。",
                [intent_button("login_register"), intent_button("payment_failure"), PERSON],
            )


def locked_sentence(turn: Turn, account: Account) -> str:
    """Why and until when; unlocking it earlier takes a person who checks the identity."""
    why = f"原因是：{account.lock_reason}。" if account.lock_reason else ""
    until = account.locked_until
    if until and until > turn.now:
        when = wording.moment_text(until, turn.now)
        end = f"{when}自动解锁；想提前解锁，要由人工客服核实身份。"
    else:
        end = "解锁需要人工客服核实身份。"
    return f"您的账号目前被锁定。{why}{end}"
