"""Address, recipient, phone and note as shoppers write them, one or all in a message."""

from __future__ import annotations

import re

from actions.turn import Turn
from kefu.shop import recipient
from kefu.shop.order_rules import NOTE_LENGTH

_CHANGED = re.compile(
    r"(?:改成|改为|改到|改[寄送发]到?|换成|换到|换为|寄到|发到|送到|而是|应该是|应为|新地址(?:是|为|:)?|地址(?:是|为|:))"
)
_PROVINCE = re.compile("|".join(recipient.PROVINCES))
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d(?:[ -]?\d{4}){2})(?!\d)")
_SOME_PHONE = re.compile(r"(?<!\d)\+?\d[\d -]{5,16}\d(?!\d)")
_ENDS = re.compile(
    r"收[件货]人|收货人|联系人|姓名|名字|电话|手机|号码改|备注|谢谢|麻烦|可以吗|行吗|好吗|能改|来得及"
    r"|(?<!\d)1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)|[。；;？?！!\n]"
)
_PLACE = re.compile(
    r"省|市|区|县|路|街|村|镇|乡|号|栋|幢|室|楼|单元|弄|巷|苑|园|大厦|广场|道|湾|里"
)
_TAIL = re.compile(r"(?:这里|这边|那里|哦|吧|啊|呀|呢|哈|了|的)+$")
_NAME = re.compile(
    r"(?:收[件货]人(?:姓名|名字)?|姓名|名字|联系人)(?:要|想|帮我)?(?:改成|改为|换成|换为|写成|应该是|是|为|叫|写|:)+\s*"
    r"(?P<name>[\u4e00-\u9fa5·]{2,12}|[A-Za-z][A-Za-z ·.]{1,24})"
)
_NO_NAME = re.compile(
    r"老婆|老公|妈|爸|朋友|同事|家人|别人|儿子|女儿|对象|[我他她您你]|电话|手机|地址|可以|能|吗|什么|收件|收货|"
    r"改|换|谢|麻烦|备注|不对|错|订单|号码|确认|取消"
)
_NOTE = re.compile(
    r"备注(?:里|上|一下|帮我|请|也|再|加(?:上|一句)?|写(?:上|一下)?| )*"
    r"(?:改成|改为|换成|成|为|是|[:,，]| )*(?P<note>.*)",
    re.DOTALL,
)


def told_phone(turn: Turn, *, asked: bool) -> str | None:
    """The last number named: who corrects one names the right one last."""
    mobiles = _MOBILE.findall(turn.text)
    if mobiles:
        return re.sub(r"[ -]", "", mobiles[-1])
    if asked:
        numbers = _SOME_PHONE.findall(turn.text)
        return turn.entity("phone") or (numbers[-1].strip() if numbers else None)
    return None


def told_name(text: str, *, asked: bool) -> str | None:
    """A name behind its word; alone where it is asked for, or between address and phone."""
    found = _NAME.search(text)
    named = _as_name(found["name"]) if found else None
    if named:
        return named
    if asked:
        bare = re.sub(r"^(?:改成|改为|换成|叫|是|就?写)+", "", text.strip())
        return _as_name(bare)
    if _MOBILE.search(text) and (_PROVINCE.search(text) or found):
        pieces = re.split(r"[,，、;；\s]+", _MOBILE.sub(" ", text))
        names = [one for one in pieces if 2 <= len(one) <= 4 and not _PLACE.search(one)]
        return next((name for name in map(_as_name, names) if name), None)
    return None


def _as_name(text: str) -> str | None:
    name = _TAIL.sub("", text.strip(" 。.!！~,，"))
    return None if not name or _NO_NAME.search(name) or re.search(r"\d", name) else name


def told_note(turn: Turn, *, asked: bool) -> str | None:
    """What stands behind 「备注」, or all of the answer to the question for it."""
    found = _NOTE.search(turn.text)
    words = found["note"] if found else (turn.own_words if asked else "")
    words = words.strip(" 。,，")
    return words[: NOTE_LENGTH + 1] if len(words) >= 2 and not _asks(words) else None


def _asks(words: str) -> bool:
    return bool(re.search(r"[吗?？]$|^(?:怎么|能不能|可以)|在哪", words))


def told_address(text: str, region: str, *, asked: bool) -> str | None:
    """The address that the words give, made whole by the ``region`` (an address, its end masked or
    not) where they begin within it. What is no whole address all the same is given as typed: the
    shop says what lacks.
    """
    marks = list(_CHANGED.finditer(text))
    speaks = asked or bool(re.search(r"地址|寄到|送到|发到|搬", text))
    after = text[marks[-1].end() :] if marks else text
    for part in dict.fromkeys((after, text)):
        found = _PROVINCE.search(part)
        if found:
            whole = _cut(part[found.start() :])
            if recipient.parse_address(whole):
                return whole
    if not speaks or not (marks or asked):
        return None
    words = _cut(re.sub(r"^(?:不对|错了?|地址|应该|改|为|是|:|,|，| )+", "", after))
    if len(words) < 4 or not _PLACE.search(words):
        return None
    return completed(words, region) or words


def tells_new_address(text: str) -> bool:
    """Whether a whole address stands beside a word that something shall be changed to it."""
    whole = told_address(text, "", asked=False) if _CHANGED.search(text) else None
    return whole is not None and recipient.address_verdict(whole).allowed


def completed(words: str, region: str) -> str | None:
    """Street or district within the region's city, with province and city before it."""
    known = recipient.parse_address(region.rstrip("*"))
    if known is None:
        return None
    city = "" if known.city == known.province else known.city
    if words.startswith(known.city):
        whole = f"{known.province}{words}" if city else words
    elif re.match(r"[\u4e00-\u9fa5]{2,8}市", words):
        return None
    elif re.match(r"[\u4e00-\u9fa5]{1,8}?[区县]", words) and not re.match(r".{0,8}小区", words):
        whole = f"{known.province}{city}{words}"
    else:
        whole = f"{known.province}{city}{known.district}{words}"
    return whole if recipient.address_verdict(whole).allowed else None


def _cut(text: str) -> str:
    """An address ends where something else is named."""
    end = _ENDS.search(text)
    pieces = re.split(r"[,，、\s]+", text[: end.start()] if end else text)
    kept = [pieces[0]]
    for piece in pieces[1:]:
        if not (_PLACE.search(piece) or re.search(r"\d", piece)):
            break
        kept.append(piece)
    return _TAIL.sub("", "".join(kept).strip(" 。.!！~"))


def mask_address(address: str) -> str:
    """Region, street and house number, not the room: enough to see that it was understood."""
    place = recipient.parse_address(address)
    if place is None:
        return address
    city = "" if place.city == place.province else place.city
    number = place.street.find("号") + 1
    kept = number or len(place.street) // 2
    rest = "****" if kept < len(place.street) else ""
    return f"{place.province}{city}{place.district}{place.street[:kept]}{rest}"
