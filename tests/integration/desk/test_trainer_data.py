"""The training data over HTTP: each change a commit, nothing overwritten silently."""

from __future__ import annotations

import asyncio
import io
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.tables import Staff, StaffRole
from tests.desk_stage import Desk, agent
from tests.trainer_project import DOMAIN, ORDERS, git, make_checkout

pytestmark = pytest.mark.either_database

PASSWORD = "a password for tests"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
TRAINER = "/api/v1/trainer"
ORDERS_FILE, SERVICE_FILE = "data/nlu/orders.yml", "data/nlu/service.yml"

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def checkout(settings: Settings, tmp_path: Path) -> Path:
    settings.workspace = make_checkout(tmp_path / "project")
    return settings.workspace


@pytest.fixture
async def client(desk: Desk) -> httpx.AsyncClient:
    def add(session: Session) -> None:
        staff = Staff(
            username="wang",
            name="王训练",
            password_hash=CHEAP_HASH,
            active=True,
            created_at=utc_now(),
        )
        session.add(staff)
        session.flush()
        session.add(StaffRole(staff_id=staff.staff_id, profile="demo", role="trainer"))

    await desk.runtime.database.write(add)
    return await agent(desk, "wang", PASSWORD)


async def change(client: httpx.AsyncClient, method: str, path: str, body: Json) -> httpx.Response:
    return await client.request(method, f"{TRAINER}{path}", json=body)


async def base_of(client: httpx.AsyncClient, path: str) -> str:
    return (await client.get(f"{TRAINER}/files/{path}")).json()["base"]


def commits(checkout: Path) -> int:
    return int(git(checkout, "rev-list", "--count", "HEAD"))


async def test_intents_and_utterances_are_browsed(client: httpx.AsyncClient) -> None:
    found = {one["name"]: one for one in (await client.get(f"{TRAINER}/intents")).json()}
    assert found["order_status"] == {
        "name": "order_status",
        "title": "查订单",
        "pinyin_initials": "cdd",
        "topic_file": ORDERS_FILE,
        "count": 3,
        "hands": {"h1": 3},
    }
    page = (await client.get(f"{TRAINER}/utterances", params={"intent": "greet"})).json()
    assert [one["text"] for one in page["utterances"]] == ["你好", "hello"]
    assert page["bases"] == {ORDERS_FILE: await base_of(client, ORDERS_FILE)}
    sought = (await client.get(f"{TRAINER}/utterances", params={"q": "發票"})).json()
    assert sought["total"] == 2


async def test_an_utterance_is_added_changed_and_deleted(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    added = await change(
        client, "POST", "/utterances", {"intent": "order_status", "texts": ["单子在哪看"]}
    )
    assert added.status_code == 201
    assert (
        git(checkout, "log", "-1", "--format=%an|%s") == "王训练|训练数据：查订单：新增 1 条例句\n"
    )
    place = {"file": ORDERS_FILE, "intent": "order_status", "text": "单子在哪看"}
    changed = await change(client, "PUT", "/utterances", {**place, "new_text": "单子去哪里看"})
    assert changed.status_code == 200
    assert git(checkout, "show", "--format=", "--numstat", "HEAD") == f"1\t1\t{ORDERS_FILE}\n"
    gone = await change(client, "DELETE", "/utterances", {**place, "text": "单子去哪里看"})
    assert gone.status_code == 200
    assert git(checkout, "show", "--format=", "--name-only", "HEAD") == f"{ORDERS_FILE}\n"
    assert commits(checkout) == 4
    again = await change(client, "DELETE", "/utterances", place)
    assert (again.status_code, again.json()["code"]) == (404, "utterance_unknown")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("訂單查詢", "duplicate"),
        ("开个发票呗", "two_intents"),
        ("能不能开增值税专用发票呢", "too_near_eval"),
        ("打13912345678找我", "personal_data"),
    ],
)
async def test_what_would_spoil_the_data_is_refused(
    client: httpx.AsyncClient, checkout: Path, text: str, kind: str
) -> None:
    refused = await change(
        client, "POST", "/utterances", {"intent": "order_status", "texts": ["好好的一句", text]}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "data_refused")
    assert [one["kind"] for one in refused.json()["findings"]] == [kind]
    assert commits(checkout) == 1


async def test_made_up_numbers_are_let_through_on_the_trainers_word(
    client: httpx.AsyncClient,
) -> None:
    body = {"intent": "order_status", "texts": ["打13900000000找我"], "fictitious": True}
    assert (await change(client, "POST", "/utterances", body)).status_code == 201


async def test_a_change_elsewhere_in_the_file_is_no_conflict_and_stays(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    base = await base_of(client, ORDERS_FILE)
    place = {"file": ORDERS_FILE, "intent": "order_status", "base": base}
    first = {**place, "text": "查单", "new_text": "查一下我的单"}
    second = {**place, "text": "订单查询", "new_text": "我要看看订单"}
    done = await asyncio.gather(
        change(client, "PUT", "/utterances", first), change(client, "PUT", "/utterances", second)
    )
    assert [response.status_code for response in done] == [200, 200]
    text = (checkout / ORDERS_FILE).read_text("utf-8")
    assert "查一下我的单" in text
    assert "我要看看订单" in text


async def test_two_wordings_of_one_utterance_are_a_conflict(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    base = await base_of(client, ORDERS_FILE)
    place = {"file": ORDERS_FILE, "intent": "order_status", "text": "查单", "base": base}
    await change(client, "PUT", "/utterances", {**place, "new_text": "查一下我的单"})
    late = await change(client, "PUT", "/utterances", {**place, "new_text": "我想看看单子"})
    problem = late.json()
    assert (late.status_code, problem["code"]) == (409, "edited_meanwhile")
    assert problem["base_text"] == ORDERS
    assert problem["merged"] is None
    assert "我想看看单子" in problem["marked"]
    assert "查一下我的单" in problem["theirs"]
    assert commits(checkout) == 2


async def test_a_whole_file_is_saved_merged_or_refused(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    path = f"/files/{ORDERS_FILE}"
    base = await base_of(client, ORDERS_FILE)
    mine = ORDERS.replace("- 查单", "- 查一下我的单")
    saved = await change(client, "PUT", path, {"text": mine, "base": base})
    assert saved.status_code == 200
    late = ORDERS.replace("- hello", "- hello there")
    conflict = await change(client, "PUT", path, {"text": late, "base": base})
    problem = conflict.json()
    assert (conflict.status_code, problem["code"]) == (409, "edited_meanwhile")
    both = mine.replace("- hello", "- hello there")
    assert problem["merged"] == both
    merged = {"text": problem["merged"], "base": problem["theirs_base"]}
    assert (await change(client, "PUT", path, merged)).status_code == 200
    assert (checkout / ORDERS_FILE).read_text("utf-8") == both


@pytest.mark.parametrize(
    ("path", "text", "status", "code"),
    [
        (ORDERS_FILE, "nlu: [", 422, "file_invalid"),
        (ORDERS_FILE, ORDERS.replace("greet", "greeet"), 422, "file_invalid"),
        (ORDERS_FILE, ORDERS.replace("- 查单", "- 开个发票呗"), 422, "data_refused"),
        ("domain.yml", "version: '3.1'\n", 422, "file_invalid"),
        ("data/dictionary/words.txt", "两个 词\n", 422, "file_invalid"),
        ("data/profiles/demo.yml", "profile: x\n", 403, "file_fixed"),
        ("data/frozen/base.tsv", "text\tlabel\n", 404, "file_unknown"),
        ("data/nlu/../../x.yml", "a: b\n", 404, "file_unknown"),
        ("data/nlu/x.py", "a\n", 404, "file_unknown"),
    ],
)
async def test_a_file_that_is_no_good_is_refused(
    client: httpx.AsyncClient, checkout: Path, path: str, text: str, status: int, code: str
) -> None:
    base = (
        git(checkout, "rev-parse", f"HEAD:{path}").strip() if (checkout / path).is_file() else None
    )
    url = f"{TRAINER}/files/{path.replace('..', '%2E%2E')}"
    refused = await client.put(url, json={"text": text, "base": base})
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert commits(checkout) == 1


async def test_uncommitted_work_of_others_is_not_swept_in(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    path = checkout / ORDERS_FILE
    path.write_text(ORDERS.replace("你好", "您好"), encoding="utf-8")
    body = {"intent": "order_status", "texts": ["单子在哪看"]}
    refused = await change(client, "POST", "/utterances", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "workspace_dirty")
    assert path.read_text("utf-8") == ORDERS.replace("你好", "您好")


async def test_words_responses_and_entities_are_changed_in_their_own_lines(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    words = {"file": "data/dictionary/words.txt", "add": ["顺丰"], "remove": ["待发货"]}
    assert (await change(client, "PUT", "/dictionary", words)).status_code == 200
    assert (checkout / "data/dictionary/words.txt").read_text("utf-8") == "# words\n顺丰\n"
    responses = (await client.get(f"{TRAINER}/responses")).json()
    assert responses["responses"]["utter_greet"] == ["您好，请问有什么可以帮您？", "您好！"]
    edit = {"name": "utter_greet", "index": 1, "text": '您好，"在"的！', "base": responses["base"]}
    assert (await change(client, "PUT", "/responses", edit)).status_code == 200
    expected = DOMAIN.replace('"您好！"', '"您好，\\"在\\"的！"')
    assert (checkout / "domain.yml").read_text("utf-8") == expected
    stale = await change(client, "PUT", "/responses", {**edit, "text": "您好呀"})
    assert (stale.status_code, stale.json()["code"]) == (409, "edited_meanwhile")
    base = await base_of(client, "domain.yml")
    more = {"name": "utter_greet", "text": "欢迎光临！", "base": base}
    assert (await change(client, "PUT", "/responses", more)).status_code == 200
    expected = expected.replace("  utter_thanks", '    - text: "欢迎光临！"\n  utter_thanks')
    assert (checkout / "domain.yml").read_text("utf-8") == expected
    base = await base_of(client, "domain.yml")
    less = {"name": "utter_greet", "index": 2, "base": base}
    assert (await change(client, "PUT", "/responses", less)).status_code == 200
    assert "欢迎光临" not in (checkout / "domain.yml").read_text("utf-8")
    entity = {"file": "data/entities/couriers.yml", "value": "圆通", "add": "圆通速递"}
    assert (await change(client, "PUT", "/entities", entity)).status_code == 200
    assert "  圆通: [圆通, 圆通速递]\n" in (checkout / entity["file"]).read_text("utf-8")
    history = (await client.get(f"{TRAINER}/history")).json()
    assert [one["author"] for one in history] == ["王训练"] * 5 + ["dev"]
    assert history[0]["files"] == ["data/entities/couriers.yml"]


async def test_checks_as_one_types_and_of_the_whole(client: httpx.AsyncClient) -> None:
    body = {"text": "顺丰到哪了", "intent": "order_status"}
    typed = (await change(client, "POST", "/checks", body)).json()["findings"]
    assert [(one["kind"], one["other"]) for one in typed] == [("word_cut", "顺丰")]
    whole = (await client.get(f"{TRAINER}/checks")).json()["findings"]
    assert {one["kind"] for one in whole} == {"thin_intent"}


async def test_what_is_exported_is_imported_without_a_change(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    exported = await client.get(f"{TRAINER}/export")
    names = zipfile.ZipFile(io.BytesIO(exported.content)).namelist()
    assert ORDERS_FILE in names
    assert not any("frozen" in name or "profiles" in name for name in names)
    shown = (await client.post(f"{TRAINER}/import", files={"file": exported.content})).json()
    assert (shown["files"], shown["findings"]) == ([], [])


async def test_an_import_is_shown_before_it_is_committed(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    new = ORDERS.replace("- 查单", "- 查一下我的单")
    upload = zipped({ORDERS_FILE: new})
    shown = (await client.post(f"{TRAINER}/import", files={"file": upload})).json()
    [file] = shown["files"]
    assert (file["path"], file["added"], file["removed"]) == (ORDERS_FILE, 1, 1)
    assert "+    - 查一下我的单" in file["diff"]
    assert commits(checkout) == 1
    place = {"file": ORDERS_FILE, "intent": "greet", "text": "hello", "new_text": "hello there"}
    await change(client, "PUT", "/utterances", place)
    form = {"digest": shown["digest"]}
    late = await client.post(f"{TRAINER}/import", files={"file": upload}, data=form)
    assert (late.status_code, late.json()["code"]) == (409, "import_outdated")
    shown = (await client.post(f"{TRAINER}/import", files={"file": upload})).json()
    form = {"digest": shown["digest"]}
    done = await client.post(f"{TRAINER}/import", files={"file": upload}, data=form)
    assert done.status_code == 200, done.text
    assert (checkout / ORDERS_FILE).read_text("utf-8") == new
    assert git(checkout, "log", "-1", "--format=%an") == "王训练\n"


async def test_a_single_file_brings_its_utterances_to_their_intents(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    upload = "nlu:\n- intent: greet\n  examples: |\n    - 你好\n    - 晚上好呀\n".encode()
    shown = (await client.post(f"{TRAINER}/import", files={"file": upload})).json()
    assert (shown["known"], [one["path"] for one in shown["files"]]) == (1, [ORDERS_FILE])
    form = {"digest": shown["digest"]}
    await client.post(f"{TRAINER}/import", files={"file": upload}, data=form)
    text = (checkout / ORDERS_FILE).read_text("utf-8")
    assert text.endswith("    hand: import\n  examples: |\n    - 晚上好呀\n")


@pytest.mark.parametrize(
    "upload",
    [
        b"\xff\xfe",
        b"just words",
        b"nlu: []\n",
        {"../evil.yml": "a: b\n"},
        {"actions/x.py": "import os\n"},
        {"data/frozen/base.tsv": "text\tlabel\n"},
    ],
    ids=["binary", "no mapping", "nothing", "outside", "code", "frozen"],
)
async def test_what_is_no_training_data_is_not_imported(
    client: httpx.AsyncClient, checkout: Path, upload: bytes | dict[str, str]
) -> None:
    content = zipped(upload) if isinstance(upload, dict) else upload
    refused = await client.post(f"{TRAINER}/import", files={"file": content})
    assert (refused.status_code, refused.json()["code"]) == (422, "import_invalid")


async def test_an_import_that_would_spoil_the_data_is_refused(
    client: httpx.AsyncClient, checkout: Path
) -> None:
    upload = zipped({ORDERS_FILE: ORDERS.replace("- 查单", "- 开个发票呗")})
    shown = (await client.post(f"{TRAINER}/import", files={"file": upload})).json()
    assert [one["kind"] for one in shown["findings"]] == ["two_intents"]
    form = {"digest": shown["digest"]}
    refused = await client.post(f"{TRAINER}/import", files={"file": upload}, data=form)
    assert (refused.status_code, refused.json()["code"]) == (422, "data_refused")
    assert commits(checkout) == 1


def zipped(texts: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return out.getvalue()
