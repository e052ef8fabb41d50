"""The door: who may enter, what is refused, and how the process starts and ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import (
    PROJECT,
    Served,
    Talk,
    call,
    environment,
    free_port,
    serving,
    turn_body,
)


@pytest.mark.parametrize("secret", [None, "", "wrong", "engine-test-secre", "é"])
def test_without_the_secret_nothing_runs(engine: Served, secret: str | None) -> None:
    if secret == "é":
        secret = "é".encode().decode("latin-1")
    status, problem = call(f"{engine.url}/turn", turn_body("你好"), secret=secret)
    assert (status, problem["code"]) == (401, "unauthorised")


def test_an_explanation_is_given_to_the_desk_alone(engine: Served) -> None:
    status, problem = call(f"{engine.url}/explain", {"text": "你好"}, secret=None)
    assert (status, problem["code"]) == (401, "unauthorised")


@pytest.mark.parametrize("body", [{}, {"text": " "}, {"text": 7}, [], {"text": "你好"}])
def test_what_cannot_be_explained_is_refused(engine: Served, body: Any) -> None:
    # Not even a good text: this model's classifier is none of ours.
    status, problem = call(f"{engine.url}/explain", body)
    assert (status, problem["code"]) == (400, "bad_request")


def test_another_model_is_refused(talk: Talk) -> None:
    status, problem = talk.try_to_say("你好", model="0" * 64)
    assert (status, problem["code"]) == (409, "model_mismatch")


def test_the_loaded_model_is_accepted_and_told(engine: Served, talk: Talk) -> None:
    _, health = call(f"{engine.url}/health", secret=None)
    assert (health["status"], health["rasa"]) == ("ok", "3.6.21")
    assert talk.say("你好", model=health["model"])["model"] == health["model"]


@pytest.mark.parametrize(
    "change",
    [
        {"message": {}},
        {"message": {"text": "你好", "intent": "greet"}},
        {"message": {"text": "  "}},
        {"message": {"text": 7}},
        {"message": {"intent": "greet", "entities": {"no_such_entity": 1}}},
        {"message": None},
        {"turn_id": None},
        {"turn_token": None},
        {"deadline": 0},
        {"deadline": "9"},
        {"now": "yesterday"},
        {"now": "2026-11-22T10:00:00"},
        {"tracker": {}},
        {"tracker": {"events": ["no object"]}},
        {"tracker": {"events": [{"event": "restart"}]}},
        {"masked_intents": [1]},
    ],
)
def test_a_malformed_turn_is_named(engine: Served, change: dict[str, Any]) -> None:
    status, problem = call(f"{engine.url}/turn", turn_body("你好", **change))
    assert (status, problem["code"]) == (400, "bad_request")
    assert problem["detail"]


def test_a_text_alone_is_understood_and_nothing_runs(engine: Served, talk: Talk) -> None:
    turn = talk.say("你好")
    body = {"text": "你好", "profile": "demo", "now": "2026-11-22T10:00:00+00:00"}
    status, answer = call(f"{engine.url}/parse", body)
    assert status == 200
    assert answer["model"] == turn["model"]
    assert answer["parse"]["intent"] == turn["parse"]["intent"]
    assert set(answer) == {"model", "parse"}


@pytest.mark.parametrize(
    "change", [{"text": " "}, {"text": None}, {"profile": 1}, {"masked_intents": [1]}]
)
def test_a_malformed_text_is_named(engine: Served, change: dict[str, Any]) -> None:
    body = {"text": "你好", "profile": "demo", "now": "2026-11-22T10:00:00+00:00", **change}
    status, problem = call(f"{engine.url}/parse", body)
    assert (status, problem["code"]) == (400, "bad_request")
    status, problem = call(f"{engine.url}/parse", body, secret="wrong")
    assert (status, problem["code"]) == (401, "unauthorised")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"x"', b"[" * 100_000])
def test_what_is_no_json_object_is_refused(engine: Served, raw: bytes) -> None:
    status, problem = call(f"{engine.url}/turn", raw=raw)
    assert (status, problem["code"]) == (400, "bad_request")


def test_a_body_over_two_megabytes_is_refused(engine: Served) -> None:
    body = turn_body("你好" * 600_000)
    status, problem = call(f"{engine.url}/turn", body)
    assert (status, problem["code"]) == (413, "bad_request")


def test_an_unknown_path_is_a_problem_too(engine: Served) -> None:
    status, problem = call(f"{engine.url}/webhooks/rest/webhook", {})
    assert (status, problem["code"]) == (404, "bad_request")


def test_a_dead_action_server_is_an_error(model_path: Path, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with serving(model_path, nobody, tmp_path / "log") as served:
        status, problem = Talk(served.url).try_to_say("查订单")
        assert (status, problem["code"]) == (503, "actions_unreachable")


def test_a_call_over_the_action_deadline_fails_the_action(
    model_path: Path, actions_url: str, tmp_path: Path
) -> None:
    options = ("--action-deadline", "0.3")
    with serving(model_path, actions_url, tmp_path / "log", *options) as served:
        status, problem = Talk(served.url).try_to_say("慢慢来")
        assert (status, problem["action"]) == (502, "action_take_long")


def test_sigterm_lets_a_running_turn_finish(
    model_path: Path, actions_url: str, tmp_path: Path
) -> None:
    with serving(model_path, actions_url, tmp_path / "log") as served, ThreadPoolExecutor() as pool:
        running = pool.submit(Talk(served.url).try_to_say, "慢慢来")
        time.sleep(0.3)
        served.process.send_signal(signal.SIGTERM)
        status, answer = running.result(20)
        assert (status, answer["replies"][0]["text"]) == (200, "久等了")
        assert served.process.wait(10) == 0


def test_while_the_model_loads_the_engine_says_so(model_path: Path, actions_url: str) -> None:
    port = free_port()
    command = [sys.executable, "-m", "kefu_engine", "serve", "--model", str(model_path)]
    command += ["--port", str(port), "--actions", actions_url]
    running = subprocess.Popen(command, cwd=PROJECT, env=environment(), stderr=subprocess.DEVNULL)
    try:
        seen: list[tuple[int, Any]] = []
        deadline = time.monotonic() + 30
        while not seen or seen[-1][0] != 200:
            assert time.monotonic() < deadline
            try:
                status, body = call(f"http://127.0.0.1:{port}/health", secret=None)
            except OSError:
                time.sleep(0.01)
                continue
            seen.append((status, body.get("code")))
        assert (503, "loading") in seen
    finally:
        running.terminate()
        running.wait(20)


def test_the_log_tells_what_happened_and_never_what_was_said(
    model_path: Path, actions_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with serving(model_path, actions_url, log) as served:
        talk = Talk(served.url)
        talk.say("订单号是KF0001")
        talk.say("我的手机号是13800138000")
        talk.try_to_say("出错吧")
        talk.try_to_say("火箭")
    written = log.read_text()
    assert '"turn_id": "t1"' in written
    assert "action_break_down" in written
    for said in ("KF0001", "13800138000", "出错吧", "火箭", "a-turn-token", "KF0001已发货"):
        assert said not in written
