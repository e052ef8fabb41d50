"""The shopper's side of a talk: account, orders, tickets, earlier talks, and what can be done."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from kefu.desk import shop_views, talks
from kefu.desk.scope import Scope
from kefu.desk.shop_acts import ACCOUNT, ACTS, ORDER, Subject
from kefu.shop.gateway import ShopGateway, ShopUnavailable
from kefu.shop.model import Account, Order, Viewer
from kefu.store.base import Document
from kefu.store.database import Database, utc_now
from kefu.store.service_tables import Ticket
from kefu.store.tables import Conversation
from kefu.tickets import listing

ORDERS_READ = 50
ORDERS_SHOWN = 20
TICKETS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Looking:
    """As whom the shop is asked; ``sellers``: those whose orders the agent may see, or all."""

    viewer: Viewer
    sellers: frozenset[str] | None

    @property
    def known(self) -> bool:
        return self.viewer.account_id is not None or bool(self.viewer.verified_orders)


@dataclass(frozen=True, slots=True)
class Found:
    account: Account | None = None
    orders: tuple[Order, ...] = ()
    problem: Document | None = None


def looking(conversation: Conversation, scope: Scope) -> Looking:
    viewer = Viewer(
        conversation.profile,
        conversation.account_id,
        frozenset(conversation.verified_orders),
    )
    return Looking(viewer, scope.sellers(conversation.profile))


async def side(
    database: Database, shop: ShopGateway, conversation_id: str, scope: Scope
) -> Document:
    """Everything; while the shop is away all but what it knows, with the problem named.

    Raises ``ConversationNotFound``.
    """
    asked, desk_side = await database.read(
        lambda session: _desk_side(session, conversation_id, scope)
    )
    found = await asyncio.to_thread(_ask_shop, shop, asked)
    now = utc_now()
    actions = await asyncio.to_thread(partial(_actions, shop, asked, found, now))
    return {
        "account": shop_views.account(found.account) if found.account else None,
        "orders": [shop_views.order(each) for each in found.orders],
        **desk_side,
        "actions": actions,
        "problem": found.problem,
    }


def may_see(order: Order, sellers: frozenset[str] | None) -> bool:
    """Whether an agent of these sellers may see the order; ``None``: every seller's."""
    if sellers is None:
        return True
    of_items = {item.seller_id for item in order.items}
    theirs = {order.seller_id} if order.seller_id else of_items
    return bool(theirs) and theirs <= sellers


def _desk_side(session: Session, conversation_id: str, scope: Scope) -> tuple[Looking, Document]:
    conversation = scope.require(session, conversation_id)
    return looking(conversation, scope), {
        "tickets": _tickets(session, conversation, scope),
        "earlier": talks.earlier(session, conversation, scope),
    }


def _tickets(session: Session, conversation: Conversation, scope: Scope) -> list[Document]:
    theirs = Ticket.conversation_id == conversation.conversation_id
    if conversation.account_id:
        theirs = or_(theirs, Ticket.account_id == conversation.account_id)
    rows = session.scalars(
        select(Ticket)
        .where(Ticket.profile == conversation.profile, theirs, scope.tickets())
        .order_by(Ticket.created_at.desc())
        .limit(TICKETS_SHOWN)
    ).all()
    return listing.for_staff(session, rows)


def _ask_shop(shop: ShopGateway, asked: Looking) -> Found:
    if not asked.known:
        return Found()
    try:
        account = shop.account(asked.viewer)
        page = shop.orders(asked.viewer, limit=ORDERS_READ)
    except ShopUnavailable as error:
        return Found(problem={"code": error.code, "title": error.sentence})
    orders = [each for each in page.orders if may_see(each, asked.sellers)]
    return Found(account, tuple(orders[:ORDERS_SHOWN]))


def _actions(shop: ShopGateway, asked: Looking, found: Found, now: datetime) -> list[Document]:
    """What could be done: each order's, and the account's for whom is no seller's agent."""
    if found.problem:
        return []
    subjects = [Subject(asked.viewer, now, order=order) for order in found.orders]
    try:
        offered = [
            act.as_json(shop, subject)
            for subject in subjects
            for act in ACTS.values()
            if act.about == ORDER
        ]
    except ShopUnavailable:
        return []
    if asked.sellers is None:
        about_account = Subject(asked.viewer, now, account=found.account)
        offered += [
            act.as_json(shop, about_account) for act in ACTS.values() if act.about == ACCOUNT
        ]
    return offered
