"""A small Rasa project for tests of the trainer's workbench."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from kefu.trainer.git import Author

ROOT = Path(__file__).resolve().parents[1]
EXCERPT = ("domain.yml", "config.yml", "data")

ORDERS = """\
version: "3.1"

nlu:
- intent: order_status
  metadata:
    hand: h1
  examples: |
    - 订单查询
    - 查单
    - 我的订单20260933777现在到哪里了呀

- intent: greet
  metadata:
    hand: h1
  examples: |
    - 你好
    - hello
"""
SERVICE = """\
version: "3.1"

nlu:
# who asks for paper
- intent: invoice
  metadata:
    hand: h2
  examples: |
    - 发票什么时候能开出来
    - 开个发票呗

- intent: out_of_scope
  metadata:
    hand: h2
  examples: |
    - 今天天气怎么样
    - 给我讲个笑话
"""
DOMAIN = """\
version: "3.1"
intents:
  - order_status
  - greet
  - invoice
  - out_of_scope
  - many
entities:
  - courier
  - bank
responses:
  # the first words
  utter_greet:
    - text: "您好，请问有什么可以帮您？"
      buttons:
        - {title: "查订单", payload: "/order_status"}
    - text: "您好！"
  utter_thanks:
    - text: "不客气。"
"""
RULES = """\
version: "3.1"

rules:
  - rule: greet
    steps:
      - intent: greet
      - action: utter_greet
"""
ARTICLE = """\
---
title: 发票怎么开
topic: 发票
intents: [invoice]
---

## 抬头

发票抬头可以修改。
"""
COURIERS = """\
# Carriers under their short names.
entity: courier
words:
  顺丰: [顺丰, 顺丰速运]
  圆通: [圆通]
"""
INTENTS = """\
# what people call them
requests:
  order_status: 查订单
  invoice: 发票

talk:
  greet: 打招呼
  out_of_scope: 超出服务范围
"""
FILES = {
    "domain.yml": DOMAIN,
    "config.yml": "language: zh\n",
    "data/intents.yml": INTENTS,
    "data/nlu/orders.yml": ORDERS,
    "data/nlu/service.yml": SERVICE,
    "data/dictionary/words.txt": "# words\n待发货\n",
    "data/entities/couriers.yml": COURIERS,
    "data/rules/all.yml": RULES,
    "data/frozen/base.tsv": "text\tlabel\n能不能开增值税专用发票\tinvoice\n",
    "data/profiles/demo.yml": "profile: demo\nbrand: 悦选商城\ngreeting: 您好\n",
    "data/knowledge/invoice.md": ARTICLE,
}


def write_project(folder: Path) -> Path:
    """The files of a small project in ``folder``."""
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


TRAINER = Author("王训练", "wang")


def git(folder: Path, *arguments: str) -> str:
    """What a git command says; it must succeed."""
    who = ["-c", "user.name=dev", "-c", "user.email=dev@example.invalid"]
    found = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return found.stdout


def make_checkout(folder: Path) -> Path:
    """The small project, committed."""
    folder.mkdir(parents=True, exist_ok=True)
    return committed(write_project(folder))


def make_excerpt(folder: Path, of_each: int, without: str) -> Path:
    """The real project, committed, with few utterances of each writer and no word of ``without``.

    It trains in a quarter of the time.
    """
    for name in EXCERPT:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    for path in sorted((folder / "data/nlu").glob("*.yml")):
        kept: list[str] = []
        count = 0
        for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
            if line.startswith("- intent:"):
                count = 0
            elif line.startswith("    - "):
                if without in line:
                    continue
                count += 1
            if count <= of_each or not line.startswith("    - "):
                kept.append(line)
        path.write_text("".join(kept), encoding="utf-8")
    return committed(folder)


def committed(folder: Path) -> Path:
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=Begin")
    return folder
