"""How the shoppers of the demo are called, where they live, who carries their parcels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Carrier:
    """``code`` as in the 快递100 protocol; tracking numbers: ``prefix`` and so many ``digits``."""

    code: str
    name: str
    prefix: str
    digits: int


CARRIERS = (
    Carrier("shunfeng", "顺丰速运", "SF", 13),
    Carrier("zhongtong", "中通快递", "78", 12),
    Carrier("yuantong", "圆通速递", "YT", 13),
    Carrier("yunda", "韵达快递", "43", 13),
    Carrier("jd", "京东快递", "JD", 13),
    Carrier("ems", "EMS", "11", 11),
)

BANKS = ("招商银行", "工商银行", "建设银行", "农业银行", "中国银行", "交通银行")

FAMILY_NAMES = (
    *"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董潘袁蔡蒋余",
    "欧阳",
    "上官",
)
# fmt: off
GIVEN_NAMES = (
    *"伟芳娜敏静丽强磊军洋勇艳杰娟涛超霞平刚",
    "桂英", "秀兰", "建华", "志强", "晓明", "雨桐", "子涵", "欣怡", "浩然",
    "梓萱", "宇轩", "诗涵", "一诺", "俊杰", "思远", "嘉怡", "文博", "雅婷",
    "海燕", "春梅", "国庆", "佳琪", "晨曦", "明轩", "若曦",
)
# fmt: on

PLACES = (
    ("浙江省", "杭州市", "西湖区"),
    ("浙江省", "宁波市", "鄞州区"),
    ("广东省", "深圳市", "南山区"),
    ("广东省", "广州市", "天河区"),
    ("江苏省", "南京市", "鼓楼区"),
    ("江苏省", "苏州市", "姑苏区"),
    ("四川省", "成都市", "武侯区"),
    ("湖北省", "武汉市", "洪山区"),
    ("陕西省", "西安市", "雁塔区"),
    ("山东省", "青岛市", "市南区"),
    ("湖南省", "长沙市", "岳麓区"),
    ("北京市", "北京市", "朝阳区"),
    ("上海市", "上海市", "浦东新区"),
    ("重庆市", "重庆市", "渝北区"),
    ("福建省", "厦门市", "思明区"),
    ("辽宁省", "沈阳市", "和平区"),
)
STREETS = ("人民路", "解放路", "中山路", "文一西路", "建设大道", "学府街", "滨江路", "科技园路")
