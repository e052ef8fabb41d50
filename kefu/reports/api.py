"""The reports' API: figures as JSON for the page, or as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session

from kefu.channels.shopper import InRuntime
from kefu.desk.access import InScope
from kefu.handoff.skills import SERVING_ROLES
from kefu.profiles import Profiles
from kefu.reports import (
    agents,
    days,
    hours,
    intents,
    overview,
    satisfaction,
    sheet,
    tables,
    waits,
)
from kefu.reports.days import Days
from kefu.reports.definitions import DEFINITIONS
from kefu.reports.extent import Extent, extent
from kefu.store.base import Document
from kefu.store.database import utc_now

router = APIRouter(prefix="/api/v1/reports", tags=["reports"])

Report = Callable[[Session, Extent, Days, datetime], Document]


class Name(StrEnum):
    """One part of the page each."""

    OVERVIEW = "overview"
    INTENTS = "intents"
    WAITS = "waits"
    HOURS = "hours"
    AGENTS = "agents"
    SATISFACTION = "satisfaction"


REPORTS: Mapping[Name, Report] = {
    Name.OVERVIEW: overview.report,
    Name.INTENTS: intents.report,
    Name.WAITS: waits.report,
    Name.HOURS: hours.report,
    Name.AGENTS: agents.report,
    Name.SATISFACTION: satisfaction.report,
}

Day = Annotated[str | None, Query(max_length=20)]


@dataclass(frozen=True, slots=True)
class Question:
    """Whose figures, of which days."""

    extent: Extent
    days: Days
    now: datetime


def question(
    scope: InScope,
    profile: Annotated[str | None, Query(max_length=40)] = None,
    group: Annotated[str | None, Query(max_length=40)] = None,
    from_: Annotated[str | None, Query(alias="from", max_length=20)] = None,
    to: Day = None,
) -> Question:
    """Raises ``ProfileNotFound``, ``RoleMissing``, ``GroupNotFound``, ``RangeRefused``, …"""
    now = utc_now()
    return Question(extent(scope, profile, group), days.read(from_, to, now), now)


InQuestion = Annotated[Question, Depends(question)]


@router.get("/definitions")
async def definitions(scope: InScope) -> dict[str, dict[str, str]]:
    """What each figure is called, and what it says."""
    scope.require_any(SERVING_ROLES)
    return {name: each._asdict() for name, each in DEFINITIONS.items()}


@router.get("/{report}", response_model=None)
async def read_report(
    report: Name,
    asked: InQuestion,
    runtime: InRuntime,
    format: Literal["json", "csv"] = "json",
) -> Response:
    """One report of the Beijing days ``from`` to ``to`` (the last seven, by default).

    Supervisors and administrators see all of a profile, agents their own chats alone
    (``scope``: ``all`` or ``own``). Without a ``profile``: all that the member leads, else serves.
    ``group``: what was handed to one group of the profile, for who leads it.
    """
    found = await runtime.database.read(
        partial(_read, report=report, asked=asked, profiles=runtime.profiles)
    )
    if format == "csv":
        return _csv(report, asked, found)
    return JSONResponse({**_heading(asked), **found})


def _read(session: Session, report: Name, asked: Question, profiles: Profiles) -> Document:
    found = REPORTS[report](session, asked.extent, asked.days, asked.now)
    return waits.named(found, profiles) if report is Name.WAITS else found


def _heading(asked: Question) -> dict[str, Any]:
    return {
        "profiles": list(asked.extent.profiles),
        "group": asked.extent.group,
        "scope": "own" if asked.extent.own else "all",
        "from": asked.days.first.isoformat(),
        "to": asked.days.last.isoformat(),
    }


def _csv(report: Name, asked: Question, found: Document) -> Response:
    header, body = tables.TABLES[report.value](found)
    names = asked.extent.profiles
    whose = "-".join(filter(None, [names[0] if len(names) == 1 else "all", asked.extent.group]))
    name = f"kefu-{report}-{whose}-{asked.days.first}-{asked.days.last}.csv"
    return Response(
        sheet.write(header, body),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
