"""The shop of the profile ``demo``: the cases that tests use."""

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
    two_returns,
)
from kefu.shop.demo.trade import Numbering, Trade
from kefu.shop.model import OrderState, ReturnReason, ReturnState

DEMO = DemoShop(
    Trade("demo", Numbering("KF", 6), goods.GOODS, goods.SELLERS, insured_every=4),
    "u",
    (
        Case(
            "李明",
            "各种状态的订单都有，有一件今天派送",
            every_state(3),
            order(OrderState.SHIPPED, 60 * HOUR, "EL001", "HM003", delivering=True),
        ),
        Case("王芳", "还没有下过单"),
        Case(
            "张伟",
            "刚刚付款失败（余额不足）",
            order(OrderState.UNPAID, 15 * MINUTE, "EL003", failures=("INSUFFICIENT_BALANCE",)),
            order(OrderState.CLOSED, 6 * DAY, "BK002", failures=("CARD_EXPIRED",)),
        ),
        Case(
            "刘洋",
            "包裹四天没有更新物流",
            order(OrderState.SHIPPED, 6 * DAY, "HM002", silent=4 * DAY),
        ),
        Case("陈静", "两件商品正在退货", two_returns("CL002", "SH002")),
        Case(
            "杨欣怡",
            "退款正在退回银行卡",
            refund_at_the_bank("EL004"),
            sent_back(
                ReturnState.REFUNDED,
                ReturnReason.DAMAGED,
                "SH001",
                signed=25 * DAY,
                asked=22 * DAY,
                order_state=OrderState.COMPLETED,
            ),
        ),
        Case(
            "黄磊",
            "账号被锁定",
            order(OrderState.PAID, 5 * HOUR, "HM001"),
            order(OrderState.COMPLETED, 40 * DAY, "SN002"),
            locked=True,
        ),
        Case(
            "赵敏", "一笔订单重复付款", order(OrderState.PAID, 3 * HOUR, "HM004", paid_twice=True)
        ),
        Case("吴雨桐", "昨天签收，可以退货", order(OrderState.SIGNED, DAY, "CL003", "CO002")),
        Case("周浩然", "20天前签收，已过退货期", order(OrderState.COMPLETED, 20 * DAY, "SH003")),
        Case("徐诗涵", "有一笔待付款订单", order(OrderState.UNPAID, 40 * MINUTE, "EL005")),
        Case(
            "孙俊杰",
            "昨天签收生鲜、内衣和定制商品",
            order(OrderState.SIGNED, DAY, "FR001", "UN001", "CU001"),
        ),
        Case(
            "马建华", "昨天收到的鞋子尺码不合适，可以换货", order(OrderState.SIGNED, DAY, "SH001")
        ),
        Case(
            "朱雅婷",
            "一笔订单已开发票，一笔还没有",
            invoiced(OrderState.COMPLETED, 20 * DAY, "EL003"),
            order(OrderState.SIGNED, 2 * DAY, "HM003"),
        ),
        Case("胡思远", "有能用的、未满额的和过期的优惠券", coupons("clothing")),
        Case(
            "郭佳琪",
            "买完就降价，可以价保",
            order(OrderState.SIGNED, 12 * HOUR, "EL001", dearer=4000),
        ),
        Case(
            "何文博",
            "已经扣款，订单还是待付款",
            order(OrderState.UNPAID, 30 * MINUTE, "BK001", charged=True),
        ),
        Case("高海燕", "洗衣机昨天签收，等待预约安装", order(OrderState.SIGNED, DAY, "HA001")),
        Case(
            "林国庆",
            "退货已通过，等待填写退货快递单号",
            sent_back(ReturnState.APPROVED, ReturnReason.WRONG_SIZE, "CL004", signed=3 * DAY),
        ),
        Case("郑晨曦", "有四十笔订单", many(40)),
        Case("罗一诺", "智能手表还在保修期内", order(OrderState.COMPLETED, 100 * DAY, "EL003")),
    ),
    accounts=200,
    orders=2000,
)
