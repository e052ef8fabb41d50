"""``kefu trainer``: new intents, titles and checks on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kefu.trainer import new_intents
from kefu.trainer.bench import As, AsJson, bench, print_json
from kefu.trainer.new_intents import Kind, NewIntent

app = typer.Typer(no_args_is_help=True, help="Make and name intents; check the training data.")


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
    intent: Annotated[
        str | None, typer.Option(help="Where the text would come; alone: only its.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look for duplicates, texts in two intents, mislabels, thin intents, word cuts, …"""
    with bench() as at:
        work = at.workbench
        if text is not None:
            found = work.data.check(text, intent)
        else:
            found = [f for f in work.check_all() if intent in (None, f.intent, f.other_intent)]
    if as_json:
        print_json([finding.as_json() for finding in found])
        return
    for one in found:
        place = " ".join(part for part in (one.file, one.intent) if part)
        typer.echo(f"{one.kind:<15} {place}  {one.text}  {one.hint}")
    typer.echo(f"共 {len(found)} 条提示")
