"""What shoppers read about one-time codes."""

from __future__ import annotations

from kefu.shop.people import ContactChannel

PURPOSES = {"unlock": "解锁账号", "reset_password": "重置密码", "change_phone": "更换绑定手机"}

SIGN_IN = (
    "更换绑定手机需要先登录账号，请登录后再来找我。手机和密码都用不了的话，可以转人工核实身份。"
)
NAME_ACCOUNT = "请告诉我您的账号、注册手机号或邮箱，我才能给您发送验证码。"
NO_CONTACT = "您的账号没有绑定可以接收验证码的手机或邮箱，需要由人工客服核实身份后办理。"
NOT_SENT = "非常抱歉，验证码暂时发送不了，请稍后重新发起，或转人工客服办理。"
PERSON_BUTTON = {"title": "转人工", "payload": "/human_agent"}

_PLACES = {ContactChannel.SMS: "手机", ContactChannel.EMAIL: "邮箱"}


def sent(step: str, channel: str | None, address: str | None) -> str:
    """The sentence above the input.

    Where a guest named an account, it says the same whether there is one or not.
    """
    if channel is None or address is None:
        return "如果这个账号存在，验证码会发送到它绑定的手机或邮箱，5 分钟内有效。"
    place = _PLACES[ContactChannel(channel)]
    if step == "login":
        return f"如果{place} {address} 注册过账号，您会收到一条验证码，5 分钟内有效。"
    if step == "new":
        return f"验证码正在发送到您的新{place} {address}，5 分钟内有效。"
    return f"验证码正在发送到您的{place} {address}，5 分钟内有效。"


def passed(purpose: str, *, by_person: bool) -> str:
    if by_person:
        return f"身份验证通过，人工客服会继续为您{PURPOSES[purpose]}。"
    return f"身份验证通过，正在为您{PURPOSES[purpose]}。"
