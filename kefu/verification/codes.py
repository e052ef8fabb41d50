"""The codes themselves: six digits that derive from what they are for, and keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

DIGITS = 6
LIFETIME = timedelta(minutes=5)
TRIES = 5
RESEND_PAUSE = timedelta(seconds=60)


def verify_id(cause: str) -> str:
    """The id of the verification that ``cause`` (a turn's command) brings about."""
    return hashlib.sha256(f"verify\n{cause}".encode()).hexdigest()[:32]


def make(key: bytes, verify_id: str, sends: int) -> str:
    """The code of this send; the same arguments give the same code."""
    digest = hmac.digest(key, f"code\n{verify_id}\n{sends}".encode(), "sha256")
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}d}"


def hash_code(key: bytes, verify_id: str, sends: int, code: str) -> str:
    """What the database keeps (hex)."""
    return _keyed(key, f"hash\n{verify_id}\n{sends}\n{code}")


def fits(key: bytes, verify_id: str, sends: int, code: str, code_hash: str | None) -> bool:
    """Whether ``code`` is the one that was hashed; takes the same time either way."""
    mine = hash_code(key, verify_id, sends, code)
    return hmac.compare_digest(mine, code_hash or "")


def login_key(key: bytes, profile: str, login: str) -> str:
    """Against whom a send counts: one key for one login, however it was typed."""
    return _keyed(key, f"login\n{profile}\n{login}")


def address_key(key: bytes, address: str) -> str | None:
    """Against which network address a send counts; an IPv6 customer's whole /64 is one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address):
        mapped = parsed.ipv4_mapped
        parsed = mapped or ip_network(f"{parsed}/64", strict=False).network_address
    return _keyed(key, f"address\n{parsed}")


def user_key(key: bytes, profile: str, user_id: str) -> str:
    """Against whom a send counts that comes through a shop's server, whose address says nothing."""
    return _keyed(key, f"user\n{profile}\n{user_id}")


def notice_id(verify_id: str, sends: int) -> str:
    """The id under which the code is put into the shop's outbox, once."""
    return hashlib.sha256(f"notice\n{verify_id}\n{sends}".encode()).hexdigest()


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()
