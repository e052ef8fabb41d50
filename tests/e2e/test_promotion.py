"""A model goes live while shoppers talk: nothing is lost, nothing is answered twice."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import httpx
import psutil
import pytest

from tests.e2e.promotion import Promoting, Talking, percentile, promoting
from tests.e2e.stack import command_line

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def kefu(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoting]:
    with promoting(tmp_path_factory.mktemp("promotion")) as running:
        yield running


def check_all_answered_once(kefu: Promoting, talking: Talking) -> None:
    """By the database's word: every message in one finished turn, every turn with one answer."""
    assert not talking.failures, talking.failures
    assert kefu.rows("SELECT status, count(*) FROM turns WHERE status <> 'done' GROUP BY 1") == []
    assert kefu.rows("SELECT count(*) FROM messages WHERE status <> 'done'") == [(0,)]
    taken = kefu.rows(
        "SELECT count(*), count(DISTINCT value) FROM turns, json_each(turns.message_ids)"
    )
    ((messages,),) = kefu.rows("SELECT count(*) FROM messages")
    assert taken == [(messages, messages)]
    repeated = kefu.rows(
        "SELECT conversation_id, seq, count(*) FROM events GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert repeated == []


def other_model(kefu: Promoting) -> str:
    """The one that no engine holds: each test takes over what the one before made live."""
    (live,) = kefu.engines()
    return kefu.second if live == kefu.first else kefu.first


def models_used(kefu: Promoting) -> set[str]:
    return {model for (model,) in kefu.rows("SELECT DISTINCT model FROM turns")}


def test_promotion_and_rollback_under_load(kefu: Promoting) -> None:
    with Talking(kefu) as talking:
        talking.until_said(40)
        before = len(talking.waits)
        kefu.promote(kefu.second)
        kefu.until_alone(kefu.second)
        moved = len(talking.waits)
        talking.until_said(20)
        with kefu.trainer() as trainer:
            answer = trainer.post("/rollback", json={"profile": "demo", "reason": "试一试"})
            assert answer.status_code == httpx.codes.OK, answer.text
        kefu.until(lambda: kefu.engines() == {kefu.first: "ready", kefu.second: "ready"})
        talking.until_said(20)
    check_all_answered_once(kefu, talking)
    assert models_used(kefu) == {kefu.first, kefu.second}
    waits = [wait for _, wait in talking.waits]
    usual, moving = percentile(waits[:before], 0.99), percentile(waits[before:moved], 0.99)
    sys.stderr.write(
        f"p99 before {usual:.3f} s, while moving {moving:.3f} s, {len(waits)} messages\n"
    )
    with kefu.trainer() as trainer:
        found = trainer.get("/live").json()
    assert found["live"]["demo"] == kefu.first
    assert found["live"]["tp"] == kefu.second
    assert [one["action"] for one in found["history"] if one["profile"] == "demo"] == [
        "rollback", "promote",
    ]  # fmt: skip
    assert found["hosts"][0]["engines"] == {kefu.first: "ready", kefu.second: "ready"}
    kefu.promote(kefu.first)
    kefu.until_alone(kefu.first)


@pytest.mark.parametrize("victim", ["new engine", "desk"])
def test_a_process_killed_in_the_middle_of_a_promotion(kefu: Promoting, victim: str) -> None:
    other = other_model(kefu)
    with Talking(kefu) as talking:
        talking.until_said(10)
        kefu.promote(other)
        kefu.until(lambda: other in kefu.engines())
        if victim == "desk":
            kefu.stack.kill("desk")
        else:
            os.kill(engine_of(kefu, other).pid, signal.SIGKILL)
        kefu.until_alone(other)
        talking.until_said(10)
    check_all_answered_once(kefu, talking)


def test_a_training_goes_on_while_the_desk_dies_and_ends_when_it_is_cancelled(
    kefu: Promoting,
) -> None:
    with kefu.trainer() as trainer:
        run = trainer.post("/runs", json={"note": "试训"}).json()

        def now() -> dict[str, object]:
            return dict(trainer.get(f"/runs/{run['run_id']}").json())

        kefu.until(lambda: now()["step"] == "读取训练数据")
        begun = now()
        kefu.stack.kill("desk")
        kefu.stack.wait_ready(120)
        found = now()
        assert (found["state"], found["started_at"]) == ("running", begun["started_at"])
        assert kefu.stack.process
        family = psutil.Process(kefu.stack.process.pid).children(recursive=True)
        trainings = [one for one in family if "--progress" in command_line(one)]
        assert len(trainings) == 1
        assert trainer.post(f"/runs/{run['run_id']}/cancel").status_code == httpx.codes.OK
        kefu.until(lambda: now()["state"] == "cancelled")
        kefu.until(lambda: not trainings[0].is_running())
        assert "读取训练数据" in trainer.get(f"/runs/{run['run_id']}/log").text


def test_a_start_keeps_what_people_have_decided(kefu: Promoting) -> None:
    decided = kefu.second
    if kefu.engines() != {decided: "ready"}:
        kefu.promote(decided)
        kefu.until_alone(decided)
    assert not kefu.stack.stop()
    kefu.stack.start()
    kefu.until_alone(decided)


def engine_of(kefu: Promoting, sha256: str) -> psutil.Process:
    """The engine's process; waits for its start."""
    found: list[psutil.Process] = []

    def look() -> bool:
        assert kefu.stack.process
        children = psutil.Process(kefu.stack.process.pid).children()
        found[:] = [one for one in children if sha256 in " ".join(command_line(one))]
        return bool(found)

    kefu.until(look)
    return found[0]
