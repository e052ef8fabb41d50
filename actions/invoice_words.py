"""Title, tax number and e-mail address of an invoice, as shoppers write them."""

from __future__ import annotations

import re

from actions.turn import Turn
from kefu.shop.invoice_rules import TITLE_LENGTH

PERSON_TITLE = "个人"
_TAX = re.compile(
    r"(?<![0-9A-Za-z])([0-9A-Za-z]{20}|[0-9A-Za-z]{18}|[0-9A-Za-z]{15})(?![0-9A-Za-z])"
)
_SOME_TAX = re.compile(r"(?:税号|纳税人识别号|信用代码)(?:是|为|:|：|\s)*([0-9A-Za-z -]{6,24})")
_EMAIL = re.compile(r"[\w.%+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_TITLE = re.compile(
    r"抬头(?:要)?(?:写|开|填|改|换|用|是|为|成|:|：|\s)+(?P<title>[^,，。;；\n]{2,100})"
)
_ORGANISATION = re.compile(
    r"(?P<title>[\u4e00-\u9fa5（）()A-Za-z0-9]{2,60}?"
    r"(?:有限责任公司|股份有限公司|有限公司|集团|公司|事务所|研究院|研究所|医院|大学|学院|中学|小学|幼儿园"
    r"|委员会|合作社|工作室|基金会|协会|工会|中心|商行|经营部|厂))"
)
_LEAD = re.compile(
    r"^(?:我们?|麻烦|请|帮我|给我|要|想|开一?[张个]?|公司|单位|企业|的|抬头|名称|是|为|写|换成|改成|:|：|发票)+(?=[\u4e00-\u9fa5A-Za-z（(]{4,})"
)
_COMPANY = re.compile(r"公司|企业|单位|报销|对公")
_PERSON = re.compile(r"个人|私人|自己")
_NOT_A_TITLE = re.compile(r"[吗?？]|怎么|多久|什么|税号|邮箱|发票")


def told_tax_number(turn: Turn, *, asked: bool) -> str | None:
    """A number of the right length with its word before it, letters in it, or asked for."""
    plain = _EMAIL.sub(" ", turn.text)
    named = _SOME_TAX.search(plain)
    if named:
        return re.sub(r"[\s-]", "", named.group(1)).upper()
    found = _TAX.search(plain)
    if found and (asked or re.match(r"\d[0-9A-Za-z]\d{6}", found.group(1))):
        number = found.group(1).upper()
        return number if asked or re.search(r"[A-Z]", number) else None
    if asked:
        some = re.search(r"[0-9A-Za-z][0-9A-Za-z -]{5,24}", plain)
        return re.sub(r"[\s-]", "", some.group()).upper() if some else None
    return None


def told_email(turn: Turn, *, asked: bool) -> str | None:
    """An address, or what is meant for one where it was asked for: the shop judges it."""
    found = _EMAIL.search(turn.text)
    if found:
        return found.group()
    return turn.text.replace(" ", "") if asked and "@" in turn.text else None


def told_title(turn: Turn, *, asked: bool) -> str | None:
    """What the invoice is made out to: behind 「抬头」, an organisation's name, or the answer."""
    plain = _SOME_TAX.sub(" ", _EMAIL.sub(" ", turn.text))
    named = _TITLE.search(plain)
    if named and not _NOT_A_TITLE.search(named["title"]):
        return _tidy(named["title"])
    plain = _TAX.sub(" ", plain)
    company = _ORGANISATION.search(_LEAD.sub("", plain.strip()))
    if company and not re.search(r"你们|贵|快递|哪", company["title"]):
        title = _LEAD.sub("", company["title"])
        return title if len(title) >= 4 else None
    if asked:
        bare = re.split(r"[,，;；\n]", plain.strip())[0]
        return _tidy(bare) if bare.strip() and not _NOT_A_TITLE.search(bare) else None
    return None


def _tidy(text: str) -> str:
    title = re.sub(r"(?:吧|谢谢|就行|就好|可以了)+[。.!！~]*$", "", text.strip())
    return title.strip(" 。.!！~")[: TITLE_LENGTH + 1]


def told_kind(text: str) -> str | None:
    """``company`` or ``person``, whichever is named; a tax number is a company's."""
    if _COMPANY.search(text) or _SOME_TAX.search(text) or _ORGANISATION.search(text):
        return "company"
    return "person" if _PERSON.search(text) else None
