"""``python -m actions --port N``: serve the actions on 127.0.0.1, set up by ``KEFU_*``."""

from __future__ import annotations

import argparse
import logging
from concurrent.futures import ThreadPoolExecutor

import uvicorn

from actions.base import Services
from actions.server import create_app
from kefu.settings import Settings
from kefu.shop import open_gateway
from kefu.shop.carriers import open_logistics

THREADS = 16


def main() -> None:
    settings = Settings()
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    parser.add_argument("--port", type=int, default=settings.actions_port or settings.port + 1)
    port: int = parser.parse_args().port
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    services = Services(
        shop=open_gateway(settings.shop_database),
        logistics=open_logistics(settings),
        key=settings.derive_key("turn-token"),
        pool=ThreadPoolExecutor(THREADS, thread_name_prefix="action"),
    )
    app = create_app(services, deadline=settings.action_deadline)
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="info")


if __name__ == "__main__":
    main()
