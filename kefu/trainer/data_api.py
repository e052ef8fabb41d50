"""The training data over HTTP: look, change, check, history."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from kefu.channels.shopper import InRuntime
from kefu.trainer import answers, dictionary, files
from kefu.trainer.access import InTrainer, author_of
from kefu.trainer.corpus import NLU
from kefu.trainer.errors import FileUnknown
from kefu.trainer.word_cuts import DICTIONARY, ENTITIES
from kefu.trainer.workspace import Saved

router = APIRouter(prefix="/api/v1/trainer", tags=["trainer"])

LARGEST_FILE = 2 * 1024 * 1024

Text = Annotated[str, Field(min_length=1, max_length=500)]
Base = Annotated[str, Field(pattern=r"^[0-9a-f]{40,64}$")]
Path = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewUtterances(_Body):
    """``fictitious``: numbers in the texts are made up, and nobody's."""

    intent: str = Field(min_length=1, max_length=80)
    texts: list[Text] = Field(min_length=1, max_length=200)
    fictitious: bool = False


class UtterancePlace(_Body):
    """``base``: the file's blob when the trainer read it."""

    file: Path
    intent: str = Field(min_length=1, max_length=80)
    text: Text
    base: Base | None = None


class NewWording(UtterancePlace):
    new_text: Text
    fictitious: bool = False


class DictionaryChange(_Body):
    file: Path
    add: list[Text] = Field(default=[], max_length=200)
    remove: list[Text] = Field(default=[], max_length=200)


class ResponseChange(_Body):
    """``index`` without ``text`` removes a variant, ``text`` without ``index`` adds one."""

    name: str = Field(min_length=1, max_length=80)
    index: int | None = Field(default=None, ge=0)
    text: str | None = Field(default=None, min_length=1, max_length=2000)
    base: Base


class EntityChange(_Body):
    file: Path
    value: Text
    add: Text | None = None
    remove: Text | None = None


class WholeFile(_Body):
    """``base``: the blob that the text was made from; empty for a new file."""

    text: str = Field(max_length=LARGEST_FILE)
    base: Base | None = None


class Typed(_Body):
    text: str | None = Field(default=None, max_length=500)
    intent: str | None = Field(default=None, max_length=80)


class SavedChange(BaseModel):
    """``commit`` is empty where nothing had to change; ``bases``: the files' new blobs."""

    commit: str | None
    bases: dict[str, str]


class Findings(BaseModel):
    findings: list[dict[str, Any]]


@router.get("/intents")
async def intents(runtime: InRuntime, _member: InTrainer) -> list[dict[str, Any]]:
    """Every trained intent: title, initials, file, number of utterances, who wrote them."""
    return await asyncio.to_thread(runtime.workbench.data.intents)


@router.get("/utterances")
async def utterances(
    runtime: InRuntime,
    _member: InTrainer,
    intent: str | None = None,
    q: Annotated[str, Query(max_length=100)] = "",
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> dict[str, Any]:
    """A page of utterances, and the blobs of their files."""
    return await asyncio.to_thread(runtime.workbench.data.utterances.page, intent, q, page)


@router.post("/utterances", status_code=201)
async def add(body: NewUtterances, runtime: InRuntime, member: InTrainer) -> SavedChange:
    """New utterances of an intent; 422 ``data_refused`` says which would spoil the data."""
    hand = f"trainer-{member.staff.staff_id}"
    return await _saved(
        lambda: runtime.workbench.data.utterances.add(
            body.intent, body.texts, author_of(member), hand=hand, fictitious=body.fictitious
        )
    )


@router.put("/utterances")
async def change(body: NewWording, runtime: InRuntime, member: InTrainer) -> SavedChange:
    """Another wording; 409 ``edited_meanwhile`` where someone else has changed this one."""
    return await _saved(
        lambda: runtime.workbench.data.utterances.change(
            _place(body),
            body.new_text,
            author_of(member),
            base=body.base,
            fictitious=body.fictitious,
        )
    )


@router.delete("/utterances")
async def remove(body: UtterancePlace, runtime: InRuntime, member: InTrainer) -> SavedChange:
    """Without an utterance."""
    return await _saved(
        lambda: runtime.workbench.data.utterances.remove(
            _place(body), author_of(member), base=body.base
        )
    )


@router.get("/dictionary")
async def read_dictionary(runtime: InRuntime, _member: InTrainer) -> list[dict[str, Any]]:
    """The words that stay in one piece, by file."""
    return await asyncio.to_thread(runtime.workbench.data.dictionary)


@router.put("/dictionary")
async def change_dictionary(
    body: DictionaryChange, runtime: InRuntime, member: InTrainer
) -> SavedChange:
    """Add and remove words; what others do to the file meanwhile stays."""
    _require_in(body.file, DICTIONARY)
    words = [f"+{word}" for word in body.add] + [f"-{word}" for word in body.remove]
    message = f"词典：{'、'.join(words[:10])}"

    def edit(text: str) -> str:
        return dictionary.with_words(dictionary.without_words(text, body.remove), body.add)

    data = runtime.workbench.data
    return await _saved(lambda: data.files.edit(body.file, edit, message, author_of(member)))


@router.get("/responses")
async def read_responses(runtime: InRuntime, _member: InTrainer) -> dict[str, Any]:
    """What the bot says, by response, and the blob of ``domain.yml``."""
    return await asyncio.to_thread(runtime.workbench.data.responses)


@router.put("/responses")
async def change_response(
    body: ResponseChange, runtime: InRuntime, member: InTrainer
) -> SavedChange:
    """Change, add or remove one way to say something; 409 where the domain was edited since."""
    name, index, new = body.name, body.index, body.text

    def edit(text: str) -> str:
        if index is None:
            return answers.with_variant(text, name, new or "")
        if new is None:
            return answers.without_variant(text, name, index)
        return answers.with_response(text, name, index, new)

    data = runtime.workbench.data
    return await _saved(
        lambda: data.files.edit_at(
            files.DOMAIN, edit, f"话术：{name}", author_of(member), body.base
        )
    )


@router.get("/entities")
async def read_entities(runtime: InRuntime, _member: InTrainer) -> list[dict[str, Any]]:
    """The words of entities by file and value."""
    return await asyncio.to_thread(runtime.workbench.data.entities)


@router.put("/entities")
async def change_entities(body: EntityChange, runtime: InRuntime, member: InTrainer) -> SavedChange:
    """Add or remove one word of an entity's value."""
    _require_in(body.file, ENTITIES)

    def edit(text: str) -> str:
        if body.remove:
            text = answers.without_entity_word(text, body.value, body.remove)
        return answers.with_entity_word(text, body.value, body.add) if body.add else text

    data, message = runtime.workbench.data, f"实体词：{body.value}"
    return await _saved(lambda: data.files.edit(body.file, edit, message, author_of(member)))


@router.get("/files")
async def listing(runtime: InRuntime, _member: InTrainer) -> list[dict[str, Any]]:
    """The files of the training data; ``fixed`` ones can only be read."""
    return await asyncio.to_thread(runtime.workbench.data.files.listing)


@router.get("/files/{path:path}")
async def read_file(path: str, runtime: InRuntime, _member: InTrainer) -> dict[str, Any]:
    """A file's text and its blob."""
    return await asyncio.to_thread(runtime.workbench.data.files.read, path)


@router.put("/files/{path:path}")
async def put_file(
    path: str, body: WholeFile, runtime: InRuntime, member: InTrainer
) -> SavedChange:
    """A whole file; 409 ``edited_meanwhile`` shows what others made of it, and a merge."""
    data = runtime.workbench.data
    return await _saved(lambda: data.files.put(path, body.text, body.base, author_of(member)))


@router.post("/checks")
async def check(body: Typed, runtime: InRuntime, _member: InTrainer) -> Findings:
    """What is wrong with a text as it is typed, or with an intent."""
    data = runtime.workbench.data
    if body.text is not None:
        found = await asyncio.to_thread(data.check, body.text, body.intent)
    else:
        every = await asyncio.to_thread(runtime.workbench.check_all)
        found = [one for one in every if body.intent in (None, one.intent, one.other_intent)]
    return Findings(findings=[finding.as_json() for finding in found])


@router.get("/checks")
async def check_all(runtime: InRuntime, _member: InTrainer) -> Findings:
    """What is wrong with the whole data."""
    found = await asyncio.to_thread(runtime.workbench.check_all)
    return Findings(findings=[finding.as_json() for finding in found])


@router.get("/history")
async def history(
    runtime: InRuntime, _member: InTrainer, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> list[dict[str, Any]]:
    """Who changed what, the newest first."""
    return await asyncio.to_thread(runtime.workbench.data.history, limit)


async def _saved(save: Callable[[], Saved]) -> SavedChange:
    saved = await asyncio.to_thread(save)
    return SavedChange(commit=saved.commit, bases=saved.bases)


def _place(body: UtterancePlace) -> dict[str, str]:
    _require_in(body.file, NLU)
    return {"file": body.file, "intent": body.intent, "text": body.text}


def _require_in(name: str, folder: str) -> None:
    if not name.startswith(f"{folder}/"):
        raise FileUnknown(f"not in {folder}")
