"""The shopper's two tokens: a short-lived one for requests, a rotating one to come back with."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from kefu.channels.errors import SessionRefused

AUDIENCE = "kefu-shopper"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Session:
    """The conversation that a request may touch, and until when."""

    conversation_id: str
    profile: str
    expires_at: datetime


def sign(conversation_id: str, profile: str, key: bytes) -> str:
    body = {
        "aud": AUDIENCE,
        "sub": conversation_id,
        "profile": profile,
        "exp": datetime.now(UTC) + LIFETIME,
    }
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
    return Session(body["sub"], body["profile"], datetime.fromtimestamp(body["exp"], UTC))


def new_resume_token() -> str:
    return secrets.token_urlsafe(32)


def resume_hash(token: str) -> str:
    """What the database keeps of a resume token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
