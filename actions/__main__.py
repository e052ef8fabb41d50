"""``python -m actions --port N``: serve the actions on 127.0.0.1, set up by ``KEFU_*``."""

from __future__ import annotations

import argparse
from concurrent.futures import ThreadPoolExecutor

import uvicorn

from actions.base import Services
from actions.brands import Brands
from actions.server import create_app
from kefu import logs
from kefu.intents import ModelIntents
from kefu.knowledge import LibraryWatch
from kefu.profiles import load_profiles
from kefu.settings import Settings
from kefu.shop.carriers import open_logistics
from kefu.shop.opening import open_shop

THREADS = 16


def main() -> None:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    parser.add_argument("--port", type=int, default=settings.actions_port or settings.port + 1)
    port: int = parser.parse_args().port
    logs.configure()
    profiles = load_profiles(settings.profiles_dir)
    watch = LibraryWatch(settings, profiles)
    services = Services(
        shop=open_shop(settings, profiles.policies),
        logistics=open_logistics(settings),
        key=settings.derive_key("turn-token"),
        pool=ThreadPoolExecutor(THREADS, thread_name_prefix="action"),
        profiles=Brands(profiles),
        library=watch.library,
        intents=ModelIntents(settings.models_dir),
    )
    app = create_app(services, deadline=settings.action_deadline, beside=watch.run)
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_config=None)


if __name__ == "__main__":
    main()
