"""Accounts, how they are reached and what their owners do with them, over HTTP."""

from __future__ import annotations

from kefu.shop.http_door import HttpDoor
from kefu.shop.http_requests import (
    ChangePhone,
    FindContact,
    SendNotice,
    StartPasswordReset,
    UnlockAccount,
)
from kefu.shop.model import Account, TurnRef, Viewer
from kefu.shop.people import Contact, ContactChannel, Membership, ResetLink
from kefu.shop.queries import is_key


class HttpAccounts(HttpDoor):
    """The ``Accounts`` of a shop behind HTTP; the shop itself sends its notices."""

    def membership(self, viewer: Viewer) -> Membership | None:
        return self._find(Membership, viewer, "membership")

    def contacts(self, profile: str, account_id: str) -> tuple[Contact, ...]:
        return self._list(Contact, _owner(profile, account_id), "contacts")

    def find_contact(self, profile: str, login: str) -> Contact | None:
        return self._search(
            Contact, Viewer(profile), "/v1/contact-searches", FindContact(login=login)
        )

    def send_notice(
        self,
        profile: str,
        account_id: str,
        *,
        notice_id: str,
        kind: str,
        channel: ContactChannel | None,
        payload: dict[str, str],
    ) -> None:
        notice = SendNotice(notice_id=notice_id, kind=kind, channel=channel, payload=payload)
        owner = _owner(profile, account_id)
        self._tell(owner, "/v1/notices", notice, notice.idempotency_key(owner))

    def unlock_account(self, profile: str, account_id: str, turn: TurnRef) -> Account:
        return self._operate(_owner(profile, account_id), UnlockAccount(turn=turn))

    def start_password_reset(self, profile: str, account_id: str, turn: TurnRef) -> ResetLink:
        return self._operate(_owner(profile, account_id), StartPasswordReset(turn=turn))

    def change_phone(self, profile: str, account_id: str, turn: TurnRef, *, phone: str) -> Account:
        return self._operate(_owner(profile, account_id), ChangePhone(turn=turn, phone=phone))


def _owner(profile: str, account_id: str) -> Viewer:
    """What cannot be an account's id is no account, to the idempotency key as to the headers."""
    return Viewer(profile, account_id if is_key(account_id) else None)
