"""Couriers as shoppers call them, and as the 快递100 protocol codes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.turn import Turn
from kefu.profiles import Profile


@dataclass(frozen=True, slots=True)
class Courier:
    """``name`` is the value of the entity ``courier``; ``prefix`` begins its tracking numbers."""

    name: str
    code: str
    prefix: str | None = None


COURIERS = (
    Courier("顺丰", "shunfeng", "SF"),
    Courier("中通", "zhongtong", "ZTO"),
    Courier("圆通", "yuantong", "YT"),
    Courier("韵达", "yunda", "YD"),
    Courier("申通", "shentong", "STO"),
    Courier("极兔", "jtexpress", "JT"),
    Courier("京东物流", "jd", "JD"),
    Courier("邮政", "youzhengguonei"),
    Courier("德邦", "debangwuliu", "DPK"),
    Courier("百世", "huitongkuaidi"),
    Courier("天天快递", "tiantian"),
    Courier("宅急送", "zhaijisong", "ZJS"),
    Courier("菜鸟", "danniao"),
    Courier("跨越", "kuayue"),
    Courier("安能", "annengwuliu"),
    Courier("优速", "youshuwuliu"),
)
OFFERED = COURIERS[:8]

_BY_NAME = {courier.name: courier for courier in COURIERS}
_BY_CODE = {courier.code: courier for courier in COURIERS}
_RMA = re.compile(r"RMA[ -]?\d{10}", re.IGNORECASE)
# A mobile phone's eleven digits are no parcel.
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?!RMA|1[3-9]\d{9}(?!\d))([A-Za-z]{0,4}\d(?:[ -]?\d){7,19})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def courier_name(code: str | None) -> str | None:
    """The name for a code; a code that is not known is no name."""
    courier = _BY_CODE.get(code or "")
    return courier.name if courier else None


def told_courier(turn: Turn) -> Courier | None:
    """The courier that the message names; a shopper who corrects one names the right one last."""
    named = turn.entity("courier")
    if named in _BY_NAME:
        return _BY_NAME[named]
    places = {turn.text.rfind(courier.name.removesuffix("快递")): courier for courier in COURIERS}
    last = max(places)
    return places[last] if last >= 0 else None


def told_number(turn: Turn, profile: Profile) -> str | None:
    """The parcel's number in the message, the last one named; a number of the shop's is none."""
    recognised = turn.entity("tracking_number")
    found = [recognised] if recognised else _NUMBER.findall(_RMA.sub("", turn.text))
    numbers = [re.sub(r"[ -]", "", each).upper() for each in found]
    return next((each for each in reversed(numbers) if not _is_known(each, profile)), None)


def _is_known(number: str, profile: Profile) -> bool:
    return any(re.fullmatch(each, number, re.IGNORECASE) for each in profile.known_numbers)


def courier_by_number(number: str) -> Courier | None:
    """The courier whose numbers begin like this one."""
    return next(
        (each for each in COURIERS if each.prefix and number.upper().startswith(each.prefix)), None
    )
