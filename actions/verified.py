"""What a one-time code was for: done on the desk's signed word alone, once it was right."""

from __future__ import annotations

from typing import ClassVar

from actions.base import KefuAction
from actions.reply import PERSON, Reply
from actions.titles import intent_button
from actions.turn import Turn
from kefu.shop import wording
from kefu.shop.gateway import RuleRefused, ShopReadOnly
from kefu.turn_token import Verified

EXPIRED = "这次验证已经失效，请重新发起申请，我再给您发送验证码。"
_SUBJECTS = {
    "unlock": "申请解锁账号",
    "reset_password": "申请重置密码",
    "change_phone": "申请更换绑定手机",
}


class CodeVerified(KefuAction):
    """Unlocks the account, gives the link for a new password, or binds the new phone.

    The account is the one whose owner entered the code, whoever is signed in; no slot and no
    entity has a say in it.
    """

    action_name: ClassVar[str] = "action_code_verified"

    def answer(self, turn: Turn, reply: Reply) -> None:
        verified = turn.verified
        if verified is None or verified.purpose not in _SUBJECTS:
            reply.offer_person(EXPIRED, buttons=[intent_button("account_locked")])
            return
        try:
            self._carry_out(turn, verified, reply)
        except RuleRefused as refusal:
            reply.refused(refusal.verdict)
            reply.offer_person(refusal.verdict.sentence)
        except ShopReadOnly as refusal:
            self._write_down(verified, reply, refusal)

    def _carry_out(self, turn: Turn, verified: Verified, reply: Reply) -> None:
        profile, account_id = turn.claims.profile, verified.account_id
        match verified.purpose:
            case "unlock":
                self.shop.unlock_account(profile, account_id, turn.ref)
                reply.say(
                    "您的账号已经解锁，可以重新登录了。如果忘了密码，我可以帮您重置。",
                    [intent_button("password_reset"), PERSON],
                )
            case "reset_password":
                link = self.shop.start_password_reset(profile, account_id, turn.ref)
                until = wording.moment_text(link.expires_at, turn.now)
                reply.say(
                    f"请在{until}前点开这个链接设置新密码：{link.url}\n"
                    "链接只能用一次，请不要转发给任何人。"
                )
            case _:
                account = self.shop.change_phone(
                    profile, account_id, turn.ref, phone=verified.phone or ""
                )
                reply.say(
                    f"绑定手机已更换为 {account.phone_masked}，下次登录和接收验证码请用新号码。",
                    [PERSON],
                )

    @staticmethod
    def _write_down(verified: Verified, reply: Reply, refusal: ShopReadOnly) -> None:
        """Where the shop lets nothing be written, people do it; no code is asked for again."""
        details = f"顾客已通过验证码核实身份，账号 {verified.account_id}。"
        if verified.phone:
            details += f"新手机号 {verified.phone}。"
        reply.command(
            "ticket",
            kind="service",
            subject=_SUBJECTS[verified.purpose],
            details=details,
            order_number=None,
        )
        reply.offer_person(refusal.sentence)
