"""The desk's parts, put together once per process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import httpx

from kefu.accounts.sessions import Throttle
from kefu.accounts.totp import Seal
from kefu.attachments.addresses import Addresses
from kefu.attachments.files import PictureFiles
from kefu.attachments.keeping import PictureKeeper
from kefu.attachments.sweeping import PictureSweeper
from kefu.background import Background
from kefu.channels.limits import ShopperLimits
from kefu.channels.webhook.sender import WebhookSenders
from kefu.conversation import commands, workers
from kefu.conversation.hints import RedisHints
from kefu.conversation.live import Live, Poller
from kefu.conversation.runner import Patience, TurnRunner
from kefu.desk import canned
from kefu.desk.beats import Beats
from kefu.desk.board_news import BoardNews
from kefu.desk.shopper_actions import ShopDesk
from kefu.desk.suggestions import Suggester
from kefu.engines.pool import EnginePool
from kefu.handoff.assigner import Assigner
from kefu.handoff.groups import Groups
from kefu.handoff.places import QueueNews
from kefu.handoff.queue import hand_off
from kefu.handoff.returning import Returner
from kefu.knowledge import Library, LibraryWatch
from kefu.mail.reader import MailReader
from kefu.notices.delivery import open_delivery
from kefu.notices.sender import NoticeSender
from kefu.profiles import Profiles
from kefu.rates import Rates
from kefu.ratings.asking import request_rating
from kefu.settings import Settings
from kefu.shop.gateway import ShopGateway
from kefu.shop.opening import open_shop
from kefu.shop.outbox import open_outbox
from kefu.store.database import Database
from kefu.tickets.opening import open_ticket
from kefu.trainer.canary import CanaryWatch
from kefu.trainer.workbench import Workbench, open_workbench
from kefu.verification.dispatch import CodeDispatcher
from kefu.verification.requests import request_code


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a request needs; made by ``build``, ended by ``close``."""

    settings: Settings
    database: Database
    engine: EnginePool
    actions: httpx.AsyncClient
    shop: ShopGateway
    profiles: Profiles
    library: Library
    library_watch: LibraryWatch
    live: Live
    poller: Poller
    queue_news: QueueNews
    groups: Groups
    assigner: Assigner
    returner: Returner
    beats: Beats
    board_news: BoardNews
    hints: RedisHints | None
    runner: TurnRunner
    sender: NoticeSender
    webhooks: WebhookSenders
    dispatcher: CodeDispatcher
    pictures: PictureKeeper
    addresses: Addresses
    sweeper: PictureSweeper
    mail: MailReader
    suggester: Suggester
    suggestion_key: bytes
    shop_desk: ShopDesk
    workbench: Workbench
    canary_watch: CanaryWatch
    background: Background
    throttle: Throttle
    seal: Seal
    rates: Rates
    limits: ShopperLimits
    session_key: bytes
    code_key: bytes
    csrf_key: bytes

    async def start(self) -> None:
        await self.database.write(partial(canned.seed, profiles=self.profiles))
        await self.groups.start()
        await self.runner.start()
        self.background.start(self.sender.run(), self.dispatcher.run(), self.poller.run())
        self.background.start(self.sweeper.run(), self.queue_news.run())
        self.background.start(self.webhooks.run(), self.mail.run())
        self.background.start(self.groups.run(), self.assigner.run(), self.returner.run())
        self.background.start(self.board_news.run(), self.library_watch.run())
        self.background.start(self.workbench.collector.run())
        self.background.start(self.canary_watch.run())
        if self.hints:
            self.background.start(self.hints.run())

    async def close(self) -> None:
        self.live.close()
        await self.background.stop()
        await self.sender.give_back()
        await self.webhooks.give_back()
        self.pictures.close()
        await self.runner.stop()
        await self.engine.close()
        await self.actions.aclose()
        await self.rates.close()
        self.database.close()


def build(
    settings: Settings,
    profiles: Profiles,
    shop: ShopGateway | None = None,
    patience: Patience | None = None,
) -> Runtime:
    """All parts after ``settings``; ``shop`` and ``patience`` replace what the settings say."""
    live = Live()
    database = Database(settings.desk_database)
    poller = Poller(database, live)
    hints = _hints(settings, live, poller)
    rates = Rates(settings.redis_url, settings.derive_key("rates"))
    assigner = Assigner(database, profiles)
    engine = EnginePool.of(settings)
    gateway = shop or open_shop(settings, profiles.policies)
    library_watch = LibraryWatch(settings, profiles)
    library = library_watch.library
    code_key = settings.derive_key("one-time-code")
    suggestion_key = settings.derive_key("suggestion")
    sender = NoticeSender(
        database,
        gateway,
        open_outbox(settings.shop_database),
        open_delivery(settings, profiles),
        holder=workers.new_name(),
    )
    addresses = Addresses(settings.derive_key("attachments"))
    webhooks = WebhookSenders(database, profiles, addresses, holder=workers.new_name())
    database.on_commit = partial(_committed, live, assigner, webhooks)
    dispatcher = CodeDispatcher(database, gateway, code_key, sent=sender.wake)
    files = PictureFiles(settings.attachments_root)
    pictures = PictureKeeper(files)
    runner = TurnRunner(
        database=database,
        engine=engine,
        shop=gateway,
        profiles=profiles,
        live=live,
        executors={
            commands.Handoff: partial(hand_off, profiles),
            commands.OpenTicket: partial(open_ticket, profiles),
            commands.VerifyOrder: commands.verify_order,
            commands.RequestCode: partial(request_code, code_key, dispatcher.wake),
            commands.RequestRating: request_rating,
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
        library=library,
        library_watch=library_watch,
        live=live,
        poller=poller,
        queue_news=QueueNews(database, live, profiles),
        groups=Groups(database, profiles),
        assigner=assigner,
        returner=Returner(database, profiles),
        beats=Beats(database),
        board_news=BoardNews(database, profiles),
        hints=hints,
        runner=runner,
        sender=sender,
        webhooks=webhooks,
        dispatcher=dispatcher,
        pictures=pictures,
        addresses=addresses,
        sweeper=PictureSweeper(
            database,
            files,
            kept_for=timedelta(days=settings.attachment_days),
            holder=workers.new_name(),
        ),
        mail=MailReader(database, profiles, pictures, holder=workers.new_name(), sent=sender.wake),
        suggester=Suggester(
            database,
            engine,
            library,
            profiles,
            token_key=settings.derive_key("turn-token"),
            signing_key=suggestion_key,
        ),
        suggestion_key=suggestion_key,
        shop_desk=ShopDesk(database, gateway, profiles),
        workbench=open_workbench(settings, database, profiles),
        canary_watch=CanaryWatch(database, workers.new_name()),
        background=Background(),
        throttle=Throttle(rates),
        seal=Seal(settings.derive_key("totp")),
        rates=rates,
        limits=ShopperLimits(rates, settings),
        session_key=settings.derive_key("shopper-session"),
        code_key=code_key,
        csrf_key=settings.derive_key("csrf"),
    )


def _committed(
    live: Live, assigner: Assigner, webhooks: WebhookSenders, conversation_id: str
) -> None:
    live.hint(conversation_id)
    assigner.wake()
    webhooks.wake()


def _hints(settings: Settings, live: Live, poller: Poller) -> RedisHints | None:
    """Hints to and from the other desks, where there is a Redis to carry them."""
    if settings.redis_url is None:
        return None
    # Pub/sub knows no databases: the desks that share a secret share a channel.
    channel = f"kefu:{settings.derive_key('hints').hex()[:16]}"
    hints = RedisHints(settings.redis_url, channel, workers.new_name(), live, poller.set_heard)
    live.tell = hints.tell
    return hints
