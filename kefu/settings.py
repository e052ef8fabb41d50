"""Settings from the environment (``KEFU_*``), and the keys derived from the one secret."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Everything an operator can set; each field is the variable ``KEFU_<NAME>``.

    Deadlines are seconds and nest: carrier < action < engine < turn lease. ``shop_key`` is the
    secret shared with a shop behind HTTP, ``shop_deadline`` what one question to it may take, and
    ``shop_authorities`` a file with those to trust instead of the usual. ``engine_patience`` is
    how long a message waits for an engine that restarts. ``allowed_hosts`` are the host names under
    which the desk is reached, separated by commas; empty means any, or on a loopback address its
    own names. A shopper may send ``message_burst`` messages at once and ``messages_per_second``
    in the long run and keep ``connections_per_session`` polls and sockets open; an address may
    open ``sessions_per_minute``, send ``address_messages_per_minute``, fill in
    ``tickets_per_half_hour`` and have ``address_greetings`` sockets open that have not said yet
    whose they are. A conversation may ask ``quiet_requests_per_minute``: polls, signals and what
    else says nothing. ``redis_url`` is what several desks of one database share.
    ``trusted_proxies`` are the addresses or networks, separated by commas, whose
    ``X-Forwarded-For`` and ``X-Forwarded-Proto`` are believed. A conversation may bring
    ``pictures_per_minute``, an address ``address_pictures_per_minute``; they are kept for
    ``attachment_days`` in ``attachments_dir``, which several desks share. An address may send
    ``webhook_requests_per_minute`` to the webhook channel. ``models_dir`` is the store of model
    archives, one for all hosts. ``workspace`` is the git checkout whose data trainers change;
    ``trainer`` says that this host is the one that trains.
    """

    model_config = SettingsConfigDict(env_prefix="KEFU_", extra="ignore")

    home: Path = Path(".kefu")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65533)
    actions_port: int | None = None
    engine_port: int | None = None
    database_url: str | None = None
    shop_url: str | None = None
    shop_read_only: bool = False
    shop_key: str = ""
    shop_authorities: Path | None = None
    redis_url: str | None = Field(default=None, pattern=r"^(rediss?|unix)://")
    secret: str | None = None
    demo: bool = False
    profiles_dir: Path = Path("data/profiles")
    web_dir: Path = Path("web/dist")
    models_dir: Path = Path("models")
    workspace: Path = Path(__file__).resolve().parent.parent
    trainer: bool = True

    carrier_url: str | None = None
    carrier_customer: str = ""
    carrier_key: str = ""

    smtp_url: str | None = None
    sms_url: str | None = None
    sms_key: str = ""
    webhook_url: str | None = None
    webhook_key: str = ""

    shop_deadline: float = 2.5
    carrier_deadline: float = 4.0
    action_deadline: float = 6.0
    engine_deadline: float = 9.0
    turn_lease: float = 15.0
    engine_patience: float = 60.0

    allowed_hosts: str = ""
    message_burst: int = 20
    messages_per_second: float = 1.0
    connections_per_session: int = 10
    sessions_per_minute: int = 120
    address_messages_per_minute: int = 1200
    quiet_requests_per_minute: int = 600
    address_greetings: int = 500
    tickets_per_half_hour: int = 10
    webhook_requests_per_minute: int = 6000
    pictures_per_minute: int = 20
    address_pictures_per_minute: int = 120
    attachments_dir: Path | None = None
    attachment_days: int = Field(default=180, ge=1)
    trusted_proxies: str = "127.0.0.1"

    @property
    def actions_url(self) -> str:
        return f"http://127.0.0.1:{self.actions_port or self.port + 1}"

    @property
    def engine_url(self) -> str:
        return f"http://127.0.0.1:{self.engine_port or self.port + 2}"

    @property
    def desk_database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'kefu.db'}"

    @property
    def attachments_root(self) -> Path:
        return self.attachments_dir or self.home / "attachments"

    @property
    def shop_database(self) -> str:
        return self.shop_url or f"sqlite:///{self.home / 'shop.db'}"

    @cached_property
    def root_key(self) -> bytes:
        """The secret; made once into ``home/secret`` (mode 0600) where none is set."""
        if self.secret:
            return self.secret.encode()
        path = self.home / "secret"
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_bytes().strip()

    def derive_key(self, purpose: str) -> bytes:
        """A 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
        return HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(self.root_key)


def _write_once(path: Path, text: str) -> None:
    """Write ``path`` unless another process was first; never leaves a half-written file."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
