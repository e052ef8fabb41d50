"""What a shop behind HTTP does itself: it sends what waits in its outbox, here into a file."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from kefu.notices.addresses import Address
from kefu.notices.delivery import MAILBOX, Delivery, Outgoing
from kefu.notices.transports import DemoMailbox
from kefu.profiles import Profiles
from kefu.shop.outbox import OutboxNotice, ShopOutbox
from kefu.shop.people import ContactChannel

SWEEP = 0.1
BATCH = 50


@contextmanager
def post_office(url: str, folder: Path, profiles: Profiles) -> Generator[None]:
    """Send the notices of the shop's database into ``folder/notices.log`` while the block runs."""
    delivery = Delivery(profiles, mailbox=DemoMailbox(folder / MAILBOX))
    ended = threading.Event()

    def run() -> None:
        with closing(ShopOutbox(url)) as outbox:
            while not ended.wait(SWEEP):
                for notice in outbox.due(BATCH, 1):
                    delivery.send(outgoing(notice))
                    outbox.sent(notice, datetime.now(UTC))

    thread = threading.Thread(target=run, name="post office")
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def outgoing(notice: OutboxNotice) -> Outgoing:
    """To the phone that is to be bound, else to the account's; every demo account has one."""
    payload = dict(notice.payload)
    to = str(payload.pop("to", None) or notice.phone)
    return Outgoing(
        notice_id=notice.notice_id,
        profile=notice.profile,
        kind=notice.kind,
        payload=payload,
        order_number=notice.order_number,
        addresses=(Address(ContactChannel.SMS, to),),
    )
