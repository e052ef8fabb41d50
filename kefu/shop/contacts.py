"""Where an account can be reached, and the messages on their way there."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from kefu.shop import recipient
from kefu.shop.accounts import ACCOUNT_NOT_FOUND
from kefu.shop.gateway import RuleRefused
from kefu.shop.ledger import NoticeRow
from kefu.shop.mapping import mask_email, mask_phone
from kefu.shop.people import Contact, ContactChannel
from kefu.shop.queries import is_key
from kefu.shop.schema import AccountRow


def list_contacts(session: Session, profile: str, account_id: str) -> tuple[Contact, ...]:
    """The phone first."""
    if not (is_key(profile) and is_key(account_id)):
        return ()
    row = session.get(AccountRow, {"profile": profile, "account_id": account_id})
    return _contacts(row) if row else ()


def find_contact(session: Session, profile: str, login: str) -> Contact | None:
    """The way that the login itself names; an account id gives the first there is.

    A login that fits several accounts gives nothing: a person has to tell them apart.
    """
    typed = recipient.tidy(login)
    phone, email = recipient.tidy_phone(typed), typed.lower()
    if not (is_key(profile) and is_key(typed)):
        return None
    fits: list[ColumnElement[bool]] = [AccountRow.account_id == typed, AccountRow.phone == phone]
    if "@" in typed:
        fits = [func.lower(AccountRow.email) == email]
    rows = session.scalars(
        select(AccountRow).where(AccountRow.profile == profile, or_(*fits)).limit(2)
    ).all()
    if len(rows) != 1:
        return None
    contacts = _contacts(rows[0])
    by_mail = (each for each in contacts if each.channel is ContactChannel.EMAIL)
    return next(by_mail if "@" in typed else iter(contacts), None)


def send_notice(
    session: Session,
    profile: str,
    account_id: str,
    *,
    notice_id: str,
    kind: str,
    channel: ContactChannel | None,
    payload: dict[str, str],
) -> None:
    """Put it into the outbox, unless one with this id is there already.

    An ``IntegrityError`` means that another transaction put it there first: begin again.
    """
    if not (is_key(profile) and is_key(account_id)):
        raise RuleRefused(ACCOUNT_NOT_FOUND)
    key = notice_id if is_key(notice_id) else hashlib.sha256(notice_id.encode()).hexdigest()
    if session.get(NoticeRow, {"profile": profile, "notice_id": key}) is not None:
        return
    session.add(
        NoticeRow(
            profile=profile,
            notice_id=key,
            kind=kind,
            account_id=account_id,
            order_number=None,
            payload=dict(payload),
            created_at=datetime.now(UTC),
            channel=channel,
            sent_at=None,
            tries=0,
        )
    )


def _contacts(row: AccountRow) -> tuple[Contact, ...]:
    found: list[Contact] = []
    if row.phone:
        found.append(Contact(row.account_id, ContactChannel.SMS, mask_phone(row.phone)))
    if row.email:
        found.append(Contact(row.account_id, ContactChannel.EMAIL, mask_email(row.email)))
    return tuple(found)
