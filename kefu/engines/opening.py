"""The fleet of this host, after its settings."""

from __future__ import annotations

import socket

from kefu.engine_process import PROJECT_DIR, engine_command, engine_environment
from kefu.engines.directory import Directory
from kefu.engines.fleet import EngineProgram, Fleet
from kefu.profiles import load_profiles
from kefu.settings import Settings
from kefu.store.database import Database
from kefu.supervisor import Supervisor


def open_fleet(settings: Settings, supervisor: Supervisor, database: Database) -> Fleet:
    """Its engines become programs of ``supervisor``."""
    return Fleet(
        supervisor=supervisor,
        database=database,
        directory=Directory.of(settings),
        program=EngineProgram(
            command=engine_command(["serve", "--actions", settings.actions_url]),
            env=engine_environment(settings),
            cwd=PROJECT_DIR,
            models_dir=settings.models_dir,
            first_port=settings.engine_port or settings.port + 2,
        ),
        profiles=[profile.profile for profile in load_profiles(settings.profiles_dir)],
        host=f"{socket.gethostname()}:{settings.port}",
    )
