"""``kefu trainer …``: the workbench on the command line of the trainer's host."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from kefu.store.tables import EVERY_PROFILE
from kefu.trainer import committing, exchange, inbox, labelling, new_intents
from kefu.trainer.bench import As, AsJson, bench, print_json
from kefu.trainer.labelling import NEW_INTENT, Label
from kefu.trainer.new_intents import Kind, NewIntent

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Work on the training data; train, compare, promote and watch models.",
)

EVERYONE = frozenset({EVERY_PROFILE})
ItemIds = Annotated[list[int], typer.Argument(help="Numbers of items in the inbox.")]


@app.command("inbox")
def show_inbox(
    *,
    profile: Annotated[str | None, typer.Option(help="Only this brand's.")] = None,
    kind: Annotated[str | None, typer.Option(help="low_confidence, thumbs_down, …")] = None,
    q: Annotated[str, typer.Option("--search", help="Words to look for.")] = "",
    state: Annotated[str, typer.Option(help="open, labelled, skipped or committed")] = "open",
    page: int = 1,
    as_json: AsJson = False,
) -> None:
    """Take up what is new, then list messages worth a look, the hardest first."""
    with bench() as at:
        asyncio.run(at.workbench.collector.collect())
        wanted = inbox.Wanted(EVERYONE, profile, kind, q, state, None, page)
        found = at.database.read_now(partial(inbox.listing, wanted=wanted))
    if as_json:
        print_json(found)
        return
    for item in found["items"]:
        sure = f"{item['confidence']:.2f}" if item["confidence"] is not None else "-"
        read = f"{item['intent'] or '-'} {sure}"
        label = f" → {item['label']}" if item["label"] else ""
        line = f"{item['item_id']:>6}  {item['kind']:<16} {read:<28} ×{item['count']}  "
        typer.echo(f"{line}{item['text']}{label}")
    typer.echo(f"{found['total']} 条消息，{found['groups']} 组，共 {found['pages']} 页")


@app.command("item")
def show_item(item_id: Annotated[int, typer.Argument(help="Its number in the inbox.")]) -> None:
    """One message: tokens, ranking, the talk around it, what is alike."""
    with bench() as at:
        read = partial(inbox.details, item_id=item_id, profiles=EVERYONE, brands=at.profiles)
        found = at.database.read_now(read)
        near = at.workbench.data.current().near(found["text"], 0.2)[:3]
    found["neighbours"] = [{"text": one.plain, "intent": one.intent} for one, _ in near]
    print_json(found)


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
    by: As, show: Annotated[bool, typer.Option(help="Only show what would be written.")] = False
) -> None:
    """Write labelled messages into the training data."""
    with bench() as at:
        staff_id, author = at.staff(by).staff_id, at.author(by)
        items = at.database.read_now(
            partial(committing.ready, profiles=EVERYONE, brands=at.profiles, item_ids=None)
        )
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


@app.command("new-intent")
def make_intent(
    *,
    name: Annotated[str, typer.Argument(help="In snake case: trade_in.")],
    title: Annotated[str, typer.Argument(help="What it is called in Chinese.")],
    file: Annotated[str, typer.Argument(help="The topic's file: data/nlu/service.yml.")],
    utterances: Annotated[Path, typer.Argument(exists=True, help="A file, one on each line.")],
    by: As,
    text: Annotated[str, typer.Option(help="What the bot says.")] = "",
    article: Annotated[str, typer.Option(help="The help article that it quotes.")] = "",
    program: Annotated[bool, typer.Option(help="An engineer will write the answer.")] = False,
) -> None:
    """Make an intent, answered by --text, by --article, or else by a person."""
    with bench() as at:
        texts = tuple(utterances.read_text(encoding="utf-8").splitlines())
        kind: Kind = "program" if program else "handoff"
        kind = "text" if text else "article" if article else kind
        new = NewIntent(name, title, file, texts, kind, text, article)
        hand = f"trainer-{at.staff(by).staff_id}"
        saved = new_intents.create(at.workbench.data, new, at.author(by), hand=hand)
    typer.echo(f"已新建 {saved.commit}")
    for one in new_intents.for_engineers(new):
        typer.echo(f"请工程师做：{one}")


@app.command("rename")
def rename_intent(
    intent: Annotated[str, typer.Argument(help="Its name: invoice.")],
    title: Annotated[str, typer.Argument(help="What it is called in Chinese.")],
    by: As,
) -> None:
    """Give an intent another Chinese title."""
    with bench() as at:
        saved = new_intents.rename(at.workbench.data, intent, title, at.author(by))
    typer.echo(f"已提交 {saved.commit or '（没有变化）'}")


@app.command()
def check(
    text: Annotated[str | None, typer.Argument(help="One text; else the whole data.")] = None,
    intent: Annotated[str | None, typer.Option(help="Where the text would come.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look for duplicates, texts in two intents, mislabels, thin intents, word cuts, …"""
    with bench() as at:
        work = at.workbench
        found = work.check_all() if text is None else work.data.check(text, intent)
    if as_json:
        print_json([finding.as_json() for finding in found])
        return
    for one in found:
        place = " ".join(part for part in (one.file, one.intent) if part)
        typer.echo(f"{one.kind:<15} {place}  {one.text}  {one.hint}")
    typer.echo(f"共 {len(found)} 条提示")


@app.command("export")
def export_data(
    out: Annotated[Path, typer.Argument(help="The zip to write.")],
) -> None:
    """Write the training data as a zip in Rasa's own format."""
    with bench() as at:
        out.write_bytes(exchange.export(at.workbench.data))
    typer.echo(str(out))


@app.command("import")
def import_data(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    by: As,
    yes: Annotated[bool, typer.Option("--yes", help="Carry it out; else only show it.")] = False,
) -> None:
    """Show what a zip or YAML file would change; with --yes, commit it."""
    with bench() as at:
        content = file.read_bytes()
        shown = exchange.preview(at.workbench.data, content)
        for each in shown.files:
            typer.echo(each.diff)
        for finding in shown.findings:
            typer.echo(f"{finding.kind}  {finding.text}  {finding.hint}")
        typer.echo(f"{len(shown.files)} 个文件有变化，{shown.known} 条例句已有")
        if yes:
            saved = exchange.carry_out(at.workbench.data, content, shown.digest, at.author(by))
            typer.echo(f"已提交 {saved.commit or '（没有变化）'}")


@app.command()
def history(limit: int = 20, as_json: AsJson = False) -> None:
    """Who changed the training data, the newest first."""
    with bench() as at:
        found = at.workbench.data.history(limit)
    if as_json:
        print_json(found)
        return
    for each in found:
        summary = each["message"].splitlines()[0] if each["message"] else ""
        typer.echo(f"{each['commit'][:10]}  {each['at']}  {each['author']}  {summary}")


def _each(work: Any, item_ids: list[int], by: str) -> None:
    with bench() as at:
        staff_id = at.staff(by).staff_id
        at.database.write_now(
            partial(work, item_ids=item_ids, profiles=EVERYONE, staff_id=staff_id)
        )
    typer.echo(f"已处理 {len(item_ids)} 条")
