"""A one-time code that proves whose account it is: asked of the desk, for one purpose."""

from __future__ import annotations

from collections.abc import Mapping

from actions.reply import Reply
from actions.turn import Turn
from kefu.shop.gateway import ShopGateway

IN_THE_INPUT = "请把收到的验证码填进弹出的输入框，不要打在聊天里，也不要告诉任何人，包括客服。"
NO_CONTACT = "您的账号没有绑定能收验证码的手机或邮箱，需要由人工客服核实身份后办理。"
PURPOSES: Mapping[str, str] = {"unlock": "解锁账号", "reset_password": "重设密码"}


def request_code(
    reply: Reply, purpose: str, *, login: str | None = None, phone: str | None = None
) -> None:
    """Have a code sent: to the account signed in, or to the one that goes by ``login``.

    The desk's own event tells where it went, alike whether there is such an account.
    """
    fields = {"login": login, "phone": phone}
    named = {name: value for name, value in fields.items() if value}
    reply.command("verify_request", purpose=purpose, **named)
    reply.say(IN_THE_INPUT)


def own_addresses(shop: ShopGateway, turn: Turn) -> str:
    """Where the signed-in shopper gets codes, masked: 「138****1234」; empty if nowhere."""
    account_id = turn.viewer.account_id
    if account_id is None:
        return ""
    contacts = shop.contacts(turn.claims.profile, account_id)
    return contacts[0].address_masked if contacts else ""
