"""Whether a TCP port on this machine is free."""

from __future__ import annotations

import socket
from typing import ClassVar

from kefu.errors import KefuError


class PortTaken(KefuError):
    """Another program listens on a port that Kefu needs."""

    code: ClassVar[str] = "port_taken"
    title: ClassVar[str] = "端口已被占用，请更换端口。"


def require_free(host: str, port: int, what: str, variable: str) -> None:
    """Raise ``PortTaken`` unless ``host:port`` can be bound; ``variable`` is what moves it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(
                f"Port {port} on {host}, wanted for the {what}, is taken ({error.strerror}). "
                f"Stop the program that uses it, or choose another with {variable}."
            ) from error
