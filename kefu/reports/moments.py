"""A moment's hour and day in SQL, on every database the desk runs on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class utc_hour(FunctionElement[str]):
    """``2026-11-30 16``, in UTC."""

    type = String()
    inherit_cache = True


class shop_day(FunctionElement[str]):
    """``2026-12-01``, in Beijing."""

    type = String()
    inherit_cache = True


@compiles(utc_hour, "sqlite")
def _sqlite_hour(element: utc_hour, compiler: SQLCompiler, **options: Any) -> str:
    return f"substr({compiler.process(element.clauses, **options)}, 1, 13)"


@compiles(utc_hour, "postgresql")
def _postgresql_hour(element: utc_hour, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"to_char(date_trunc('hour', {moment}, 'UTC') AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24')"


@compiles(shop_day, "sqlite")
def _sqlite_day(element: shop_day, compiler: SQLCompiler, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '+8 hours')"


@compiles(shop_day, "postgresql")
def _postgresql_day(element: shop_day, compiler: SQLCompiler, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"CAST(CAST({moment} AT TIME ZONE 'Asia/Shanghai' AS date) AS text)"
