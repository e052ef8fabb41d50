"""The ways out: an SMTP server, an SMS service, the shop's webhook, the demo's mailbox."""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import httpx

from kefu.notices.errors import NoticeNotSent, TransportInvalid
from kefu.signatures import signature

TIMEOUT = 8.0

_LATER = {408, 425, 429}


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice on its way to one address; ``to`` is empty where the shop itself is told.

    ``reply_to``: where answers by e-mail are read, if they are. ``variables`` may hold the thread
    (``in_reply_to``, ``references``, ``mail_subject``) that an e-mail goes on.
    """

    notice_id: str
    profile: str
    kind: str
    channel: str | None
    to: str | None
    subject: str
    text: str
    variables: Mapping[str, object] = field(default_factory=dict[str, object])
    reply_to: str | None = None


class Transport(Protocol):
    """Raises ``NoticeNotSent``."""

    def send(self, letter: Letter) -> None: ...


class Mail:
    """``smtp://user:password@host:587/?from=…`` (STARTTLS where the server has it) or ``smtps://``.

    A password is only ever sent over TLS, or to this machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        sender = parse_qs(parts.query).get("from", [""])[0]
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or "@" not in sender:
            raise TransportInvalid("KEFU_SMTP_URL must be smtp(s)://host:port/?from=address")
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, letter: Letter) -> None:
        try:
            message = self._compose(letter)
        except ValueError as error:
            raise NoticeNotSent("the address cannot be written to", for_good=True) from error
        try:
            with self._connect() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            raise NoticeNotSent(
                f"the recipient was refused with {codes}", for_good=all(c >= 500 for c in codes)
            ) from None
        except (OSError, smtplib.SMTPException) as error:
            # Its text may quote the address.
            raise NoticeNotSent(f"the mail server failed: {type(error).__name__}") from None

    def _compose(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = letter.to or ""
        message["Subject"] = letter.subject
        message["Date"] = datetime.now(UTC)
        # The same notice sent twice is the same message to whoever filters doubles.
        message["Message-ID"] = f"<{letter.notice_id}@{self._sender.rpartition('@')[2]}>"
        message["X-Kefu-Notice-Id"] = letter.notice_id
        message["Auto-Submitted"] = "auto-generated"
        if letter.reply_to:
            message["Reply-To"] = letter.reply_to
        _go_on(message, letter.variables)
        message.set_content(letter.text)
        return message

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self._user and self._host not in {"127.0.0.1", "::1", "localhost"}:
                server.close()
                raise NoticeNotSent("the mail server offers no TLS for the password")
        if self._user:
            server.login(self._user, self._password)
        return server


def _go_on(message: EmailMessage, variables: Mapping[str, object]) -> None:
    """Put an e-mail into the thread of the one that it answers."""
    answered = str(variables.get("in_reply_to") or "")
    if not answered:
        return
    message["In-Reply-To"] = answered
    message["References"] = str(variables.get("references") or answered)
    subject = str(variables.get("mail_subject") or "")
    if subject:
        known = subject.lower().startswith(("re:", "回复:", "回复：", "答复:", "答复："))
        message.replace_header("Subject", subject if known else f"Re: {subject}")


class Post:
    """A signed POST of JSON: the SMS service and the shop's webhook take the same."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or not key:
            raise TransportInvalid("a URL and a key are needed for SMS and webhook")
        self._url = url
        self._key = key.encode()
        self._client = httpx.Client(timeout=TIMEOUT, follow_redirects=False)

    def send(self, letter: Letter) -> None:
        body = json.dumps(
            {
                "notice_id": letter.notice_id,
                "profile": letter.profile,
                "kind": letter.kind,
                "channel": letter.channel,
                "to": letter.to,
                "text": letter.text,
                "variables": dict(letter.variables),
            },
            ensure_ascii=False,
        ).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": letter.notice_id,
            **signature(self._key, body, int(time.time())),
        }
        try:
            status = self._client.post(self._url, content=body, headers=headers).status_code
        except httpx.HTTPError as error:
            raise NoticeNotSent(f"no answer: {type(error).__name__}") from None
        if status >= 300:
            for_good = 400 <= status < 500 and status not in _LATER
            raise NoticeNotSent(f"answered with {status}", for_good=for_good)


class DemoMailbox:
    """A file that only its owner may read: who tries the demo finds the codes there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, letter: Letter) -> None:
        at = datetime.now(UTC).astimezone().isoformat(timespec="seconds")
        line = f"{at} {letter.channel or '-'} {letter.to or '-'} {letter.text}\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8") as file:
            file.write(line.replace("\n", " ").rstrip() + "\n")
