from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kefu.channels.errors import IdentityRefused
from kefu.channels.identity import check
from kefu.profiles import Identity, Profile

SECRET = "a signing secret of the shop that is long enough for sha-384"
HS256 = Identity(algorithm="HS256", issuer="shop", key_env="TEST_SHOP_KEY")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SHOP_KEY", SECRET)


def profile(identity: Identity | None) -> Profile:
    return Profile(profile="demo", brand="店", greeting="您好", identity=identity)


def signed(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> str:
    exp = datetime.now(UTC) + timedelta(minutes=5)
    body = {"iss": "shop", "aud": "demo", "sub": "u0001", "exp": exp, **claims}
    return jwt.encode({k: v for k, v in body.items() if v is not None}, key, algorithm=algorithm)


def test_a_token_of_the_shop_names_the_shopper() -> None:
    shopper = check(signed(name="张三"), profile(HS256))
    assert (shopper.account_id, shopper.name) == ("u0001", "张三")


@pytest.mark.parametrize(
    "token",
    [
        signed("another secret of somebody else, long enough"),
        signed(aud="another"),
        signed(aud=None),
        signed(iss="another"),
        signed(iss=None),
        signed(exp=datetime(2020, 1, 1, tzinfo=UTC)),
        signed(exp=None),
        signed(nbf=datetime(2100, 1, 1, tzinfo=UTC)),
        signed(sub=None),
        signed(sub=""),
        signed(sub="u" * 81),
        signed("", algorithm="none"),
        signed(algorithm="HS384"),
        "",
        "nonsense",
    ],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(IdentityRefused):
        check(token, profile(HS256))


def test_clocks_may_differ_by_half_a_minute() -> None:
    def ago(seconds: int) -> datetime:
        return datetime.now(UTC) - timedelta(seconds=seconds)

    for fits in ({"exp": ago(20)}, {"nbf": ago(-20)}, {"iat": ago(-20)}):
        assert check(signed(**fits), profile(HS256)).account_id == "u0001"
    for off in ({"exp": ago(60)}, {"nbf": ago(-60)}, {"iat": ago(-60)}):
        with pytest.raises(IdentityRefused):
            check(signed(**off), profile(HS256))


def test_a_public_key_cannot_be_used_as_a_secret() -> None:
    private = generate_private_key(SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    es256 = Identity(algorithm="ES256", issuer="shop", public_key=public.decode())
    assert check(signed(private, "ES256"), profile(es256)).account_id == "u0001"
    header, body, _ = signed().split(".")
    with pytest.raises(IdentityRefused):
        check(f"{header}.{body}.AAAA", profile(es256))


def test_without_a_key_no_token_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    token = signed()
    monkeypatch.delenv("TEST_SHOP_KEY")
    for identity in (HS256, None):
        with pytest.raises(IdentityRefused):
            check(token, profile(identity))
