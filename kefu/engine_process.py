"""Commands of the engine's own environment, run from ours."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar, NoReturn

from kefu import turn_token
from kefu.errors import KefuError
from kefu.settings import Settings
from kefu.shop import demo
from kefu.supervisor import STOP_GRACE, die_with_parent
from kefu.trainer.snapshot import data_commit
from kefu.turn_token import TurnClaims

ENGINE_DIR = Path(__file__).resolve().parent.parent / "engine"
PROJECT_DIR = ENGINE_DIR.parent
DEVELOPER_LIFETIME = timedelta(hours=8)


class EngineCommandFailed(KefuError):
    """A command of the engine ended with an error; its output says why."""

    code: ClassVar[str] = "engine_command_failed"
    title: ClassVar[str] = "引擎命令执行失败，请查看输出。"


def engine_python() -> Path:
    """The interpreter of the engine's environment (``KEFU_ENGINE_PYTHON``, or ``engine/.venv``)."""
    override = os.environ.get("KEFU_ENGINE_PYTHON")
    return Path(override) if override else ENGINE_DIR / ".venv" / "bin" / "python"


def engine_command(arguments: Sequence[str]) -> list[str]:
    return [str(engine_python()), "-m", "kefu_engine", *arguments]


def engine_environment(settings: Settings) -> dict[str, str]:
    """The variables an engine process gets: its own secret, and nothing of the shop or the desk."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KEFU_")}
    return kept | {
        "PYTHONPATH": str(ENGINE_DIR),
        "RASA_TELEMETRY_ENABLED": "false",
        "KEFU_ENGINE_SECRET": settings.derive_key("engine").hex(),
    }


def developer_environment(settings: Settings) -> dict[str, str]:
    """What ``endpoints.yml`` needs so that ``rasa shell`` reaches the action server.

    The token is one long turn of the first demo shopper; outside demo mode it is empty, and the
    action server refuses the calls.
    """
    token = ""
    if settings.demo:
        account_id, _, _ = demo.demo_shoppers()[0]
        claims = TurnClaims(
            turn_id=f"developer-{secrets.token_hex(8)}",
            conversation_id="developer",
            profile=demo.PROFILE,
            account_id=account_id,
            now=datetime.now(UTC),
        )
        token = turn_token.sign(claims, settings.derive_key("turn-token"), DEVELOPER_LIFETIME)
    return {"KEFU_ACTIONS_URL": settings.actions_url, "KEFU_TURN_TOKEN": token}


def run_engine(
    settings: Settings, arguments: Sequence[str], more: Mapping[str, str] | None = None
) -> int:
    """Run an engine command in the foreground, with ``more`` variables; the exit status.

    Raises ``EngineCommandFailed`` if it cannot be started.
    """
    with _engine(settings, arguments, more) as process:
        return process.wait()


def train_if_changed(settings: Settings) -> str:
    """Train on the workspace unless a model of its present inputs exists; the archive's sha256.

    Raises ``EngineCommandFailed``. SIGTERM ends the training with this process.
    """
    note = json.dumps({"data_commit": data_commit(settings.workspace)})
    arguments = ["train", "--out", str(settings.models_dir.resolve()), "--if-changed"]
    arguments += ["--note", note]
    with _engine(settings, arguments, pipe=subprocess.PIPE, cwd=settings.workspace) as process:
        output, errors = process.communicate()
    if process.returncode:
        sys.stderr.write(errors)
        raise EngineCommandFailed("The training failed; the output above says why.")
    return output.strip().splitlines()[-1]


@contextmanager
def _engine(
    settings: Settings,
    arguments: Sequence[str],
    more: Mapping[str, str] | None = None,
    *,
    pipe: int | None = None,
    cwd: Path = PROJECT_DIR,
) -> Generator[subprocess.Popen[str]]:
    """An engine command that ends with the block and, on SIGTERM, before this process."""
    command = engine_command(arguments)
    with _exit_on_sigterm():
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=engine_environment(settings) | dict(more or {}),
                stdout=pipe,
                stderr=pipe,
                text=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - the program has one thread yet
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineCommandFailed(
                f"The engine's Python {command[0]} cannot be started "
                f"({getattr(error, 'strerror', None) or error}). `make install` makes it; "
                "KEFU_ENGINE_PYTHON names another."
            ) from error
        try:
            yield process
        finally:
            _end(process)


@contextmanager
def _exit_on_sigterm() -> Generator[None]:
    def leave(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
