"""Accounts, how they are reached and what their owners do with them, on SQL."""

from __future__ import annotations

from kefu.shop import accounts, contacts
from kefu.shop.model import Account, TurnRef, Viewer
from kefu.shop.people import Contact, ContactChannel, Membership, ResetLink
from kefu.shop.sql_door import SqlDoor


class SqlAccounts(SqlDoor):
    """The ``Accounts`` of the bundled shop."""

    def membership(self, viewer: Viewer) -> Membership | None:
        policy = self._policy(viewer.profile)
        with self._reading() as session:
            return accounts.find_membership(session, viewer, policy)

    def contacts(self, profile: str, account_id: str) -> tuple[Contact, ...]:
        with self._reading() as session:
            return contacts.list_contacts(session, profile, account_id)

    def find_contact(self, profile: str, login: str) -> Contact | None:
        with self._reading() as session:
            return contacts.find_contact(session, profile, login)

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
        self._write(
            lambda session: contacts.send_notice(
                session,
                profile,
                account_id,
                notice_id=notice_id,
                kind=kind,
                channel=channel,
                payload=payload,
            )
        )

    def unlock_account(self, profile: str, account_id: str, turn: TurnRef) -> Account:
        return self._write(
            lambda session: accounts.unlock_account(session, profile, account_id, turn)
        )

    def start_password_reset(self, profile: str, account_id: str, turn: TurnRef) -> ResetLink:
        policy = self._policy(profile)
        return self._write(
            lambda session: accounts.start_password_reset(
                session, profile, account_id, turn, policy
            )
        )

    def change_phone(self, profile: str, account_id: str, turn: TurnRef, *, phone: str) -> Account:
        return self._write(
            lambda session: accounts.change_phone(session, profile, account_id, turn, phone)
        )
