from __future__ import annotations

import socket

import pytest

from kefu.ports import PortTaken, require_free


def test_a_taken_port_is_named_with_the_setting_that_moves_it() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}.*desk.*KEFU_PORT") as caught:
            require_free("127.0.0.1", port, "desk", "KEFU_PORT")
    assert "占用" in caught.value.sentence


def test_a_free_port_passes() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    require_free("127.0.0.1", port, "desk", "KEFU_PORT")
