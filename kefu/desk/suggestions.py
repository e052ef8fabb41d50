"""What could be answered to the shopper's last question: the bot's words, canned ones, articles.

A suggestion changes nothing. Three things see to that, each by itself: only questions whose answer
is reading are put to the bot; its turn's token says that it is only looking, and the action server
then gives the actions a shop without any method that writes; and an answer that comes with a
command, a form or another action than the question's is thrown away.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import models, turn_request, viewer, voice
from kefu.conversation.messages import AGENT, SHOPPER
from kefu.conversation.turns import TurnInput
from kefu.desk import canned, filling
from kefu.desk.scope import Scope
from kefu.desk.suggested import Suggested
from kefu.engine_client import EngineFailed, EngineUnreachable, TurnResult
from kefu.engines.pool import EnginePool
from kefu.knowledge import Library
from kefu.knowledge.library import ENOUGH, Passage
from kefu.profiles import Profile, Profiles
from kefu.store.base import Document
from kefu.store.database import Database, utc_now
from kefu.store.tables import Conversation, Message

# Their answers say the same to everyone.
GENERAL = frozenset(
    {
        "payment_method", "product_question", "stock_availability", "shipping_policy",
        "security_setup", "privacy_question", "login_register", "contact_info",
    }
)  # fmt: skip
# Their answers read what is the shopper's own.
PERSONAL = frozenset(
    {
        "order_status", "track_logistics", "refund_progress", "payment_failure",
        "promotion_coupon", "membership",
    }
)  # fmt: skip
SECONDS = 5.0
TOKEN_LIFETIME = timedelta(seconds=30)
MESSAGES_READ = 3
LONGEST_QUESTION = 500
MOST_CANNED = 3
MOST_ARTICLES = 2

log = structlog.get_logger("kefu.suggestions")


@dataclass(frozen=True, slots=True)
class Question:
    """What the shopper asked last, and what an answer may draw on."""

    conversation_id: str
    profile: str
    text: str
    viewer: Document
    model: str | None
    thresholds: dict[str, float] | None
    values: dict[str, str | None]
    whole_shop: bool
    """Whether the agent may see the orders of all sellers."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words, their cards, and the titles of the buttons that stood below."""

    text: str
    cards: list[Document] = field(default_factory=list[Document])
    buttons: list[str] = field(default_factory=list[str])


class Suggester:
    """Asks the engine as the turn runner does, and keeps nothing of it."""

    def __init__(
        self,
        database: Database,
        engine: EnginePool,
        library: Library,
        profiles: Profiles,
        *,
        token_key: bytes,
        signing_key: bytes,
    ) -> None:
        self._database = database
        self._engine = engine
        self._library = library
        self._profiles = profiles
        self._token_key = token_key
        self._signing_key = signing_key

    async def suggest(self, conversation_id: str, scope: Scope) -> list[Document]:
        """Best first; empty where the shopper has asked nothing in words.

        ``signed`` stands for text and cards together, for who sends them as they are.

        Raises ``ConversationNotFound``. While the engine is away articles are all there is.
        """
        asked = await self._database.read(
            lambda session: self._question(session, conversation_id, scope)
        )
        if asked is None:
            return []
        profile, now = self._profiles[asked.profile], utc_now()
        understood = await self._understand(asked, profile, now)
        intent: str | None = understood.get("name")
        confidence: float | None = understood.get("confidence")
        said = await self._bot(asked, profile, now, intent)
        kept = await self._database.read(
            lambda session: canned.answering(session, scope, asked.profile, [intent or ""])
        )
        found = [_suggestion("bot", said, intent, confidence)] if said else []
        for row in kept[:MOST_CANNED]:
            text, _ = filling.fill(row.text, asked.values)
            found.append(_suggestion("canned", Said(text), intent, confidence))
        quoted = {card.get("url", "").partition("#")[0] for each in found for card in each["cards"]}
        found += self._articles(asked, intent, confidence, quoted)
        suggested = Suggested(self._signing_key, conversation_id, scope.staff_id)
        return [
            {**each, "signed": suggested.sign(each["text"], each["cards"])}
            if each["cards"]
            else each
            for each in found
        ]

    def _question(self, session: Session, conversation_id: str, scope: Scope) -> Question | None:
        conversation = scope.require(session, conversation_id)
        last = _last_words(session, conversation_id)
        if not last:
            return None
        profile = self._profiles[conversation.profile]
        order = filling.order_in(session, conversation, profile)
        frozen = viewer.freeze(session, conversation, last[-1])
        # What came with a code is for that one turn alone.
        frozen |= {"verified": None}
        if order:
            frozen["context"] = {"order_id": order, **frozen["context"]}
        return Question(
            conversation_id=conversation_id,
            profile=conversation.profile,
            text="\n".join(message.text for message in last)[-LONGEST_QUESTION:],
            viewer=frozen,
            model=models.choose(session, conversation.profile, conversation_id, self._engine.ready),
            thresholds=models.thresholds(session, conversation.profile),
            values=self._values(conversation, profile, scope, order),
            whole_shop=scope.sellers(conversation.profile) is None,
        )

    @staticmethod
    def _values(
        conversation: Conversation, profile: Profile, scope: Scope, order: str | None
    ) -> dict[str, str | None]:
        return filling.values(conversation, profile, scope.member.staff, order)

    async def _understand(self, asked: Question, profile: Profile, now: datetime) -> Document:
        body = turn_request.parse_request(
            asked.text, profile, now, asked.viewer["context"], asked.thresholds
        )
        try:
            async with asyncio.timeout(SECONDS):
                parse = await self._engine.parse(body, asked.model)
        except (EngineUnreachable, EngineFailed, TimeoutError) as error:
            log.warning("no suggestion of the bot's", reason=type(error).__name__)
            return {}
        return parse.get("intent") or {}

    async def _bot(
        self, asked: Question, profile: Profile, now: datetime, intent: str | None
    ) -> Said | None:
        """The bot's answer, where it only reads."""
        may = GENERAL | PERSONAL if asked.whole_shop else GENERAL
        if intent not in may:
            return None
        request = turn_request.build(
            _as_turn(asked, now), profile, self._token_key, TOKEN_LIFETIME, looking=True
        )
        try:
            async with asyncio.timeout(SECONDS):
                result = await self._engine.turn(request)
        except (EngineUnreachable, EngineFailed, TimeoutError) as error:
            log.warning("no suggestion of the bot's", intent=intent, reason=type(error).__name__)
            return None
        return _answer(result, intent, profile)

    def _articles(
        self, asked: Question, intent: str | None, confidence: float | None, quoted: set[str]
    ) -> list[Document]:
        named = self._library.for_intent(asked.profile, intent, asked.text) if intent else None
        passages = [
            *([named] if named else []),
            *(
                each
                for each in self._library.search(asked.profile, asked.text, MOST_ARTICLES)
                if each.score >= ENOUGH
            ),
        ]
        fresh = {each.slug: each for each in reversed(passages) if each.url not in quoted}
        listed = [each for each in passages if fresh.get(each.slug) is each][:MOST_ARTICLES]
        return [
            {
                **_suggestion("article", Said(each.text, [_card(each)]), intent, confidence),
                "article": each.slug,
                "title": each.title,
            }
            for each in listed
        ]


def _last_words(session: Session, conversation_id: str) -> list[Message]:
    """The shopper's last words, oldest first: what no agent has answered, or else the last.

    What was written to a person goes alone: the bot has had its say on the rest, and the call for
    a person is no part of the question.
    """
    recent = session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.author.in_((SHOPPER, AGENT)))
        .order_by(Message.seq.desc())
        .limit(20)
    )
    words: list[Message] = []
    for message in recent:
        if message.author == AGENT and words:
            break
        # Buttons and pictures have a payload, and say nothing in words.
        if message.author == SHOPPER and message.payload is None:
            words.append(message)
        if len(words) == MESSAGES_READ:
            break
    return [each for each in words[::-1] if each.status == "person"] or words[::-1]


def _as_turn(asked: Question, now: datetime) -> TurnInput:
    return TurnInput(
        turn_id=f"look-{uuid.uuid4().hex[:32]}",
        conversation_id=asked.conversation_id,
        profile=asked.profile,
        viewer=asked.viewer,
        now=now,
        model=asked.model,
        attempt=1,
        failures=0,
        tracker_version=0,
        tracker=None,
        message={"text": asked.text},
        thresholds=asked.thresholds,
    )


def _answer(result: TurnResult, intent: str | None, profile: Profile) -> Said | None:
    understood: dict[str, Any] = result.parse.get("intent") or {}
    only = {f"action_{intent}", f"utter_{intent}"}
    if result.commands or result.active_loop or not set(result.actions) <= only:
        return None
    if understood.get("name") != intent:
        return None
    spoken = [voice.spoken(reply, profile) for reply in result.replies]
    text = "\n".join(each["text"] for each in spoken if each.get("text"))
    cards = [card for each in spoken for card in each.get("cards") or ()]
    buttons = [one for each in [*spoken, *cards] for one in each.get("buttons") or ()]
    titles = dict.fromkeys(str(one["title"]) for one in buttons)
    return Said(text, [_without_buttons(card) for card in cards], list(titles)) if text else None


def _without_buttons(card: Document) -> Document:
    return {name: value for name, value in card.items() if name != "buttons"}


def _card(passage: Passage) -> Document:
    return {
        "type": voice.ARTICLE,
        "title": passage.title,
        "section": passage.section,
        "url": passage.link,
    }


def _suggestion(source: str, said: Said, intent: str | None, confidence: float | None) -> Document:
    """``left_out``: buttons stay the bot's own, which does nothing while a person has the talk."""
    return {
        "text": said.text,
        "intent": intent,
        "confidence": confidence,
        "cards": said.cards,
        "left_out": said.buttons,
        "source": source,
    }
