from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from kefu.conversation import state
from kefu.conversation.state import State
from kefu.intents import shipped
from kefu.reports.definitions import DEFINITIONS
from kefu.reports.rows import MOVES
from kefu.reports.sheet import write
from kefu.reports.topics import SMALL_TALK

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reports.md"


def test_excel_reads_the_characters() -> None:
    file = write(["客服", "次数"], [["小王", 3], ["小李", None], ['含"引号",逗号', 0.5]])
    assert file.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))
    assert rows == [["客服", "次数"], ["小王", "3"], ["小李", ""], ['含"引号",逗号', "0.5"]]
    assert file.count(b"\r\n") == 4


@pytest.mark.parametrize(
    "name", ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", " =1", "＝1"]
)
def test_a_name_is_no_formula(name: str) -> None:
    file = write(["客服"], [[name]]).decode("utf-8-sig")
    (_, (cell,)) = csv.reader(io.StringIO(file, newline=""))
    assert cell == f"'{name}"


def test_a_number_below_nothing_stays_a_number() -> None:
    assert write(["a"], [[-1]]) == b"\xef\xbb\xbfa\r\n-1\r\n"


def test_every_figure_is_explained_under_its_name() -> None:
    text = DOCS.read_text(encoding="utf-8")
    missing = [each.title for each in DEFINITIONS.values() if f"| {each.title} |" not in text]
    assert not missing


def test_small_talk_is_of_intents_there_are() -> None:
    assert set(shipped().talk) >= SMALL_TALK


def test_every_step_that_changes_who_has_a_talk_is_read() -> None:
    steps = [each for each in vars(state).values() if isinstance(each, state.Step)]
    giving = {
        step.name
        for step in steps
        if step.target is State.ASSIGNED or State.ASSIGNED in step.sources
    }
    assert giving == set(MOVES)
