"""Actions are tried through rasa-sdk's executor, on the demo shop in a real SQLite database."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actions.base import Services
from actions.server import build_executor
from actions.turn import current_claims
from kefu.knowledge import Library, open_library
from kefu.profiles import Profiles, load_profiles
from kefu.settings import Settings
from kefu.shop import demo
from kefu.shop.carriers import LogisticsDesk
from kefu.shop.migrations import migrate
from kefu.shop.model import Order, OrderState, Viewer
from kefu.shop.sql_gateway import SqlGateway
from kefu.turn_token import TicketSummary, TurnClaims, Verified

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
KEY = b"k" * 32


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("shop") / "shop.db"
    migrate(f"sqlite:///{path}")
    demo.seed(f"sqlite:///{path}", NOW)
    return path


@pytest.fixture
def shop(demo_file: Path, tmp_path: Path) -> Iterator[SqlGateway]:
    path = tmp_path / "shop.db"
    shutil.copy(demo_file, path)
    gateway = SqlGateway(f"sqlite:///{path}")
    yield gateway
    gateway.close()


@pytest.fixture(scope="session")
def profiles() -> Profiles:
    return load_profiles(Path("data/profiles"))


@pytest.fixture(scope="session")
def library(profiles: Profiles, tmp_path_factory: pytest.TempPathFactory) -> Library:
    return open_library(Settings(home=tmp_path_factory.mktemp("kefu")), profiles)


@pytest.fixture
def services(shop: SqlGateway, profiles: Profiles, library: Library) -> Iterator[Services]:
    with ThreadPoolExecutor(2) as pool:
        yield Services(
            shop=shop,
            logistics=LogisticsDesk(None),
            key=KEY,
            pool=pool,
            profiles=profiles,
            library=library,
        )


@dataclass
class Answer:
    """What one action answered."""

    responses: list[dict[str, Any]]
    events: list[dict[str, Any]]

    @property
    def text(self) -> str:
        return "\n".join(each["text"] for each in self.responses if each["text"])

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [button for each in self.responses for button in each["buttons"]]

    @property
    def payloads(self) -> list[str]:
        return [button["payload"] for button in self.buttons]

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for each in self.responses for card in each["custom"].get("cards", [])]

    @property
    def commands(self) -> list[dict[str, Any]]:
        return [each["custom"]["command"] for each in self.responses if "command" in each["custom"]]

    @property
    def slots(self) -> dict[str, Any]:
        return {each["name"]: each["value"] for each in self.events if each["event"] == "slot"}

    @property
    def followup(self) -> str | None:
        names = [each["name"] for each in self.events if each["event"] == "followup"]
        return names[-1] if names else None


@dataclass
class Bot:
    """Runs single actions for one shopper; slots that an action sets are kept for the next."""

    services: Services
    account_id: str | None = "u0001"
    verified: frozenset[str] = frozenset()
    context: dict[str, str] = field(default_factory=dict)
    turn_id: str = "turn-1"
    now: datetime = NOW
    slots: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    form: str | None = None
    proved: Verified | None = None
    profile: str = "demo"
    tickets: tuple[TicketSummary, ...] = ()

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.profile, self.account_id, self.verified)

    def claims(self) -> TurnClaims:
        return TurnClaims(
            self.turn_id,
            "talk-1",
            self.profile,
            self.account_id,
            self.now,
            self.verified,
            self.context,
            self.proved,
            self.tickets,
        )

    def hears(
        self, text: str = "", intent: str = "inform", ranking: tuple[str, ...] = (), **entities: str
    ) -> Bot:
        """The shopper writes ``text``; without a text a button of ``intent`` is pressed."""
        names = ranking or ((intent,) if text else ())
        parsed: dict[str, Any] = {
            "text": text or intent,
            "intent": {"name": intent, "confidence": 1.0},
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
            "intent_ranking": [{"name": name, "confidence": 0.5} for name in names],
        }
        self.events.append({"event": "user", "text": parsed["text"], "parse_data": parsed})
        return self

    def runs(self, action: str) -> Answer:
        user = next(each for each in reversed(self.events) if each["event"] == "user")
        call = {
            "next_action": action,
            "domain": {},
            "tracker": {
                "sender_id": "talk-1",
                "slots": dict(self.slots),
                "latest_message": user["parse_data"],
                "events": list(self.events),
                "active_loop": {"name": self.form} if self.form else {},
            },
        }
        current_claims.set(self.claims())
        result = asyncio.run(build_executor(self.services).run(call))
        assert result is not None
        answer = Answer(result.responses, result.events)
        self.slots.update(answer.slots)
        self.events.append({"event": "action", "name": action})
        self.events.extend(each for each in result.events if each["event"] == "slot")
        return answer

    def orders(self, *states: OrderState) -> tuple[Order, ...]:
        return self.services.shop.orders(self.viewer, states=states or None, limit=50).orders


@pytest.fixture
def bot(services: Services) -> Bot:
    return Bot(services)


@pytest.fixture
def as_shopper(services: Services) -> Any:
    """A bot for the given account (``None``: a guest)."""

    def make(account_id: str | None, **more: Any) -> Bot:
        return Bot(services, account_id=account_id, **more)

    return make
