"""What requests to the shop's service have in common, and the problems that answer them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Header, Path, Query

from kefu.shop.model import Viewer

PROBLEM = "application/problem+json"


def signed(
    _input: Annotated[str, Header(alias="Signature-Input", description="RFC 9421")],
    _signature: Annotated[str, Header(alias="Signature", description="RFC 9421")],
    _digest: Annotated[
        str,
        Header(alias="Content-Digest", description="RFC 9530, SHA-256 of the body, if empty too"),
    ],
) -> None:
    """Checked before anything else is looked at, in ``Gate``."""


Profile = Annotated[
    str, Header(alias="Kefu-Profile", description="The brand, percent-encoded like all ids.")
]
AccountId = Annotated[
    str | None,
    Header(alias="Kefu-Account", description="Whom it is for; absent for a guest."),
]
Verified = Annotated[
    str | None,
    Header(
        alias="Kefu-Verified-Orders",
        description="Numbers of the orders that a guest has proved to own, separated by commas.",
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="The same key: done once. A string in quotes, as the IETF draft has it.",
    ),
]
Limit = Annotated[int, Query(ge=0, le=100)]
Number = Annotated[str, Path(max_length=64)]


def seen_by(profile: Profile, account: AccountId = None, orders: Verified = None) -> Viewer:
    numbers = frozenset(unquote(each) for each in orders.split(",")) if orders else frozenset[str]()
    return Viewer(unquote(profile), unquote(account) if account else None, numbers)


InViewer = Annotated[Viewer, Depends(seen_by)]


def problems(**codes: str) -> dict[int | str, dict[str, Any]]:
    """The problems of an endpoint, by status."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {int(status[1:]): {"description": codes[status], "content": content} for status in codes}


ALWAYS = problems(
    _400="`request_invalid`: not as described here.",
    _401="`signature_invalid`, `signature_replayed`: the request is not Kefu's.",
    _503="`shop_unavailable`: the shop's own systems do not answer.",
)
MISSING = problems(_404="`not_found`: there is no such thing for this viewer.")
WRITING = problems(
    _409="`rule_refused` with the `verdict`, or `shop_read_only`.",
    _422="`operation_conflict`: the key was used with other arguments.",
)
