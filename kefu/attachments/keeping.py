"""Take a picture in, find its file, remove it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from kefu.attachments import rows
from kefu.attachments.errors import AttachmentNotFound
from kefu.attachments.files import PictureFiles, Size
from kefu.attachments.pictures import Picture, remake

# Each may take up to 500 MB for a moment.
AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture whose files are written."""

    attachment_id: str
    picture: Picture


class PictureKeeper:
    """Pictures are remade two at a time, each in a thread; the others wait outside of memory."""

    def __init__(self, files: PictureFiles) -> None:
        self._files = files
        self._pool = ThreadPoolExecutor(AT_ONCE, "kefu-pictures")
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def keep(self, profile: str, read: Callable[[], Awaitable[bytes]]) -> Kept:
        """Remake what ``read`` brings and write it; raises what ``remake`` does.

        Whoever calls adds the row. Files without one are swept.
        """
        async with self._slots:
            data = await read()
            loop = asyncio.get_running_loop()
            picture = await loop.run_in_executor(self._pool, remake, data)
        attachment_id = rows.new_id()
        await asyncio.to_thread(self._files.keep, profile, attachment_id, picture)
        return Kept(attachment_id, picture)

    async def file(self, profile: str, attachment_id: str, size: Size) -> Path:
        """Raises ``AttachmentNotFound`` where the file is gone."""
        path = self._files.path(profile, attachment_id, size)
        if not await asyncio.to_thread(path.is_file):
            raise AttachmentNotFound("the file is gone")
        return path

    async def remove(self, profile: str, attachment_id: str) -> None:
        """Remove the files of a picture that has no row any more."""
        await asyncio.to_thread(self._files.remove, profile, attachment_id)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
