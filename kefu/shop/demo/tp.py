"""The shop of the profile ``tp``."""

from __future__ import annotations

from kefu.shop.demo import goods
from kefu.shop.demo.cases import (
    DAY,
    HOUR,
    MINUTE,
    Case,
    DemoShop,
    coupons,
    every_state,
    invoiced,
    many,
    order,
    refund_at_the_bank,
    sent_back,
)
from kefu.shop.demo.trade import Numbering, Trade
from kefu.shop.model import OrderState, ReturnReason, ReturnState

TP = DemoShop(
    Trade("tp", Numbering("TP", 6), goods.GOODS, goods.SELLERS, insured_every=4),
    "p",
    (
        Case(
            "沈嘉怡",
            "各种状态的订单都有，有一件今天派送",
            every_state(2),
            order(OrderState.SHIPPED, 60 * HOUR, "HM001", delivering=True),
        ),
        Case("韩志强", "还没有下过单"),
        Case(
            "唐晓明",
            "刚刚付款失败（银行卡已过期）",
            order(OrderState.UNPAID, 20 * MINUTE, "HA003", failures=("CARD_EXPIRED",)),
            order(OrderState.CLOSED, 3 * DAY, "HM001", failures=("LIMIT_EXCEEDED",)),
        ),
        Case(
            "许梓萱",
            "包裹四天没有更新物流",
            order(OrderState.SHIPPED, 6 * DAY, "EL005", silent=4 * DAY),
        ),
        Case("宋宇轩", "三天前付款，还没有发货", order(OrderState.PAID, 3 * DAY, "CL001", "HM003")),
        Case("冯娟", "一小时前付款，可以改地址或取消", order(OrderState.PAID, HOUR, "EL002")),
        Case("邓超", "账号被锁定", order(OrderState.PAID, 5 * HOUR, "BK003"), locked=True),
        Case(
            "曹敏", "一笔订单重复付款", order(OrderState.PAID, 3 * HOUR, "HM002", paid_twice=True)
        ),
        Case(
            "彭霞", "昨天签收，可以七天无理由退货", order(OrderState.SIGNED, DAY, "CL002", "CO001")
        ),
        Case("曾刚", "昨天收到的鞋子尺码不合适，可以换货", order(OrderState.SIGNED, DAY, "SH002")),
        Case(
            "萧文博",
            "已经扣款，订单还是待付款",
            order(OrderState.UNPAID, HOUR, "EL001", charged=True),
        ),
        Case("田桂英", "有能用的、未满额的和过期的优惠券", coupons("home")),
        Case(
            "董海燕",
            "退货已通过，等待填写退货快递单号",
            sent_back(ReturnState.APPROVED, ReturnReason.WRONG_SIZE, "CL003", signed=3 * DAY),
        ),
        Case(
            "潘建华",
            "一笔订单已开发票，一笔还没有",
            invoiced(OrderState.COMPLETED, 30 * DAY, "HA003"),
            order(OrderState.SIGNED, 2 * DAY, "EL002"),
        ),
        Case(
            "袁若曦",
            "买完就降价，可以价保",
            order(OrderState.SIGNED, 12 * HOUR, "HM002", dearer=5000),
        ),
        Case("蔡国庆", "书桌昨天签收，等待预约安装", order(OrderState.SIGNED, DAY, "FU001")),
        Case("蒋春梅", "退款正在退回银行卡", refund_at_the_bank("HM004")),
        Case("余明轩", "有四十笔订单", many(40)),
        Case(
            "梁秀兰", "键盘按键失灵，还在保修期内", order(OrderState.COMPLETED, 60 * DAY, "EL004")
        ),
    ),
)
