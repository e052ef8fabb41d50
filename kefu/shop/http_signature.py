"""How a request to a shop's own service is signed: RFC 9421, HMAC-SHA256 under one shared key."""

from __future__ import annotations

import secrets
from typing import Any

import requests
from http_message_signatures.algorithms import (
    HMAC_SHA256,  # pyright: ignore[reportPrivateImportUsage] - public, only not marked so
)
from http_message_signatures.resolvers import MappingKeyResolver
from http_message_signatures.signatures import HTTPMessageSigner

KEY_ID = "kefu"
LABEL = "kefu"
TAG = "kefu-shop"
COVERED = ("@method", "@authority", "@path", "@query")
"""Always signed, together with the digest of the body."""

COVERED_IF_SENT = (
    "content-type",
    "kefu-profile",
    "kefu-account",
    "kefu-verified-orders",
    "idempotency-key",
)


class RequestSigner:
    """Signs prepared requests. Thread-safe."""

    def __init__(self, key: str) -> None:
        keys = {KEY_ID: key.encode()}
        self._signer: Any = HTTPMessageSigner(
            signature_algorithm=HMAC_SHA256,
            key_resolver=MappingKeyResolver(public_keys={}, private_keys=keys),
        )

    def sign(self, request: requests.PreparedRequest, body: bytes) -> None:
        """Add ``Content-Digest``, ``Signature-Input`` and ``Signature``, with a fresh nonce."""
        self._signer.sign(
            request,
            key_id=KEY_ID,
            label=LABEL,
            tag=TAG,
            nonce=secrets.token_urlsafe(18),
            covered_component_ids=(
                *COVERED,
                *(name for name in COVERED_IF_SENT if name in request.headers),
            ),
            body=body,
        )
