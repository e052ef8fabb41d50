"""All of ``kefu trainer``, loaded only when it is called."""

from __future__ import annotations

import typer

from kefu.trainer import data_cli, exchange_cli, inbox_cli, intents_cli, models_cli, runs_cli

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Work on the training data; train, compare, promote and watch models.",
)
for each in (inbox_cli, data_cli, intents_cli, exchange_cli, runs_cli, models_cli):
    app.add_typer(each.app)
