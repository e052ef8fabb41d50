"""``kefu trainer``: export and import on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kefu.trainer import exchange
from kefu.trainer.bench import As, bench

app = typer.Typer(no_args_is_help=True, help="Take the training data out and bring them in.")


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
