"""A shop's own service, as a shop's engineers would run it: the bundled shop behind HTTP.

``python -m tests.shop_server`` writes its OpenAPI description to ``docs/shop-api.yaml``.
"""

from __future__ import annotations

import threading
import time
from io import StringIO
from pathlib import Path

import uvicorn
from ruamel.yaml import YAML

from kefu.shop.gateway import ShopGateway
from kefu.shop.sql_gateway import SqlGateway
from tests.shop_description import describe
from tests.shop_faults import Gate
from tests.shop_paths import create_app
from tests.shop_signatures import SignatureCheck

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "shop-api.yaml"
KEY = "the-secret-that-both-sides-share-0001"


class ShopServer:
    """``with ShopServer(shop) as server``: served at ``server.url``, on a thread of its own.

    ``certificate``: a file with a certificate and its key; served over TLS then.
    """

    def __init__(self, shop: ShopGateway, key: str = KEY, certificate: Path | None = None) -> None:
        self._scheme = "https" if certificate else "http"
        self.gate = Gate(create_app(shop), SignatureCheck({"kefu": key}))
        self._server = uvicorn.Server(
            uvicorn.Config(
                self.gate,
                host="127.0.0.1",
                port=0,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,
                ssl_certfile=certificate,
            )
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}/shop"

    def __enter__(self) -> ShopServer:
        self._thread.start()
        end = time.monotonic() + 10
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            assert time.monotonic() < end, "the server is not ready"
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive(), "the server does not stop"


def document() -> str:
    """The text of ``docs/shop-api.yaml``."""
    yaml = YAML()
    yaml.width = 100
    text = StringIO()
    yaml.dump(describe(create_app(SqlGateway("sqlite:///unused.db"))), text)
    # Our docstrings mark names with two backticks, Markdown does with one.
    return text.getvalue().replace("``", "`")


if __name__ == "__main__":
    DOCUMENT.write_text(document())
