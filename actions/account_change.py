"""Another phone for the account; everything else about it is read up, or done by a person."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.base import KefuAction
from actions.code_request import NO_CONTACT, own_addresses
from actions.knowledge import answer_from_library
from actions.phone_form import start_phone
from actions.reply import PERSON, Reply, button
from actions.turn import Turn

INTENT = "account_change"
CHANGE_PHONE = "change_phone"
SIGN_IN = (
    "换绑手机要先登录，这样才能确认账号是您的。登录不了的话，我可以先帮您找回密码；"
    "原来的手机和邮箱都用不了，需要人工客服核实身份。"
)

_PHONE = re.compile(r"手机|号码|换绑|换号|电话")
_OTHER = re.compile(r"注销|销户|实名|身份证|邮箱|昵称|名字|姓名|旧账号|找回账号|解绑|银行卡")
_CANNOT = re.compile(r"停机|停用|不用了|丢了|收不到|注销了|用不了")


class AccountChange(KefuAction):
    action_name: ClassVar[str] = "action_account_change"

    def answer(self, turn: Turn, reply: Reply) -> None:
        pressed = turn.entity("purpose") == CHANGE_PHONE
        about_phone = _PHONE.search(turn.text) and not _OTHER.search(turn.text)
        if not (pressed or about_phone):
            buttons = [] if _OTHER.search(turn.text) else [phone_button()]
            answer_from_library(turn, reply, self.services, intent=INTENT, buttons=buttons)
        elif turn.is_guest:
            reply.say(SIGN_IN, [button("找回密码", "password_reset"), PERSON])
        elif not own_addresses(self.shop, turn):
            reply.offer_person(NO_CONTACT)
        else:
            if _CANNOT.search(turn.text):
                reply.say(
                    "原来的号码收不到验证码，也可以用绑定的邮箱收；都不行的话，请转人工核实。"
                )
            start_phone(turn, reply)


def phone_button() -> dict[str, str]:
    return button("换绑手机", INTENT, purpose=CHANGE_PHONE)
