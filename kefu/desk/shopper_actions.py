"""Carry out in the shop what an agent does for a shopper: once, audited, and told in the talk."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.conversation import events, outcomes, state
from kefu.desk import shop_acts, shop_fields
from kefu.desk.errors import ActionRefused, OrderNotFound
from kefu.desk.scope import Scope
from kefu.desk.shop_acts import ACCOUNT, ACTS, Act, Subject
from kefu.desk.shopper_side import Looking, looking, may_see
from kefu.privacy.mask import mask_message
from kefu.profiles import Profile, Profiles
from kefu.shop.gateway import (
    OperationConflict,
    RuleRefused,
    ShopGateway,
    ShopReadOnly,
    ShopUnavailable,
)
from kefu.shop.model import Operation, TurnRef
from kefu.store.base import Document
from kefu.store.database import Database, utc_now
from kefu.store.desk_tables import ShopperAction
from kefu.store.tables import Conversation
from kefu.tickets.opening import Matter, number_from, register

# No shop takes longer to answer: what has begun earlier and was not finished, nobody works on.
LOST_AFTER = timedelta(seconds=60)

log = structlog.get_logger("kefu.desk")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an agent asks for; ``operation`` is the key under which the shop does it once."""

    act: Act
    operation: str
    order_number: str | None
    values: Mapping[str, str]

    @property
    def fields_hash(self) -> str:
        told = json.dumps([self.act.name, self.order_number, dict(self.values)], sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()


def operation_key(conversation_id: str, staff_id: int, operation_id: str) -> str:
    """The client's id in the place of a turn's: nobody can name another's operation by it."""
    named = f"{conversation_id}\n{staff_id}\n{operation_id}"
    return f"desk:{hashlib.sha256(named.encode()).hexdigest()[:32]}"


class ShopDesk:
    """Does what agents ask for. ``profiles`` word the tickets where the shop is read-only."""

    def __init__(self, database: Database, shop: ShopGateway, profiles: Profiles) -> None:
        self._database = database
        self._shop = shop
        self._profiles = profiles

    async def carry_out(
        self,
        conversation_id: str,
        scope: Scope,
        *,
        operation_id: str,
        name: str,
        order_number: str | None,
        fields: Mapping[str, str],
    ) -> Document:
        """``{done, text, card}``; the same ``operation_id`` again gets the same answer.

        Raises ``ActionRefused``, ``OrderNotFound``, ``RuleRefused``, ``OperationConflict``,
        ``ShopUnavailable`` (ask again with the same id), ``StateConflict``.
        """
        act = ACTS.get(name)
        if act is None:
            raise ActionRefused("no such action", title="没有这项操作，请刷新页面后重试。")
        asked = Asked(
            act,
            operation_key(conversation_id, scope.staff_id, operation_id),
            None if act.about == ACCOUNT else order_number,
            dict(fields),
        )
        known = await self._database.read(
            lambda session: _known(session, conversation_id, scope, asked)
        )
        if known.result is not None:
            return known.result
        if known.begun:
            before = await asyncio.to_thread(self._shop.operations, asked.operation)
            if before:
                return await self._told(asked, before, None)
        subject = await asyncio.to_thread(self._subject, known.looking, asked)
        form = asked.act.form(subject)
        values = shop_fields.check(form, asked.values)
        if act.some and not values:
            raise ActionRefused("nothing is filled in", title="请至少填写一项要修改的内容。")
        await self._database.write(lambda session: _begin(session, conversation_id, scope, asked))
        try:
            done, card = await asyncio.to_thread(self._do, subject, asked, values)
        except RuleRefused as error:
            code = error.verdict.code
            await self._database.write(lambda session: _refuse(session, asked, scope, code))
            raise
        except ShopReadOnly:
            told = shop_fields.told(form, values)
            return await self._database.write(
                lambda session: self._write_down(session, asked, scope, told)
            )
        return await self._told(asked, done, card)

    async def _told(
        self, asked: Asked, done: tuple[Operation, ...], card: Document | None
    ) -> Document:
        sentence = "".join(outcomes.sentences(done)) or f"已为您办理{asked.act.title}。"
        return await self._database.write(
            lambda session: _finish(session, asked.operation, sentence, card)
        )

    async def settle(self, conversation_id: str) -> None:
        """Ask the shop about what was begun and never finished: a desk died in between."""
        before = utc_now() - LOST_AFTER
        lost = await self._database.read(lambda session: _lost(session, conversation_id, before))
        for operation in lost:
            try:
                done = await asyncio.to_thread(self._shop.operations, operation)
            except ShopUnavailable:
                return
            sentence = "".join(outcomes.sentences(done))
            if done:
                await self._database.write(
                    lambda session, key=operation, text=sentence: _finish(session, key, text, None)
                )
            else:
                await self._database.write(lambda session, key=operation: _forget(session, key))

    def _subject(self, looked: Looking, asked: Asked) -> Subject:
        now = utc_now()
        if asked.act.about == ACCOUNT:
            if looked.sellers is not None:
                raise ActionRefused("a seller's agent", title="账号问题请转给平台客服处理。")
            return Subject(looked.viewer, now, account=self._shop.account(looked.viewer))
        if not asked.order_number or not looked.known:
            raise OrderNotFound("no order is named, or the shopper is not known")
        order = self._shop.order(looked.viewer, asked.order_number)
        if order is None or not may_see(order, looked.sellers):
            raise OrderNotFound("no such order of the shopper's, or another seller's")
        return Subject(looked.viewer, now, order=order)

    def _do(
        self, subject: Subject, asked: Asked, values: Mapping[str, str]
    ) -> tuple[tuple[Operation, ...], Document | None]:
        """What was done, in this call or an earlier one with the same key."""
        done = self._shop.operations(asked.operation)
        if done:
            return done, None
        if asked.act.about == ACCOUNT and subject.account is None:
            raise RuleRefused(shop_acts.SIGN_IN)
        card = asked.act.run(self._shop, subject, TurnRef(asked.operation, subject.now), values)
        try:
            return self._shop.operations(asked.operation), card
        except ShopUnavailable:
            log.warning("done, and cannot be read back", operation=asked.operation)
            return (), card

    def _write_down(self, session: Session, asked: Asked, scope: Scope, told: str) -> Document:
        """Where the shop lets nothing be written it becomes a ticket, and people do it."""
        row = session.get_one(ShopperAction, asked.operation)
        conversation = events.lock(session, row.conversation_id)
        session.refresh(row)
        if row.state == "registered" and row.result:
            return row.result
        profile: Profile = self._profiles[row.profile]
        now = utc_now()
        about = f"订单 {asked.order_number}。" if asked.order_number else ""
        details = f"客服{scope.member.staff.name}代顾客申请{asked.act.title}。{about}{told}"
        matter = Matter(
            number=number_from(asked.operation, now),
            profile=profile,
            kind="service",
            subject=asked.act.title,
            details=mask_message(details, profile.known_numbers).text,
            order_number=asked.order_number,
            account_id=conversation.account_id,
            contact=None,
            conversation_id=conversation.conversation_id,
            actor=f"staff:{scope.staff_id}",
        )
        opened = register(session, matter, now)
        text = f"店铺系统不接受直接修改，已登记工单 {opened.ticket.number}，由专人办理。"
        result: Document = {
            "done": False,
            "text": text,
            "card": None,
            "ticket": opened.ticket.number,
        }
        row.state, row.result = "registered", result
        events.say(session, conversation, opened.sentence)
        _audit(session, conversation, row, "shopper_action_registered")
        return result


@dataclass(frozen=True, slots=True)
class _Known:
    looking: Looking
    begun: bool
    result: Document | None


def _known(session: Session, conversation_id: str, scope: Scope, asked: Asked) -> _Known:
    conversation = scope.require(session, conversation_id)
    row = _row(session, asked)
    if row is None:
        state.require_owner(session, conversation, scope.staff_id)
    result = row.result if row else None
    return _Known(looking(conversation, scope), row is not None, result)


def _row(session: Session, asked: Asked) -> ShopperAction | None:
    row = session.get(ShopperAction, asked.operation)
    if row is not None and row.fields_hash != asked.fields_hash:
        raise OperationConflict("the same operation with other data")
    return row


def _begin(session: Session, conversation_id: str, scope: Scope, asked: Asked) -> None:
    """From here on the desk knows of it, whatever happens."""
    conversation = events.lock(session, conversation_id)
    row = _row(session, asked)
    if row is not None:
        if row.result is None:  # Else a copy of this very request has just been through.
            row.state, row.at = "begun", utc_now()
        return
    state.require_owner(session, conversation, scope.staff_id)
    row = ShopperAction(
        operation=asked.operation,
        profile=conversation.profile,
        conversation_id=conversation_id,
        staff_id=scope.staff_id,
        name=asked.act.name,
        order_number=asked.order_number,
        fields_hash=asked.fields_hash,
        state="begun",
        result=None,
        at=utc_now(),
    )
    session.add(row)
    _audit(session, conversation, row, "shopper_action_begun")


def _refuse(session: Session, asked: Asked, scope: Scope, code: str) -> None:
    row = session.get_one(ShopperAction, asked.operation)
    conversation = events.lock(session, row.conversation_id)
    session.refresh(row)
    if row.result is not None:
        return
    row.state = "refused"
    _audit(session, conversation, row, "shopper_action_refused", code=code)


def _finish(session: Session, operation: str, sentence: str, card: Document | None) -> Document:
    """Tell it in the talk and note who did it, once."""
    row = session.get_one(ShopperAction, operation)
    conversation = events.lock(session, row.conversation_id)
    session.refresh(row)
    if row.state == "done" and row.result:
        return row.result
    result: Document = {"done": True, "text": sentence, "card": card}
    row.state, row.result = "done", result
    events.say(session, conversation, sentence)
    _audit(session, conversation, row, "shopper_action")
    return result


def _forget(session: Session, operation: str) -> None:
    """The shop knows nothing of it: it was not done."""
    row = session.get_one(ShopperAction, operation)
    conversation = events.lock(session, row.conversation_id)
    session.refresh(row)
    if row.state == "begun":
        row.state = "refused"
        _audit(session, conversation, row, "shopper_action_refused", code="not_done")


def _lost(session: Session, conversation_id: str, before: datetime) -> list[str]:
    return list(
        session.scalars(
            select(ShopperAction.operation).where(
                ShopperAction.conversation_id == conversation_id,
                ShopperAction.state == "begun",
                ShopperAction.at < before,
            )
        )
    )


def _audit(
    session: Session, conversation: Conversation, row: ShopperAction, action: str, **more: Any
) -> None:
    """What was done to which order; never an address, a name or a phone number."""
    events.audit(
        session,
        conversation,
        f"staff:{row.staff_id}",
        action,
        name=row.name,
        order_number=row.order_number,
        operation=row.operation,
        **more,
    )
