"""The command line: ``python -m kefu COMMAND``."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

import kefu.shop
import kefu.store
from kefu import logs
from kefu.accounts import create_admin_once, reset_admin_password
from kefu.app import serve as serve_app
from kefu.engine_process import (
    PROJECT_DIR,
    developer_environment,
    engine_command,
    engine_environment,
    run_engine,
    train_if_changed,
)
from kefu.errors import KefuError
from kefu.ports import require_free
from kefu.settings import Settings
from kefu.shop import demo
from kefu.supervisor import Program, Supervisor

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
nlu = typer.Typer(no_args_is_help=True, help="Judge and question the trained model.")
app.add_typer(nlu, name="nlu")

PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def up() -> None:
    """Migrate, seed and train what is missing, then run everything until Ctrl-C."""
    settings = Settings()
    logs.configure()
    with errors_as_sentences():
        check_ports(settings)
        settings.home.mkdir(parents=True, exist_ok=True)
        with step("Migrating the databases"):
            migrate_all(settings)
        if settings.demo:
            with step("Seeding the demo shop"):
                demo.seed(settings.shop_database, datetime.now(UTC))
        with step("Training the model (only if its inputs changed)"):
            model = train_if_changed(settings)
        password = create_admin_once(settings)
        asyncio.run(run_all(settings, model, password))


@app.command()
def serve() -> None:
    """Run the desk alone (behind a supervisor of your own)."""
    settings = Settings()
    logs.configure()
    serve_app(settings)


@app.command()
def migrate() -> None:
    """Bring both databases to the current schema."""
    with errors_as_sentences():
        migrate_all(Settings())


@app.command()
def seed() -> None:
    """Fill an empty shop database with demo data."""
    settings = Settings()
    with errors_as_sentences():
        migrate_all(settings)
        demo.seed(settings.shop_database, datetime.now(UTC))


@app.command()
def train() -> None:
    """Train a model if its inputs changed, and print its sha256."""
    with errors_as_sentences():
        typer.echo(train_if_changed(Settings()))


@app.command("admin-password")
def admin_password() -> None:
    """Give the administrator a new password, print it once, and end all their sessions."""
    with errors_as_sentences():
        typer.echo(reset_admin_password(Settings()))


@app.command(context_settings=PASS_THROUGH)
def rasa(context: typer.Context) -> None:
    """Run a Rasa command on the project; in demo mode its actions serve a demo shopper."""
    settings = Settings()
    more = developer_environment(settings)
    engine(["rasa", *context.args], settings, more)


@nlu.command(context_settings=PASS_THROUGH)
def evaluate(context: typer.Context, file: Annotated[Path, typer.Argument()]) -> None:
    """Judge the model on a file of labelled messages."""
    engine(["evaluate", str(file.resolve()), *context.args])


@nlu.command(context_settings=PASS_THROUGH)
def parse(context: typer.Context, text: Annotated[str, typer.Argument()]) -> None:
    """Show how the model understands a message."""
    engine(["parse", text, *context.args])


def engine(
    arguments: Sequence[str],
    settings: Settings | None = None,
    more: Mapping[str, str] | None = None,
) -> NoReturn:
    """Run an engine command in the foreground and leave with its exit status."""
    with errors_as_sentences():
        status = run_engine(settings or Settings(), arguments, more)
    raise typer.Exit(status)


async def run_all(settings: Settings, model: str, password: str | None) -> None:
    supervisor = Supervisor(programs(settings, model))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop, number.name)
    ready = asyncio.Event()
    started = time.monotonic()
    running = asyncio.create_task(supervisor.run(ready))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set():
        announce(settings, password, time.monotonic() - started)
    waiting.cancel()
    await running


def programs(settings: Settings, model: str) -> list[Program]:
    """The three processes, with what each may know of the environment."""
    desk_env = dict(os.environ) | {"KEFU_HOME": str(settings.home.resolve())}
    archive = (settings.models_dir / f"{model}.tar.gz").resolve()
    actions_port = settings.actions_port or settings.port + 1
    engine_port = settings.engine_port or settings.port + 2
    served = ["--model", str(archive), "--port", str(engine_port)]
    served += ["--actions", settings.actions_url]
    return [
        Program(
            "action server",
            [sys.executable, "-m", "actions", "--port", str(actions_port)],
            f"{settings.actions_url}/health",
            desk_env,
            PROJECT_DIR,
        ),
        Program(
            "engine",
            engine_command(["serve", *served]),
            f"{settings.engine_url}/health",
            engine_environment(settings),
            PROJECT_DIR,
        ),
        Program(
            "desk",
            [sys.executable, "-m", "kefu", "serve"],
            f"http://{settings.host}:{settings.port}/readyz",
            desk_env,
            PROJECT_DIR,
        ),
    ]


def announce(settings: Settings, password: str | None, seconds: float) -> None:
    base = f"http://{settings.host}:{settings.port}"
    say(f"Kefu is ready: {base}  (started in {seconds:.1f} s; Ctrl-C stops it)")
    say(f"  Agents log in at {base}/desk as admin")
    if password:
        say(f"  with the password {password}  (shown only this once)")
    else:
        say("  with the password shown at the first start (new one: python -m kefu admin-password)")


def check_ports(settings: Settings) -> None:
    require_free(settings.host, settings.port, "desk", "KEFU_PORT")
    actions_port = settings.actions_port or settings.port + 1
    require_free("127.0.0.1", actions_port, "action server", "KEFU_ACTIONS_PORT")
    engine_port = settings.engine_port or settings.port + 2
    require_free("127.0.0.1", engine_port, "engine", "KEFU_ENGINE_PORT")


def migrate_all(settings: Settings) -> None:
    kefu.store.migrate(settings.desk_database)
    kefu.shop.migrate(settings.shop_database)


def say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def step(message: str) -> Generator[None]:
    """Say what is being done and how long it took."""
    sys.stderr.write(f"▸ {message} …")
    sys.stderr.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say(" failed")
        raise
    say(f" done ({time.monotonic() - started:.0f} s)")


@contextmanager
def errors_as_sentences() -> Generator[None]:
    """Show our own errors as one sentence instead of a traceback."""
    try:
        yield
    except KefuError as error:
        say(error.detail or error.sentence)
        raise typer.Exit(1) from error
