"""Who receives a parcel and where, as shoppers type it: made tidy and judged."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from kefu.shop.model import Verdict

NAME_LENGTH = 25
STREET_LENGTH = 120
_OK = Verdict(True)
_NAME = re.compile(r"[^\W\d_][^\W\d_·. ]*(?:[·. ][^\W\d_]+)*")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{2,3}-?[2-9]\d{6,7}")
_CITIES_OF_THEIR_OWN = {
    "北京": "北京市",
    "天津": "天津市",
    "上海": "上海市",
    "重庆": "重庆市",
    "香港": "香港特别行政区",
    "澳门": "澳门特别行政区",
}
_REGIONS = {
    "内蒙古": "内蒙古自治区",
    "广西": "广西壮族自治区",
    "西藏": "西藏自治区",
    "宁夏": "宁夏回族自治区",
    "新疆": "新疆维吾尔自治区",
}
# fmt: off
_PROVINCES = (
    "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东",
    "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾",
)
# fmt: on
_FULL = _CITIES_OF_THEIR_OWN | _REGIONS | {name: f"{name}省" for name in _PROVINCES}
PROVINCES = tuple(_FULL)
"""All provinces, regions and cities of their own, by their short names."""
_HAN = r"[\u4e00-\u9fa5]"
_PROVINCE = re.compile(
    rf"(?P<name>{'|'.join(_FULL)})(?:省|市|(?:壮族|回族|维吾尔)?自治区|特别行政区)?"
)
_CITY = re.compile(rf"{_HAN}{{2,11}}?(?:自治州|地区|盟|市)")
# 沙市区 and 津市市 are districts: their first 市 ends nothing.
_DISTRICT = re.compile(rf"{_HAN}{{1,14}}?(?:县|区|旗|市(?![区市])|镇|街道)")


@dataclass(frozen=True, slots=True)
class Place:
    """An address in its parts, province and city by their full names."""

    province: str
    city: str
    district: str
    street: str


def tidy(text: str) -> str:
    """Full-width digits and letters as ASCII, runs of blanks as one, nothing unprintable."""
    plain = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c for c in plain if c.isprintable() or c.isspace()).split())


def tidy_phone(text: str) -> str:
    """Without blanks, brackets and the country's code; hyphens stay only in a landline."""
    plain = re.sub(r"[\s()]", "", tidy(text))
    plain = re.sub(r"^(?:\+|00)86-?", "", plain)
    without = plain.replace("-", "")
    return without if _MOBILE.fullmatch(without) else plain


def name_verdict(name: str) -> Verdict:
    """Whether a tidy name can stand on a parcel."""
    if 2 <= len(name) <= NAME_LENGTH and _NAME.fullmatch(name):
        return _OK
    return Verdict(
        False,
        "bad_recipient",
        f"收件人姓名请填写 2 到 {NAME_LENGTH} 个字的真实姓名，不要带数字或符号。",
    )


def phone_verdict(phone: str, *, mobile_only: bool = False) -> Verdict:
    """Whether a tidy phone number is one that a courier (or a code) can reach."""
    if _MOBILE.fullmatch(phone):
        return _OK
    if mobile_only:
        return Verdict(
            False, "bad_phone", "手机号码应为 11 位数字，例如 13800001234，请您核对后重新填写。"
        )
    if _LANDLINE.fullmatch(phone):
        return _OK
    return Verdict(
        False,
        "bad_phone",
        "联系电话请填写 11 位手机号码，或带区号的座机号码，请您核对后重新填写。",
    )


def address_verdict(address: str) -> Verdict:
    """Whether a tidy one-line address can be delivered to."""
    place = parse_address(address)
    if place is None:
        return Verdict(
            False,
            "bad_address",
            "请按“省、市、区县、街道门牌”写出完整地址，例如：浙江省杭州市西湖区文一西路88号3幢201室。",
        )
    if len(place.street) < 3:
        return Verdict(
            False, "address_incomplete", "地址还缺少街道和门牌号，请您补充完整，方便快递员送达。"
        )
    if len(place.street) > STREET_LENGTH:
        return Verdict(False, "address_too_long", f"详细地址请控制在 {STREET_LENGTH} 个字以内。")
    return _OK


def parse_address(address: str) -> Place | None:
    """The parts of a one-line address; ``None`` without province, city and district.

    A district may be a town or a street office: some cities have no districts.
    """
    text = re.sub(r"^(?:中国|中华人民共和国)|[\s,，、;；]", "", address)
    found = _PROVINCE.match(text)
    if not found:
        return None
    province, rest = _FULL[found["name"]], text[found.end() :]
    if found["name"] in _CITIES_OF_THEIR_OWN:
        # 「北京市北京市朝阳区」, 「重庆市市辖区渝中区」
        city, rest = province, re.sub(rf"^(?:{province}|市辖区|县(?=..))", "", rest)
    else:
        of_province = _CITY.match(rest)
        if not of_province:
            return None
        city, rest = of_province[0], rest[of_province.end() :]
    district = _DISTRICT.match(rest)
    if not district:
        return None
    return Place(province, city, district[0], rest[district.end() :])
