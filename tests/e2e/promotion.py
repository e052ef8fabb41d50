"""A running Kefu with two models in its store, shoppers who talk without a pause, a trainer."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from kefu.store.database import Database
from kefu.trainer.training import add_candidate
from tests.e2e.shopper import Shopper
from tests.e2e.stack import ROOT, Stack

# Small talk may be repeated for ever; a question asked again and again goes to a person.
SAYINGS = ("你好", "谢谢")
NO_LIMITS = {
    "KEFU_MESSAGE_BURST": "100000",
    "KEFU_MESSAGES_PER_SECOND": "1000",
    "KEFU_ADDRESS_MESSAGES_PER_MINUTE": "1000000",
    "KEFU_SESSIONS_PER_MINUTE": "100000",
}


@dataclass
class Promoting:
    """``first`` is live at the start, ``second`` the same model in another wrapping."""

    stack: Stack
    first: str
    second: str

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read the desk's database from outside."""
        with closing(sqlite3.connect(self.stack.home / "kefu.db", timeout=30)) as connection:
            return connection.execute(statement).fetchall()

    @contextmanager
    def trainer(self) -> Generator[httpx.Client]:
        with trainer_at(self.stack.base_url, self.stack.admin_password) as client:
            yield client

    def promote(self, sha256: str) -> None:
        with self.trainer() as trainer:
            answer = trainer.post(f"/models/{sha256}/promote", json={})
            assert answer.status_code == httpx.codes.OK, answer.text

    def engines(self) -> dict[str, str]:
        return engines_of(self.stack)

    def until(self, holds: Callable[[], object], seconds: float = 120) -> None:
        until(self.stack, holds, seconds)

    def until_alone(self, sha256: str) -> None:
        """Wait until the old engine is gone."""
        self.until(lambda: self.engines() == {sha256: "ready"})


@contextmanager
def trainer_at(base_url: str, password: str) -> Generator[httpx.Client]:
    """An administrator's browser on the trainer's API."""
    with httpx.Client(base_url=base_url, timeout=60) as client:
        client.headers["Origin"] = base_url
        answer = client.post("/api/v1/desk/login", json={"username": "admin", "password": password})
        answer.raise_for_status()
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        client.base_url = f"{base_url}/api/v1/trainer"
        yield client


def engines_of(stack: Stack) -> dict[str, str]:
    """What the host's engines are at, by the keeper's file."""
    path = stack.home / f"engines-{stack.port}.json"
    listed = json.loads(path.read_text())["engines"] if path.exists() else {}
    return {sha256: one["state"] for sha256, one in listed.items()}


def until(stack: Stack, holds: Callable[[], object], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "".join(stack.lines[-40:])
        time.sleep(0.05)


def copied_models(store: Path) -> Path:
    """A store of its own with the models that are trained here."""
    store.mkdir()
    for path in (ROOT / "models").glob("*"):
        if path.is_file():
            shutil.copy2(path, store / path.name)
    return store


@contextmanager
def promoting(folder: Path) -> Generator[Promoting]:
    store = copied_models(folder / "models")
    stack = Stack(home=folder / "home", env={"KEFU_MODELS_DIR": str(store), **NO_LIMITS})
    try:
        stack.start()
        ((first,),) = _live(stack)
        second = wrapped_anew(store, first)
        database = Database(f"sqlite:///{stack.home / 'kefu.db'}")
        card = json.loads((store / f"{second}.json").read_text())
        database.write_now(partial(add_candidate, sha256=second, card=card))
        database.close()
        yield Promoting(stack, first, second)
    finally:
        left = stack.stop()
    assert not left, f"processes left behind: {left}"


def _live(stack: Stack) -> list[tuple[str]]:
    with closing(sqlite3.connect(stack.home / "kefu.db", timeout=30)) as connection:
        statement = "SELECT sha256 FROM models WHERE live_since IS NOT NULL"
        return connection.execute(statement).fetchall()


def wrapped_anew(store: Path, sha256: str) -> str:
    """The same model compressed in another way: another hash, without another training."""
    packed = gzip.compress(gzip.decompress((store / f"{sha256}.tar.gz").read_bytes()), 1)
    name = hashlib.sha256(packed).hexdigest()
    (store / f"{name}.tar.gz").write_bytes(packed)
    card = json.loads((store / f"{sha256}.json").read_text()) | {"sha256": name}
    # Not to be taken for that of the present inputs at the next start.
    card["inputs_sha256"] = "another"
    (store / f"{name}.json").write_text(json.dumps(card))
    return name


@dataclass
class Talking:
    """Shoppers who send the next message when the last is answered; ``waits``: (when, how long)."""

    promoting: Promoting
    shoppers: int = 4
    waits: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    failures: list[Exception] = field(default_factory=list[Exception])
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list[threading.Thread])

    def __enter__(self) -> Talking:
        self._threads = [threading.Thread(target=self._talk) for _ in range(self.shoppers)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def until_said(self, number: int, seconds: float = 240) -> None:
        """Go on until so many more messages are answered."""
        goal = len(self.waits) + number
        end = time.monotonic() + seconds
        while len(self.waits) < goal and not self.failures:
            assert time.monotonic() < end, f"{len(self.waits)} of {goal}"
            time.sleep(0.05)

    def _talk(self) -> None:
        shopper = Shopper(self.promoting.stack.base_url)
        number = 0
        try:
            while not self._stop.is_set():
                self._say(shopper, SAYINGS[number % len(SAYINGS)], f"message-{number}")
                number += 1
        except (AssertionError, httpx.HTTPError, ValueError) as error:
            self.failures.append(error)
        finally:
            shopper.close()

    def _say(self, shopper: Shopper, text: str, client_message_id: str) -> None:
        started = time.monotonic()
        seq = self._send(shopper, text, client_message_id)
        answered = False
        while not answered:
            assert time.monotonic() < started + 120, f"no answer to {text}"
            try:
                shopper.read(wait=2)
            except (httpx.TransportError, httpx.HTTPStatusError):
                time.sleep(0.05)
            answered = any(e["seq"] > seq and e.get("from") == "bot" for e in shopper.events)
        self.waits.append((started, time.monotonic() - started))

    def _send(self, shopper: Shopper, text: str, client_message_id: str) -> int:
        """Until it is accepted: an app keeps what a restarting desk did not take."""
        while True:
            try:
                answer = shopper.post(client_message_id, text=text)
                if answer.status_code == httpx.codes.ACCEPTED:
                    return int(answer.json()["seq"])
            except httpx.TransportError:
                pass
            time.sleep(0.05)


def percentile(values: list[float], share: float) -> float:
    """Of sorted or unsorted values, the one below which ``share`` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
