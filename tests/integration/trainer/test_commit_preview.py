"""What a commit of the inbox would write, shown before it is written."""

from __future__ import annotations

from pathlib import Path

from kefu.trainer import committing
from kefu.trainer.committing import Ready
from kefu.trainer.training_data import TrainingData
from tests.trainer_project import git


def test_it_tells_what_is_written_known_and_left_out(data: TrainingData, checkout: Path) -> None:
    items = [
        Ready(1, "invoice", "发票抬头写错了怎么换"),
        Ready(2, "invoice", "开个发票呗"),
        Ready(3, "invoice", "查单"),
    ]
    found = committing.preview(data, items)
    assert found["write"] == [
        {"item_id": 1, "intent": "invoice", "title": "发票", "utterance": "发票抬头写错了怎么换"}
    ]
    assert found["known"] == [2]
    assert [one["item_id"] for one in found["left_out"]] == [3]
    assert git(checkout, "rev-list", "--count", "HEAD") == "1\n"
    assert git(checkout, "status", "--porcelain") == ""
