"""How fast one shopper may write and ask, and how often be connected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from kefu.channels.errors import TooManyConnections, TooManyRequests
from kefu.channels.tokens import Session
from kefu.rates import Rate, Rates, network
from kefu.settings import Settings

# A shopper has a phone and a computer: all their conversations together, in those of one.
CONVERSATIONS_AT_ONCE = 2


class ShopperLimits:
    """What a conversation, a shopper and a network address may do.

    Each method counts one and raises ``TooManyRequests`` when nothing is left. Connections are
    counted in this process.
    """

    def __init__(self, rates: Rates, settings: Settings) -> None:
        burst = settings.message_burst
        seconds = burst / settings.messages_per_second
        several = CONVERSATIONS_AT_ONCE * burst
        self._rates = rates
        self._conversation = Rate("conversation", burst, seconds)
        self._shopper = Rate("shopper", several, seconds)
        self._address = Rate("address", settings.address_messages_per_minute, 60)
        self._sessions = Rate("sessions", settings.sessions_per_minute, 60)
        self._webhook = Rate("webhook", settings.webhook_requests_per_minute, 60)
        self._tickets = Rate("tickets", settings.tickets_per_half_hour, 1800)
        self._quiet = Rate("quiet", settings.quiet_requests_per_minute, 60)
        self._pictures = Rate("pictures", settings.pictures_per_minute, 60)
        self._address_pictures = Rate("address pictures", settings.address_pictures_per_minute, 60)
        self.connections = ConnectionLimit(settings.connections_per_session)
        self._greetings = ConnectionLimit(settings.address_greetings)

    async def message(self, session: Session, address: str) -> None:
        """Anything that a shopper sends in a conversation."""
        await self._spend(self._conversation, session.conversation_id)
        if session.shopper:
            await self._spend(self._shopper, session.shopper)
        await self._spend(self._address, network(address))

    async def quiet(self, session: Session) -> None:
        """What says nothing: looking for events, signals, reading the talk, leaving it."""
        await self._spend(self._quiet, session.conversation_id)

    def greeting(self, address: str) -> AbstractContextManager[None]:
        """An open socket that has not said yet whose it is; raises ``TooManyConnections``."""
        return self._greetings.hold(network(address))

    async def session(self, address: str) -> None:
        await self._spend(self._sessions, network(address))

    async def picture(self, session: Session, address: str) -> None:
        """An upload, before its content is read."""
        await self._spend(self._pictures, session.conversation_id)
        await self._spend(self._address_pictures, network(address))

    async def webhook(self, address: str) -> None:
        """A request to the webhook channel, before its content is read."""
        await self._spend(self._webhook, network(address))

    async def webhook_user(self, profile: str, user_id: str) -> None:
        """Whatever a shop's server sends for one of its users."""
        await self._spend(self._conversation, f"webhook {profile} {user_id}")

    async def webhook_picture(self, profile: str, user_id: str) -> None:
        await self._spend(self._pictures, f"webhook {profile} {user_id}")

    async def ticket(self, address: str) -> None:
        """The ticket form, which needs no session."""
        await self._spend(self._tickets, network(address))

    async def _spend(self, rate: Rate, who: str) -> None:
        seconds = await self._rates.spend(rate, who)
        if seconds:
            raise TooManyRequests(seconds, f"the limit of {rate.name} is reached")


class ConnectionLimit:
    """At most ``most`` open polls and sockets per key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open = Counter[str]()

    @contextmanager
    def hold(self, key: str) -> Generator[None]:
        """Count one connection while the block runs; raises ``TooManyConnections``."""
        if self._open[key] >= self._most:
            raise TooManyConnections(f"{self._most} connections are open already")
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]
