from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select

from kefu.shop import demo, migrate, open_gateway
from kefu.shop.connection import open_engine
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.ledger import OperationRow
from kefu.shop.migrations import VERSION_TABLE
from kefu.shop.model import OrderState, Viewer
from kefu.shop.schema import AccountRow, ItemRow, OrderRow
from tests.shop_data import ShopData

NOW = datetime(2026, 11, 10, 4, 0, tzinfo=UTC)


def test_migrations_build_exactly_the_models(database_url: str):
    migrate(database_url)
    engine = open_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, OperationRow.metadata) == []
        tables = set(inspect(connection).get_table_names())
    engine.dispose()
    assert tables == {*OperationRow.metadata.tables, VERSION_TABLE}


def test_a_second_upgrade_changes_nothing(database_url: str):
    migrate(database_url)
    with closing(ShopData(database_url)) as data:
        me = data.account()
        number = data.order(me)
    migrate(database_url)
    with closing(open_gateway(database_url)) as shop:
        assert shop.order(Viewer("p", me), number) is not None


def test_two_processes_may_upgrade_at_once(database_url: str):
    program = "import sys; from kefu.shop import migrate; migrate(sys.argv[1])"
    processes = [
        subprocess.Popen([sys.executable, "-c", program, database_url], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    ends = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]
    assert [code for _, code in ends] == [0, 0], ends
    test_migrations_build_exactly_the_models(database_url)


def test_demo_is_seeded_once_even_by_two_at_a_time(database_url: str):
    migrate(database_url)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(demo.seed, database_url, NOW) for _ in range(2)]:
            done.result()
    engine = open_engine(database_url)
    with engine.connect() as connection:
        assert len(connection.execute(select(AccountRow.account_id)).all()) == 200
        assert len(connection.execute(select(OrderRow.order_number)).all()) == 2000
        names = connection.execute(select(ItemRow.name, ItemRow.variant)).all()
    engine.dispose()
    assert ("轻薄羽绒服", "黑色 L") in [tuple(row) for row in names]
    with closing(open_gateway(database_url)) as shop:
        assert shop.orders(Viewer("demo", "u0002")).total == 0
        (failed,) = shop.failed_payments(Viewer("demo", "u0003"), limit=1)
        assert failed.failure_code == "INSUFFICIENT_BALANCE"
        page = shop.orders(Viewer("demo", "u0001"), limit=50)
        assert {order.state for order in page.orders} == {*OrderState}
        account = shop.account(Viewer("demo", "u0007"))
        assert account is not None
        assert account.locked


@pytest.mark.parametrize("kind", ["oracle+oracledb://h/d", "mssql+pyodbc://h/d"])
def test_other_databases_are_refused(kind: str):
    with pytest.raises(ValueError, match="cannot be"):
        open_engine(kind)


def test_unmigrated_sqlite_shop_is_unavailable(tmp_path):
    with (
        closing(open_gateway(f"sqlite:///{tmp_path / 'empty.db'}")) as shop,
        pytest.raises(ShopUnavailable),
    ):
        shop.order(Viewer("p", "a"), "KF1")
