"""Second factors after RFC 6238: six digits every half minute, each taken once."""

from __future__ import annotations

import base64
import hmac
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet
from pyotp.totp import TOTP

ISSUER = "Kefu"
# Clocks of phones are a little off: the code before and the one after are as good.
TOLERANCE = 1


class Seal:
    """Encrypts secrets that rest in the database; ``key`` has 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises ``cryptography.fernet.InvalidToken`` where another key has sealed it."""
        return self._fernet.decrypt(sealed.encode()).decode()


def new_secret() -> str:
    """160 bits, base32."""
    return pyotp.random_base32()


def uri_of(secret: str, username: str) -> str:
    """What an authenticator reads from a QR code."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """The time step that ``code`` belongs to, among those that count ``at``; ``None``: wrong."""
    totp = TOTP(secret)
    now = totp.timecode(at)
    steps = range(now - TOLERANCE, now + TOLERANCE + 1)
    # All are compared: how long it takes tells nothing.
    right = [step for step in steps if _same(totp.generate_otp(step), code)]
    return max(right, default=None)


def _same(right: str, code: str) -> bool:
    return hmac.compare_digest(right.encode(), code.strip().encode("utf-8", "surrogatepass"))
