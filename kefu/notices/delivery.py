"""Which way a notice takes, and what it says there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from kefu.notices.addresses import Address
from kefu.notices.errors import NoticeNotSent
from kefu.notices.texts import compose
from kefu.notices.transports import DemoMailbox, Letter, Mail, Post, Transport
from kefu.profiles import ProfileNotFound, Profiles
from kefu.settings import Settings
from kefu.shop.people import ContactChannel

MAILBOX = "notices.log"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notice and the addresses it may go to, the best one first."""

    notice_id: str
    profile: str
    kind: str
    payload: Mapping[str, object]
    order_number: str | None
    addresses: tuple[Address, ...]


class Delivery:
    """Sends by SMS or e-mail where that is set up, else through the shop's webhook.

    In the demo a file takes the place of what is not set up. What is for the shop itself and not
    for a shopper goes to the webhook alone.
    """

    def __init__(
        self,
        profiles: Profiles,
        *,
        mail: Transport | None = None,
        sms: Transport | None = None,
        webhook: Transport | None = None,
        mailbox: Transport | None = None,
    ) -> None:
        self._profiles = profiles
        self._direct = {ContactChannel.EMAIL: mail, ContactChannel.SMS: sms}
        self._webhook = webhook
        self._mailbox = mailbox

    @property
    def reaches_nobody(self) -> bool:
        """Whether no way out is set up at all."""
        return not any((*self._direct.values(), self._webhook, self._mailbox))

    def send(self, notice: Outgoing) -> bool:
        """Send it one way; ``False``: nobody wants to know. Raises ``NoticeNotSent``."""
        try:
            profile = self._profiles[notice.profile]
            text = compose(notice.kind, profile.brand, notice.payload, notice.order_number)
        except (ProfileNotFound, KeyError) as error:
            reason = f"{notice.kind}: {type(error).__name__}"
            raise NoticeNotSent(reason, for_good=True) from error
        letter = Letter(
            notice_id=notice.notice_id,
            profile=notice.profile,
            kind=notice.kind,
            channel=None,
            to=None,
            subject=text.subject if text else "",
            text=text.body if text else "",
            variables=notice.payload,
            reply_to=profile.mailbox.address if profile.mailbox else None,
        )
        if text is None:
            if self._webhook is None:
                return False
            self._webhook.send(letter)
            return True
        transport, address = self._way(notice.addresses)
        transport.send(_addressed(letter, address))
        return True

    def _way(self, addresses: tuple[Address, ...]) -> tuple[Transport, Address]:
        if not addresses:
            raise NoticeNotSent("the account has no address", for_good=True)
        for address in addresses:
            transport = self._direct[address.channel]
            if transport is not None:
                return transport, address
        transport = self._webhook or self._mailbox
        if transport is None:
            raise NoticeNotSent("no way out is set up for its addresses")
        return transport, addresses[0]


def open_delivery(settings: Settings, profiles: Profiles) -> Delivery:
    """The ways that the settings name; raises ``TransportInvalid``."""
    return Delivery(
        profiles,
        mail=Mail(settings.smtp_url) if settings.smtp_url else None,
        sms=Post(settings.sms_url, settings.sms_key) if settings.sms_url else None,
        webhook=Post(settings.webhook_url, settings.webhook_key) if settings.webhook_url else None,
        mailbox=DemoMailbox(settings.home / MAILBOX) if settings.demo else None,
    )


def _addressed(letter: Letter, address: Address) -> Letter:
    return replace(letter, channel=address.channel, to=address.value)
