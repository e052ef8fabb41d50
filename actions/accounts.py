"""A locked account, a forgotten password: by a one-time code to the account's own address."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.code_request import NO_CONTACT, own_addresses, request_code
from actions.login_form import ask_login
from actions.reply import PERSON, Reply, button
from actions.serving import serve_intent
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.account_rules import unlock_verdict
from kefu.shop.model import Account

NOT_LOCKED = "您的账号目前是正常的，没有被锁定。遇到登录或支付上的限制，请告诉我具体的提示。"


# 「我的店铺被封了」 comes from a seller, whose account is none of a shopper's.
_OWN_SHOP = re.compile(
    r"我们?(?:家|开)?的?(?:店铺?|小店|网店)|商家(?:后台|账号)|店铺.{0,4}(?:被封|封了|冻结)"
)


class AccountLocked(KefuAction):
    """The signed-in shopper's own account; a guest names theirs, and proves it with the code."""

    action_name: ClassVar[str] = "action_account_locked"

    def answer(self, turn: Turn, reply: Reply) -> None:
        profile = self.services.profiles[turn.claims.profile]
        if _OWN_SHOP.search(turn.text) and "merchant_service" not in profile.services_off:
            serve_intent(self.services, "merchant_service", turn, reply)
            return
        account = self.shop.account(turn.viewer)
        if account is None:
            ask_login(turn, reply, "unlock")
        elif not account.locked:
            reply.say(
                NOT_LOCKED,
                [intent_button("login_register"), intent_button("payment_failure"), PERSON],
            )
        else:
            self.serve_locked(turn, reply, account)

    def serve_locked(self, turn: Turn, reply: Reply, account: Account) -> None:
        """A lock against guessing ends with a code; one set by a person needs a person."""
        verdict = unlock_verdict(account)
        why = f"原因是：{account.lock_reason}。" if account.lock_reason else ""
        if not verdict.allowed:
            reply.refused(verdict)
            reply.offer_person(f"您的账号目前被限制使用。{why}{verdict.sentence}")
        elif turn.entity("purpose") == "unlock":
            request_code(reply, "unlock")
        else:
            self.offer_code(turn, reply, f"您的账号目前被锁定。{why}{until_when(turn, account)}")

    def offer_code(self, turn: Turn, reply: Reply, told: str) -> None:
        where = own_addresses(self.shop, turn)
        if not where:
            reply.offer_person(f"{told}{NO_CONTACT}")
            return
        reply.offer(
            f"{told}想现在就解锁，我可以发一条验证码到 {where}，核对后马上解锁。需要发送吗？",
            button("发送验证码解锁", "account_locked", purpose="unlock"),
            [PERSON],
        )


def until_when(turn: Turn, account: Account) -> str:
    until = account.locked_until
    if until is None or until <= turn.now:
        return ""
    return f"{wording.moment_text(until, turn.now)}会自动解锁。"


class PasswordReset(KefuAction):
    """A link for a new password, once a code has proved whose account it is."""

    action_name: ClassVar[str] = "action_password_reset"

    def answer(self, turn: Turn, reply: Reply) -> None:
        if turn.is_guest:
            ask_login(turn, reply, "reset_password")
        elif turn.entity("purpose") == "reset_password":
            request_code(reply, "reset_password")
        else:
            self.offer_code(turn, reply)

    def offer_code(self, turn: Turn, reply: Reply) -> None:
        where = own_addresses(self.shop, turn)
        if not where:
            reply.offer_person(NO_CONTACT)
            return
        reply.offer(
            f"我可以发一条验证码到您账号绑定的 {where}，核对后给您一个重设密码的链接。需要发送吗？",
            button("发送验证码", "password_reset", purpose="reset_password"),
            [PERSON],
        )
