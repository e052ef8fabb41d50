"""Passwords, hashed with argon2id."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

_hasher = PasswordHasher()
# Verified when the name is unknown, so that an unknown name takes as long as a known one.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    try:
        fitting = _hasher.verify(password_hash or _NOBODY, password)
    except VerificationError:
        return False
    return fitting and password_hash is not None


def new_password() -> str:
    """Sixteen characters that can be read aloud: no 0/O, no 1/l/I."""
    letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "".join(secrets.choice(letters) for _ in range(16))
