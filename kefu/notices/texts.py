"""What notices say, by kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kefu.shop.wording import yuan

_PURPOSES = {"unlock": "解锁账号", "reset_password": "重置密码", "change_phone": "更换绑定手机"}
_PARTS = {"morning": "上午", "afternoon": "下午", "evening": "晚上"}

# {name} is filled from the payload; ``order`` and ``brand`` are always there.
_TEXTS: dict[str, tuple[str, str]] = {
    "verify_code": (
        "验证码",
        "您正在{purpose}，验证码 {code}，{minutes} 分钟内有效。请只填写在客服窗口的验证码输入框里，"
        "不要告诉任何人。不是您本人操作，请忽略。",
    ),
    "ticket_answered": (
        "工单 {number} 已答复",
        "您的{ticket_kind}（工单号 {number}）有答复了：{answer}",
    ),
    "ticket_opened": (
        "已收到您的邮件（工单 {number}）",
        "您的来信已收到，登记为{ticket_kind}，工单号 {number}，我们会在 {due} 前答复您。"
        "需要补充情况，直接回复这封邮件即可。请不要在邮件里发送密码、验证码和完整的卡号。",
    ),
    "return_requested": (
        "售后申请已提交",
        "您的售后申请已提交，售后单号 {rma_number}（{item_name}），审核结果会尽快通知您。",
    ),
    "return_sent_back": (
        "寄回信息已登记",
        "售后单 {rma_number} 的寄回信息已登记，商家收到并验货后会为您处理。",
    ),
    "return_cancelled": ("售后申请已撤销", "您的售后申请 {rma_number} 已撤销。"),
    "order_changed": ("订单信息已修改", "您的订单 {order} 的收货信息已按您的要求修改。"),
    "order_cancelled": ("订单已取消", "您的订单 {order} 已取消，已付款项会按原支付方式退回。"),
    "invoice_requested": ("发票申请已提交", "订单 {order} 的发票申请已提交，开好后会通知您。"),
    "installation_booked": (
        "安装已预约",
        "订单 {order} 的上门安装已预约在 {day} {part}，请保持电话畅通。",
    ),
    "installation_cancelled": (
        "安装预约已取消",
        "订单 {order} 原定 {day} {part}的上门安装已取消，需要时可以重新预约。",
    ),
    "price_claimed": (
        "价格保护退款",
        "订单 {order} 中「{item_name}」的差价 {amount} 已申请退回，请留意到账。",
    ),
    "surplus_refunded": ("重复付款已退回", "订单 {order} 重复支付的 {amount} 已申请原路退回。"),
    "payment_booked": ("付款已确认", "您的订单 {order} 已确认付款，会尽快为您发货。"),
    "account_unlocked": (
        "账号已解锁",
        "您的账号已解锁。如果不是您本人操作，请立即修改密码并联系客服。",
    ),
    "password_reset_started": (
        "正在重置密码",
        "您的账号正在重置密码。如果不是您本人操作，请不要理会，并联系客服。",
    ),
    "phone_changed": (
        "绑定手机已更换",
        "您的账号绑定的手机已由 {old} 更换为 {new}。如果不是您本人操作，请立即联系客服。",
    ),
}


@dataclass(frozen=True, slots=True)
class Text:
    """``subject`` is for e-mails; ``body`` is whole without it."""

    subject: str
    body: str


def compose(
    kind: str, brand: str, payload: Mapping[str, object], order_number: str | None
) -> Text | None:
    """The notice in Chinese, signed with the brand.

    ``None``: the kind is not for shoppers but for the shop itself. Raises ``KeyError`` for a
    payload that lacks what the text needs.
    """
    found = _TEXTS.get(kind)
    if found is None:
        return None
    values = {name: str(value) for name, value in payload.items()}
    values |= {"order": order_number or "", "brand": brand}
    if isinstance(amount := payload.get("amount"), int):
        values["amount"] = yuan(amount)
    values["purpose"] = _PURPOSES.get(str(payload.get("purpose")), "验证身份")
    values["part"] = _PARTS.get(str(payload.get("part")), "")
    subject, body = (text.format_map(values) for text in found)
    return Text(f"【{brand}】{subject}", f"【{brand}】{body}")
