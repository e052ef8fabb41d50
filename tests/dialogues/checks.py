"""Whether what came of a turn is what was expected."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.dialogues.format import Turn, is_pattern
from tests.dialogues.rows import Holder, matches
from tests.dialogues.talk import Answer, Talk
from tests.dialogues.variables import fill_in_all

# What no shopper may ever read.
_NEVER = re.compile(r"utter_|action_|\bNone\b|\bnull\b|\{[a-z_]+\}|slot|刚才的消息处理时出了点问题")


def mistakes(turn: Turn, answer: Answer, talk: Talk) -> list[str]:
    """In what the answer differs from what the turn expects; empty if it is right."""
    return list(_mistakes(turn, answer, talk))


def _mistakes(turn: Turn, answer: Answer, talk: Talk) -> Iterator[str]:
    holder = talk.holder
    wanted = fill_in_all(
        turn.model_dump(include={"says", "not_says", "buttons", "no_buttons", "cards", "effect"}),
        holder,
    )
    if turn.refused != answer.refused:
        yield f"refused: {answer.refused or 'nothing'} ({answer.title})"
    silent = turn.no_answer or turn.back or turn.code or turn.leave
    if not (silent or answer.refused or answer.events):
        yield "nothing was answered"
    if turn.no_answer and answer.text:
        yield f"no_answer: {answer.text}"
    yield from _text_mistakes(wanted, answer, talk)
    yield from _button_mistakes(wanted, answer.titles)
    yield from _card_mistakes(turn, wanted["cards"], answer.cards)
    if turn.state and talk.state != turn.state:
        yield f"state: {talk.state}"
    if turn.event and all(each["type"] != turn.event for each in answer.events):
        yield f"event: no {turn.event}"
    yield from _action_mistakes(turn, holder)
    if turn.stored and turn.stored in holder.stored_text():
        yield f"stored: {turn.stored} was kept in full"
    for table, expected in wanted["effect"].items():
        yield from effect_mistakes(holder, table, expected)


def _text_mistakes(wanted: Mapping[str, Any], answer: Answer, talk: Talk) -> Iterator[str]:
    text = answer.text
    for each in wanted["says"]:
        if not _stands_in(each, text):
            yield f"says: not {each!r}"
    for each in wanted["not_says"]:
        if _stands_in(each, text):
            yield f"not_says: {each!r}"
    if found := _NEVER.search(text):
        yield f"says {found.group()!r}, which no shopper may read"
    for account in talk.holder.rows("accounts") if talk.account else ():
        if account["phone"] in text and account["phone"] not in "\n".join(talk.typed):
            yield "shows the shopper's whole phone number"


def _stands_in(wanted: str, text: str) -> bool:
    return bool(re.search(wanted[1:-1], text)) if is_pattern(wanted) else wanted in text


def _button_mistakes(wanted: Mapping[str, Any], titles: list[str]) -> Iterator[str]:
    for each in wanted["buttons"]:
        if not any(each in title for title in titles):
            yield f"buttons: no {each!r} in {titles}"
    for each in wanted["no_buttons"]:
        if any(each in title for title in titles):
            yield f"no_buttons: {each!r} in {titles}"


def _card_mistakes(
    turn: Turn, wanted: list[str | dict[str, Any]], cards: list[dict[str, Any]]
) -> Iterator[str]:
    for each in wanted:
        fields = {"type": each} if isinstance(each, str) else each
        if not any(all(_same(card.get(k), v) for k, v in fields.items()) for card in cards):
            yield f"cards: no {each} in {cards}"
    if turn.no_cards and cards:
        yield f"no_cards: {cards}"


def _same(found: Any, wanted: Any) -> bool:
    return found == wanted or (found is not None and str(found) == str(wanted))


def _action_mistakes(turn: Turn, holder: Holder) -> Iterator[str]:
    if not (turn.action or turn.not_action):
        return
    last = holder.last_turn()
    ran = list(last.actions or ()) if last else []
    for each in turn.action:
        if each not in ran:
            yield f"action: no {each} in {ran}"
    for each in turn.not_action:
        if each in ran:
            yield f"not_action: {each} in {ran}"


def effect_mistakes(holder: Holder, table: str, expected: Any) -> Iterator[str]:
    """``operations`` is the list of what this talk has done in the shop, in any order. Of another
    table as many rows as ``count`` (1) hold the columns; a list is several such rules.
    """
    if table == "operations":
        done = holder.operations()
        if Counter(done) != Counter(expected):
            yield f"operations: {done}"
        return
    rows = holder.rows(table)
    for rule in expected if isinstance(expected, list) else [expected]:
        columns = dict(rule)
        count = columns.pop("count", 1)
        found = sum(matches(row, columns) for row in rows)
        if found != count:
            shown = [{name: str(row[name]) for name in columns} for row in rows]
            yield f"{table}: {found} rows with {columns} instead of {count}; there are {shown}"
