"""The wallet of the profile ``tpwallet``: its orders are transactions."""

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
)
from kefu.shop.demo.trade import Numbering, Trade
from kefu.shop.model import OrderState

TPWALLET = DemoShop(
    Trade(
        "tpwallet",
        Numbering("TW", 8, step=7_919_993),
        goods.TRANSACTIONS,
        methods=("balance", "balance"),
        delivers=False,
        shares={
            OrderState.COMPLETED: 72,
            OrderState.PAID: 8,
            OrderState.CANCELLED: 6,
            OrderState.CLOSED: 9,
            OrderState.UNPAID: 5,
        },
        lines=(1,),
        quantities=(1,),
    ),
    "w",
    (
        Case("何嘉怡", "成功、处理中、失败和已取消的交易都有", every_state(3)),
        Case("高志强", "还没有任何交易"),
        Case(
            "林思远",
            "转账和还款失败（余额不足、超过限额）",
            order(OrderState.UNPAID, 15 * MINUTE, "WT02", failures=("INSUFFICIENT_BALANCE",)),
            order(OrderState.CLOSED, 2 * DAY, "WC01", failures=("LIMIT_EXCEEDED",)),
        ),
        Case(
            "郭宇轩",
            "电费缴纳扣了两次",
            order(OrderState.COMPLETED, 5 * HOUR, "WU01", paid_twice=True),
        ),
        Case(
            "罗雅婷",
            "充值已经扣款，余额没有到账",
            order(OrderState.UNPAID, 40 * MINUTE, "WT01", charged=True),
        ),
        Case(
            "郑磊", "账户输错密码被锁定", order(OrderState.COMPLETED, 9 * DAY, "WM01"), locked=True
        ),
        Case("梁佳琪", "提现两小时还没有到账", order(OrderState.PAID, 2 * HOUR, "WT04")),
        Case(
            "谢俊杰",
            "信用卡还款被风控拦截",
            order(OrderState.CLOSED, 3 * HOUR, "WC01", failures=("RISK_REJECTED",)),
        ),
        Case("宋桂英", "取消的宽带续费正在退回银行卡", refund_at_the_bank("WU04")),
        Case("唐一诺", "有四十笔交易", many(40)),
        Case("许浩然", "有能用的、未满额的和过期的立减券", coupons()),
        Case(
            "韩春梅",
            "燃气费已开电子发票，水费还没有",
            invoiced(OrderState.COMPLETED, 12 * DAY, "WU03"),
            order(OrderState.COMPLETED, 6 * DAY, "WU02"),
        ),
        Case("冯晨曦", "有一笔待支付的话费充值", order(OrderState.UNPAID, 10 * MINUTE, "WM01")),
        Case(
            "邓建华",
            "一笔支付还在银行处理中",
            order(OrderState.UNPAID, 5 * MINUTE, "WT03", pending=True),
        ),
        Case(
            "曹若曦",
            "绑定的银行卡过期，付款总是失败",
            order(
                OrderState.UNPAID, 30 * MINUTE, "WU02", failures=("CARD_EXPIRED", "CARD_EXPIRED")
            ),
        ),
    ),
)
