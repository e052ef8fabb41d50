"""What the bot has done for a shopper, in the words that agents read."""

from __future__ import annotations

from collections.abc import Iterable

# Actions that only ask, check or make small talk are left out.
TRIED = {
    "action_order_status": "查询订单",
    "action_urge_shipping": "催发货",
    "action_track_logistics": "查询物流",
    "action_delivery_problem": "处理快递异常",
    "action_delivery_schedule": "说明配送时间",
    "action_change_order": "修改订单",
    "action_cancel_order": "取消订单",
    "action_order_done": "提交订单修改或取消",
    "action_wrong_or_missing_item": "处理少发错发",
    "action_payment_failure": "查询付款失败原因",
    "action_payment_charged": "核对扣款",
    "action_payment_method": "说明支付方式",
    "action_invoice": "处理发票",
    "action_promotion_coupon": "查询优惠券与活动",
    "action_price_protection": "处理价格保护",
    "action_return_request": "申请退货",
    "action_exchange_request": "申请换货",
    "action_repair_warranty": "处理维修保修",
    "action_return_done": "提交售后申请",
    "action_refund_progress": "查询退款进度",
    "action_return_shipping": "说明退货寄回",
    "action_parcel_done": "登记寄回单号",
    "action_withdraw_done": "撤销售后申请",
    "action_quality_problem": "处理质量问题",
    "action_after_service": "查询售后进度",
    "action_install_service": "预约安装",
    "action_visit_done": "提交安装预约",
    "action_account_locked": "处理账号锁定",
    "action_password_reset": "找回密码",
    "action_account_change": "修改账号资料",
    "action_phone_done": "更换手机号",
    "action_login_done": "核对账号",
    "action_code_verified": "验证码核验通过",
    "action_guest_done": "核对游客订单",
    "action_login_register": "说明登录注册",
    "action_security_setup": "说明安全设置",
    "action_privacy_question": "说明隐私保护",
    "action_fraud_report": "登记诈骗举报",
    "action_membership": "查询会员权益",
    "action_product_question": "回答商品问题",
    "action_stock_availability": "查询库存",
    "action_shipping_policy": "说明运费与配送",
    "action_complaint": "处理投诉",
    "action_dispute_appeal": "处理平台介入申请",
    "action_feedback": "记录意见建议",
    "action_article": "给出帮助文章",
    "action_open_ticket": "登记工单",
    "action_ticket_done": "提交工单",
    "action_ticket_progress": "查询工单进度",
    "action_contact_info": "说明联系方式",
    "action_merchant_service": "说明商家服务",
    "action_clarify": "请顾客说明问题",
    "action_asked_again": "顾客重复提问",
    "action_not_solved": "顾客表示没有解决",
    "action_why": "解释原因",
    "action_picture": "收到图片",
}


def tried(actions: Iterable[str]) -> list[str]:
    """In the order in which it first happened, each once."""
    return list(dict.fromkeys(TRIED[name] for name in actions if name in TRIED))
