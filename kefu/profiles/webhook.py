"""Where a brand's own server takes what is said to shoppers who write through it."""

from __future__ import annotations

import os
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from kefu.profiles.strict import Strict

SHORTEST_KEY = 32

_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


def _is_safe(url: str) -> str:
    """What is said in a talk travels over TLS, or does not leave this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("不是网址，应写成 https://shop.example.com/kefu") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("不是网址，应写成 https://shop.example.com/kefu")
    if parts.scheme == "http" and host not in _THIS_MACHINE:
        raise ValueError("必须是 https 地址，只有本机可以用 http")
    if parts.username or parts.password:
        raise ValueError("网址中不能写用户名和密码")
    if parts.fragment:
        raise ValueError("网址中不能有 # 及其后的部分")
    return url


class WebhookChannel(Strict):
    """``url`` takes signed POSTs; ``key_env`` names the variable with the key for both directions.

    ``give_up_hours``: how long an event is tried again that the server does not take.
    """

    url: Annotated[
        str,
        StringConstraints(max_length=500, pattern=r"^[\x21-\x7e]+$"),
        AfterValidator(_is_safe),
    ]
    key_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]{0,79}$")
    give_up_hours: int = Field(default=24, ge=1, le=168)

    def key(self) -> str | None:
        """The key; ``None`` where the variable is not set: the channel is off then."""
        return os.environ.get(self.key_env) or None
