"""The desk: its routes on one screen."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Any

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kefu import gate, health, pages, problems
from kefu.channels import demo, shopper
from kefu.conversation.runner import Patience
from kefu.desk import api as desk
from kefu.profiles import load_profiles
from kefu.runtime import build
from kefu.settings import Settings
from kefu.shop.gateway import ShopGateway
from kefu.store import migrate

LARGEST_FRAME = 16 * 1024
SHUTDOWN_SECONDS = 5

log = structlog.get_logger("kefu.app")


def create_app(
    settings: Settings, shop: ShopGateway | None = None, patience: Patience | None = None
) -> FastAPI:
    """The ASGI application; ``shop`` and ``patience`` replace what the settings say."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await asyncio.to_thread(migrate, settings.desk_database)
        runtime = build(settings, shop, patience)
        app.state.runtime = runtime
        await runtime.runner.start()
        try:
            yield
        finally:
            await runtime.close()

    app = FastAPI(
        title="Kefu",
        description="Customer support for online shops: the shopper API and the agents' desk.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    app.include_router(health.router)
    app.include_router(shopper.router)
    app.include_router(demo.router)
    app.include_router(desk.router)
    pages.install(app, settings.web_dir)
    origins = [
        origin for profile in load_profiles(settings.profiles_dir) for origin in profile.origins
    ]
    app.add_middleware(gate.ShopperOrigins, origins=origins)
    app.add_middleware(gate.BodyLimit)
    app.add_middleware(gate.SecurityHeaders)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings))
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


def serve(settings: Settings) -> None:
    """Run the desk until it is told to stop."""
    DeskServer(create_app(settings), host=settings.host, port=settings.port).run()


class DeskServer(uvicorn.Server):
    """Uvicorn as the desk needs it: open polls and sockets end before it waits for them."""

    def __init__(self, app: FastAPI, **options: Any) -> None:
        self._app = app
        config = uvicorn.Config(
            app,
            ws="websockets-sansio",
            ws_max_size=LARGEST_FRAME,
            access_log=False,
            log_config=None,
            server_header=False,
            # The application does it itself, from its own settings.
            proxy_headers=False,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            **options,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.runtime.live.close()
        await super().shutdown(sockets)


def allowed_hosts(settings: Settings) -> list[str]:
    """The host names that requests may name: on a loopback address only its own."""
    if settings.allowed_hosts:
        return [host.strip() for host in settings.allowed_hosts.split(",") if host.strip()]
    if settings.host == "localhost" or _is_loopback(settings.host):
        return ["localhost", "127.0.0.1", "[::1]", settings.host]
    return ["*"]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
