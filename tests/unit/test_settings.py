from __future__ import annotations

import stat
import threading
from pathlib import Path

from kefu.settings import Settings


def test_the_secret_is_made_once_even_by_many_at_a_time_and_only_the_owner_reads_it(
    tmp_path: Path,
) -> None:
    keys: list[bytes] = []
    starters = [
        threading.Thread(target=lambda: keys.append(Settings(home=tmp_path).derive_key("x")))
        for _ in range(8)
    ]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, secret="one secret")
    assert settings.derive_key("engine") != settings.derive_key("turn-token")
    assert len(settings.derive_key("engine")) == 32


def test_a_set_secret_leaves_no_file(tmp_path: Path) -> None:
    Settings(home=tmp_path, secret="given").derive_key("x")
    assert not list(tmp_path.iterdir())


def test_the_inner_ports_follow_the_outer_one() -> None:
    settings = Settings(port=9100)
    assert settings.actions_url == "http://127.0.0.1:9101"
    assert settings.engine_url == "http://127.0.0.1:9102"
    assert Settings(port=9100, engine_port=7000).engine_url == "http://127.0.0.1:7000"


def test_deadlines_nest() -> None:
    settings = Settings()
    assert (
        settings.carrier_deadline
        < settings.action_deadline
        < settings.engine_deadline
        < settings.turn_lease
    )
