"""Who a shopper is: what the shop's own server signed, or a guest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import jwt

from kefu.channels.errors import IdentityRefused
from kefu.profiles import Profile

LEEWAY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Shopper:
    """``account_id`` is the shop's own; ``name`` is what an agent sees, if the shop says it."""

    account_id: str
    name: str | None = None


def check(token: str, profile: Profile) -> Shopper:
    """The shopper whom ``token`` names; raises ``IdentityRefused``.

    Key, algorithm, issuer and audience are the profile's: a token of one brand is worth nothing
    at another, and the token's own header chooses nothing.
    """
    identity = profile.identity
    key = identity.key() if identity else None
    if identity is None or not key:
        raise IdentityRefused(f"profile {profile.profile} has no identity key")
    try:
        claims = jwt.decode(
            token,
            key,
            algorithms=[identity.algorithm],
            audience=profile.profile,
            issuer=identity.issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "sub", "aud", "iss"]},
        )
    except jwt.PyJWTError as error:
        raise IdentityRefused(
            f"{type(error).__name__}: the shopper's token does not hold"
        ) from error
    account_id = claims["sub"]
    if not account_id or len(account_id) > 80:
        raise IdentityRefused("the subject is empty or too long")
    name = claims.get("name")
    return Shopper(account_id, name if isinstance(name, str) else None)
