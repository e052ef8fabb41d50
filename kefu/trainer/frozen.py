"""The frozen test set in ``data/frozen/*.tsv``: rows in git that no model is ever trained on."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from kefu.privacy.mask import mask_export
from kefu.store.tables import Document
from kefu.trainer import answers, files
from kefu.trainer.checks import NEAR_FROZEN
from kefu.trainer.corpus import FROZEN
from kefu.trainer.git import Author
from kefu.trainer.run_errors import FrozenInvalid, FrozenTooNear
from kefu.trainer.training_data import TrainingData
from kefu.trainer.workspace import Plan, Workspace

HEADER = "text\tlabel\tsource\n"
OWN_FILE = "trainers.tsv"
OUT_OF_SCOPE = "out_of_scope"
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Row:
    """``intent`` may be ``a|b`` where either is right; ``source`` says who wrote it."""

    text: str
    intent: str
    source: str
    file: str

    def as_json(self) -> Document:
        return asdict(self)


def read(workspace: Workspace) -> list[Row]:
    """All rows, file by file."""
    rows: list[Row] = []
    for path in sorted((workspace.folder / FROZEN).glob("*.tsv")):
        for line in workspace.read(f"{FROZEN}/{path.name}").split("\n")[1:]:
            cells = line.rstrip("\r").split("\t")
            if len(cells) > 1:
                rows.append(Row(cells[0], cells[1], cells[2] if len(cells) > 2 else "", path.name))
    return rows


def add(data: TrainingData, text: str, intent: str, author: Author) -> Row:
    """Keep one more row, as a commit of the author's.

    Raises ``FrozenInvalid``, ``FrozenTooNear`` or what a save raises.
    """
    row = Row(text.strip(), intent, author.username, OWN_FILE)
    name = f"{FROZEN}/{OWN_FILE}"

    def make() -> Plan:
        _check(data, row)
        if any(one.text == row.text for one in read(data.workspace)):
            raise FrozenInvalid("the row is there already", title="这句话已经在测试集里了。")
        before = data.present([name]).get(name, HEADER)
        line = f"{row.text}\t{row.intent}\t{row.source}\n"
        return Plan({name: before + line}, f"测试集：新增「{row.intent}」1 句")

    data.save(make, author)
    return row


def remove(data: TrainingData, text: str, author: Author) -> None:
    """Take a row out again, as a commit. Raises ``FrozenInvalid`` or what a save raises."""

    def make() -> Plan:
        row = next((row for row in read(data.workspace) if row.text == text), None)
        if row is None:
            raise FrozenInvalid("no such row", title="测试集里没有这句话，请刷新页面。")
        name = f"{FROZEN}/{row.file}"
        lines = data.workspace.read(name).split("\n")
        kept = [line for line in lines if line.split("\t")[0] != text]
        return Plan({name: "\n".join(kept)}, f"测试集：删除「{row.intent}」1 句")

    data.save(make, author)


def _check(data: TrainingData, row: Row) -> None:
    if not row.text or len(row.text) > _LONGEST or re.search(r"[\t\r\n]", row.text):
        raise FrozenInvalid("empty, too long, or more than one line")
    if mask_export(row.text) != row.text:
        raise FrozenInvalid(
            "personal data", title="这句话里有号码等个人信息，请改成虚构内容后再保存。"
        )
    known = {*answers.intents_of(data.workspace.read(files.DOMAIN)), OUT_OF_SCOPE}
    unknown = [name for name in row.intent.split("|") if name not in known]
    if unknown:
        raise FrozenInvalid(
            "unknown intent", title=f"没有这个意图：{'、'.join(unknown) or '（空）'}。"
        )
    for near, likeness in data.current().near(row.text, NEAR_FROZEN)[:1]:
        if likeness > NEAR_FROZEN:
            raise FrozenTooNear(
                "a training utterance is too like it",
                title=f"这句话与训练例句「{near.plain}」太接近，不能放进测试集，请换一种说法。",
            )
