"""The commands as processes: what stands on stdout is for programs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.conftest import PROJECT, run_engine

ROWS = "text\tlabel\tsource\n你好\tgreet\ts\n谢谢啦\tthanks|goodbye\ts\n讲个笑话\tout_of_scope\n"


def test_evaluate_prints_json_alone_and_writes_the_report(tmp_path: Path, model_path: Path) -> None:
    (tmp_path / "rows.tsv").write_text(ROWS, encoding="utf-8")
    done = run_engine(
        *("evaluate", str(tmp_path / "rows.tsv"), "--model", str(model_path)),
        *("--json", "--report", str(tmp_path / "report")),
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["rows"] == 3
    assert set(result["sources"]) == {"s"}
    assert (tmp_path / "report/report.md").is_file()


def test_a_wrong_file_is_named(tmp_path: Path, model_path: Path) -> None:
    (tmp_path / "rows.tsv").write_text("你好\tgreet\n", encoding="utf-8")
    for name in ("rows.tsv", "no_such.tsv"):
        done = run_engine("evaluate", str(tmp_path / name), "--model", str(model_path))
        assert done.returncode == 1
        assert done.stdout == ""
        assert name in done.stderr.splitlines()[-1]


PIPELINE = """\
recipe: default.v1
language: zh
assistant_id: own
pipeline:
  - name: kefu_engine.normalizer.TextNormalizer
  - name: kefu_engine.tokenizer.ChineseTokenizer
  - name: kefu_engine.intent_classifier.CalibratedIntentClassifier
policies:
  - name: RulePolicy
    enable_fallback_prediction: false
"""


def test_parse_finds_the_model_of_the_present_inputs_and_explains_itself(tmp_path: Path) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "project")
    (project / "config.yml").write_text(PIPELINE, encoding="utf-8")
    (project / "data/dictionary").mkdir(exist_ok=True)
    done = run_engine("parse", "hello there", "--json", cwd=project)
    assert done.returncode == 0, done.stderr
    parsed = json.loads(done.stdout)
    assert parsed["tokens"] == ["hello", "there"]
    assert parsed["confidence"] == parsed["intent"]["confidence"]
    assert parsed["explanation"]["neighbours"]
    spoken = run_engine("parse", "hello there", cwd=project)
    assert parsed["intent"]["name"] in spoken.stdout
    assert "最近例句" in spoken.stdout
    (card,) = (json.loads(p.read_text("utf-8")) for p in (project / "models").glob("*.json"))
    archive = project / "models" / f"{card['sha256']}.tar.gz"
    told = run_engine("mislabels", "--model", str(archive))
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["model"] == card["sha256"]
    understanding = card["understanding"]
    assert understanding["thresholds"] == parsed["thresholds"]
    assert 0 <= understanding["cross_validation"]["answered"] <= 1


def test_parse_with_a_classifier_that_cannot_explain_itself(model_path: Path) -> None:
    done = run_engine("parse", "你好呀", "--model", str(model_path), "--json")
    assert json.loads(done.stdout)["explanation"] is None


def test_mislabels_of_a_model_that_kept_no_cross_validation(model_path: Path) -> None:
    done = run_engine("mislabels", "--model", str(model_path))
    assert done.returncode == 1
    assert "no_out_of_fold" in done.stderr
