"""``kefu trainer …`` on a real database and checkout."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from kefu.cli import app
from kefu.store import migrate
from kefu.store.database import Database, utc_now
from kefu.store.tables import Staff
from tests.trainer_project import ORDERS, SERVICE, git
from tests.trainer_talks import FALLEN, add_talk

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def database(
    tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch, jieba_cache: Path
) -> Database:
    url = f"sqlite:///{tmp_path / 'kefu.db'}"
    migrate(url)
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "jieba").symlink_to(jieba_cache)
    for name, value in {
        "KEFU_HOME": str(home),
        "KEFU_DATABASE_URL": url,
        "KEFU_WORKSPACE": str(checkout),
        "KEFU_PROFILES_DIR": str(ROOT / "data/profiles"),
        "KEFU_MODELS_DIR": str(tmp_path / "models"),
    }.items():
        monkeypatch.setenv(name, value)
    opened = Database(url)
    for username in ("wang", "li"):
        staff = Staff(
            username=username, name=username, password_hash="", active=True, created_at=utc_now()
        )
        opened.write_now(lambda session, staff=staff: session.add(staff))
    return opened


def run(*arguments: str, fails: bool = False) -> Result:
    done = CliRunner().invoke(app, ["trainer", *arguments])
    assert (done.exit_code != 0) == fails, f"{done.output}{done.exception}"
    return done


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


def test_texts_and_data_are_checked() -> None:
    assert "duplicate" in run("check", "訂單查詢", "--intent", "order_status").output
    found = json.loads(run("check", "--json").output)
    assert {one["kind"] for one in found} == {"thin_intent"}


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
    wang = ("--as", "wang")
    assert "invoice" in run("intents").output
    run("add", "invoice", "票据能补么", *wang)
    run("change", "invoice", "票据能补么", "发票能补开么", *wang)
    assert "发票能补开么" in run("utterances", "invoice").output
    run("remove", "invoice", "发票能补开么", *wang)
    assert (checkout / "data/nlu/service.yml").read_text("utf-8") == SERVICE
    run("rename", "invoice", "开发票", *wang)
    assert "开发票" in run("intents").output
    words = "data/dictionary/words.txt"
    run("words", words, "--add", "以旧换新", *wang)
    run("words", words, "--remove", "待发货", *wang)
    assert run("words", words).output == "以旧换新\n"
    run("entity", "data/entities/couriers.yml", "圆通", "--add", "圆通速递", *wang)
    assert "圆通: [圆通, 圆通速递]" in run("show", "data/entities/couriers.yml").output
    run("response", "utter_thanks", "--text", "您客气了。", *wang)
    run("response", "utter_thanks", "--index", "0", *wang)
    assert run("response", "utter_thanks").output == "0  您客气了。\n"
    article = tmp_path / "article"
    article.write_text("---\ntitle: 旧机\ntopic: 服务\n---\n旧机可以抵扣。\n", "utf-8")
    run("put", "data/knowledge/trade-in.md", str(article), *wang)
    assert "data/knowledge/trade-in.md" in run("files").output
    subjects = git(checkout, "log", "--format=%an %s").splitlines()
    assert len(subjects) == 11
    assert all(line.startswith("wang ") for line in subjects[:-1])


def test_a_mark_of_an_entity_is_written(database: Database, checkout: Path) -> None:
    database.write_now(lambda session: add_talk(session, ("顺丰的发票呢", FALLEN)))
    run("inbox")
    [item] = json.loads(run("inbox", "--json").output)["items"]
    number = str(item["item_id"])
    for wrong in ("顺丰", "0-2:planet", "0-99:courier"):
        run("label", "invoice", number, "--entity", wrong, "--as", "wang", fails=True)
    run("label", "invoice", number, "--entity", "0-2:courier", "--as", "wang")
    assert json.loads(run("item", number).output)["label"] == "invoice"
    assert "[顺丰](courier)的发票呢" in run("commit", "--show", "--as", "wang").output
    run("commit", "--as", "wang")
    assert "[顺丰](courier)的发票呢" in (checkout / "data/nlu/service.yml").read_text("utf-8")


def test_a_failure_is_one_sentence(checkout: Path) -> None:
    assert "没有登录名为 nobody 的" in run("commit", "--as", "nobody", fails=True).stderr
    assert "没有这个意图" in run("label", "no_such", "1", "--as", "wang", fails=True).stderr
    assert "找不到这条消息" in run("label", "invoice", "1", "--as", "wang", fails=True).stderr
