"""A shop that is down, silent or locked: ``ShopUnavailable``, after about two seconds at most."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text

from kefu.shop import migrate
from kefu.shop.connection import open_engine
from kefu.shop.gateway import ShopGateway, ShopUnavailable
from kefu.shop.model import OrderState, ReturnReason, TurnRef, Viewer
from kefu.shop.schema import OrderRow
from kefu.shop.sql_gateway import SqlGateway
from tests.databases import fresh_database
from tests.shop_data import NOW, ShopData

SERVERS = ("postgresql", "mysql")


@contextmanager
def unavailable_within(seconds: float) -> Iterator[None]:
    start = time.monotonic()
    with pytest.raises(ShopUnavailable) as caught:
        yield
    assert time.monotonic() - start < seconds
    assert "1390000" not in str(caught.value.detail)


class Relay:
    """Passes bytes to a server until it is told to freeze: then it stays silent, but connected."""

    def __init__(self, host: str, port: int) -> None:
        self.server = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.flowing = threading.Event()
        self.flowing.set()
        self.open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.server)
            self.open += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while chunk := source.recv(65536):
                self.flowing.wait()
                target.sendall(chunk)
        except OSError:
            return
        finally:
            target.close()

    def close(self) -> None:
        self.flowing.set()
        for each in [self.listener, *self.open]:
            each.close()


@pytest.mark.parametrize("kind", SERVERS)
def test_nobody_listens(kind: str):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with closing(SqlGateway(f"{kind}://root@127.0.0.1:{port}/shop")) as shop:
        for call in every_call(shop):
            with unavailable_within(2):
                call()


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_accepts_and_says_nothing(kind: str):
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        closing(SqlGateway(f"{kind}://root@127.0.0.1:{silent.getsockname()[1]}/shop")) as shop,
        unavailable_within(4),
    ):
        shop.ping()


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_freezes_and_comes_back(kind: str, tmp_path: Path):
    with fresh_database(kind, tmp_path) as url:
        migrate(url)
        real = make_url(url)
        with (
            closing(Relay(real.host or "", real.port or 0)) as relay,
            closing(SqlGateway(real.set(port=relay.port).render_as_string(False))) as shop,
        ):
            assert shop.orders(Viewer("p", "a")).total == 0
            relay.flowing.clear()
            with unavailable_within(4):
                shop.orders(Viewer("p", "a"))
            relay.flowing.set()
            assert shop.orders(Viewer("p", "a")).total == 0


def every_call(shop: SqlGateway) -> list[Callable[[], object]]:
    viewer, turn = Viewer("p", "a"), TurnRef("t", NOW)
    return [
        shop.ping,
        lambda: shop.account(viewer),
        lambda: shop.orders(viewer, states=[OrderState.PAID]),
        lambda: shop.order(viewer, "KF1"),
        lambda: shop.failed_payments(viewer),
        lambda: shop.returns(viewer),
        lambda: shop.refunds(viewer),
        lambda: shop.operation(turn, "request_return", "KF1/1"),
        lambda: shop.operations("t"),
        lambda: shop.check_guest("p", "KF1", "0000", turn),
        lambda: shop.request_return(
            viewer, turn, order_number="KF1", item_id="1", reason=ReturnReason.OTHER
        ),
        lambda: shop.cancel_return(viewer, turn, rma_number="RMA1"),
        lambda: shop.settle_charge(viewer, turn, order_number="KF1"),
        lambda: shop.coupons(viewer),
        lambda: shop.membership(viewer),
        lambda: shop.unlock_account("p", "a", turn),
        lambda: shop.products("p", "保温杯"),
    ]


def test_an_order_locked_by_the_shop_itself(shop_url: str, shop: ShopGateway, data: ShopData):
    me = data.account()
    number = data.order(me)
    viewer = Viewer("p", me)

    def ask() -> object:
        return shop.request_return(
            viewer,
            TurnRef(f"t-{number}", NOW),
            order_number=number,
            item_id=f"{number}-1",
            reason=ReturnReason.OTHER,
        )

    engine = open_engine(shop_url, patience=30)
    with engine.connect().execution_options(writes=True) as holder:
        holder.execute(
            select(OrderRow.order_number).where(OrderRow.order_number == number).with_for_update()
        )
        with unavailable_within(4):
            ask()
        assert shop.order(viewer, number) is not None
    engine.dispose()
    assert ask()


def test_a_statement_that_takes_too_long_leaves_the_connection_usable(tmp_path: Path):
    for kind, sleep in (("postgresql", "SELECT pg_sleep(9)"), ("mysql", "SELECT SLEEP(9)")):
        with fresh_database(kind, tmp_path) as url, closing(SqlGateway(url)) as shop:
            with unavailable_within(4), shop._reading() as session:
                session.execute(text(sleep)).all()
            shop.ping()
