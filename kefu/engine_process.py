"""Commands of the engine's own environment, run from ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from kefu.errors import KefuError
from kefu.settings import Settings

ENGINE_DIR = Path(__file__).resolve().parent.parent / "engine"
PROJECT_DIR = ENGINE_DIR.parent


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


def run_engine(settings: Settings, arguments: Sequence[str]) -> int:
    """Run an engine command in the foreground; the exit status."""
    return subprocess.run(
        engine_command(arguments),
        cwd=PROJECT_DIR,
        env=engine_environment(settings),
        check=False,
    ).returncode


def train_if_changed(settings: Settings) -> str:
    """Train unless a model of the present inputs exists; the sha256 of its archive."""
    command = engine_command(["train", "--out", str(settings.models_dir.resolve()), "--if-changed"])
    result = subprocess.run(
        command,
        cwd=PROJECT_DIR,
        env=engine_environment(settings),
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        sys.stderr.write(result.stderr)
        raise EngineCommandFailed("The training failed; the output above says why.")
    return result.stdout.strip().splitlines()[-1]
