"""``kefu trainer``: the inbox on the command line."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from kefu.engines.pool import EnginePool
from kefu.store.base import Document
from kefu.store.tables import EVERY_PROFILE
from kefu.trainer import committing, inbox, item_text, labelling
from kefu.trainer.bench import As, AsJson, Bench, bench, print_json
from kefu.trainer.labelling import NEW_INTENT, Label
from kefu.trainer.why import explanation

app = typer.Typer(no_args_is_help=True, help="Work through messages worth a look.")

EVERYONE = frozenset({EVERY_PROFILE})
ItemIds = Annotated[list[int], typer.Argument(help="Numbers of items in the inbox.")]


@app.command("inbox")
def show_inbox(
    *,
    profile: Annotated[str | None, typer.Option(help="Only this brand's.")] = None,
    kind: Annotated[str | None, typer.Option(help="low_confidence, thumbs_down, …")] = None,
    q: Annotated[str, typer.Option("--search", help="Words to look for.")] = "",
    state: Annotated[str, typer.Option(help="open, labelled, skipped or committed")] = "open",
    group: Annotated[int | None, typer.Option(help="Only messages alike, by --json.")] = None,
    page: int = 1,
    as_json: AsJson = False,
) -> None:
    """Take up what is new, then list messages worth a look, the hardest first."""
    with bench() as at:
        asyncio.run(at.workbench.collector.collect())
        wanted = inbox.Wanted(EVERYONE, profile, kind, q, state, group, page)
        found = at.database.read_now(partial(inbox.listing, wanted=wanted))
        counts = at.database.read_now(partial(inbox.counts, profiles=EVERYONE))
    if as_json:
        print_json({**found, "counts": counts})
        return
    for item in found["items"]:
        typer.echo(item_text.line(item))
    typer.echo(f"{found['total']} 条消息，{found['groups']} 组，共 {found['pages']} 页")
    waiting = "，".join(f"{kind} {count}" for kind, count in counts.items() if count)
    typer.echo(f"待处理：{waiting or '没有'}")


@app.command("item")
def show_item(
    item_id: Annotated[int, typer.Argument(help="Its number in the inbox.")],
    *,
    as_json: AsJson = False,
) -> None:
    """One message: ranking, tokens, why, the talk around it, what is alike, who did what."""
    with bench() as at:
        found = _details(at, item_id)
        found["explanation"] = asyncio.run(_why(at, found["text"]))
        titles = at.workbench.data.current().intents()
    if as_json:
        print_json(found)
        return
    typer.echo(item_text.told(found, titles.title))


@app.command("label")
def label_items(
    *,
    intent: Annotated[str, typer.Argument(help="An intent, out_of_scope or new_intent_needed.")],
    item_ids: ItemIds,
    by: As,
    hint: Annotated[str | None, typer.Option(help="What a new intent would be.")] = None,
    entity: Annotated[
        list[str] | None, typer.Option(help="A mark: 0-2:courier, of one message alone.")
    ] = None,
    replace: Annotated[bool, typer.Option(help="Also what a colleague has labelled.")] = False,
) -> None:
    """Say what messages mean."""
    with bench() as at:
        staff_id = at.staff(by).staff_id
        if intent != NEW_INTENT:
            at.workbench.data.require_intent(intent)
        marks = labelling.read_marks(entity or ())
        labelling.require_marks(marks, item_ids, at.workbench.data.entity_names())

        def work(session: Session) -> dict[str, Any]:
            given = Label(intent, hint, marks)
            return labelling.label(session, item_ids, EVERYONE, staff_id, given, replace=replace)

        done = at.database.write_now(work)
    typer.echo(f"已标注 {len(done['labelled'])} 条")
    for item in done["left"]:
        typer.echo(f"未改：{item['item_id']} 已由{item['labelled_by']}标注为 {item['label']}")


@app.command("skip")
def skip_items(item_ids: ItemIds, by: As) -> None:
    """Put messages aside."""
    _each(labelling.skip, item_ids, by)


@app.command("approve")
def approve_items(item_ids: ItemIds, by: As) -> None:
    """Confirm what a colleague has labelled."""
    _each(labelling.approve, item_ids, by)


@app.command("undo")
def undo_items(item_ids: ItemIds, by: As) -> None:
    """Take back the latest action on messages."""
    _each(labelling.undo, item_ids, by)


@app.command("commit")
def commit_items(
    by: As,
    item_ids: Annotated[list[int] | None, typer.Argument(help="Only these items.")] = None,
    *,
    show: Annotated[bool, typer.Option(help="Only show what would be written.")] = False,
) -> None:
    """Write labelled messages into the training data."""
    with bench() as at:
        staff_id, author = at.staff(by).staff_id, at.author(by)
        ready = partial(committing.ready, profiles=EVERYONE, brands=at.profiles)
        items = at.database.read_now(partial(ready, item_ids=item_ids or None))
        if show:
            print_json(committing.preview(at.workbench.data, items))
            return
        done = committing.write(at.workbench.data, items, author)

        def note(session: Session) -> None:
            labelling.committed(session, done.added, staff_id, done.commit)
            labelling.committed(session, done.known, staff_id, None, "known already")

        at.database.write_now(note)
    typer.echo(f"已写入 {len(done.added)} 条，已有 {len(done.known)} 条  {done.commit or ''}")
    for left in done.left_out:
        for finding in left["findings"]:
            typer.echo(f"未写入 {left['item_id']}：{finding['text']}  {finding['hint']}")


def _details(at: Bench, item_id: int) -> Document:
    """The item, and the others of its group in the same state."""

    def read(session: Session) -> Document:
        found = inbox.details(session, item_id, EVERYONE, at.profiles)
        alike = inbox.Wanted(EVERYONE, state=found["state"], group=found["group_id"])
        others = inbox.listing(session, alike)["items"]
        return {**found, "alike": [one for one in others if one["item_id"] != item_id]}

    return at.database.read_now(read)


async def _why(at: Bench, text: str) -> Document:
    engine = EnginePool.of(at.settings)
    try:
        return await explanation(engine, at.workbench.data, text)
    finally:
        await engine.close()


def _each(work: Any, item_ids: list[int], by: str) -> None:
    with bench() as at:
        staff_id = at.staff(by).staff_id
        at.database.write_now(
            partial(work, item_ids=item_ids, profiles=EVERYONE, staff_id=staff_id)
        )
    typer.echo(f"已处理 {len(item_ids)} 条")
