"""The desk's parts, put together once per process."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import httpx

from kefu.accounts.sessions import Throttle
from kefu.channels.limits import ConnectionLimit, RateLimit
from kefu.conversation import commands
from kefu.conversation.live import Live
from kefu.conversation.runner import Patience, TurnRunner
from kefu.engine_client import EngineClient
from kefu.handoff.queue import hand_off
from kefu.profiles import Profiles, load_profiles
from kefu.settings import Settings
from kefu.shop import open_gateway
from kefu.shop.gateway import ShopGateway
from kefu.store.database import Database
from kefu.tickets.opening import open_ticket


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a request needs; made by ``build``, ended by ``close``."""

    settings: Settings
    database: Database
    engine: EngineClient
    actions: httpx.AsyncClient
    shop: ShopGateway
    profiles: Profiles
    live: Live
    runner: TurnRunner
    throttle: Throttle
    message_limit: RateLimit
    session_limit: RateLimit
    connection_limit: ConnectionLimit
    session_key: bytes
    csrf_key: bytes

    async def close(self) -> None:
        self.live.close()
        await self.runner.stop()
        await self.engine.close()
        await self.actions.aclose()
        self.database.close()


def build(
    settings: Settings, shop: ShopGateway | None = None, patience: Patience | None = None
) -> Runtime:
    """All parts after ``settings``; ``shop`` and ``patience`` replace what the settings say."""
    live = Live()
    database = Database(settings.desk_database)
    database.on_commit = live.hint
    profiles = load_profiles(settings.profiles_dir)
    engine = EngineClient(
        settings.engine_url, settings.derive_key("engine").hex(), settings.engine_deadline
    )
    gateway = shop or open_gateway(settings.shop_database)
    runner = TurnRunner(
        database=database,
        engine=engine,
        shop=gateway,
        profiles=profiles,
        live=live,
        executors={
            commands.Handoff: hand_off,
            commands.OpenTicket: partial(open_ticket, profiles),
            commands.VerifyOrder: commands.verify_order,
        },
        token_key=settings.derive_key("turn-token"),
        models_dir=settings.models_dir,
        patience=patience
        or Patience(lease=settings.turn_lease, engine_restart=settings.engine_patience),
    )
    return Runtime(
        settings=settings,
        database=database,
        engine=engine,
        actions=httpx.AsyncClient(base_url=settings.actions_url, timeout=2.0, trust_env=False),
        shop=gateway,
        profiles=profiles,
        live=live,
        runner=runner,
        throttle=Throttle(),
        message_limit=RateLimit(settings.message_burst, settings.messages_per_second),
        session_limit=RateLimit(settings.sessions_per_minute, settings.sessions_per_minute / 60),
        connection_limit=ConnectionLimit(settings.connections_per_session),
        session_key=settings.derive_key("shopper-session"),
        csrf_key=settings.derive_key("csrf"),
    )
