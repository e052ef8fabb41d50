"""Requests that a shop's server has signed: nothing of them counts before the signature fits."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import IO, Annotated, Any

from fastapi import Depends, Path, Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from kefu.attachments.errors import PictureTooLarge, UploadTooSlow
from kefu.channels.attachments import UPLOAD_SECONDS, form_in
from kefu.channels.callers import address_of
from kefu.channels.shopper import InRuntime
from kefu.channels.webhook.errors import ChannelOff
from kefu.profiles import Profile
from kefu.runtime import Runtime
from kefu.signatures import Check

IN_MEMORY = 1024 * 1024
CHUNK = 64 * 1024

Name = Annotated[str, Path(max_length=40)]


async def sender_of(profile: Name, request: Request, runtime: InRuntime) -> Profile:
    """The profile whose server has signed this body.

    Raises ``TooManyRequests``, ``ProfileNotFound``, ``ChannelOff``, ``TimestampRefused``,
    ``SignatureRefused``.
    """
    found, check = await _expected(profile, request, runtime)
    check.update(await request.body())
    check.finish()
    return found


Sender = Annotated[Profile, Depends(sender_of)]


@asynccontextmanager
async def signed_form(
    profile: str, request: Request, runtime: Runtime
) -> AsyncGenerator[tuple[Profile, FormData, UploadFile]]:
    """The profile whose server has signed this form, and the form with its file.

    The body lies on disk until its signature is known to fit. Raises what ``sender_of`` and
    ``form_in`` do.
    """
    found, check = await _expected(profile, request, runtime)
    with tempfile.SpooledTemporaryFile[bytes](max_size=IN_MEMORY) as body:
        await _receive(request, check, body)
        check.finish()
        body.seek(0)

        async def replay() -> dict[str, Any]:
            chunk = await asyncio.to_thread(body.read, CHUNK)
            return {"type": "http.request", "body": chunk, "more_body": bool(chunk)}

        async with form_in(Request(request.scope, replay)) as (form, file):
            yield found, form, file


async def _expected(name: str, request: Request, runtime: Runtime) -> tuple[Profile, Check]:
    await runtime.limits.webhook(address_of(request))
    profile = runtime.profiles[name]
    channel = profile.webhook_channel
    key = channel.key() if channel else None
    if key is None:
        raise ChannelOff("no webhook_channel, or no key in the variable that it names")
    return profile, Check(key.encode(), request.headers, time.time())


async def _receive(request: Request, check: Check, body: IO[bytes]) -> None:
    try:
        async with asyncio.timeout(UPLOAD_SECONDS):
            async for chunk in request.stream():
                check.update(chunk)
                await asyncio.to_thread(body.write, chunk)
    except TimeoutError as error:
        raise UploadTooSlow(f"not within {UPLOAD_SECONDS} s") from error
    except HTTPException as error:
        raise PictureTooLarge("the body is over the limit") from error
