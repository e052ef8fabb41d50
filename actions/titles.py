"""What the bot calls each intent when it offers it as a button."""

from __future__ import annotations

from actions.reply import Button, button

TITLES = {
    "order_status": "查订单",
    "urge_shipping": "催发货",
    "track_logistics": "查物流",
    "delivery_problem": "快递异常",
    "delivery_schedule": "改约配送时间",
    "change_order": "修改订单",
    "cancel_order": "取消订单",
    "wrong_or_missing_item": "少发/错发",
    "payment_failure": "付款失败",
    "payment_charged": "扣款问题",
    "payment_method": "支付方式",
    "invoice": "发票",
    "promotion_coupon": "优惠券与活动",
    "price_protection": "价格保护",
    "return_request": "退货退款",
    "exchange_request": "换货",
    "repair_warranty": "维修保修",
    "refund_progress": "退款进度",
    "return_shipping": "退货寄回",
    "quality_problem": "商品质量问题",
    "account_locked": "账号被锁定",
    "password_reset": "找回密码",
    "login_register": "登录注册",
    "account_change": "修改账号资料",
    "security_setup": "安全设置",
    "privacy_question": "隐私保护",
    "fraud_report": "举报诈骗",
    "membership": "会员",
    "product_question": "商品咨询",
    "stock_availability": "有没有货",
    "shipping_policy": "运费与配送",
    "install_service": "安装服务",
    "complaint": "投诉",
    "dispute_appeal": "申请平台介入",
    "feedback": "意见建议",
    "contact_info": "联系方式",
    "merchant_service": "商家服务",
    "ticket_progress": "工单进度",
}

MENU_INTENTS = ("order_status", "track_logistics", "return_request", "refund_progress")


def intent_button(intent: str, **entities: str) -> Button:
    """A button named after the intent it stands for."""
    return button(TITLES[intent], intent, **entities)


def suggestions(
    ranking: tuple[str, ...], limit: int = 3, order_number: str | None = None
) -> list[Button]:
    """Buttons for the likeliest intents that name a service; small talk offers nothing to press."""
    entities = {"order_number": order_number} if order_number else {}
    return [intent_button(intent, **entities) for intent in ranking if intent in TITLES][:limit]
