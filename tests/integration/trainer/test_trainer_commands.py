"""``kefu trainer …`` on a real database and checkout."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from kefu.store.database import Database
from tests.engine_server import serving
from tests.trainer_commands import WANG, run
from tests.trainer_project import ORDERS, SERVICE, git
from tests.trainer_talks import FALLEN, add_talk

pytestmark = pytest.mark.usefixtures("database")


def test_from_a_message_to_a_commit(database: Database, checkout: Path) -> None:
    database.write_now(lambda session: add_talk(session, ("发票抬头咋改呀", FALLEN)))
    assert "low_confidence" in run("inbox").output
    [item] = json.loads(run("inbox", "--json", "--search", "抬头").output)["items"]
    number = str(item["item_id"])
    run("label", "invoice", number, "--as", "wang")
    run("skip", number, "--as", "wang")
    run("undo", number, "--as", "wang")
    run("approve", number, "--as", "li")
    assert "已写入 1 条" in run("commit", "--as", "wang").output
    assert "发票抬头咋改呀" in (checkout / "data/nlu/service.yml").read_text("utf-8")
    assert "wang" in run("history").output.splitlines()[0]


def test_only_the_items_named_are_written(database: Database, checkout: Path) -> None:
    said = (("发票抬头咋改呀", FALLEN), ("专票咋开呀", FALLEN))
    database.write_now(lambda session: [add_talk(session, each) for each in said])
    run("inbox")
    items = json.loads(run("inbox", "--json").output)["items"]
    run("label", "invoice", *(str(item["item_id"]) for item in items), *WANG)
    assert "已写入 1 条" in run("commit", str(items[0]["item_id"]), *WANG).output
    written = (checkout / "data/nlu/service.yml").read_text("utf-8")
    assert items[0]["text"] in written
    assert items[1]["text"] not in written


def test_an_item_is_told_with_what_the_page_shows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = ("发票抬头写错了怎么换", "发票抬头写错了怎么换呢")
    database.write_now(lambda session: [add_talk(session, (each, FALLEN)) for each in alike])
    run("inbox")
    item = json.loads(run("inbox", "--json").output)["items"][-1]
    number = str(item["item_id"])
    run("label", "invoice", number, *WANG)
    run("undo", number, *WANG)
    shown = run("item", number).output
    assert "发票 invoice 0.20" in shown
    assert "发 / 票 / 抬 / 头" in shown
    assert alike[1] in shown
    assert "→ 顾客：发票抬头写错了怎么换" in shown
    assert "wang 标注为 invoice（已撤销）" in shown
    assert "机器人引擎没有运行" in shown
    with serving() as port:
        monkeypatch.setenv("KEFU_ENGINE_PORT", str(port))
        shown = run("item", number).output
    assert "支持「发票 invoice」的字词\n  发票 +1.50" in shown
    assert "发票 invoice  开个发票呗" in shown


def test_texts_and_data_are_checked() -> None:
    assert "duplicate" in run("check", "訂單查詢", "--intent", "order_status").output
    found = json.loads(run("check", "--json").output)
    assert {one["kind"] for one in found} == {"thin_intent"}
    assert len(found) > 1
    [one] = json.loads(run("check", "--intent", "invoice", "--json").output)
    assert one["intent"] == "invoice"


def test_what_was_exported_comes_back_changed(tmp_path: Path, checkout: Path) -> None:
    archive = tmp_path / "data.zip"
    run("export", str(archive))
    assert "0 个文件有变化" in run("import", str(archive), "--as", "wang").output
    with zipfile.ZipFile(archive, "w") as changed:
        new = ORDERS.replace("- 查单", "- 查一下我的单")
        changed.writestr("data/nlu/orders.yml", new)
    assert "+    - 查一下我的单" in run("import", str(archive), "--as", "wang").output
    assert git(checkout, "rev-list", "--count", "HEAD") == "1\n"
    run("import", str(archive), "--as", "wang", "--yes")
    assert (checkout / "data/nlu/orders.yml").read_text("utf-8") == new


def test_an_intent_is_made(tmp_path: Path, checkout: Path) -> None:
    texts = tmp_path / "texts"
    texts.write_text(
        "旧手机能抵多少钱\n以旧换新怎么弄\n旧冰箱收吗\n旧机回收不\n旧的换新的\n", "utf-8"
    )
    place = ("trade_in", "以旧换新", "data/nlu/service.yml", str(texts))
    done = run("new-intent", *place, "--text", "旧机可以抵扣。", "--as", "wang").output
    assert "已新建" in done
    assert "工程师" not in done
    assert "utter_trade_in" in (checkout / "data/rules/all.yml").read_text("utf-8")
    again = run("new-intent", *place, "--as", "wang", fails=True).stderr
    assert "已经有名为 trade_in 的意图" in again


def test_each_kind_of_data_is_changed_by_a_command(tmp_path: Path, checkout: Path) -> None:
    assert "invoice" in run("intents").output
    run("add", "invoice", "票据能补么", *WANG)
    run("change", "invoice", "票据能补么", "发票能补开么", *WANG)
    assert "发票能补开么" in run("utterances", "invoice").output
    run("remove", "invoice", "发票能补开么", *WANG)
    assert (checkout / "data/nlu/service.yml").read_text("utf-8") == SERVICE
    run("rename", "invoice", "开发票", *WANG)
    assert "开发票" in run("intents").output
    words = "data/dictionary/words.txt"
    run("words", words, "--add", "以旧换新", *WANG)
    run("words", words, "--remove", "待发货", *WANG)
    assert run("words", words).output == "以旧换新\n"
    run("entity", "data/entities/couriers.yml", "圆通", "--add", "圆通速递", *WANG)
    assert "圆通: [圆通, 圆通速递]" in run("show", "data/entities/couriers.yml").output
    run("response", "utter_thanks", "--text", "您客气了。", *WANG)
    run("response", "utter_thanks", "--index", "0", *WANG)
    assert run("response", "utter_thanks").output == "0  您客气了。\n"
    article = tmp_path / "article"
    article.write_text("---\ntitle: 旧机\ntopic: 服务\n---\n旧机可以抵扣。\n", "utf-8")
    run("put", "data/knowledge/trade-in.md", str(article), *WANG)
    assert "data/knowledge/trade-in.md" in run("files").output
    subjects = git(checkout, "log", "--format=%an %s").splitlines()
    assert len(subjects) == 11
    assert all(line.startswith("wang ") for line in subjects[:-1])


def test_a_file_that_was_changed_meanwhile_is_not_written_over(
    tmp_path: Path, checkout: Path
) -> None:
    words = "data/dictionary/words.txt"
    base = run("show", words, "--base").output.strip()
    run("words", words, "--add", "以旧换新", *WANG)
    mine = tmp_path / "mine"
    mine.write_text("待发货\n催发货\n", "utf-8")
    refused = run("put", words, str(mine), "--base", base, *WANG, fails=True).stderr
    assert "这个文件刚刚被别人改过" in refused
    assert "以旧换新" in (checkout / words).read_text("utf-8")
    newer = run("show", words, "--base").output.strip()
    run("put", words, str(mine), "--base", newer, *WANG)
    assert (checkout / words).read_text("utf-8") == mine.read_text("utf-8")


def test_a_mark_of_an_entity_is_written(database: Database, checkout: Path) -> None:
    database.write_now(lambda session: add_talk(session, ("顺丰的发票呢", FALLEN)))
    run("inbox")
    [item] = json.loads(run("inbox", "--json").output)["items"]
    number = str(item["item_id"])
    for wrong in ("顺丰", "0-2:planet", "0-99:courier"):
        run("label", "invoice", number, "--entity", wrong, "--as", "wang", fails=True)
    run("label", "invoice", number, "--entity", "0-2:courier", "--as", "wang")
    assert json.loads(run("item", number, "--json").output)["label"] == "invoice"
    assert "[顺丰](courier)的发票呢" in run("commit", "--show", "--as", "wang").output
    run("commit", "--as", "wang")
    assert "[顺丰](courier)的发票呢" in (checkout / "data/nlu/service.yml").read_text("utf-8")


def test_a_failure_is_one_sentence(checkout: Path) -> None:
    assert "没有登录名为 nobody 的" in run("commit", "--as", "nobody", fails=True).stderr
    assert "没有这个意图" in run("label", "no_such", "1", "--as", "wang", fails=True).stderr
    assert "找不到这条消息" in run("label", "invoice", "1", "--as", "wang", fails=True).stderr
