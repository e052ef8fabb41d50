"""What agents read for each intent when they say what a shopper meant."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from kefu.conversation.models import card_of_live

TITLES = {
    "order_status": "查订单状态",
    "urge_shipping": "催发货",
    "track_logistics": "查物流",
    "delivery_problem": "快递异常（丢件、未收到）",
    "delivery_schedule": "改约配送时间",
    "change_order": "修改订单",
    "cancel_order": "取消订单",
    "wrong_or_missing_item": "少发、错发",
    "payment_failure": "付款失败",
    "payment_charged": "扣款问题（重复、误扣）",
    "payment_method": "支付方式",
    "invoice": "发票",
    "promotion_coupon": "优惠券与活动",
    "price_protection": "价格保护",
    "return_request": "退货退款",
    "exchange_request": "换货",
    "repair_warranty": "维修保修",
    "refund_progress": "退款、售后进度",
    "return_shipping": "退货寄回与运费",
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
    "shipping_policy": "运费与配送范围",
    "install_service": "安装服务",
    "complaint": "投诉",
    "dispute_appeal": "平台介入、申诉",
    "feedback": "意见建议",
    "contact_info": "联系方式与服务时间",
    "merchant_service": "商家、合作",
    "human_agent": "要人工客服",
    "not_solved": "没解决、没听懂",
    "urge_reply": "催回复",
    "greet": "打招呼",
    "thanks": "道谢",
    "goodbye": "告别",
    "affirm": "同意、确认",
    "deny": "拒绝",
    "inform": "只提供信息（单号、电话等）",
    "abuse": "辱骂",
    "bot_challenge": "问是不是机器人",
    "out_of_scope": "与服务无关",
}


def known_titles(session: Session, profiles: Iterable[str]) -> dict[str, str]:
    """By intent: those above, and those that trainers have given the live models' new intents."""
    made: dict[str, str] = {}
    for profile in profiles:
        made |= card_of_live(session, profile).get("titles") or {}
    return made | TITLES
