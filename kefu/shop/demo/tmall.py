"""The mall of the profile ``tmall``: every order belongs to a seller."""

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
    visit_booked,
)
from kefu.shop.demo.trade import Numbering, Trade
from kefu.shop.model import OrderState, ReturnKind, ReturnReason, ReturnState

TMALL = DemoShop(
    Trade(
        "tmall",
        Numbering("3", 10, step=7_919_999_993),
        goods.sold_by_sellers(goods.GOODS),
        goods.SELLERS,
        one_seller=True,
        insured_every=2,
    ),
    "m",
    (
        Case(
            "吴嘉怡",
            "各种状态的订单都有，有一件今天派送",
            every_state(2),
            order(OrderState.SHIPPED, 60 * HOUR, "EL001", delivering=True),
        ),
        Case("徐刚", "还没有下过单"),
        Case(
            "孙诗涵",
            "刚刚付款失败（银行卡不支持）",
            order(OrderState.UNPAID, 15 * MINUTE, "FU002", failures=("CARD_NOT_SUPPORTED",)),
            order(OrderState.CLOSED, 5 * DAY, "EL003", failures=("RISK_REJECTED",)),
        ),
        Case(
            "朱洋",
            "包裹四天没有更新物流",
            order(OrderState.SHIPPED, 6 * DAY, "HM002", silent=4 * DAY),
        ),
        Case("胡静", "三天前付款，商家还没有发货", order(OrderState.PAID, 3 * DAY, "CL003")),
        Case("郭文博", "一小时前付款，可以改地址或取消", order(OrderState.PAID, HOUR, "HM001")),
        Case("何艳", "账号被锁定", order(OrderState.PAID, 5 * HOUR, "SH002"), locked=True),
        Case(
            "高敏", "一笔订单重复付款", order(OrderState.PAID, 3 * HOUR, "HM004", paid_twice=True)
        ),
        Case(
            "林若曦",
            "昨天签收的羽绒服有运费险，可以退货",
            order(OrderState.SIGNED, DAY, "CL003", insured=True),
        ),
        Case(
            "郑浩然", "昨天收到的鞋子尺码不合适，可以换货", order(OrderState.SIGNED, DAY, "SH001")
        ),
        Case(
            "罗桂英",
            "已经扣款，订单还是待付款",
            order(OrderState.UNPAID, HOUR, "EL004", charged=True),
        ),
        Case("梁思远", "有能用的、家电专用的、未满额的和过期的优惠券", coupons("appliances")),
        Case(
            "谢雨桐",
            "换货已通过，等待填写寄回的快递单号",
            sent_back(
                ReturnState.APPROVED,
                ReturnReason.WRONG_SIZE,
                "SH002",
                signed=3 * DAY,
                kind=ReturnKind.EXCHANGE,
                wanted_variant="白色 41",
                insured=True,
            ),
        ),
        Case(
            "宋明轩",
            "一笔订单已开发票，一笔还没有",
            invoiced(OrderState.COMPLETED, 30 * DAY, "HA003"),
            order(OrderState.SIGNED, 2 * DAY, "EL005"),
        ),
        Case(
            "唐雅婷",
            "买完就降价，可以价保",
            order(OrderState.SIGNED, 12 * HOUR, "HA003", dearer=10000),
        ),
        Case("许建华", "洗衣机昨天签收，等待预约安装", order(OrderState.SIGNED, DAY, "HA001")),
        Case("韩海燕", "沙发的安装已经预约，可以改期", visit_booked("FU002")),
        Case("冯志强", "空调在保修期内，制冷不好", order(OrderState.COMPLETED, 200 * DAY, "HA002")),
        Case(
            "邓佳琪",
            "退货被商家拒绝，可以申请平台介入",
            sent_back(
                ReturnState.REJECTED,
                ReturnReason.NOT_AS_DESCRIBED,
                "CL005",
                signed=6 * DAY,
                asked=4 * DAY,
            ),
        ),
        Case("曹国庆", "退款正在退回银行卡", refund_at_the_bank("EL001")),
        Case("彭晨曦", "有四十笔订单", many(40)),
        Case(
            "萧春梅",
            "两家店的订单都在等发货",
            order(OrderState.PAID, 20 * HOUR, "CL002"),
            order(OrderState.PAID, 18 * HOUR, "EL002"),
        ),
    ),
)
