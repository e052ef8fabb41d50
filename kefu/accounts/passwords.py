"""Passwords, hashed with argon2id."""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from kefu.accounts.errors import PasswordWeak

SHORTEST = 10
# What is tried first: a password that holds one of these and little else is none.
_COMMON = (
    "password", "passw0rd", "qwerty", "asdfgh", "zxcvbn", "abc123", "iloveyou", "admin", "welcome",
    "letmein", "dragon", "monkey", "woaini", "5201314", "1314520", "123456", "654321", "111111",
    "000000", "888888", "666666", "112233", "123123", "kefu",
)  # fmt: skip
_LEFT_OVER = 6

_hasher = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """Verified when the name is unknown, so that an unknown name takes as long as a known one."""
    return _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def fits(password: str, password_hash: str | None) -> bool:
    try:
        fitting = _hasher.verify(password_hash or _nobodys_hash(), password)
    except VerificationError:
        return False
    return fitting and password_hash is not None


def new_password() -> str:
    """Sixteen characters that can be read aloud: no 0/O, no 1/l/I."""
    letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return "".join(secrets.choice(letters) for _ in range(16))


def check_strength(password: str, username: str) -> None:
    """Raises ``PasswordWeak`` for one that would soon be guessed."""
    left = password.lower()
    for word in (username.lower(), *_COMMON):
        left = left.replace(word, "")
    plain = password.isdigit() or len(left) < _LEFT_OVER or len(set(password)) < _LEFT_OVER
    if plain or len(password) < SHORTEST:
        raise PasswordWeak("too short, too plain, or made of a common word")
