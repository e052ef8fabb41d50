"""An e-mail as it arrives, reduced to what a ticket needs of it. Pure: bytes in, ``Letter`` out."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses

from inscriptis import get_text  # pyright: ignore[reportMissingTypeStubs]
from mailparser_reply import EmailReplyParser  # pyright: ignore[reportMissingTypeStubs]

from kefu.conversation.messages import tidy
from kefu.mail.errors import LetterUnreadable
from kefu.notices.addresses import Address, read_address
from kefu.shop.people import ContactChannel

LONGEST_TEXT = 4000
MOST_PICTURES = 10
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,300}>")
_RULE = re.compile(r"\n[-_—=\s]{3,}(?:原始邮件|original message)?[-_—=\s]*\Z", re.IGNORECASE)
# The parser's own rule for it never matches.
_WROTE = re.compile(r"\n[^\n]{0,200}写道[:：][ \t]*(?:\n|\Z).*\Z", re.DOTALL)
_ROBOTS = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)\b", re.I)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_REPLIES = EmailReplyParser(languages=["zh", "en"])


@dataclass(frozen=True, slots=True)
class Letter:
    """``key`` is the same for the same e-mail however often it arrives; ``message_id`` is empty
    where it has none. ``references``: the message ids of what it answers, newest last.

    ``text`` is what was newly written, without what it quotes. ``pictures`` are their files'
    bytes, ``files`` the names of what else is attached. ``automatic``: no person wrote it.
    """

    key: str
    message_id: str
    references: tuple[str, ...]
    sender: Address
    name: str
    subject: str
    text: str
    pictures: tuple[bytes, ...]
    files: tuple[str, ...]
    automatic: bool


def read_letter(raw: bytes) -> Letter:
    """The letter in these bytes (RFC 5322); raises ``LetterUnreadable``.

    Where several people are named as senders the first one counts.
    """
    try:
        message = BytesParser(policy=policy.default).parsebytes(raw)
        sender = _sender(message)
        pictures, files = _attachments(message)
        message_id = _first_id(_header(message, "Message-ID"))
        return Letter(
            key=hashlib.sha256(message_id.encode() if message_id else raw).hexdigest(),
            message_id=message_id,
            references=_references(message),
            sender=sender[1],
            name=sender[0],
            subject=tidy(_header(message, "Subject"))[:200],
            text=_text(message),
            pictures=pictures,
            files=files,
            automatic=_is_automatic(message, sender[1].value),
        )
    except (MessageError, ValueError, LookupError, AttributeError) as error:
        # The standard parser answers broken headers with any of these.
        raise LetterUnreadable(type(error).__name__) from error


def _sender(message: EmailMessage) -> tuple[str, Address]:
    for name, typed in getaddresses([_header(message, "From")]):
        address = read_address(typed)
        if address and address.channel is ContactChannel.EMAIL:
            return tidy(name)[:80], address
    raise LetterUnreadable("no sender's address")


def _header(message: EmailMessage, name: str) -> str:
    return str(message.get(name) or "")


def _first_id(text: str) -> str:
    found = _MESSAGE_ID.search(text)
    return found.group() if found else ""


def _references(message: EmailMessage) -> tuple[str, ...]:
    known = _MESSAGE_ID.findall(_header(message, "References"))
    known += _MESSAGE_ID.findall(_header(message, "In-Reply-To"))
    return tuple(dict.fromkeys(known))[-20:]


def _is_automatic(message: EmailMessage, sender: str) -> bool:
    """Answers to these would be answered in turn (RFC 3834)."""
    submitted = _header(message, "Auto-Submitted").strip().lower()
    return bool(
        (submitted and submitted != "no")
        or _header(message, "Precedence").strip().lower() in _BULK
        or message.get("List-Id")
        or message.get("X-Autoreply")
        or _header(message, "Return-Path").strip() == "<>"
        or message.get_content_type() == "multipart/report"
        or _ROBOTS.match(sender)
    )


def _text(message: EmailMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    content = str(body.get_content())
    if body.get_content_type() == "text/html":
        content = get_text(content)
    content = "\n" + tidy(content)
    written: str = _REPLIES.read(text=_WROTE.sub("", content)).latest_reply or ""
    said = _RULE.sub("", "\n" + written.strip()).strip() or content
    return tidy(said)[:LONGEST_TEXT].rstrip()


def _attachments(message: EmailMessage) -> tuple[tuple[bytes, ...], tuple[str, ...]]:
    """Pictures, also those that stand within the text, and the names of everything else."""
    pictures: list[bytes] = []
    files: list[str] = []
    for part in message.walk():
        if part.is_multipart() or not (
            part.get_filename() or part.get_content_maintype() == "image"
        ):
            continue
        content = part.get_payload(decode=True)
        if part.get_content_maintype() == "image" and len(pictures) < MOST_PICTURES:
            pictures.append(content if isinstance(content, bytes) else b"")
        else:
            files.append(tidy(part.get_filename() or part.get_content_type())[:120])
    return tuple(pictures), tuple(files)
