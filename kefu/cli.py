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
    run_engine,
    train_if_changed,
)
from kefu.engines.first import settle_model
from kefu.engines.opening import open_fleet
from kefu.errors import KefuError
from kefu.ports import require_free
from kefu.profiles import load_profiles
from kefu.settings import Settings
from kefu.shop import demo
from kefu.shop.http_transport import ShopSettingsWrong, is_http
from kefu.shop.opening import open_shop
from kefu.store.database import Database
from kefu.supervisor import Program, Supervisor
from kefu.trainer import cli as trainer_cli
from kefu.trainer import data_cli, runs_cli
from kefu.trainer.starter import JobStarter

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
nlu = typer.Typer(no_args_is_help=True, help="Judge and question the trained model.")
app.add_typer(nlu, name="nlu")
trainer_cli.app.add_typer(data_cli.app)
trainer_cli.app.add_typer(runs_cli.app)
app.add_typer(trainer_cli.app, name="trainer")

PASS_THROUGH = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.command()
def up() -> None:
    """Migrate, seed and train what is missing, then run everything until Ctrl-C."""
    settings = Settings()
    logs.configure()
    with errors_as_sentences():
        check_ports(settings)
        open_shop(settings, load_profiles(settings.profiles_dir).policies).close()
        settings.home.mkdir(parents=True, exist_ok=True)
        with step("Migrating the databases"):
            migrate_all(settings)
        if settings.demo and not is_http(settings.shop_database):
            with step("Seeding the demo shop"):
                demo.seed(settings.shop_database, datetime.now(UTC))
        with step("Training the model (only if its inputs changed)"):
            settle_model(settings)
        password = create_admin_once(settings)
        asyncio.run(run_all(settings, password))


@app.command()
def serve() -> None:
    """Run the desk alone (behind a supervisor of your own)."""
    settings = Settings()
    logs.configure()
    with errors_as_sentences():
        serve_app(settings)


@app.command()
def engines() -> None:
    """Run the engines that the database wants, and the trainer's jobs (beside ``serve``)."""
    settings = Settings()
    logs.configure()
    with errors_as_sentences():
        settings.home.mkdir(parents=True, exist_ok=True)
        kefu.store.migrate(settings.desk_database)
        settle_model(settings)
        asyncio.run(run_engines(settings, Supervisor([])))


@app.command()
def migrate() -> None:
    """Bring both databases to the current schema; a shop behind HTTP has its own."""
    with errors_as_sentences():
        migrate_all(Settings())


@app.command()
def seed() -> None:
    """Fill an empty shop database with demo data."""
    settings = Settings()
    with errors_as_sentences():
        if is_http(settings.shop_database):
            raise ShopSettingsWrong("KEFU_SHOP_URL is a service, which keeps its own data.")
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


async def run_all(settings: Settings, password: str | None) -> None:
    ready = asyncio.Event()
    started = time.monotonic()
    supervisor = Supervisor(programs(settings))
    running = asyncio.create_task(run_engines(settings, supervisor, ready))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if ready.is_set():
        announce(settings, password, time.monotonic() - started)
    waiting.cancel()
    await running


async def run_engines(
    settings: Settings, supervisor: Supervisor, ready: asyncio.Event | None = None
) -> None:
    """Run the supervisor's programs, the engines and the trainer's jobs, until a signal comes."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop, number.name)
    database = Database(settings.desk_database)
    beside = [asyncio.create_task(open_fleet(settings, supervisor, database).run())]
    if settings.trainer:
        beside.append(asyncio.create_task(JobStarter(settings, supervisor, database).run()))
    try:
        await supervisor.run(ready)
    finally:
        await asyncio.gather(*beside)
        database.close()


def programs(settings: Settings) -> list[Program]:
    """The processes beside the engines, with what each may know of the environment."""
    desk_env = dict(os.environ) | {"KEFU_HOME": str(settings.home.resolve())}
    actions_port = settings.actions_port or settings.port + 1
    return [
        Program(
            "action server",
            [sys.executable, "-m", "actions", "--port", str(actions_port)],
            f"{settings.actions_url}/health",
            desk_env,
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
    if not is_http(settings.shop_database):
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
