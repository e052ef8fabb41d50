"""What every part of the HTTP gateway shares: the transport, the viewer's headers, the policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from kefu.shop.http_answers import adapter, find_value, read_nothing, read_value
from kefu.shop.http_requests import OperationRequest
from kefu.shop.http_transport import Call, HttpTransport
from kefu.shop.model import Viewer
from kefu.shop.policy import ShopPolicy
from kefu.shop.queries import is_key

Value = TypeVar("Value")
Query = Sequence[tuple[str, str | int]]


class HttpDoor:
    """The base of the parts that make up ``HttpGateway``; each holds the methods of one door."""

    def __init__(
        self, transport: HttpTransport, policies: Mapping[str, ShopPolicy] | None = None
    ) -> None:
        self._transport = transport
        self._policies = dict(policies or {})

    def close(self) -> None:
        self._transport.close()

    def _policy(self, profile: str) -> ShopPolicy:
        return self._policies.get(profile) or ShopPolicy()

    def _find(
        self, kind: type[Value], viewer: Viewer, *path: str, query: Query = ()
    ) -> Value | None:
        """What is at ``/v1/<path>``; ``None`` if there is no such thing, or cannot be."""
        if not all(is_segment(each) for each in path):
            return None
        at = "/v1/" + "/".join(quote(each, safe="") for each in path)
        call = Call("GET", at, headers_of(viewer), _texts(query))
        return find_value(kind, self._transport.send(call), call.name)

    def _list(
        self, kind: type[Value], viewer: Viewer, *path: str, query: Query = ()
    ) -> tuple[Value, ...]:
        """All that is at ``/v1/<path>``; nothing of what does not exist."""
        many: Any = tuple[kind, ...]
        return self._find(many, viewer, *path, query=query) or ()

    def _knock(self, path: str) -> None:
        """Ask for what has no answer but that it was served."""
        call = Call("GET", path)
        read_nothing(self._transport.send(call), call.name)

    def _search(self, kind: type[Value], viewer: Viewer, path: str, asked: object) -> Value | None:
        """A read by POST: what a person typed belongs into no address and so into no access log."""
        call = Call("POST", path, headers_of(viewer), body=to_json(asked))
        return find_value(kind, self._transport.send(call), call.name)

    def _operate(self, viewer: Viewer, asked: OperationRequest) -> Any:
        """Have it done once; the operation's ``RESULT``."""
        path = f"/v1/operations/{asked.NAME}"
        return self._post(asked.RESULT, viewer, path, asked, asked.idempotency_key(viewer))

    def _post(
        self, kind: type[Value], viewer: Viewer, path: str, asked: object, idempotency_key: str
    ) -> Value:
        call = _write(viewer, path, asked, idempotency_key)
        return read_value(kind, self._transport.send(call), call.name)

    def _tell(self, viewer: Viewer, path: str, asked: object, idempotency_key: str) -> None:
        """Like ``_post``, where there is nothing to answer."""
        call = _write(viewer, path, asked, idempotency_key)
        read_nothing(self._transport.send(call), call.name)


def headers_of(viewer: Viewer) -> dict[str, str]:
    """For whom the shop is asked, percent-encoded; what cannot be an id or a number stays out."""
    headers: dict[str, str] = {}
    if is_key(viewer.profile):
        headers["Kefu-Profile"] = quote(viewer.profile, safe="")
    if viewer.account_id is not None and is_key(viewer.account_id):
        headers["Kefu-Account"] = quote(viewer.account_id, safe="")
    proved = [quote(each, safe="") for each in sorted(viewer.verified_orders) if is_key(each)]
    if proved:
        headers["Kefu-Verified-Orders"] = ",".join(proved)
    return headers


def is_segment(text: str) -> bool:
    """Whether ``text`` can be a part of a path: no server and no proxy may read it as several."""
    return is_key(text) and "/" not in text and "\\" not in text and text.strip(".") != ""


def to_json(asked: object) -> bytes:
    return adapter(type(asked)).dump_json(asked)


def _write(viewer: Viewer, path: str, asked: object, idempotency_key: str) -> Call:
    headers = headers_of(viewer) | {"Idempotency-Key": idempotency_key}
    return Call("POST", path, headers, body=to_json(asked))


def _texts(query: Query) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(value)) for name, value in query)
