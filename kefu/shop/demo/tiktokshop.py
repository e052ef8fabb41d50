"""The shop of the profile ``tiktokshop``: clothes, snacks and cosmetics from live streams."""

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

TIKTOKSHOP = DemoShop(
    Trade(
        "tiktokshop",
        Numbering("57", 10, day="%y%m%d", step=7_919_999_993),
        goods.STREAMED_GOODS,
        goods.STREAMING_SELLERS,
        one_seller=True,
        insured_every=2,
    ),
    "k",
    (
        Case(
            "曾雨桐",
            "各种状态的订单都有，有一件今天派送",
            every_state(2),
            order(OrderState.SHIPPED, 60 * HOUR, "TN02", delivering=True),
        ),
        Case("彭涛", "还没有下过单"),
        Case(
            "萧欣怡",
            "刚刚付款失败（超过支付限额）",
            order(OrderState.UNPAID, 15 * MINUTE, "TB04", failures=("LIMIT_EXCEEDED",)),
            order(OrderState.CLOSED, 4 * DAY, "TC04", failures=("WRONG_PASSWORD",)),
        ),
        Case(
            "田俊杰",
            "零食四天没有更新物流，已经超过预计时间",
            order(OrderState.SHIPPED, 6 * DAY, "TN01", silent=4 * DAY),
        ),
        Case("董丽", "直播间拍的衣服三天还没发货", order(OrderState.PAID, 3 * DAY, "TC01")),
        Case("潘晓明", "刚付款，可以改地址或取消", order(OrderState.PAID, HOUR, "TS01")),
        Case("袁强", "账号被锁定", order(OrderState.PAID, 5 * HOUR, "TN03"), locked=True),
        Case(
            "蔡佳琪", "一笔订单重复付款", order(OrderState.PAID, 3 * HOUR, "TC02", paid_twice=True)
        ),
        Case(
            "蒋秀兰",
            "昨天签收的精华和口红，可以退货",
            order(OrderState.SIGNED, DAY, "TB04", "TB01", insured=True),
        ),
        Case("余雅婷", "昨天收到的鞋子尺码不合适，可以换货", order(OrderState.SIGNED, DAY, "TS01")),
        Case(
            "李思远",
            "已经扣款，订单还是待付款",
            order(OrderState.UNPAID, 50 * MINUTE, "TB03", charged=True),
        ),
        Case("王子涵", "有能用的、美妆专用的、未满额的和过期的优惠券", coupons("cosmetics")),
        Case(
            "张梓萱",
            "买完直播间又降价，可以价保",
            order(OrderState.SIGNED, 12 * HOUR, "TC04", dearer=2000),
        ),
        Case(
            "刘明轩",
            "退货已通过，等待填写退货快递单号",
            sent_back(
                ReturnState.APPROVED, ReturnReason.WRONG_SIZE, "TC03", signed=3 * DAY, insured=True
            ),
        ),
        Case(
            "陈桂英",
            "一笔订单已开发票，一笔还没有",
            invoiced(OrderState.COMPLETED, 20 * DAY, "TH02"),
            order(OrderState.SIGNED, 2 * DAY, "TB02"),
        ),
        Case("杨国庆", "晾衣架昨天签收，等待预约安装", order(OrderState.SIGNED, DAY, "TH01")),
        Case("赵海燕", "蛋黄酥昨天签收，少了一盒", order(OrderState.SIGNED, DAY, "TN03")),
        Case("黄宇轩", "退款正在退回银行卡", refund_at_the_bank("TC02")),
        Case("周春梅", "有四十笔订单", many(40)),
    ),
)
