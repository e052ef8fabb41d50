"""``kefu trainer …``, called as on a host."""

from __future__ import annotations

import json
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from kefu.cli import app

WANG = ("--as", "wang")


def run(*arguments: str, fails: bool = False) -> Result:
    done = CliRunner().invoke(app, ["trainer", *arguments])
    assert (done.exit_code != 0) == fails, f"{done.output}{done.exception}"
    return done


def told(*arguments: str) -> Any:
    """What a command says in JSON."""
    return json.loads(run(*arguments).stdout)
