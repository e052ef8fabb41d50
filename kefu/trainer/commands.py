"""All of ``kefu trainer``, loaded only when it is called."""

from __future__ import annotations

from kefu.trainer import data_cli, runs_cli
from kefu.trainer.cli import app

__all__ = ["app"]

app.add_typer(data_cli.app)
app.add_typer(runs_cli.app)
