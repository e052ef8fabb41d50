"""Saving: one commit each, nothing of others' touched, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kefu.trainer.errors import (
    EditedMeanwhile,
    FileUnknown,
    GitFailed,
    GitMissing,
    NotVersioned,
    WorkspaceBusy,
    WorkspaceDirty,
)
from kefu.trainer.git import Author
from kefu.trainer.workspace import Plan, Workspace
from tests.trainer_project import TRAINER, git

ROOT = Path(__file__).parents[3]
ORDERS, SERVICE = "data/nlu/orders.yml", "data/nlu/service.yml"


def plan(workspace: Workspace, name: str, old: str, new: str, message: str = "改") -> Plan:
    return Plan({name: workspace.read(name).replace(old, new)}, message)


def test_a_save_is_one_commit_of_one_file_by_its_trainer(workspace: Workspace) -> None:
    saved = workspace.save(
        lambda: plan(workspace, ORDERS, "- 查单\n", "- 查一下单\n", "改一句\n\n- 查一下单"), TRAINER
    )
    folder = workspace.folder
    assert git(folder, "log", "-1", "--format=%an|%ae|%cn|%s") == (
        "王训练|wang@kefu.invalid|Kefu|改一句\n"
    )
    assert git(folder, "show", "--format=", "--numstat", "HEAD") == f"1\t1\t{ORDERS}\n"
    assert saved.commit == git(folder, "rev-parse", "HEAD").strip()
    assert saved.bases[ORDERS] == git(folder, "rev-parse", f"HEAD:{ORDERS}").strip()
    assert git(folder, "status", "--porcelain") == ""


def test_a_save_that_changes_nothing_makes_no_commit(workspace: Workspace) -> None:
    saved = workspace.save(lambda: plan(workspace, ORDERS, "x", "x"), TRAINER)
    assert saved.commit is None
    assert git(workspace.folder, "rev-list", "--count", "HEAD") == "1\n"


def test_a_new_file_is_committed(workspace: Workspace) -> None:
    workspace.save(lambda: Plan({"data/dictionary/new.txt": "加急件\n"}, "新"), TRAINER)
    assert git(workspace.folder, "show", "HEAD:data/dictionary/new.txt") == "加急件\n"


def test_others_uncommitted_work_stays_as_it_is(workspace: Workspace) -> None:
    folder = workspace.folder
    (folder / SERVICE).write_text("# being written\n", encoding="utf-8")
    (folder / "staged.txt").write_text("staged\n", encoding="utf-8")
    git(folder, "add", "staged.txt")
    before = git(folder, "status", "--porcelain")
    workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER)
    assert git(folder, "status", "--porcelain") == before
    assert git(folder, "show", "--format=", "--name-only", "HEAD") == f"{ORDERS}\n"


@pytest.mark.parametrize("staged", [False, True])
def test_a_file_with_uncommitted_work_is_not_saved(workspace: Workspace, staged: bool) -> None:
    path = workspace.folder / ORDERS
    theirs = path.read_text("utf-8").replace("你好", "您好")
    path.write_text(theirs, encoding="utf-8")
    if staged:
        git(workspace.folder, "add", ORDERS)
    with pytest.raises(WorkspaceDirty) as caught:
        workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER)
    assert ORDERS in caught.value.sentence
    assert path.read_text("utf-8") == theirs
    assert git(workspace.folder, "rev-list", "--count", "HEAD") == "1\n"


def test_hooks_and_signing_of_developers_do_not_stand_in_the_way(workspace: Workspace) -> None:
    hook = workspace.folder / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    git(workspace.folder, "config", "commit.gpgSign", "true")
    assert workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER).commit


def test_an_odd_name_makes_no_odd_author(workspace: Workspace) -> None:
    author = Author("A <b@c>\n committer", "x y<\n")
    workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), author)
    found = git(workspace.folder, "log", "-1", "--format=%an|%ae")
    assert found == "A b@c committer|x y@kefu.invalid\n"


def test_a_folder_outside_git_says_what_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    (folder / "data/nlu").mkdir(parents=True)
    (folder / "domain.yml").write_text("intents: []\n", encoding="utf-8")
    workspace = Workspace(folder)
    with pytest.raises(NotVersioned) as caught:
        workspace.save(lambda: Plan({"domain.yml": "x: y\n"}, "改"), TRAINER)
    assert "git init" in caught.value.sentence
    assert (folder / "domain.yml").read_text("utf-8") == "intents: []\n"


def test_a_folder_that_only_lies_in_some_other_checkout_is_none(checkout: Path) -> None:
    inner = checkout / "inner"
    inner.mkdir()
    (inner / "domain.yml").write_text("intents: []\n", encoding="utf-8")
    with pytest.raises(NotVersioned):
        Workspace(inner).save(lambda: Plan({"domain.yml": "x: y\n"}, "改"), TRAINER)


def test_a_project_below_the_checkouts_top_works(tmp_path: Path) -> None:
    inner = tmp_path / "shop" / "bot"
    (inner / "data/nlu").mkdir(parents=True)
    (inner / "domain.yml").write_text("intents: []\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message=Begin")
    saved = Workspace(inner).save(lambda: Plan({"domain.yml": "x: y\n"}, "改"), TRAINER)
    assert git(tmp_path, "show", "HEAD:shop/bot/domain.yml") == "x: y\n"
    [commit] = Workspace(inner).repository.log(["domain.yml"], 1)
    assert (commit.commit, commit.files) == (saved.commit, ("domain.yml",))


def test_without_git_nothing_is_written(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = workspace.read(ORDERS)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing):
        workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER)
    assert workspace.read(ORDERS) == before


def test_a_commit_that_fails_leaves_the_files_as_they_were(workspace: Workspace) -> None:
    before = workspace.read(ORDERS)
    objects = workspace.folder / ".git/refs/heads"
    (objects / "main.lock").write_text("", encoding="utf-8")
    new = "data/dictionary/new.txt"

    def make() -> Plan:
        return Plan({**plan(workspace, ORDERS, "查单", "查一下单").texts, new: "词\n"}, "改")

    with pytest.raises(GitFailed):
        workspace.save(make, TRAINER)
    assert workspace.read(ORDERS) == before
    assert git(workspace.folder, "status", "--porcelain") == ""
    (objects / "main.lock").unlink()
    assert workspace.save(make, TRAINER).commit


def test_another_git_command_that_holds_the_index_is_waited_for(workspace: Workspace) -> None:
    lock = workspace.folder / ".git/index.lock"
    lock.write_text("", encoding="utf-8")
    timer = threading.Timer(0.5, lock.unlink)
    timer.start()
    assert workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER).commit
    timer.join()


def test_an_index_that_stays_locked_is_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kefu.trainer.git.LOCK_TRIES", 2)
    (workspace.folder / ".git/index.lock").write_text("", encoding="utf-8")
    before = workspace.read(ORDERS)
    with pytest.raises(WorkspaceBusy):
        workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER)
    assert workspace.read(ORDERS) == before


def test_a_merge_in_progress_is_told(workspace: Workspace) -> None:
    folder = workspace.folder
    git(folder, "checkout", "--quiet", "-b", "other")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=Other")
    git(folder, "checkout", "--quiet", "main")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=Mine")
    git(folder, "merge", "--quiet", "--no-commit", "--no-ff", "other")
    with pytest.raises(GitFailed) as caught:
        workspace.save(lambda: plan(workspace, ORDERS, "查单", "查一下单"), TRAINER)
    assert "合并" in caught.value.sentence


def test_trainers_who_save_at_once_queue_up(checkout: Path) -> None:
    def add(number: int) -> None:
        workspace = Workspace(checkout)
        line = f"    - 第{number}句\n"
        workspace.save(
            lambda: plan(workspace, ORDERS, "    - 查单\n", f"    - 查单\n{line}", f"第{number}次"),
            Author(f"训练{number}", f"t{number}"),
        )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))
    text = (checkout / ORDERS).read_text("utf-8")
    assert all(f"第{number}句" in text for number in range(6))
    assert git(checkout, "rev-list", "--count", "HEAD") == "7\n"
    assert git(checkout, "status", "--porcelain") == ""


DIE = """
import os, signal, sys
from pathlib import Path
from kefu.trainer import workspace as module
from kefu.trainer.git import Author
workspace = module.Workspace(Path(sys.argv[1]))
written = 0
write = module.write_file

def write_then_die(path, text):
    global written
    write(path, text)
    written += path.name.endswith((".yml", ".txt"))
    if written == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

module.write_file = write_then_die
texts = {
    "data/nlu/orders.yml": workspace.read("data/nlu/orders.yml").replace("查单", "死前一句"),
    "data/dictionary/new.txt": "新词\\n",
}
workspace.save(lambda: module.Plan(texts, "死前的保存"), Author("小死", "dead"))
"""


@pytest.mark.parametrize("files_written", [1, 2])
def test_a_save_that_was_killed_is_repaired_by_the_next(checkout: Path, files_written: int) -> None:
    died = subprocess.run(
        [sys.executable, "-c", DIE, str(checkout), str(files_written)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    assert git(checkout, "rev-list", "--count", "HEAD") == "1\n"
    assert "orders.yml" in git(checkout, "status", "--porcelain")
    workspace = Workspace(checkout)
    workspace.save(lambda: plan(workspace, SERVICE, "开个发票呗", "开个发票"), TRAINER)
    assert git(checkout, "status", "--porcelain") == ""
    subjects = git(checkout, "log", "--format=%an %s").splitlines()
    if files_written == 2:
        assert subjects == ["王训练 改", "小死 死前的保存", "dev Begin"]
        assert "死前一句" in workspace.read(ORDERS)
    else:
        assert subjects == ["王训练 改", "dev Begin"]
        assert "死前一句" not in workspace.read(ORDERS)


def test_a_killed_save_that_was_edited_over_is_left_to_its_editor(checkout: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", DIE, str(checkout), "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    path = checkout / ORDERS
    path.write_text(path.read_text("utf-8") + "# edited since\n", encoding="utf-8")
    workspace = Workspace(checkout)
    with pytest.raises(WorkspaceDirty):
        workspace.save(lambda: plan(workspace, ORDERS, "你好", "您好"), TRAINER)
    assert path.read_text("utf-8").endswith("# edited since\n")


def test_a_conflict_shows_both_sides_and_a_clean_merge(workspace: Workspace) -> None:
    seen = workspace.read(ORDERS)
    base = workspace.base(seen)
    workspace.save(lambda: plan(workspace, ORDERS, "- 你好", "- 您好"), TRAINER)
    found = workspace.conflict(ORDERS, seen.replace("- 订单查询", "- 查我的订单"), base)
    assert isinstance(found, EditedMeanwhile)
    problem = found.as_problem()
    assert problem["theirs"] == workspace.read(ORDERS)
    assert problem["base_text"] == seen
    assert problem["merged"] == workspace.read(ORDERS).replace("- 订单查询", "- 查我的订单")
    assert problem["marked"] is None


def test_a_conflict_in_one_line_shows_both_wordings(workspace: Workspace) -> None:
    seen = workspace.read(ORDERS)
    workspace.save(lambda: plan(workspace, ORDERS, "- 你好", "- 您好"), TRAINER)
    found = workspace.conflict(ORDERS, seen.replace("- 你好", "- 你们好"), workspace.base(seen))
    problem = found.as_problem()
    assert problem["merged"] is None
    assert "<<<<<<< 您的修改\n    - 你们好" in str(problem["marked"])
    assert "- 您好\n>>>>>>> 对方的修改" in str(problem["marked"])


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../x.yml", "data/../../x", ".git/config", "data/.x.yml", "a\\b"]
)
def test_no_path_leads_out_of_the_workspace(workspace: Workspace, name: str) -> None:
    with pytest.raises(FileUnknown):
        workspace.path(name)


def test_no_link_leads_out_of_the_workspace(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret.yml").write_text("a: b\n", encoding="utf-8")
    (workspace.folder / "data/nlu/link.yml").symlink_to(tmp_path / "secret.yml")
    with pytest.raises(FileUnknown):
        workspace.read("data/nlu/link.yml")
