"""One brand's service."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from kefu.profiles.canned import CannedText
from kefu.profiles.groups import Group, Intent, Name, SellerService
from kefu.profiles.hours import ALWAYS, Hours
from kefu.profiles.strict import Strict
from kefu.profiles.webhook import WebhookChannel
from kefu.shop.policy import ShopPolicy

ALWAYS_OPEN = "always"

ChannelKind = Literal["chat", "phone", "email", "wechat", "weibo", "douyin", "site", "ticket"]
TicketKind = Literal[
    "complaint", "appeal", "intervention", "technical", "feedback", "fraud", "service", "callback"
]
Link = Annotated[str, StringConstraints(pattern=r"^(https://[^\s/]+(/\S*)?|/\S*)$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=120)]
PositiveHours = Annotated[int, Field(ge=1, le=24 * 365, strict=True)]

_READABLE = 4.5
_ORIGIN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://"
    r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::(?P<port>[1-9][0-9]{0,4}))?"
)
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LAST_PORT = 65535


def _compiles(pattern: str) -> str:
    try:
        empty = re.compile(pattern, re.IGNORECASE).fullmatch("")
    except re.error as error:
        raise ValueError(f"正则表达式有误：{error}") from error
    if empty:
        raise ValueError("正则表达式不能匹配空文字")
    return pattern


def _is_readable(colour: str) -> str:
    """White text on ``colour`` must have the contrast that WCAG 2 asks for (AA, 4.5)."""
    contrast = 1.05 / (_luminance(colour) + 0.05)
    if contrast < _READABLE:
        raise ValueError(f"白色文字在 {colour} 上看不清（对比度 {contrast:.1f}，至少 {_READABLE}）")
    return colour


def _luminance(colour: str) -> float:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _is_origin(origin: str) -> str:
    """As browsers write it, since it is compared letter by letter."""
    found = _ORIGIN.fullmatch(origin)
    if not found:
        raise ValueError(
            "应写成 https://shop.example.com 或 https://shop.example.com:8443：字母用小写，"
            "中文域名写成 xn-- 开头的形式，没有通配符 *，后面没有路径和斜杠"
        )
    port = found["port"]
    if port and port == _DEFAULT_PORTS.get(found["scheme"]):
        raise ValueError(f"浏览器不写默认端口，请去掉 :{port}")
    if port and int(port) > _LAST_PORT:
        raise ValueError(f"没有 {port} 这个端口")
    return origin


NumberPattern = Annotated[str, AfterValidator(_compiles)]
Origin = Annotated[str, StringConstraints(max_length=200), AfterValidator(_is_origin)]
Colour = Annotated[
    str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), AfterValidator(_is_readable)
]


class Identity(Strict):
    """How the shop signs its shoppers' tokens: a public key as PEM, or a secret's variable.

    ``key_env`` names the environment variable that holds a shared secret (HS256) or a PEM.
    """

    algorithm: Literal["HS256", "RS256", "ES256", "EdDSA"]
    issuer: str
    public_key: str | None = None
    key_env: str | None = None

    def key(self) -> str | None:
        return self.public_key or (os.environ.get(self.key_env) if self.key_env else None)


class QuickEntry(Strict):
    """A button of the greeting: ``intent`` is what pressing it means."""

    title: Name
    intent: Intent


class Channel(Strict):
    """A way to reach the brand; ``hours`` names the hours in which a person answers there."""

    kind: ChannelKind
    title: Name
    address: Words
    hours: str = ALWAYS_OPEN


class Mailbox(Strict):
    """The brand's support address, whose e-mails become tickets.

    ``url_env`` names the environment variable that holds ``imaps://user:password@host/INBOX``;
    without it nothing is fetched. ``answer_days``: within how many working days they are answered;
    without it the hours of their ``kind`` of ticket hold.
    """

    address: Email
    url_env: str
    kind: TicketKind = "service"
    answer_days: int | None = Field(default=None, ge=1, le=90, strict=True)


class Theme(Strict):
    """How the chat window looks: ``colour`` is its head and its buttons, with white text on it."""

    colour: Colour


class TrainerRules(Strict):
    """How the brand's messages become training data.

    ``two_person``: what one trainer labels another has to approve.
    """

    two_person: bool = False


class Profile(Strict):
    """All that one brand differs in from another.

    ``services_off``: intents it does not offer. ``answer_threshold``: how sure the bot must be to
    answer (0 to 1; ``None``: the model's own). ``ticket_hours``: within how many hours each kind of
    ticket is answered; ``evidence``: what the shopper shall keep ready for it, in Chinese words.
    ``answer_times``: by channel, in Chinese words. ``order_number_patterns``
    and ``case_number_patterns`` are matched without regard to case. ``terms``: words of the bot
    and what this brand says instead. ``responses``: texts instead of those in ``domain.yml``.
    ``canned``: what agents find as canned responses at first.
    """

    # Strictness would ask the file for an instance of the policy's dataclass.
    model_config = ConfigDict(strict=False)

    profile: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    brand: Name
    bot_name: Name = "智能客服"
    greeting: Words
    quick_entries: list[QuickEntry] = Field(default=[])
    identity: Identity | None = None
    webhook_channel: WebhookChannel | None = None
    origins: list[Origin] = Field(default=[])
    order_number_patterns: list[NumberPattern] = Field(default=[])
    case_number_patterns: list[NumberPattern] = Field(default=[r"RMA\d{10}", r"TK\d{18}"])
    services_off: list[Intent] = Field(default=[])
    answer_threshold: float | None = Field(default=None, ge=0, le=1, strict=True)
    ticket_hours: dict[TicketKind, PositiveHours] = Field(default={})
    ticket_hours_otherwise: PositiveHours = 24
    evidence: dict[TicketKind, Name] = Field(default={})
    hours: dict[str, Hours] = Field(default={})
    channels: list[Channel] = Field(default=[])
    mailbox: Mailbox | None = None
    groups: list[Group] = Field(default=[Group(group="agents", name="在线客服")], min_length=1)
    sellers: list[SellerService] = Field(default=[])
    policies: ShopPolicy = ShopPolicy()
    answer_times: dict[ChannelKind, Name] = Field(default={})
    articles: list[str] = Field(default=[])
    canned: list[CannedText] = Field(default=[])
    theme: Theme = Theme(colour="#0b6b5e")
    terms: dict[Name, str] = Field(default={})
    responses: dict[str, list[Words]] = Field(default={})
    links: dict[str, Link] = Field(default={})
    trainer: TrainerRules = TrainerRules()

    @property
    def voice(self) -> dict[str, str]:
        """What ``{brand}`` and ``{bot_name}`` stand for in texts."""
        return {"brand": self.brand, "bot_name": self.bot_name}

    @property
    def greeting_text(self) -> str:
        """The greeting with its placeholders filled."""
        text = self.greeting
        for name, value in self.voice.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    @property
    def known_numbers(self) -> list[str]:
        """Patterns of the brand's own numbers, which are nobody's bank card."""
        return [*self.order_number_patterns, *self.case_number_patterns]

    def hours_for(self, kind: str) -> int:
        """Within how many hours a ticket of this kind is answered."""
        by_kind = {str(name): hours for name, hours in self.ticket_hours.items()}
        return by_kind.get(kind, self.ticket_hours_otherwise)

    def hours_of(self, part: Channel | Group | SellerService) -> Hours:
        """The hours that a part of this profile names."""
        return self.hours.get(part.hours, ALWAYS)

    def group(self, name: str) -> Group | None:
        return next((group for group in self.groups if group.group == name), None)

    def seller(self, seller_id: str | None) -> SellerService | None:
        return next((seller for seller in self.sellers if seller.seller_id == seller_id), None)

    def group_for(
        self, intent: str | None, context: Mapping[str, str], seller_id: str | None = None
    ) -> Group:
        """Who takes a hand-off about ``intent`` from a chat with this ``context``.

        The seller's exception for the intent comes first, then the group whose topic it is, the
        group of the page, the seller's own group, and last the first group of the profile.
        """
        seller = self.seller(seller_id)
        named = (seller.intents.get(intent or "") if seller else None) or next(
            (group.group for group in self.groups if intent in group.intents), None
        )
        if named is None:
            page = context.get("page", "")
            named = next((group.group for group in self.groups if _is_at(page, group)), None)
        if named is None and seller:
            named = seller.group
        return (self.group(named) if named else None) or self.groups[0]


def _is_at(page: str, group: Group) -> bool:
    return any(page.startswith(beginning) for beginning in group.pages)
