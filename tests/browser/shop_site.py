"""A shop's own site: a plain page of another origin than Kefu's."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ShopSite:
    """The same page under two names: only ``listed`` is among the origins of the profile."""

    def __init__(self) -> None:
        site = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(site.html.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.html = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.listed = f"http://localhost:{self._server.server_port}"
        self.stranger = f"http://127.0.0.1:{self._server.server_port}"
        serving = {"poll_interval": 0.05}
        threading.Thread(target=self._server.serve_forever, kwargs=serving, daemon=True).start()

    def embed(self, kefu: str, profile: str) -> None:
        """Have the page load the chat from there."""
        tag = f'<script src="{kefu}/widget.js" data-profile="{profile}"></script>'
        self.html = f"<!doctype html><title>商店</title><body>{tag}</body>"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
