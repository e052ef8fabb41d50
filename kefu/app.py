"""The desk: its routes on one screen."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from ipaddress import ip_address
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from kefu import gate, health, pages, problems
from kefu.channels import (
    attachments,
    demo,
    profiles,
    ratings,
    shopper,
    tickets,
    transcripts,
    verify,
)
from kefu.channels.webhook import api as webhook
from kefu.conversation.runner import Patience
from kefu.desk import (
    account_routes,
    canned_routes,
    help_routes,
    inboxes,
    note_routes,
    passing,
    shopper_routes,
    talk_routes,
    wall,
)
from kefu.desk import api as desk
from kefu.desk import attachments as desk_attachments
from kefu.desk import groups as desk_groups
from kefu.desk import socket as desk_socket
from kefu.desk import tickets as desk_tickets
from kefu.knowledge import pages as help_centre
from kefu.profiles import load_profiles
from kefu.reports import api as reports
from kefu.runtime import build
from kefu.settings import Settings
from kefu.shop.gateway import ShopGateway
from kefu.store import migrate
from kefu.trainer import (
    data_api,
    exchange_api,
    inbox_api,
    models_api,
    new_intents_api,
    runs_api,
)

ROUTERS = (
    health.router,
    shopper.router,
    tickets.router,
    verify.router,
    ratings.router,
    transcripts.router,
    profiles.router,
    demo.router,
    desk.router,
    inboxes.router,
    passing.router,
    wall.router,
    desk_groups.router,
    desk_socket.router,
    help_centre.router,
    desk_tickets.router,
    attachments.router,
    desk_attachments.router,
    webhook.router,
    talk_routes.router,
    note_routes.router,
    canned_routes.router,
    help_routes.router,
    shopper_routes.router,
    account_routes.router,
    reports.router,
    inbox_api.router,
    data_api.router,
    exchange_api.router,
    new_intents_api.router,
    runs_api.router,
    models_api.router,
)
LARGEST_FRAME = 16 * 1024
SHUTDOWN_SECONDS = 5

log = structlog.get_logger("kefu.app")


def create_app(
    settings: Settings, shop: ShopGateway | None = None, patience: Patience | None = None
) -> FastAPI:
    """The ASGI application; ``shop`` and ``patience`` replace what the settings say."""
    profiles = load_profiles(settings.profiles_dir)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        await asyncio.to_thread(migrate, settings.desk_database)
        runtime = build(settings, profiles, shop, patience)
        app.state.runtime = runtime
        await runtime.start()
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
        routes=all_routes(),
    )
    problems.install(app)
    pages.install(app, settings.web_dir)
    origins = sorted({origin for profile in profiles for origin in profile.origins})
    # Inside the headers, which FastAPI's own handler of bugs would stand around.
    app.add_middleware(ServerErrorMiddleware, handler=problems.on_bug)
    app.add_middleware(gate.BodyLimit)
    # Around the limit: a page of another origin may read its refusals.
    app.add_middleware(gate.ShopperOrigins, origins=origins)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=allowed_hosts(settings))
    app.add_middleware(gate.SecurityHeaders)
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=settings.trusted_proxies)
    return app


@cache
def all_routes() -> list[BaseRoute]:
    """Made ready once a process: that takes longer than all else of an application's start."""
    whole = APIRouter()
    for router in ROUTERS:
        whole.include_router(router)
    return whole.routes


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
