"""A mailbox on an IMAP server (RFC 9051), read by UID so that nothing is read twice or left out."""

from __future__ import annotations

import imaplib
import os
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from imap_tools import (
    BaseMailBox,
    MailBox,
    MailBoxStartTls,
    MailBoxUnencrypted,
    MailMessage,
    MailMessageFlags,
)
from imap_tools.errors import ImapToolsError

from kefu.mail.errors import MailboxInvalid, MailboxUnreachable

TIMEOUT = 20.0
LARGEST = 25 * 1024 * 1024
AT_ONCE = 20
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a mailbox is: ``imaps://user:password@host:993/INBOX``, or ``imap://`` with STARTTLS.

    A password is only ever sent over TLS, or to this machine.
    """

    host: str
    port: int
    tls: bool
    user: str
    password: str = field(repr=False)
    folder: str

    @classmethod
    def from_url(cls, url: str) -> Place:
        """Raises ``MailboxInvalid``."""
        parts = urlsplit(url)
        if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
            raise MailboxInvalid("a mailbox is imaps://user:password@host/INBOX")
        tls = parts.scheme == "imaps"
        return cls(
            host=parts.hostname,
            port=parts.port or (993 if tls else 143),
            tls=tls,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")) or "INBOX",
        )

    @classmethod
    def from_variable(cls, name: str) -> Place | None:
        """The place that an environment variable names; ``None`` where it is not set."""
        url = os.environ.get(name)
        return cls.from_url(url) if url else None


@dataclass(frozen=True, slots=True)
class Arrived:
    """``raw`` is empty for an e-mail over ``LARGEST`` bytes, of which ``headers`` are all."""

    uid: int
    raw: bytes
    headers: bytes


class _RawMessage(MailMessage):
    """Keeps the bytes as they came: what the library makes of them may differ."""

    def __init__(self, fetch_data: list[Any]) -> None:
        super().__init__(fetch_data)  # pyright: ignore[reportUnknownMemberType]
        parts = cast("tuple[bytes, ...]", self._get_message_data_parts(fetch_data))  # pyright: ignore[reportUnknownMemberType]
        self.raw: bytes = parts[0]


class OpenMailbox:
    """A folder that is selected. Everything blocks: call it in a thread."""

    def __init__(self, box: BaseMailBox, folder: str) -> None:
        self._box = box
        self._box.email_message_class = _RawMessage
        self.uid_validity = int(box.folder.status(folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def after(self, uid: int) -> list[Arrived]:
        """The next e-mails with a higher UID, oldest first, ``AT_ONCE`` at most."""
        # «n:*» always holds the newest one, though its UID be lower.
        found = sorted(int(each) for each in self._box.uids(f"UID {uid + 1}:*") if int(each) > uid)
        return [self._fetch(each) for each in found[:AT_ONCE]]

    def mark_seen(self, uid: int) -> None:
        self._box.flag(str(uid), MailMessageFlags.SEEN, True)  # pyright: ignore[reportUnknownMemberType]

    def _fetch(self, uid: int) -> Arrived:
        head = self._message(uid, headers_only=True)
        large = head.size_rfc822 > LARGEST
        raw = b"" if large else self._message(uid, headers_only=False).raw
        return Arrived(uid, raw, head.raw)

    def _message(self, uid: int, *, headers_only: bool) -> _RawMessage:
        found = self._box.fetch(f"UID {uid}", mark_seen=False, headers_only=headers_only)
        message = next(iter(found), None)
        if not isinstance(message, _RawMessage):
            raise MailboxUnreachable("an e-mail vanished while it was read")
        return message


@contextmanager
def open_mailbox(place: Place) -> Generator[OpenMailbox]:
    """Connect and sign in; raises ``MailboxUnreachable``, also for what fails within."""
    try:
        box = _connected(place)
        try:
            box.login(place.user, place.password, place.folder)
            yield OpenMailbox(box, place.folder)
        except BaseException:
            with suppress(OSError):
                box.client.shutdown()
            raise
        box.logout()  # pyright: ignore[reportUnknownMemberType]
    except (OSError, ImapToolsError, imaplib.IMAP4.error) as error:
        # Its text may quote the user's name.
        raise MailboxUnreachable(type(error).__name__) from None


def _connected(place: Place) -> BaseMailBox:
    context = ssl.create_default_context()
    if place.tls:
        return MailBox(place.host, place.port, timeout=TIMEOUT, ssl_context=context)
    if place.host in _LOOPBACK:
        return MailBoxUnencrypted(place.host, place.port, timeout=TIMEOUT)
    return MailBoxStartTls(place.host, place.port, timeout=TIMEOUT, ssl_context=context)
