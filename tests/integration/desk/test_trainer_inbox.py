"""The inbox over HTTP: who sees what, labelling by one and by two, into the training data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from kefu.settings import Settings
from kefu.store.database import utc_now
from kefu.store.tables import Staff, StaffRole
from kefu.trainer import reading
from tests.desk_stage import Desk, agent
from tests.trainer_project import git, make_checkout
from tests.trainer_talks import FALLEN, SURE, add_talk

PASSWORD = "a password for tests"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
INBOX = "/api/v1/trainer/inbox"

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def checkout(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(reading, "SAMPLED_SHARE", 0.0)
    settings.workspace = make_checkout(tmp_path / "project")
    return settings.workspace


def add_staff(session: Session, username: str, profile: str, role: str) -> None:
    staff = Staff(
        username=username,
        name=f"训练师{username}",
        password_hash=CHEAP_HASH,
        active=True,
        created_at=utc_now(),
    )
    session.add(staff)
    session.flush()
    session.add(StaffRole(staff_id=staff.staff_id, profile=profile, role=role))


@pytest.fixture
async def wang(desk: Desk) -> httpx.AsyncClient:
    await desk.runtime.database.write(lambda s: add_staff(s, "wang", "demo", "trainer"))
    return await agent(desk, "wang", PASSWORD)


@pytest.fixture
async def li(desk: Desk) -> httpx.AsyncClient:
    await desk.runtime.database.write(lambda s: add_staff(s, "li", "*", "admin"))
    return await agent(desk, "li", PASSWORD)


@pytest.fixture
async def filled(desk: Desk) -> None:
    def talks(session: Session) -> None:
        add_talk(session, ("前面说过13912345678", SURE), ("发票抬头咋改呀", FALLEN))
        add_talk(session, ("怎么把发票寄到公司去", FALLEN))
        add_talk(session, ("怎么把发票寄到公司去呢", FALLEN))
        add_talk(session, ("淘客怎么结算佣金呀", FALLEN), profile="tmall")

    await desk.runtime.database.write(talks)
    await desk.runtime.workbench.collector.collect()


async def items(client: httpx.AsyncClient, **query: Any) -> dict[str, Json]:
    response = await client.get(INBOX, params=query)
    assert response.status_code == 200, response.text
    return {item["text"]: item for item in response.json()["items"]}


async def test_trainers_see_their_own_profiles_messages(
    desk: Desk, wang: httpx.AsyncClient, li: httpx.AsyncClient, filled: None
) -> None:
    mine, all_ = await items(wang), await items(li)
    assert set(all_) - set(mine) == {"淘客怎么结算佣金呀"}
    assert len(mine) == 3
    foreign = all_["淘客怎么结算佣金呀"]["item_id"]
    assert (await wang.get(f"{INBOX}/{foreign}")).json()["code"] == "inbox_item_not_found"
    refused = await wang.post(f"{INBOX}/label", json={"item_ids": [foreign], "intent": "invoice"})
    assert (refused.status_code, refused.json()["code"]) == (404, "inbox_item_not_found")
    other = await wang.get(INBOX, params={"profile": "tmall"})
    assert (other.status_code, other.json()["code"]) == (403, "role_missing")
    assert set(await items(li, profile="tmall")) == {"淘客怎么结算佣金呀"}


async def test_agents_and_strangers_are_kept_out(desk: Desk, wang: httpx.AsyncClient) -> None:
    await desk.runtime.database.write(lambda s: add_staff(s, "agent", "demo", "agent"))
    client = await agent(desk, "agent", PASSWORD)
    for path in ("/inbox", "/intents", "/checks", "/files", "/export"):
        response = await client.get(f"/api/v1/trainer{path}")
        assert (response.status_code, response.json()["code"]) == (403, "role_missing")
    assert (await desk.client().get(INBOX)).status_code == 401
    del wang.headers["X-CSRF-Token"]
    forged = await wang.post(f"{INBOX}/skip", json={"item_ids": [1]})
    assert (forged.status_code, forged.json()["code"]) == (403, "request_forged")


async def test_the_list_is_filtered_searched_and_grouped(
    wang: httpx.AsyncClient, filled: None
) -> None:
    found = (await wang.get(INBOX)).json()
    assert (found["total"], found["groups"], found["pages"]) == (3, 2, 1)
    assert set(await items(wang, q="發票抬頭")) == {"发票抬头咋改呀"}
    assert await items(wang, q="100%") == {}
    assert await items(wang, kind="thumbs_down") == {}
    assert len(await items(wang, kind="low_confidence")) == 3
    group = (await items(wang, q="寄到公司去呢"))["怎么把发票寄到公司去呢"]["group_id"]
    assert len(await items(wang, group=group)) == 2
    assert (await wang.get(f"{INBOX}/counts")).json()["low_confidence"] == 3
    assert (await wang.get(INBOX, params={"kind": "nonsense"})).status_code == 422


async def test_an_item_shows_the_talk_around_it_masked(
    wang: httpx.AsyncClient, filled: None
) -> None:
    item_id = (await items(wang))["发票抬头咋改呀"]["item_id"]
    found = (await wang.get(f"{INBOX}/{item_id}")).json()
    assert [(one["from"], one["text"], one["here"]) for one in found["talk"]] == [
        ("shopper", "前面说过***********", False),
        ("bot", "回答1", False),
        ("shopper", "发票抬头咋改呀", True),
        ("bot", "回答3", False),
    ]
    assert found["ranking"][0] == {"name": "invoice", "confidence": 0.2}
    # The scripted engine explains nothing: the nearest utterances are the data's own.
    assert set(found["explanation"]) == {"model", "intent", "evidence", "neighbours"}
    assert found["history"] == []


async def test_labels_are_written_into_the_data_as_one_commit(
    wang: httpx.AsyncClient, filled: None, checkout: Path
) -> None:
    found = await items(wang)
    ids = [item["item_id"] for item in found.values()]
    label = {"item_ids": ids[:2], "intent": "invoice"}
    assert (await wang.post(f"{INBOX}/label", json=label)).json()["left"] == []
    rest = {"item_ids": ids[2:], "intent": "new_intent_needed", "new_intent_hint": "寄送"}
    assert (await wang.post(f"{INBOX}/label", json=rest)).status_code == 200
    done = (await wang.post(f"{INBOX}/commit", json={})).json()
    assert sorted(done["added"]) == sorted(ids[:2])
    assert git(checkout, "log", "-1", "--format=%an %H").split() == ["训练师wang", done["commit"]]
    assert git(checkout, "show", "--format=", "--name-only", "HEAD") == "data/nlu/service.yml\n"
    text = (checkout / "data/nlu/service.yml").read_text("utf-8")
    assert "- intent: invoice\n  metadata:\n    hand: shoppers\n  examples: |\n" in text
    again = (await wang.post(f"{INBOX}/commit", json={})).json()
    assert (again["commit"], again["added"]) == (None, [])
    assert len(await items(wang, state="committed")) == 2
    undone = await wang.post(f"{INBOX}/undo", json={"item_ids": ids[:1]})
    assert (undone.status_code, undone.json()["code"]) == (409, "nothing_to_undo")
    relabelled = await wang.post(f"{INBOX}/label", json=label)
    assert (relabelled.status_code, relabelled.json()["code"]) == (409, "inbox_item_conflict")


async def test_what_would_spoil_the_data_stays_out_with_its_reason(
    desk: Desk, wang: httpx.AsyncClient, checkout: Path
) -> None:
    def talks(session: Session) -> None:
        add_talk(session, ("能不能开增值税专用发票呀", FALLEN))
        add_talk(session, ("订单查询", FALLEN))
        add_talk(session, ("开个发票呗", FALLEN))

    await desk.runtime.database.write(talks)
    await desk.runtime.workbench.collector.collect()
    found = await items(wang)
    ids = [item["item_id"] for item in found.values()]
    await wang.post(f"{INBOX}/label", json={"item_ids": ids, "intent": "invoice"})
    done = (await wang.post(f"{INBOX}/commit", json={})).json()
    assert (done["commit"], done["added"]) == (None, [])
    assert done["known"] == [found["开个发票呗"]["item_id"]]
    kinds = {left["findings"][0]["kind"] for left in done["left_out"]}
    assert kinds == {"too_near_eval", "two_intents"}
    assert git(checkout, "rev-list", "--count", "HEAD") == "1\n"
    assert set(await items(wang, state="labelled")) == {"能不能开增值税专用发票呀", "订单查询"}


async def test_entities_are_marked(wang: httpx.AsyncClient, filled: None, checkout: Path) -> None:
    item_id = (await items(wang))["怎么把发票寄到公司去"]["item_id"]
    label = {
        "item_ids": [item_id],
        "intent": "invoice",
        "entities": [{"start": 7, "end": 9, "entity": "courier"}],
    }
    stranger = {**label, "entities": [{"start": 7, "end": 9, "entity": "colour"}]}
    assert (await wang.post(f"{INBOX}/label", json=stranger)).status_code == 422
    assert (await wang.post(f"{INBOX}/label", json=label)).status_code == 200
    await wang.post(f"{INBOX}/commit", json={})
    text = (checkout / "data/nlu/service.yml").read_text("utf-8")
    assert "    - 怎么把发票寄到[公司](courier)去\n" in text


async def test_a_label_that_no_intent_bears_is_refused(
    wang: httpx.AsyncClient, filled: None
) -> None:
    ids = [item["item_id"] for item in (await items(wang)).values()]
    refused = await wang.post(f"{INBOX}/label", json={"item_ids": ids, "intent": "no_such"})
    assert (refused.status_code, refused.json()["code"]) == (422, "label_unknown")
    kept = await wang.post(f"{INBOX}/label", json={"item_ids": ids, "intent": "out_of_scope"})
    assert kept.status_code == 200


async def test_two_trainers_do_not_overwrite_each_other(
    wang: httpx.AsyncClient, li: httpx.AsyncClient, filled: None
) -> None:
    ids = [item["item_id"] for item in (await items(wang)).values()]
    await wang.post(f"{INBOX}/label", json={"item_ids": ids[:1], "intent": "invoice"})
    done = await li.post(f"{INBOX}/label", json={"item_ids": ids, "intent": "order_status"})
    assert sorted(done.json()["labelled"]) == sorted(ids[1:])
    [left] = done.json()["left"]
    assert (left["item_id"], left["label"], left["labelled_by"]) == (
        ids[0],
        "invoice",
        "训练师wang",
    )
    forced = {"item_ids": ids[:1], "intent": "order_status", "replace": True}
    assert (await li.post(f"{INBOX}/label", json=forced)).json()["labelled"] == ids[:1]
    history = (await li.get(f"{INBOX}/{ids[0]}")).json()["history"]
    assert [(one["staff"], one["action"], one["label"]) for one in history] == [
        ("训练师wang", "label", "invoice"),
        ("训练师li", "label", "order_status"),
    ]


async def test_what_was_done_is_taken_back_step_by_step(
    wang: httpx.AsyncClient, filled: None
) -> None:
    item_id = next(iter((await items(wang)).values()))["item_id"]
    chosen = {"item_ids": [item_id]}
    await wang.post(f"{INBOX}/label", json={**chosen, "intent": "invoice"})
    await wang.post(f"{INBOX}/skip", json=chosen)
    assert len(await items(wang, state="skipped")) == 1
    for state, label in (("labelled", "invoice"), ("open", None)):
        assert (await wang.post(f"{INBOX}/undo", json=chosen)).status_code == 204
        found = (await wang.get(f"{INBOX}/{item_id}")).json()
        assert (found["state"], found["label"]) == (state, label)
    nothing = await wang.post(f"{INBOX}/undo", json=chosen)
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_undo")
    actions = (await wang.get(f"{INBOX}/{item_id}")).json()["history"]
    assert [one["action"] for one in actions] == ["label", "skip", "undo", "undo"]


async def test_where_a_profile_asks_for_it_a_second_person_approves(
    desk: Desk, wang: httpx.AsyncClient, li: httpx.AsyncClient, filled: None
) -> None:
    demo = desk.runtime.profiles["demo"]
    object.__setattr__(demo, "trainer", demo.trainer.model_copy(update={"two_person": True}))
    item_id = (await items(wang))["发票抬头咋改呀"]["item_id"]
    chosen = {"item_ids": [item_id]}
    early = await li.post(f"{INBOX}/approve", json=chosen)
    assert (early.status_code, early.json()["code"]) == (409, "inbox_item_conflict")
    await wang.post(f"{INBOX}/label", json={**chosen, "intent": "invoice"})
    own = await wang.post(f"{INBOX}/approve", json=chosen)
    assert (own.status_code, own.json()["code"]) == (409, "second_person_needed")
    assert (await wang.post(f"{INBOX}/commit", json={})).json()["added"] == []
    assert (await li.post(f"{INBOX}/approve", json=chosen)).status_code == 204
    assert (await wang.get(f"{INBOX}/{item_id}")).json()["approvals"] == ["训练师li"]
    assert (await wang.post(f"{INBOX}/commit", json={})).json()["added"] == [item_id]


async def test_a_commit_without_git_says_so_and_keeps_the_labels(
    wang: httpx.AsyncClient, filled: None, checkout: Path
) -> None:
    item_id = (await items(wang))["发票抬头咋改呀"]["item_id"]
    await wang.post(f"{INBOX}/label", json={"item_ids": [item_id], "intent": "invoice"})
    (checkout / ".git").rename(checkout / "no-git")
    refused = await wang.post(f"{INBOX}/commit", json={})
    assert (refused.status_code, refused.json()["code"]) == (503, "workspace_not_versioned")
    (checkout / "no-git").rename(checkout / ".git")
    assert (await wang.post(f"{INBOX}/commit", json={})).json()["added"] == [item_id]
