"""The shopper's two tokens: a short-lived one for requests, a rotating one to come back with."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from kefu.channels.errors import SessionRefused

AUDIENCE = "kefu-shopper"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """The conversation that a request may touch, and until when.

    ``shopper`` stands for the account across its conversations; a guest has none.
    """

    conversation_id: str
    profile: str
    expires_at: datetime
    shopper: str | None = None


def sign(conversation_id: str, profile: str, key: bytes, account_id: str | None = None) -> str:
    body = {
        "aud": AUDIENCE,
        "sub": conversation_id,
        "profile": profile,
        "exp": datetime.now(UTC) + LIFETIME,
    }
    if account_id is not None:
        body["shopper"] = hmac.digest(key, f"{profile} {account_id}".encode(), "sha256").hex()[:32]
    return jwt.encode(body, key, algorithm="HS256")


def verify(token: str, key: bytes) -> Session:
    """Raises ``SessionRefused``."""
    try:
        body = jwt.decode(
            token,
            key,
            algorithms=["HS256"],
            audience=AUDIENCE,
            options={"require": ["exp", "sub", "aud", "profile"]},
        )
    except jwt.PyJWTError as error:
        raise SessionRefused(type(error).__name__) from error
    expires_at = datetime.fromtimestamp(body["exp"], UTC)
    return Session(body["sub"], body["profile"], expires_at, body.get("shopper"))


def new_resume_token() -> str:
    return secrets.token_urlsafe(32)


def resume_hash(token: str) -> str:
    """What the database keeps of a resume token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
