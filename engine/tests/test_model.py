"""Which archives may be served, and how training names and remembers them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from kefu_engine import model, training
from kefu_engine.errors import ModelUnsuitable
from tests.conftest import PROJECT, run_engine


def test_a_damaged_archive_is_never_opened(model_path: Path, tmp_path: Path) -> None:
    damaged = tmp_path / model_path.name
    damaged.write_bytes(model_path.read_bytes() + b"\0")
    with pytest.raises(ModelUnsuitable, match="damaged"):
        model.load(damaged)


def test_an_archive_is_named_by_its_hash(model_path: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelUnsuitable, match="not named"):
        model.load(shutil.copy(model_path, tmp_path / "model.tar.gz"))
    with pytest.raises(ModelUnsuitable, match="does not exist"):
        model.load(tmp_path / model_path.name)


def test_an_engine_without_a_good_model_ends_with_an_error(tmp_path: Path) -> None:
    missing = tmp_path / f"{'0' * 64}.tar.gz"
    done = run_engine("serve", "--model", str(missing), "--port", "0", "--actions", "http://x")
    assert done.returncode == 1
    assert "model_unsuitable" in done.stderr


def _changed(tmp_path: Path, name: str, old: str, new: str) -> Path:
    project = shutil.copytree(PROJECT, tmp_path / "project")
    text = (project / name).read_text(encoding="utf-8")
    assert old in text
    (project / name).write_text(text.replace(old, new), encoding="utf-8")
    return project


@pytest.mark.parametrize(
    ("name", "old", "new", "why"),
    [
        (
            "domain.yml",
            "session_expiration_time: 0",
            "session_expiration_time: 60",
            "session_expiration_time",
        ),
        (
            "data/rules/rules.yml",
            "  - rule: greet\n",
            "  - rule: greet\n    conversation_start: true\n",
            "conversation_start",
        ),
        (
            "config.yml",
            "  - name: RulePolicy",
            "  - name: MemoizationPolicy\n  - name: RulePolicy",
            "MemoizationPolicy",
        ),
    ],
)
def test_a_dialogue_that_a_cut_would_break_is_refused(
    tmp_path: Path, name: str, old: str, new: str, why: str
) -> None:
    project = _changed(tmp_path, name, old, new)
    if name == "config.yml":
        (project / "data/rules/story.yml").write_text(
            'version: "3.1"\nstories:\n- story: s\n  steps:\n'
            "  - intent: greet\n  - action: utter_greet\n",
            encoding="utf-8",
        )
    done = run_engine("train", "--out", str(tmp_path / "models"), cwd=project)
    with pytest.raises(ModelUnsuitable, match=why):
        model.load(tmp_path / "models" / f"{done.stdout.strip()}.tar.gz")


def test_unchanged_inputs_are_not_trained_again(model_path: Path, models: Path) -> None:
    before = model_path.stat().st_mtime_ns
    done = run_engine("train", "--out", str(models), "--if-changed")
    assert done.stdout.strip() == model_path.name.removesuffix(".tar.gz")
    assert model_path.stat().st_mtime_ns == before
    assert len(list(models.glob("*.tar.gz"))) == 1


@pytest.mark.parametrize(
    "name",
    [
        "data/nlu/all.yml",
        "data/intents.yml",
        "domain.yml",
        "config.yml",
        "data/dictionary/words.txt",
    ],
)
def test_every_input_counts(tmp_path: Path, name: str) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "project")
    before = training.inputs_sha256(project)
    assert training.inputs_sha256(project) == before
    path = project / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("# 一个词\n")
    assert training.inputs_sha256(project) != before


def test_the_card_says_what_the_model_is_made_of(model_path: Path) -> None:
    card = json.loads(model_path.with_name(model_path.name.replace(".tar.gz", ".json")).read_text())
    assert card["sha256"] == model.file_sha256(model_path)
    assert card["inputs_sha256"] == training.inputs_sha256(PROJECT)
    assert card["rasa"] == "3.6.21"
    assert card["counts"]["rules"] > 15
    assert card["counts"]["examples"] > 30
    assert card["titles"] == {"talk": {"thanks": "感谢"}}


def test_a_project_that_cannot_be_trained_says_why(tmp_path: Path) -> None:
    project = _changed(tmp_path, "data/rules/rules.yml", "action: utter_thanks", "action: 7")
    done = run_engine("train", "--out", str(tmp_path / "models"), cwd=project)
    assert done.returncode == 1
    assert "training_failed" in done.stderr
    assert list((tmp_path / "models").glob("*.tar.gz")) == []
