"""Answers out of the help articles: quoted with their title and a link, never made up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from actions.base import KefuAction, Services
from actions.reply import PERSON, Button, Card, Reply
from actions.titles import suggestions
from actions.turn import Turn
from kefu.knowledge import Passage

_KEEPS_RECORDS = re.compile(
    r"(?:聊天|对话|沟通|客服).{0,3}(?:记录|内容).{0,6}(?:保存|导出|下载|留|截图|打印)"
)
NOTHING_FITS = "抱歉，帮助中心里没有找到能回答这个问题的说明，我不想随便给您一个答案。"


class KnowledgeAnswer(KefuAction):
    """Answers a question of general knowledge. Subclasses name the action and the ``intent``.

    ``offered``: intents of the services that often come next, shown as buttons.
    """

    intent: ClassVar[str]
    offered: ClassVar[tuple[str, ...]] = ()

    def answer(self, turn: Turn, reply: Reply) -> None:
        buttons = suggestions(self.offered)
        answer_from_library(turn, reply, self.services, intent=self.intent, buttons=buttons)


class SecuritySetup(KnowledgeAnswer):
    action_name: ClassVar[str] = "action_security_setup"
    intent: ClassVar[str] = "security_setup"


class PrivacyQuestion(KnowledgeAnswer):
    """「聊天记录怎么保存」 is answered by its own article, be it another than that of privacy."""

    action_name: ClassVar[str] = "action_privacy_question"
    intent: ClassVar[str] = "privacy_question"

    def answer(self, turn: Turn, reply: Reply) -> None:
        passage = find(turn, self.services) if _KEEPS_RECORDS.search(turn.text) else None
        if passage:
            quote(reply, passage)
        else:
            super().answer(turn, reply)


class LoginRegister(KnowledgeAnswer):
    action_name: ClassVar[str] = "action_login_register"
    intent: ClassVar[str] = "login_register"
    offered: ClassVar[tuple[str, ...]] = ("account_locked", "password_reset")


class PaymentMethod(KnowledgeAnswer):
    action_name: ClassVar[str] = "action_payment_method"
    intent: ClassVar[str] = "payment_method"
    offered: ClassVar[tuple[str, ...]] = ("payment_failure",)


class ArticleAnswer(KefuAction):
    """Quotes the article that names the turn's own intent: for intents that trainers make."""

    action_name: ClassVar[str] = "action_article"

    def answer(self, turn: Turn, reply: Reply) -> None:
        answer_from_library(turn, reply, self.services, intent=turn.intent)


def answer_from_library(
    turn: Turn,
    reply: Reply,
    services: Services,
    *,
    intent: str | None = None,
    buttons: Sequence[Button] = (),
) -> None:
    """Quote what the articles say to the shopper's words, or admit that they say nothing.

    With an ``intent``, its article answers however little the words fit.
    """
    passage = find(turn, services, intent)
    if passage:
        quote(reply, passage, buttons)
    else:
        reply.offer_person(NOTHING_FITS, buttons=buttons)


def find(turn: Turn, services: Services, intent: str | None = None) -> Passage | None:
    """The passage for ``intent``, else for the shopper's words alone; ``None``: no article fits."""
    library, profile = services.library, turn.claims.profile
    named = library.for_intent(profile, intent, turn.text) if intent else None
    return named or library.answer(profile, turn.text)


def quote(reply: Reply, passage: Passage, buttons: Sequence[Button] = ()) -> None:
    """One bubble: the title, the passage, a card that leads to the whole article."""
    part = f" {passage.section}" if passage.section else ""
    text = f"《{passage.title}》{part}\n{passage.text}"
    reply.say(text, [*buttons, PERSON], [article_card(passage)])


def article_card(passage: Passage) -> Card:
    """``url`` is a path on the desk that serves the chat."""
    return {
        "type": "article",
        "title": passage.title,
        "section": passage.section,
        "url": passage.link,
    }
