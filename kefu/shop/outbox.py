"""The shop's outbox as the desk's sender empties it.

Only for the bundled tables: a shop behind HTTP sends its notices itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update

from kefu.shop.http_transport import is_http
from kefu.shop.ledger import NoticeRow
from kefu.shop.people import ContactChannel
from kefu.shop.schema import AccountRow
from kefu.shop.sql_door import SqlDoor

SECRETS = ("code", "to")
"""What leaves the row's payload once it was sent or given up."""


@dataclass(frozen=True, slots=True)
class OutboxNotice:
    """A message that waits to be sent; ``phone`` and ``email`` are the account's own.

    ``payload["to"]`` names another phone than the account's, one that shall be bound.
    """

    profile: str
    notice_id: str
    kind: str
    channel: ContactChannel | None
    account_id: str | None
    order_number: str | None
    payload: Mapping[str, object]
    created_at: datetime
    tries: int
    phone: str | None
    email: str | None


class ShopOutbox(SqlDoor):
    """Notices of all profiles. Every method raises ``ShopUnavailable``."""

    def due(self, limit: int, most_tries: int) -> tuple[OutboxNotice, ...]:
        """What is not sent and has been tried less often than that; the untried come first."""
        query = (
            select(NoticeRow, AccountRow.phone, AccountRow.email)
            .outerjoin(
                AccountRow,
                and_(
                    AccountRow.profile == NoticeRow.profile,
                    AccountRow.account_id == NoticeRow.account_id,
                ),
            )
            .where(NoticeRow.sent_at.is_(None), NoticeRow.tries < most_tries)
            .order_by(NoticeRow.tries, NoticeRow.created_at)
            .limit(limit)
        )
        with self._reading() as session:
            return tuple(_notice(row, phone, email) for row, phone, email in session.execute(query))

    def sent(self, notice: OutboxNotice, at: datetime) -> None:
        """It has left: its secrets leave the row."""
        self._finish(notice, sent_at=at)

    def given_up(self, notice: OutboxNotice, tries: int) -> None:
        """It will not be tried again: its secrets leave the row as well."""
        self._finish(notice, tries=tries)

    def failed(self, notice: OutboxNotice) -> None:
        """Count a try."""
        self._set(notice, tries=NoticeRow.tries + 1)

    def _finish(self, notice: OutboxNotice, **values: object) -> None:
        kept = {name: value for name, value in notice.payload.items() if name not in SECRETS}
        self._set(notice, payload=kept, **values)

    def _set(self, notice: OutboxNotice, **values: object) -> None:
        statement = (
            update(NoticeRow)
            .where(
                NoticeRow.profile == notice.profile,
                NoticeRow.notice_id == notice.notice_id,
                NoticeRow.sent_at.is_(None),
            )
            .values(**values)
        )

        self._write(lambda session: session.execute(statement))


def open_outbox(url: str) -> ShopOutbox | None:
    """The outbox of the shop at ``url``; ``None`` where the shop sends its notices itself."""
    return None if is_http(url) else ShopOutbox(url)


def _notice(row: NoticeRow, phone: str | None, email: str | None) -> OutboxNotice:
    return OutboxNotice(
        profile=row.profile,
        notice_id=row.notice_id,
        kind=row.kind,
        channel=ContactChannel(row.channel) if row.channel else None,
        account_id=row.account_id,
        order_number=row.order_number,
        payload=dict(row.payload),
        created_at=row.created_at,
        tries=row.tries,
        phone=phone,
        email=email,
    )
