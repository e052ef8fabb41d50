"""What the demo shop sells, who sells and carries it, and how its shoppers are called."""

from __future__ import annotations

from dataclasses import dataclass

from kefu.shop.rules import Category


@dataclass(frozen=True, slots=True)
class Good:
    """``price`` in fen; ``seller`` is ``None`` for the shop's own goods."""

    sku: str
    name: str
    category: Category
    variants: tuple[str, ...]
    price: int
    seller: str | None = None


@dataclass(frozen=True, slots=True)
class Carrier:
    """``code`` as in the 快递100 protocol; tracking numbers: ``prefix`` and so many ``digits``."""

    code: str
    name: str
    prefix: str
    digits: int


SELLERS = (
    ("s01", "云裳服饰旗舰店", "057188010001", "浙江省杭州市余杭区良渚街道网商路12号退货仓"),
    ("s02", "极光数码专营店", "075588010002", "广东省深圳市龙华区民治大道168号售后部"),
    ("s03", "果然鲜生鲜店", "087188010003", "云南省昆明市官渡区果品市场B区21号"),
    ("s04", "暖居家居生活馆", "051288010004", "江苏省苏州市相城区家居路66号3号库"),
)

GOODS = (
    Good(
        "CL001", "纯棉圆领短袖T恤", Category.CLOTHING, ("白色 M", "白色 L", "黑色 XL"), 5900, "s01"
    ),
    Good("CL002", "加绒连帽卫衣", Category.CLOTHING, ("灰色 M", "藏青 L", "米色 XL"), 15900, "s01"),
    Good("CL003", "轻薄羽绒服", Category.CLOTHING, ("黑色 L", "雾蓝 M", "酒红 XL"), 49900, "s01"),
    Good("CL004", "高腰直筒牛仔裤", Category.CLOTHING, ("浅蓝 27", "深蓝 29"), 16900, "s01"),
    Good("CL005", "羊毛混纺大衣", Category.CLOTHING, ("驼色 M", "黑色 L"), 89900, "s01"),
    Good("SH001", "透气网面跑步鞋", Category.SHOES, ("白灰 39", "黑红 42", "全黑 43"), 29900),
    Good("SH002", "小白板鞋", Category.SHOES, ("白色 37", "白色 41"), 19900),
    Good("SH003", "真皮马丁靴", Category.SHOES, ("黑色 38", "棕色 42"), 45900),
    Good("EL001", "真无线蓝牙耳机", Category.ELECTRONICS, ("曜石黑", "珍珠白"), 29900, "s02"),
    Good("EL002", "65W氮化镓充电器", Category.ELECTRONICS, ("白色", "黑色"), 12900, "s02"),
    Good("EL003", "智能手表", Category.ELECTRONICS, ("42mm 黑", "46mm 银"), 89900, "s02"),
    Good("EL004", "机械键盘", Category.ELECTRONICS, ("红轴", "茶轴", "青轴"), 34900, "s02"),
    Good("EL005", "20000毫安移动电源", Category.ELECTRONICS, ("白色", "深空灰"), 15900, "s02"),
    Good("HM001", "不粘炒锅", Category.HOME, ("30cm", "32cm"), 18900, "s04"),
    Good("HM002", "四件套纯棉床品", Category.HOME, ("1.5米床", "1.8米床"), 32900, "s04"),
    Good("HM003", "316不锈钢保温杯", Category.HOME, ("500ml 墨绿", "500ml 白"), 9900, "s04"),
    Good("HM004", "落地护眼台灯", Category.HOME, ("白色", "原木色"), 25900, "s04"),
    Good("SN001", "每日坚果礼盒", Category.SNACKS, ("30包装", "15包装"), 9990),
    Good("SN002", "手撕牛肉干", Category.SNACKS, ("原味 500g", "麻辣 500g"), 8800),
    Good("SN003", "云南小粒咖啡", Category.SNACKS, ("深烘 40条", "中烘 40条"), 6900),
    Good("BK001", "《小王子》精装版", Category.BOOKS, ("精装",), 3990),
    Good("BK002", "《三体》全集", Category.BOOKS, ("套装3册",), 9300),
    Good("BK003", "少儿百科绘本", Category.BOOKS, ("全8册",), 12800),
    Good("CO001", "氨基酸洁面乳", Category.COSMETICS, ("100ml", "150ml"), 7900),
    Good("CO002", "玻尿酸保湿面膜", Category.COSMETICS, ("20片装", "10片装"), 9900),
    Good("CO003", "丝绒哑光口红", Category.COSMETICS, ("豆沙色", "正红色"), 12900),
    Good("FR001", "阳光玫瑰葡萄", Category.FRESH_FOOD, ("2斤装", "4斤装"), 6990, "s03"),
    Good("FR002", "丹东草莓", Category.FRESH_FOOD, ("3斤礼盒",), 12900, "s03"),
    Good("FR003", "阳澄湖大闸蟹", Category.FRESH_FOOD, ("公4母4", "公5母5"), 39900, "s03"),
    Good("UN001", "莫代尔无痕内裤", Category.UNDERWEAR, ("4条装 L", "4条装 XL"), 7900, "s01"),
    Good("UN002", "无钢圈文胸", Category.UNDERWEAR, ("75B 肤色", "80B 黑色"), 12900, "s01"),
    Good("CU001", "定制刻字钢笔", Category.CUSTOMISED, ("黑色 刻字",), 16800),
    Good("CU002", "定制照片抱枕", Category.CUSTOMISED, ("45cm",), 5900),
    Good("VI001", "视频会员年卡", Category.VIRTUAL, ("12个月",), 19800),
)

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
SORTING_CENTRES = {
    "s01": "杭州转运中心",
    "s02": "深圳转运中心",
    "s03": "昆明转运中心",
    "s04": "苏州转运中心",
}
OWN_CENTRE = "上海转运中心"
