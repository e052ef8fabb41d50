"""A shop's server as the one that takes events."""

from __future__ import annotations

import asyncio
import json
import time

import httpx

from kefu.channels.webhook.errors import EventNotTaken
from kefu.signatures import signature
from kefu.store.base import Document

TIMEOUT = 10.0
LONGEST_ANSWER = 64 * 1024


class Receiver:
    """Sends signed POSTs; TLS certificates are checked, redirects and proxies not followed.

    An exchange takes ``timeout`` seconds at most, from the connection to the answer's end.
    """

    def __init__(self, url: str, key: str, *, at_once: int, timeout: float = TIMEOUT) -> None:
        self._url = url
        self._key = key.encode()
        self._timeout = timeout
        self._client = httpx.AsyncClient(
            timeout=timeout,
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once),
        )

    async def send(self, envelope: Document) -> None:
        """Raises ``EventNotTaken`` unless the answer is a 2xx."""
        body = json.dumps(envelope, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": envelope["event_id"],
            **signature(self._key, body, int(time.time())),
        }
        try:
            async with asyncio.timeout(self._timeout):
                status = await self._post(body, headers)
        except TimeoutError:
            raise EventNotTaken(f"no answer within {self._timeout:g} s") from None
        except (httpx.HTTPError, OSError) as error:
            raise EventNotTaken(f"no answer: {type(error).__name__}") from None
        if not 200 <= status < 300:
            raise EventNotTaken(f"answered with {status}")

    async def close(self) -> None:
        await self._client.aclose()

    async def _post(self, body: bytes, headers: dict[str, str]) -> int:
        request = self._client.stream("POST", self._url, content=body, headers=headers)
        async with request as response:
            read = 0
            # Read to its end, so that the connection can be used again; but not for ever.
            async for chunk in response.aiter_raw():
                read += len(chunk)
                if read > LONGEST_ANSWER:
                    break
            return response.status_code
