from __future__ import annotations

import pytest

from kefu.app import allowed_hosts
from kefu.settings import Settings


@pytest.mark.parametrize(
    ("host", "hosts", "allowed"),
    [
        ("0.0.0.0", "", ["*"]),
        ("127.0.0.1", "kefu.example, www.example", ["kefu.example", "www.example"]),
    ],
)
def test_allowed_hosts(host: str, hosts: str, allowed: list[str]) -> None:
    assert allowed_hosts(Settings(host=host, allowed_hosts=hosts)) == allowed
