"""Export and import over HTTP."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Response, UploadFile

from kefu.channels.shopper import InRuntime
from kefu.trainer import exchange
from kefu.trainer.access import InTrainer, author_of
from kefu.trainer.errors import ImportInvalid

router = APIRouter(prefix="/api/v1/trainer", tags=["trainer"])


@router.get("/export", response_class=Response)
async def export(runtime: InRuntime, _member: InTrainer, file: str | None = None) -> Response:
    """A zip of the training data in Rasa's format, or one ``file`` of it."""
    data = runtime.workbench.data
    if file is None:
        content = await asyncio.to_thread(exchange.export, data)
        return _download(content, "application/zip", "kefu-training-data.zip")
    content = await asyncio.to_thread(exchange.export_file, data, file)
    return _download(content, "application/yaml", file.rsplit("/", 1)[-1])


@router.post("/import")
async def bring_in(
    runtime: InRuntime,
    member: InTrainer,
    file: Annotated[UploadFile, File()],
    digest: Annotated[str | None, Form(max_length=64)] = None,
) -> dict[str, Any]:
    """Show what a zip or YAML file would change; with the ``digest`` shown, carry it out."""
    content = await file.read(exchange.LARGEST_ARCHIVE + 1)
    if len(content) > exchange.LARGEST_ARCHIVE:
        raise ImportInvalid("too large")
    data = runtime.workbench.data
    if digest is None:
        shown = await asyncio.to_thread(exchange.preview, data, content)
        return shown.as_json()
    saved = await asyncio.to_thread(exchange.carry_out, data, content, digest, author_of(member))
    return {"commit": saved.commit, "bases": saved.bases}


def _download(content: bytes, kind: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=kind, headers=headers)
