"""What the commands of ``kefu trainer`` work with."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import structlog
import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from kefu.accounts.errors import RoleMissing
from kefu.errors import KefuError
from kefu.profiles import Profiles, load_profiles
from kefu.settings import Settings
from kefu.store.database import Database
from kefu.store.tables import Staff
from kefu.trainer import people
from kefu.trainer.git import Author
from kefu.trainer.workbench import Workbench, open_workbench

As = Annotated[str, typer.Option("--as", help="User name of the member of the staff who does it.")]
By = Annotated[str, typer.Option("--as", help="Your user name, for the history.")]
AsJson = Annotated[bool, typer.Option("--json", help="Nothing but JSON on stdout.")]


@dataclass(frozen=True, slots=True)
class Bench:
    """What a command works with."""

    settings: Settings
    database: Database
    profiles: Profiles
    workbench: Workbench

    def staff(self, username: str) -> Staff:
        """Raises ``RoleMissing`` for a name that nobody active has."""
        return self.database.read_now(partial(staff_named, username=username))

    def author(self, username: str) -> Author:
        found = self.staff(username)
        return Author(found.name, found.username)

    def actor(self, username: str) -> str:
        """How the member of the staff stands in histories; without a name it is the host's."""
        return f"{people.PREFIX}{self.staff(username).staff_id}" if username else people.HOST


def staff_named(session: Session, username: str) -> Staff:
    """Raises ``RoleMissing`` for a name that nobody active has."""
    found = session.scalar(select(Staff).where(Staff.username == username, Staff.active))
    if found is None:
        raise RoleMissing(
            f"no active member of the staff named {username}",
            title=(
                f"没有登录名为 {username} 的在职员工，请检查 --as。"
                if username
                else "请用 --as 写明您的登录名。"
            ),
        )
    return found


@contextmanager
def quiet() -> Generator[None]:
    """Only what is wrong is logged: a person reads what the command says."""
    before = structlog.get_config()
    least = structlog.make_filtering_bound_logger(logging.WARNING)
    structlog.configure(wrapper_class=least)
    try:
        yield
    finally:
        structlog.configure(**before)


@contextmanager
def bench() -> Generator[Bench]:
    """The workbench of the settings; our own errors end the command with their sentence."""
    settings = Settings()
    with quiet(), sentences():
        database = Database(settings.desk_database)
        try:
            profiles = load_profiles(settings.profiles_dir)
            yield Bench(settings, database, profiles, open_workbench(settings, database, profiles))
        finally:
            database.close()


@contextmanager
def sentences() -> Generator[None]:
    """Our own errors end the command with their sentence, and what was found."""
    try:
        yield
    except KefuError as error:
        sys.stderr.write(f"{error.sentence}\n")
        findings: Any = error.as_problem().get("findings") or ()
        for finding in findings:
            sys.stderr.write(f"  {finding['text']}  {finding['hint']}\n")
        if error.detail:
            sys.stderr.write(f"  ({error.detail})\n")
        raise typer.Exit(1) from error


def print_json(content: Any) -> None:
    typer.echo(json.dumps(content, ensure_ascii=False, indent=2))
