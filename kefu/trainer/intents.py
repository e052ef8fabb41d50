"""What trainers call the intents, and how they find them by the keyboard."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

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
    "human_agent": "转人工",
    "not_solved": "没有解决",
    "urge_reply": "催促回复",
    "greet": "打招呼",
    "thanks": "感谢",
    "goodbye": "道别",
    "affirm": "肯定",
    "deny": "否定",
    "inform": "补充信息",
    "abuse": "辱骂",
    "bot_challenge": "问是不是机器人",
    "out_of_scope": "超出服务范围",
    "open_ticket": "提交工单",
    "ticket_progress": "工单进度",
    "nlu_fallback": "没有听懂",
}


@lru_cache(maxsize=1024)
def pinyin_initials(title: str) -> str:
    """The first letters of a title's syllables: 查订单 is ``cdd``."""
    # Its dictionary takes half a second and 55 MB, which most processes never need.
    import pypinyin  # noqa: PLC0415

    letters: Any = pypinyin.lazy_pinyin(title, style=pypinyin.Style.FIRST_LETTER)
    return "".join(str(letter) for letter in letters).lower()
