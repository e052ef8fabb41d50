"""A guest names the account that a code shall be sent for; nothing tells whether it exists."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.addresses import address_in
from actions.base import KefuAction
from actions.code_request import PURPOSES, request_code
from actions.forms import ask, gives_up, is_unread, lead_in, misunderstood
from actions.reply import PERSON, Reply, button
from actions.turn import Turn

FORM = "login_form"
LEFT = "好的，那就先不办了。需要时随时叫我。"
NEVER_MIND = button("先不办了", "deny")

_NAMED = re.compile(
    r"(?:账[号户]|用户)(?:名|ID)?(?:是|叫|为|[:：])? *(?P<name>[A-Za-z][\w.-]{2,39})(?![\w.@-])",
    re.ASCII | re.IGNORECASE,
)
_BARE = re.compile(r"(?:是|叫)? *(?P<name>[A-Za-z][\w.-]{2,39})[。.!！]?", re.ASCII)
_HALF = re.compile(r"\d{6,}|@")


def ask_login(turn: Turn, reply: Reply, purpose: str) -> None:
    """Start the form; a phone number or the like in this very message is taken at once."""
    if turn.active_form:
        reply.end_form()
    login = login_in(turn.text, asked=False)
    reply.remember_all(
        {"login_purpose": purpose, "login_name": login, "login_outcome": None, "form_lead": None}
    )
    reply.go_on_with(FORM)


def login_in(text: str, *, asked: bool) -> str | None:
    """What an account is called by: a mobile number, an e-mail address, its name."""
    address = address_in(text)
    if address:
        return address.value
    found = _NAMED.search(text) or (_BARE.fullmatch(text) if asked else None)
    return found.group("name") if found else None


def finish(reply: Reply) -> None:
    reply.remember("login_outcome", "told")
    reply.remember("requested_slot", None)


class ValidateLoginForm(KefuAction):
    action_name: ClassVar[str] = f"validate_{FORM}"

    def answer(self, turn: Turn, reply: Reply) -> None:
        starting = turn.requested_slot is None
        if starting or turn.is_back_from_digression(FORM):
            return
        login = login_in(turn.text, asked=turn.intent in ("inform", "nlu_fallback", "deny", ""))
        if login:
            reply.remember("login_name", login)
        elif turn.text and _HALF.search(turn.text):
            lead_in(reply, "这个手机号或邮箱好像不完整。", person=True)
        elif gives_up(turn):
            reply.say(LEFT)
            finish(reply)
        elif is_unread(turn) and misunderstood(turn, reply):
            reply.remember("login_outcome", "told")


class AskLoginName(KefuAction):
    action_name: ClassVar[str] = f"action_ask_{FORM}_login_name"

    def answer(self, turn: Turn, reply: Reply) -> None:
        purpose = PURPOSES[str(turn.slots["login_purpose"])]
        text = f"您还没有登录。请发一下要{purpose}的手机号、邮箱或账号名，我发验证码核对是您本人。"
        ask(turn, reply, text, [NEVER_MIND, PERSON])


class LoginDone(KefuAction):
    """The same words whatever was named: who asks learns nothing about other people's accounts."""

    action_name: ClassVar[str] = "action_login_done"

    def answer(self, turn: Turn, reply: Reply) -> None:
        login, purpose = turn.text_slot("login_name"), turn.text_slot("login_purpose")
        told = turn.text_slot("login_outcome") is not None
        reply.remember_all({"login_name": None, "login_purpose": None, "login_outcome": None})
        if login and purpose and not told:
            request_code(reply, purpose, login=login)
