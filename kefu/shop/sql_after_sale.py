"""RMAs, on SQL."""

from __future__ import annotations

from datetime import datetime

from kefu.shop import return_rules, returns
from kefu.shop.model import (
    Order,
    Return,
    ReturnKind,
    ReturnReason,
    TurnRef,
    Verdict,
    Viewer,
)
from kefu.shop.sql_door import SqlDoor


class SqlAfterSale(SqlDoor):
    """The ``AfterSale`` of the bundled shop, and the opening of RMAs."""

    def return_verdict(
        self,
        viewer: Viewer,
        order: Order,
        item_id: str,
        now: datetime,
        reason: ReturnReason | None = None,
        *,
        kind: ReturnKind = ReturnKind.RETURN,
    ) -> Verdict:
        months = 0
        if kind is ReturnKind.REPAIR:
            with self._reading() as session:
                months = returns.warranty_months(session, viewer.profile, order, item_id)
        policy = self._policy(viewer.profile)
        return return_rules.verdict_for(
            kind, order, item_id, now, reason, policy=policy, warranty_months=months
        )

    def request_return(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        order_number: str,
        item_id: str,
        reason: ReturnReason,
        note: str = "",
        kind: ReturnKind = ReturnKind.RETURN,
        wanted_variant: str | None = None,
    ) -> Return:
        application = returns.Application(order_number, item_id, reason, note, kind, wanted_variant)
        policy = self._policy(viewer.profile)
        return self._write(
            lambda session: returns.request_return(session, viewer, turn, application, policy)
        )

    def return_by_number(self, viewer: Viewer, rma_number: str) -> Return | None:
        with self._reading() as session:
            return returns.find_return(session, viewer, rma_number)

    def submit_return_tracking(
        self,
        viewer: Viewer,
        turn: TurnRef,
        *,
        rma_number: str,
        carrier_code: str,
        tracking_number: str,
    ) -> Return:
        return self._write(
            lambda session: returns.submit_tracking(
                session,
                viewer,
                turn,
                rma_number,
                carrier_code=carrier_code,
                tracking_number=tracking_number,
            )
        )

    def cancel_return(self, viewer: Viewer, turn: TurnRef, *, rma_number: str) -> Return:
        return self._write(lambda session: returns.cancel_return(session, viewer, turn, rma_number))
