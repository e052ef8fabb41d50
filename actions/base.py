"""The base of all actions: reads the turn, works in a thread, apologises for a dead shop."""

from __future__ import annotations

import asyncio
import contextvars
from abc import abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker  # pyright: ignore[reportMissingTypeStubs]
from rasa_sdk.executor import (  # pyright: ignore[reportMissingTypeStubs]
    CollectingDispatcher,
)

from actions.calls import settle_call
from actions.evidence import submit_evidence
from actions.members import name_level
from actions.offers import note_offers
from actions.reply import Reply
from actions.sellers import name_seller
from actions.turn import Turn, current_claims, read_turn
from kefu.intents import ModelIntents
from kefu.knowledge import Library
from kefu.profiles import Profiles
from kefu.shop.carriers import LogisticsDesk
from kefu.shop.gateway import ShopGateway, ShopUnavailable


@dataclass(frozen=True, slots=True)
class Services:
    """What actions work with. ``key`` signs and checks turn tokens; ``pool`` bounds the threads.

    ``profiles`` are the brands served, by name; ``library`` holds their help articles, ``intents``
    what the models call what they know.
    """

    shop: ShopGateway
    logistics: LogisticsDesk
    key: bytes
    pool: ThreadPoolExecutor
    profiles: Profiles
    library: Library
    intents: ModelIntents = field(default_factory=ModelIntents)


class KefuAction(Action):
    """One action. Subclasses name it and write ``answer``, in plain synchronous code.

    A ``ShopUnavailable`` becomes an apology with the offer of a person. Every other exception
    fails the turn, which the desk then tries again.
    """

    action_name: ClassVar[str]

    def __init__(self, services: Services) -> None:
        self.services = services
        self.shop = services.shop

    def name(self) -> str:
        return self.action_name

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        context = contextvars.copy_context()

        def work() -> Reply:
            return context.run(self.work, tracker)

        reply = await asyncio.get_running_loop().run_in_executor(self.services.pool, work)
        for message in reply.messages:
            dispatcher.utter_message(**message)
        return reply.events

    def work(self, tracker: Tracker) -> Reply:
        """Read the turn and answer it; what was half said when the shop failed is dropped."""
        turn = self.read(tracker)
        reply = Reply()
        try:
            self.answer(turn, reply)
        except ShopUnavailable as error:
            reply = Reply()
            self.shop_failed(turn, reply, error)
        note_offers(turn, reply)
        profile = self.services.profiles[turn.claims.profile]
        if profile.sellers:
            name_seller(self.shop, turn, reply)
        settle_call(profile, turn, reply)
        name_level(self.shop, turn, reply)
        submit_evidence(turn, reply)
        return reply

    def read(self, tracker: Tracker) -> Turn:
        return read_turn(
            current_claims.get(),
            self.services.key,
            message=tracker.latest_message,
            slots=tracker.slots,
            events=tracker.events,
            active_form=tracker.active_loop_name,
        )

    @abstractmethod
    def answer(self, turn: Turn, reply: Reply) -> None:
        """Fill ``reply``. May raise ``ShopUnavailable``."""

    def shop_failed(self, turn: Turn, reply: Reply, error: ShopUnavailable) -> None:
        """Apologise; forms override this to end themselves as well."""
        reply.apologise(SHOP_DOWN)


SHOP_DOWN = "非常抱歉，订单系统暂时没有响应，这次没能查到结果。您可以稍后再试。"
