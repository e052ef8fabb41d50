"""Answers out of the help articles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from actions.knowledge import NOTHING_FITS
from actions.registry import KNOWLEDGE
from kefu.knowledge import load_library
from kefu.profiles import Profiles
from tests.unit.actions.conftest import Answer, Bot
from tests.unit.actions.form_talk import Talk

KNOWN = [
    ("怎么开两步验证", "security_setup"),
    ("你们会不会泄露我的信息", "privacy_question"),
    ("收不到验证码登不上", "login_register"),
    ("能用花呗分期吗", "payment_method"),
    ("包邮吗", "shipping_policy"),
]


@pytest.fixture
def without_articles(bot: Bot, profiles: Profiles, tmp_path: Path) -> Bot:
    """The same shopper where nobody has written an article."""
    empty = load_library(tmp_path / "none", [profiles["demo"]], frozenset(), tmp_path / "cache")
    return replace(bot, services=replace(bot.services, library=empty))


def ask(bot: Bot, text: str, intent: str) -> Answer:
    return bot.hears(text, intent).runs(f"action_{intent}")


@pytest.mark.parametrize(("text", "intent"), KNOWN)
def test_an_answer_quotes_title_and_passage_and_leads_to_the_article(
    bot: Bot, text: str, intent: str
) -> None:
    answer = ask(bot, text, intent)
    (card,) = answer.cards
    slug = card["url"].removeprefix("/help/demo/").partition("#")[0]
    article = bot.services.library.article("demo", slug)
    assert intent in article.intents
    assert (card["type"], card["title"]) == ("article", article.title)
    title, _, passage = answer.text.partition("\n")
    assert title.startswith(f"《{article.title}》")
    assert card["section"] in title
    plain = "\n".join(section.text for section in article.sections)
    assert passage
    assert passage.removesuffix("…") in plain
    assert answer.payloads[-1] == "/human_agent"


@pytest.mark.parametrize("intent", [each.intent for each in KNOWLEDGE])
def test_a_pressed_button_is_answered_too(bot: Bot, intent: str) -> None:
    answer = bot.hears(intent=intent).runs(f"action_{intent}")
    assert [card["type"] for card in answer.cards] == ["article"]


@pytest.mark.parametrize(("text", "intent"), KNOWN)
def test_without_an_article_it_says_so_and_offers_a_person(
    without_articles: Bot, text: str, intent: str
) -> None:
    answer = ask(without_articles, text, intent)
    assert answer.text.startswith(NOTHING_FITS)
    assert answer.cards == []
    assert answer.payloads[-1] == "/human_agent"
    without_articles.hears("好的", "affirm")
    (command,) = without_articles.runs("action_affirm").commands
    assert command["type"] == "handoff"


def test_the_words_choose_the_section(bot: Bot) -> None:
    plan = ask(bot, "可以分期付款吗", "payment_method")
    limit = ask(bot, "付款限额是谁定的", "payment_method")
    assert plan.cards[0]["section"] != limit.cards[0]["section"]


def test_the_next_service_is_offered(bot: Bot) -> None:
    assert ask(bot, "登不上去", "login_register").payloads == [
        "/account_locked",
        "/password_reset",
        "/human_agent",
    ]


def test_words_that_the_model_does_not_know_are_looked_up_once(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    ranking = ("nlu_fallback", "return_shipping")
    first = bot.hears("退货的运费险怎么赔", "nlu_fallback", ranking).runs("action_clarify")
    assert first.cards[0]["type"] == "article"
    assert first.payloads == ["/return_shipping", "/human_agent"]
    bot.events.append({"event": "bot", "text": first.text, "data": {}})
    again = bot.hears("退货的运费险怎么赔", "nlu_fallback", ranking).runs("action_clarify")
    assert again.cards == []
    assert "没太听懂" in again.text
    assert bot.hears("运费险", "nlu_fallback", ranking).runs("action_clarify").commands


def test_an_article_is_no_order_to_choose(bot: Bot) -> None:
    bot.hears("你好", "greet").runs("action_affirm")
    ask(bot, "包邮吗", "shipping_policy")
    answer = bot.hears("第一个", "nlu_fallback").runs("action_clarify")
    assert answer.cards == []


def test_a_likely_question_beside_a_number_is_answered(bot: Bot, as_shopper: Any) -> None:
    number = bot.orders()[0].order_number
    ranking = ("nlu_fallback", "payment_method")
    answer = bot.hears(f"{number}能分期吗", "nlu_fallback", ranking).runs("action_clarify")
    assert answer.cards[0]["type"] == "article"


def test_how_a_talk_is_kept_is_no_question_of_privacy(bot: Bot) -> None:
    answer = bot.hears("聊天记录怎么保存", "privacy_question").runs("action_privacy_question")
    assert "聊天记录" in answer.cards[0]["title"]


def test_a_brand_that_sells_nothing_says_who_does(as_shopper: Any) -> None:
    wallet = as_shopper("w0001", profile="tpwallet")
    for text in ("我要退货", "催发货", "快递到哪了"):
        answer = wallet.hears(text, "nlu_fallback").runs("action_clarify")
        assert "卖家" in answer.text
        assert answer.payloads == ["/order_status", "/refund_progress", "/human_agent"]
        assert not answer.commands


def test_another_article_answers_another_question(as_shopper: Any) -> None:
    talk = Talk(as_shopper(None, profile="tpwallet"))
    assert "提现" in talk.says("提现多久", "nlu_fallback").text
    assert "手续费" in talk.says("手续费多少", "nlu_fallback").text
    again = talk.says("手续费多少", "nlu_fallback")
    assert "没太听懂" in again.text


def test_after_a_miss_only_an_article_that_fits_well_keeps_the_person_waiting(
    as_shopper: Any,
) -> None:
    talk = Talk(as_shopper(None, profile="tpwallet"))
    talk.says("啊吧啊吧哒哒", "nlu_fallback")
    assert "手续费" in talk.says("手续费多少", "nlu_fallback").text
    talk.says("啊吧啊吧哒哒", "nlu_fallback")
    (command,) = talk.says("滴里嘟噜咕嘎", "nlu_fallback").commands
    assert command["type"] == "handoff"
