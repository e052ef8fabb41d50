from __future__ import annotations

from pathlib import Path

from kefu import turn_token
from kefu.engine_process import developer_environment
from kefu.settings import Settings


def test_a_developer_speaks_as_a_demo_shopper(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, demo=True, port=9000)
    given = developer_environment(settings)
    assert given["KEFU_ACTIONS_URL"] == "http://127.0.0.1:9001"
    key = settings.derive_key("turn-token")
    claims = turn_token.verify(given["KEFU_TURN_TOKEN"], key)
    assert (claims.profile, claims.account_id) == ("demo", "u0001")
    # The turn's id is the key under which effects happen once.
    again = turn_token.verify(developer_environment(settings)["KEFU_TURN_TOKEN"], key)
    assert again.turn_id != claims.turn_id


def test_outside_demo_mode_there_is_no_token(tmp_path: Path) -> None:
    given = developer_environment(Settings(home=tmp_path, demo=False))
    assert given["KEFU_TURN_TOKEN"] == ""
