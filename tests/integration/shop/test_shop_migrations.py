from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from kefu.shop import migrate, migrations, open_gateway
from kefu.shop.connection import open_engine
from kefu.shop.gateway import ShopUnavailable
from kefu.shop.ledger import OperationRow
from kefu.shop.migrations import VERSION_TABLE
from kefu.shop.model import (
    FreightPayer,
    ReturnKind,
    ReturnReason,
    TurnRef,
    Viewer,
)
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


def _go_to(database_url: str, revision: str, direction: Callable[[Config, str], None]) -> None:
    engine = open_engine(database_url, patience=30)
    with engine.connect().execution_options(writes=True) as connection:
        connection.begin()
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.attributes["connection"] = connection
        direction(config, revision)
        connection.commit()
    engine.dispose()


def test_rows_of_the_first_schema_survive_the_way_up_and_down(database_url: str):
    migrate(database_url)
    with closing(ShopData(database_url)) as data:
        me = data.account()
        number = data.order(me)
        with closing(open_gateway(database_url)) as shop:
            opened = shop.request_return(
                Viewer("p", me),
                TurnRef("t1", NOW),
                order_number=number,
                item_id=f"{number}-1",
                reason=ReturnReason.DAMAGED,
            )
        _go_to(database_url, "0001", command.downgrade)
        with data.engine.connect() as connection:
            assert "products" not in inspect(connection).get_table_names()
            columns = {column["name"] for column in inspect(connection).get_columns("returns")}
            kept = connection.execute(text("SELECT order_number FROM orders")).scalars().all()
        assert "kind" not in columns
        assert kept == [number]
    migrate(database_url)
    with closing(open_gateway(database_url)) as shop:
        order = shop.order(Viewer("p", me), number)
    assert order is not None
    assert not order.freight_insured
    (standing,) = order.returns
    assert (standing.rma_number, standing.kind) == (opened.rma_number, ReturnKind.RETURN)
    assert standing.freight_payer is FreightPayer.SHOPPER


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
