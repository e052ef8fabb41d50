"""``kefu trainer``: the training data on the command line, one change and one commit at a time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from kefu.trainer import answers, dictionary, files
from kefu.trainer.bench import As, AsJson, Bench, bench, print_json
from kefu.trainer.errors import FileUnknown
from kefu.trainer.workspace import Saved

app = typer.Typer(no_args_is_help=True, help="Change the training data.")

Intent = Annotated[str, typer.Argument(help="An intent's name.")]
File = Annotated[str, typer.Argument(help="A path in the project: data/dictionary/orders.txt.")]
Fictitious = Annotated[bool, typer.Option(help="Numbers in the texts are made up.")]


@app.command("intents")
def list_intents(*, as_json: AsJson = False) -> None:
    """Every intent with its title, file and number of utterances."""
    with bench() as at:
        found = at.workbench.data.intents()
    if as_json:
        print_json(found)
        return
    for one in found:
        line = f"{one['count']:>5}  {one['name']:<22} {one['title']}  {one['topic_file']}"
        typer.echo(line)


@app.command("utterances")
def list_utterances(
    intent: Annotated[str | None, typer.Argument(help="Only this intent's.")] = None,
    q: Annotated[str, typer.Option("--search", help="Words to look for.")] = "",
    page: int = 1,
) -> None:
    """Utterances as they stand in the files."""
    with bench() as at:
        found = at.workbench.data.utterances.page(intent, q, page)
    for one in found["utterances"]:
        typer.echo(f"{one['intent']:<22} {one['hand']:<12} {one['text']}")
    typer.echo(f"共 {found['total']} 条，{found['pages']} 页")


@app.command("add")
def add_utterances(
    intent: Intent,
    texts: Annotated[list[str], typer.Argument(help="Each an utterance.")],
    by: As,
    *,
    fictitious: Fictitious = False,
) -> None:
    """Add utterances to an intent."""
    with bench() as at:
        hand = f"trainer-{at.staff(by).staff_id}"
        data = at.workbench.data
        _say(data.utterances.add(intent, texts, at.author(by), hand=hand, fictitious=fictitious))


@app.command("change")
def change_utterance(
    intent: Intent, old: str, new: str, by: As, *, fictitious: Fictitious = False
) -> None:
    """Write an utterance in other words."""
    with bench() as at:
        data, place = at.workbench.data, _place(at, intent, old)
        _say(data.utterances.change(place, new, at.author(by), base=None, fictitious=fictitious))


@app.command("remove")
def remove_utterance(intent: Intent, text: str, by: As) -> None:
    """Take an utterance away."""
    with bench() as at:
        _say(
            at.workbench.data.utterances.remove(_place(at, intent, text), at.author(by), base=None)
        )


@app.command("words")
def change_words(
    file: File,
    by: Annotated[str, typer.Option("--as", help="User name; needed for a change.")] = "",
    add: Annotated[list[str] | None, typer.Option(help="A word to add.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="A word to take away.")] = None,
) -> None:
    """Show a dictionary file's words; --add and --remove change them."""
    files.require_shown(file)
    with bench() as at:
        if not (add or remove):
            typer.echo("\n".join(dictionary.words(at.workbench.data.workspace.read(file))))
            return
        signs = [f"+{word}" for word in add or ()] + [f"-{word}" for word in remove or ()]

        def edit(text: str) -> str:
            return dictionary.with_words(dictionary.without_words(text, remove or []), add or [])

        _edit(at, file, edit, f"词典：{'、'.join(signs[:10])}", by)


@app.command("entity")
def change_entity(
    file: File,
    value: Annotated[str, typer.Argument(help="What the words stand for.")],
    by: As,
    add: Annotated[str, typer.Option(help="A word to add.")] = "",
    remove: Annotated[str, typer.Option(help="A word to take away.")] = "",
) -> None:
    """Add or take away a word of an entity's value."""
    with bench() as at:

        def edit(text: str) -> str:
            text = answers.without_entity_word(text, value, remove) if remove else text
            return answers.with_entity_word(text, value, add) if add else text

        _edit(at, file, edit, f"实体词：{value}", by)


@app.command("response")
def change_response(
    name: Annotated[str, typer.Argument(help="utter_greet, …")],
    by: Annotated[str, typer.Option("--as", help="User name; needed for a change.")] = "",
    text: Annotated[str, typer.Option(help="The new text; without --index one more.")] = "",
    index: Annotated[int | None, typer.Option(min=0, help="Which of the texts, from 0.")] = None,
) -> None:
    """Show what the bot says under a name; --text changes it, --index alone takes one away."""
    with bench() as at:
        known = at.workbench.data.responses()["responses"]
        if name not in known:
            raise FileUnknown(f"no response {name}", title=f"没有名为 {name} 的话术。")
        if not text and index is None:
            for number, each in enumerate(known[name]):
                typer.echo(f"{number}  {each}")
            return

        def edit(domain: str) -> str:
            if index is None:
                return answers.with_variant(domain, name, text)
            if text:
                return answers.with_response(domain, name, index, text)
            return answers.without_variant(domain, name, index)

        _edit(at, files.DOMAIN, edit, f"话术：{name}", by)


@app.command("files")
def list_files() -> None:
    """The files of the training data."""
    with bench() as at:
        for one in at.workbench.data.files.listing():
            typer.echo(f"{one['path']}{'  （只能查看）' if one['fixed'] else ''}")


@app.command("show")
def show_file(
    file: File,
    *,
    base: Annotated[bool, typer.Option("--base", help="Its version instead.")] = False,
) -> None:
    """A file's text; or, for ``put``, the version that it is of."""
    with bench() as at:
        found = at.workbench.data.files.read(file)
        sys.stdout.write(f"{found['base']}\n" if base else found["text"])


@app.command("put")
def put_file(
    file: File,
    text: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The new text.")],
    by: As,
    base: Annotated[
        str | None, typer.Option(help="The version it was made from (show --base).")
    ] = None,
) -> None:
    """Save a whole file, or a new one; with --base only if nobody has changed it since."""
    with bench() as at:
        data = at.workbench.data
        there = data.present([file])
        base = base or (data.workspace.base(there[file]) if there else None)
        _say(data.files.put(file, text.read_text(encoding="utf-8"), base, at.author(by)))


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


def _place(at: Bench, intent: str, text: str) -> dict[str, str]:
    """Where the utterance stands."""
    found = (
        each.file
        for each in at.workbench.data.current().utterances()
        if (each.intent, each.text) == (intent, text)
    )
    file = next(found, None) or at.workbench.data.require_intent(intent)
    return {"file": file, "intent": intent, "text": text}


def _edit(at: Bench, file: str, edit: Callable[[str], str], message: str, by: str) -> None:
    _say(at.workbench.data.files.edit(file, edit, message, at.author(by)))


def _say(saved: Saved) -> None:
    typer.echo(f"已提交 {saved.commit or '（没有变化）'}")
