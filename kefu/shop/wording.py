"""How the shop's words, money and times are said to a shopper in Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from kefu.shop.model import (
    OrderState,
    PaymentState,
    RefundState,
    ReturnReason,
    ReturnState,
    ShipmentState,
)
from kefu.shop.order_rules import Change
from kefu.shop.rules import BEIJING, Category


@dataclass(frozen=True, slots=True)
class PaymentFailure:
    """``reason`` without a full stop; ``advice`` is a whole sentence on what to do."""

    reason: str
    advice: str


_ORDER_STATES = {
    OrderState.UNPAID: "待付款",
    OrderState.PAID: "待发货",
    OrderState.SHIPPED: "已发货",
    OrderState.SIGNED: "已签收",
    OrderState.COMPLETED: "已完成",
    OrderState.CANCELLED: "已取消",
    OrderState.CLOSED: "已关闭",
}
_PAYMENT_STATES = {
    PaymentState.PENDING: "支付中",
    PaymentState.SUCCEEDED: "支付成功",
    PaymentState.FAILED: "支付失败",
    PaymentState.REFUNDED: "已退款",
}
_SHIPMENT_STATES = {
    ShipmentState.PACKED: "已打包，等待揽收",
    ShipmentState.IN_TRANSIT: "运输中",
    ShipmentState.DELIVERING: "派送中",
    ShipmentState.SIGNED: "已签收",
    ShipmentState.EXCEPTION: "运输异常",
    ShipmentState.RETURNED: "已退回",
}
_RETURN_STATES = {
    ReturnState.REQUESTED: "等待商家审核",
    ReturnState.APPROVED: "审核通过，请寄回商品",
    ReturnState.REJECTED: "审核未通过",
    ReturnState.SHIPPED_BACK: "商品寄回中",
    ReturnState.INSPECTING: "商家验货中",
    ReturnState.REFUNDED: "已退款",
    ReturnState.CLOSED: "已关闭",
}
_REFUND_STATES = {
    RefundState.REQUESTED: "退款申请中",
    RefundState.APPROVED: "退款已通过，等待打款",
    RefundState.SENT_TO_BANK: "已提交银行，等待到账",
    RefundState.ARRIVED: "已到账",
    RefundState.FAILED: "退款失败",
}
_RETURN_REASONS = {
    ReturnReason.NO_REASON: "不想要了",
    ReturnReason.WRONG_SIZE: "尺码不合适",
    ReturnReason.NOT_AS_DESCRIBED: "与描述不符",
    ReturnReason.DAMAGED: "商品有破损或质量问题",
    ReturnReason.WRONG_ITEM: "发错货",
    ReturnReason.MISSING_PARTS: "少件或缺配件",
    ReturnReason.OTHER: "其他原因",
}
_PAYMENT_METHODS = {
    "wechat_pay": "微信支付",
    "alipay": "支付宝",
    "bank_card": "银行卡",
    "credit_card": "信用卡",
    "union_pay": "云闪付",
    "balance": "账户余额",
    "huabei": "花呗",
    "jd_pay": "京东支付",
    "cash_on_delivery": "货到付款",
}
_CHANNELS = {
    "wechat_pay": "微信零钱或原支付银行卡",
    "alipay": "支付宝账户",
    "bank_card": "原付款银行卡",
    "credit_card": "原付款信用卡",
    "union_pay": "云闪付原付款卡",
    "balance": "账户余额",
    "huabei": "花呗额度",
    "jd_pay": "京东支付原付款账户",
}
_CATEGORIES = {
    Category.CLOTHING: "服装",
    Category.SHOES: "鞋靴",
    Category.ELECTRONICS: "数码",
    Category.HOME: "家居",
    Category.APPLIANCES: "家电",
    Category.FURNITURE: "家具",
    Category.SNACKS: "食品",
    Category.BOOKS: "图书",
    Category.COSMETICS: "美妆",
    Category.FRESH_FOOD: "生鲜",
    Category.UNDERWEAR: "内衣",
    Category.CUSTOMISED: "定制商品",
    Category.VIRTUAL: "虚拟商品",
    Category.PERIODICALS: "报刊",
}
_CHANGES = {Change.ADDRESS: "收货地址", Change.RECIPIENT: "收货人", Change.NOTE: "订单备注"}

PAYMENT_FAILURES = {
    "INSUFFICIENT_BALANCE": PaymentFailure(
        "账户或银行卡余额不足", "您可以充值后重新支付，或换一张卡、换一种支付方式。"
    ),
    "CARD_EXPIRED": PaymentFailure(
        "银行卡已过有效期", "请换一张有效的银行卡，或联系发卡银行换卡。"
    ),
    "LIMIT_EXCEEDED": PaymentFailure(
        "超出了银行卡的单笔或当日支付限额",
        "您可以在手机银行里调高限额后再试，或换一种支付方式、改天再支付。",
    ),
    "WRONG_PASSWORD": PaymentFailure(
        "支付密码不正确", "请核对密码后重试；连续输错可能会被银行锁定，忘记密码可以先找回。"
    ),
    "PASSWORD_LOCKED": PaymentFailure(
        "支付密码输错次数过多，已被锁定", "请按支付应用的提示找回密码，或等锁定时间过后再试。"
    ),
    "RISK_REJECTED": PaymentFailure(
        "支付被风控系统拦截，这是为了保护您的资金安全",
        "请确认是您本人操作，换用常用的设备和网络再试，或换一种支付方式。",
    ),
    "BANK_SYSTEM_ERROR": PaymentFailure(
        "银行系统暂时异常", "没有扣款成功，请您过几分钟再试，或换一种支付方式。"
    ),
    "TIMEOUT": PaymentFailure(
        "支付超时，没有收到银行的结果",
        "请先查看是否已经扣款：如果已扣款而订单仍是待付款，请不要重复支付，可以转人工客服核实。",
    ),
    "CARD_NOT_SUPPORTED": PaymentFailure(
        "这张银行卡不支持本次支付", "请换一张开通了网上支付的银行卡，或换一种支付方式。"
    ),
    "CARD_FROZEN": PaymentFailure(
        "银行卡状态异常（冻结、挂失或未激活）", "请联系发卡银行处理，或换一张银行卡支付。"
    ),
    "SMS_CODE_WRONG": PaymentFailure(
        "短信验证码不正确或已失效", "请重新获取验证码后再试，验证码请不要告诉任何人。"
    ),
    "USER_CANCELLED": PaymentFailure(
        "您在支付过程中取消了付款", "订单还在的话，可以重新发起支付。"
    ),
    "ORDER_CLOSED": PaymentFailure("订单已经超时关闭", "请您重新下单后再支付。"),
}
_UNKNOWN_FAILURE = PaymentFailure(
    "支付渠道没有返回明确的原因", "请您稍后重试或换一种支付方式，也可以转人工客服核实。"
)


def order_state_text(state: OrderState) -> str:
    return _ORDER_STATES[state]


def payment_state_text(state: PaymentState) -> str:
    return _PAYMENT_STATES[state]


def shipment_state_text(state: ShipmentState) -> str:
    return _SHIPMENT_STATES[state]


def return_state_text(state: ReturnState) -> str:
    return _RETURN_STATES[state]


def refund_state_text(state: RefundState) -> str:
    return _REFUND_STATES[state]


def return_reason_text(reason: ReturnReason) -> str:
    return _RETURN_REASONS[reason]


def category_text(category: str) -> str:
    """The name of a category; one that is not known is a 「商品」."""
    names: dict[str, str] = {str(key): name for key, name in _CATEGORIES.items()}
    return names.get(category, "商品")


def change_text(change: Change) -> str:
    return _CHANGES[change]


def payment_method_text(method: str) -> str:
    """微信支付, 支付宝 …; a method that is not known is 「其他方式」."""
    return _PAYMENT_METHODS.get(method, "其他方式")


def channel_text(channel: str) -> str:
    """Where a refund goes; a channel that is not known is the way the order was paid."""
    return _CHANNELS.get(channel, "原支付方式")


def payment_failure(code: str | None) -> PaymentFailure:
    """Why a payment failed and what to do, by the gateway's code (upper or lower case)."""
    return PAYMENT_FAILURES.get((code or "").upper(), _UNKNOWN_FAILURE)


def yuan(fen: int) -> str:
    """3990 → ¥39.90, -123456 → -¥1,234.56"""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def day_text(at: datetime, now: datetime) -> str:
    """The Beijing day of ``at`` as seen from ``now``: 今天, 明天, 11月3日, 2025年11月3日."""
    day, today = at.astimezone(BEIJING).date(), now.astimezone(BEIJING).date()
    near = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}.get((day - today).days)
    if near:
        return near
    text = f"{day.month}月{day.day}日"
    return text if day.year == today.year else f"{day.year}年{text}"


def moment_text(at: datetime, now: datetime) -> str:
    """Day and Beijing time: 今天14:05, 11月3日09:30."""
    return f"{day_text(at, now)}{at.astimezone(BEIJING):%H:%M}"
