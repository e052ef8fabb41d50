"""What holds after every accident: one checker for all tests that break things.

Every accepted message stands once, in order, and is answered once; every effect in the shop belongs
to a turn and happened once; a client that replayed events sees what the server has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from kefu.conversation import events
from kefu.shop.after_sale_tables import ReturnRow
from kefu.shop.ledger import NoticeRow, OperationRow
from kefu.shop.schema import UrgeRow
from kefu.store.database import connect
from kefu.store.tables import Conversation, Event, Message, Turn

Json = dict[str, Any]
EMPTY: Json = {"state": "bot", "last_seq": 0, "messages": []}
OVER = {"done", "failed", "overtaken"}


@dataclass
class Client:
    """What one shopper's side knows.

    ``accepted``: the ``seq`` that each client id was answered with. ``view``: what it shows, from
    events alone. ``urged``: the order that a message asks to be shipped, by its client id.
    """

    conversation_id: str
    accepted: dict[str, int] = field(default_factory=dict)
    view: Json = field(default_factory=lambda: EMPTY)
    urged: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Figures:
    """What was found on the way."""

    messages: int = 0
    turns: int = 0
    retried: int = 0
    failed: int = 0
    effects: int = 0


class Invariants:
    """Looks into both databases. Made before anything happens, it leaves out what was there."""

    def __init__(self, desk_url: str, shop_url: str) -> None:
        self._desk = connect(desk_url).execution_options(reading=True)
        self._shop = connect(shop_url).execution_options(reading=True)
        self._returns_before = set(self._all(self._shop, select(ReturnRow.rma_number)))
        self._urges_before = set(self._urges())

    def close(self) -> None:
        self._desk.dispose()
        self._shop.dispose()

    def unsettled(self, conversation_ids: Sequence[str]) -> list[str]:
        """Those of the conversations in which something is still to be done."""
        pending = select(Message.conversation_id).where(Message.status.in_(["pending", "turn"]))
        running = select(Turn.conversation_id).where(Turn.status == "open")
        found = {*self._all(self._desk, pending), *self._all(self._desk, running)}
        return sorted(found & set(conversation_ids))

    def last_seq(self, conversation_id: str) -> int:
        with Session(self._desk) as session:
            return session.get_one(Conversation, conversation_id).last_seq

    def check(self, clients: Iterable[Client]) -> Figures:
        """Raise ``AssertionError`` for the first thing that does not hold."""
        messages = turns = retried = failed = 0
        with Session(self._desk) as session:
            for client in clients:
                found = _conversation(session, client)
                messages += len(client.accepted)
                turns += len(found)
                retried += sum(turn.attempt > 1 for turn in found)
                failed += sum(turn.status != "done" for turn in found)
                self._urged_once(client, found, session)
            over = {turn_id for (turn_id,) in session.execute(_turns_over())}
        return Figures(messages, turns, retried, failed, self._effects(over))

    def _effects(self, over: set[str]) -> int:
        """Each effect belongs to a finished turn, and each row to an effect."""
        with Session(self._shop) as session:
            operations = session.scalars(select(OperationRow)).all()
            notices = Counter(session.scalars(select(NoticeRow.kind)))
        orphans = [each.turn_id for each in operations if each.turn_id not in over]
        assert not orphans, f"effects of turns that never ended: {orphans}"
        by_name: dict[str, list[Json]] = {}
        for each in operations:
            by_name.setdefault(each.name, []).append(each.result)
        asked = [str(result["rma_number"]) for result in by_name.get("request_return", [])]
        returns = set(self._all(self._shop, select(ReturnRow.rma_number))) - self._returns_before
        assert sorted(asked) == sorted(returns), f"returns {returns}, operations {asked}"
        sent = [each for each in by_name.get("urge_shipping", []) if not each["repeated"]]
        urges = set(self._urges()) - self._urges_before
        assert len(sent) == len(urges), f"urges {urges}, operations {sent}"
        assert notices["shipping_urged"] == len(sent), "a notice for each reminder"
        assert notices["return_requested"] == len(asked), "a notice for each return"
        return len(operations)

    def _urged_once(self, client: Client, turns: Sequence[Turn], session: Session) -> None:
        """What was asked for, and answered by the bot, was done."""
        urged = {number for _, number, _ in self._urges()}
        done = {one for turn in turns if turn.status == "done" for one in turn.message_ids}
        for client_id, order_number in client.urged.items():
            message = _message(session, client.conversation_id, client_id)
            if message.message_id in done:
                assert order_number in urged, f"{order_number} was not urged"

    def _urges(self) -> list[tuple[str, str, Any]]:
        query = select(UrgeRow.profile, UrgeRow.order_number, UrgeRow.day)
        with Session(self._shop) as session:
            return [tuple(row) for row in session.execute(query)]

    @staticmethod
    def _all(engine: Engine, query: Any) -> list[Any]:
        with Session(engine) as session:
            return list(session.scalars(query))


def _turns_over() -> Any:
    return select(Turn.turn_id).where(Turn.status.in_(OVER))


def _conversation(session: Session, client: Client) -> list[Turn]:
    talk = client.conversation_id
    conversation = session.get_one(Conversation, talk)
    log = session.scalars(
        select(Event).where(Event.conversation_id == talk).order_by(Event.seq)
    ).all()
    assert [each.seq for each in log] == list(range(1, conversation.last_seq + 1)), "a gap"
    turns = list(
        session.scalars(select(Turn).where(Turn.conversation_id == talk).order_by(Turn.created_at))
    )
    _messages_stand_once(session, client, log)
    _answered_once(session, talk, turns, log)
    fresh = events.apply(EMPTY, events.since(session, talk, 0, limit=100_000))
    assert fresh["state"] == conversation.state
    assert client.view == fresh, "old state + events == fresh state"
    return turns


def _messages_stand_once(session: Session, client: Client, log: Sequence[Event]) -> None:
    rows = session.scalars(
        select(Message)
        .where(Message.conversation_id == client.conversation_id, Message.author == "shopper")
        .order_by(Message.message_id)
    ).all()
    assert {row.client_message_id: row.seq for row in rows} == client.accepted
    assert len(rows) == len(client.accepted)
    assert [row.seq for row in rows] == sorted(row.seq for row in rows), "out of order"
    for row in rows:
        body = log[row.seq - 1].body
        assert (body["from"], body["text"]) == ("shopper", row.text)
        assert body["client_message_id"] == row.client_message_id
        assert row.status in {"done", "person"}, f"message {row.seq} is {row.status}"
    shown = Counter(each.body.get("client_message_id") for each in log)
    assert all(shown[client_id] == 1 for client_id in client.accepted)


def _answered_once(
    session: Session, talk: str, turns: Sequence[Turn], log: Sequence[Event]
) -> None:
    answers: dict[str, list[int]] = {}
    for each in log:
        if "turn_id" in each.body:
            answers.setdefault(each.body["turn_id"], []).append(each.seq)
    answered: list[int] = []
    last = 0
    for turn in turns:
        assert turn.status in OVER, f"a turn is {turn.status}"
        answered += turn.message_ids
        seqs = answers.get(turn.turn_id, [])
        if turn.status != "overtaken":
            assert seqs or any(each.type == "state" for each in log), "a turn without an answer"
        if seqs:
            assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "answered in two pieces"
            assert seqs[0] > last, "answers out of order"
            last = seqs[-1]
    assert len(answered) == len(set(answered)), "a message in two turns"
    assert answered == sorted(answered), "turns out of order"
    done = session.scalars(
        select(Message.message_id).where(Message.conversation_id == talk, Message.status == "done")
    )
    assert set(done) <= set(answered), "done without a turn"


def _message(session: Session, talk: str, client_id: str) -> Message:
    return session.scalars(
        select(Message).where(
            Message.conversation_id == talk,
            Message.author == "shopper",
            Message.client_message_id == client_id,
        )
    ).one()
