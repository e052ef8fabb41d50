"""The training utterances as files: read, merged, kept free of doubles.

``python -m kefu_engine.dataset FOLDER --hand NAME`` merges ``FOLDER/<intent>.txt`` (one message a
line) into ``data/nlu/<topic>.yml``. ``hand`` names who wrote them: training cross-validates over
hands, so that confidence is judged on messages of people whose wording the model has not seen.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML
from scipy import sparse

from kefu_engine.normalizer import normalize

TOPICS: dict[str, tuple[str, ...]] = {
    "orders": (
        "order_status", "urge_shipping", "track_logistics", "delivery_problem",
        "delivery_schedule", "change_order", "cancel_order", "wrong_or_missing_item",
    ),
    "payments": (
        "payment_failure", "payment_charged", "payment_method", "invoice", "promotion_coupon",
        "price_protection",
    ),
    "after_sale": (
        "return_request", "exchange_request", "repair_warranty", "refund_progress",
        "return_shipping", "quality_problem",
    ),
    "accounts": (
        "account_locked", "password_reset", "login_register", "account_change", "security_setup",
        "privacy_question", "fraud_report", "membership",
    ),
    "goods": ("product_question", "stock_availability", "shipping_policy", "install_service"),
    "service": (
        "complaint", "dispute_appeal", "feedback", "contact_info", "merchant_service",
        "human_agent", "not_solved", "urge_reply",
    ),
    "conversation": (
        "greet", "thanks", "goodbye", "affirm", "deny", "inform", "abuse", "bot_challenge",
        "out_of_scope",
    ),
}  # fmt: skip
INTENTS: tuple[str, ...] = tuple(intent for topic in TOPICS.values() for intent in topic)
"""Those that the product comes with; trainers add their own to the files."""

NEAR_DUPLICATE = 0.8
TOO_CLOSE_TO_EVALUATION = 0.7

_MARKUP = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_NOISE = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Utterance:
    """One training message; ``text`` may hold Rasa's entity markup."""

    intent: str
    text: str
    hand: str

    @property
    def plain(self) -> str:
        """The message as the shopper would have typed it."""
        return _MARKUP.sub(r"\1", self.text)


def _mask(number: re.Match[str]) -> str:
    size = len(number.group())
    return "0" if size < 4 else "0000" if size < 9 else "0" * 9


def shape_of(text: str) -> str:
    """What is compared: normal text without punctuation, numbers masked but for their size."""
    normal = normalize(text).text
    return _NOISE.sub("", _NUMBER.sub(_mask, normal)) or normal


def trigrams(text: str) -> set[str]:
    """Character 3-grams of a masked text; a shorter one is its own gram."""
    return {text[i : i + 3] for i in range(len(text) - 2)} or {text}


def overlaps(left: Sequence[str], right: Sequence[str]) -> sparse.csr_matrix:
    """Jaccard similarity of character 3-grams, ``(len(left), len(right))``, zeros left out."""
    vocabulary: dict[str, int] = {}

    def rows(texts: Sequence[str]) -> sparse.csr_matrix:
        grams = [trigrams(shape_of(text)) for text in texts]
        columns = [vocabulary.setdefault(gram, len(vocabulary)) for row in grams for gram in row]
        bounds = np.cumsum([0, *map(len, grams)])
        return sparse.csr_matrix((np.ones(len(columns)), columns, bounds), (len(texts), 2**31 - 1))

    a, b = rows(left), rows(right)
    a.resize(len(left), len(vocabulary))
    b.resize(len(right), len(vocabulary))
    shared = (a @ b.T).tocoo()
    sizes = (
        np.asarray(a.sum(axis=1)).ravel()[shared.row]
        + np.asarray(b.sum(axis=1)).ravel()[shared.col]
    )
    return sparse.csr_matrix(
        (shared.data / (sizes - shared.data), (shared.row, shared.col)), shared.shape
    )


def near_duplicates(texts: Sequence[str], limit: float = NEAR_DUPLICATE) -> list[tuple[int, int]]:
    """Pairs ``(i, j)``, ``i < j``, whose similarity is over ``limit``."""
    pairs = sparse.triu(overlaps(texts, texts), k=1).tocoo()
    close = pairs.data > limit
    return sorted(zip(pairs.row[close].tolist(), pairs.col[close].tolist(), strict=True))


def read_utterances(folder: Path) -> list[Utterance]:
    """All utterances of ``folder/*.yml`` in file order."""
    found: list[Utterance] = []
    for path in sorted(folder.glob("*.yml")):
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        for item in document.get("nlu") or []:
            hand = (item.get("metadata") or {}).get("hand", "unknown")
            for line in item["examples"].splitlines():
                text = line.removeprefix("-").strip()
                if text:
                    found.append(Utterance(item["intent"], text, hand))
    return found


def topics_in(folder: Path) -> dict[str, tuple[str, ...]]:
    """The intents of each topic's file: the product's, then what trainers have made."""
    topics = {topic: dict.fromkeys(intents) for topic, intents in TOPICS.items()}
    for path in sorted(folder.glob("*.yml")):
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        made = (item["intent"] for item in document.get("nlu") or [])
        topics.setdefault(path.stem, {}).update(
            dict.fromkeys(intent for intent in made if intent not in INTENTS)
        )
    return {topic: tuple(intents) for topic, intents in topics.items()}


def read_texts(folder: Path, hand: str) -> list[Utterance]:
    """Utterances of ``folder/<intent>.txt``, one a line.

    Raises ``ValueError`` on a file that is not named after an intent.
    """
    found: list[Utterance] = []
    for path in sorted(folder.glob("*.txt")):
        if path.stem not in INTENTS:
            raise ValueError(f"{path.name} is not named after an intent")
        lines = (line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines())
        found.extend(Utterance(path.stem, line, hand) for line in lines if line)
    return found


def without_duplicates(
    kept: Sequence[Utterance], added: Sequence[Utterance], keep_away: Sequence[str] = ()
) -> tuple[list[Utterance], list[tuple[Utterance, str]]]:
    """``added`` less what repeats ``kept``, itself or ``keep_away``; and the dropped with why.

    The earlier of two close utterances stays, whatever its intent: two intents never share one.
    """
    texts = [u.plain for u in (*kept, *added)]
    close: defaultdict[int, list[int]] = defaultdict(list)
    for earlier, later in near_duplicates(texts):
        close[later].append(earlier)
    away = np.zeros(len(texts))
    if keep_away:
        away = overlaps(texts, keep_away).max(axis=1).toarray().ravel()
    alive = set(range(len(kept)))
    dropped: list[tuple[Utterance, str]] = []
    survivors: list[Utterance] = []
    for index, utterance in enumerate(added, len(kept)):
        twin = next((i for i in close[index] if i in alive), None)
        if away[index] > TOO_CLOSE_TO_EVALUATION:
            dropped.append((utterance, "too close to an evaluation row"))
        elif twin is not None:
            dropped.append((utterance, f"repeats {texts[twin]!r}"))
        else:
            alive.add(index)
            survivors.append(utterance)
    return survivors, dropped


def as_yaml(utterances: Iterable[Utterance], intents: Sequence[str]) -> str:
    """One topic file in Rasa's training data format, by intent, then by hand."""
    blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
    for utterance in utterances:
        blocks[utterance.intent, utterance.hand].append(utterance.text)
    lines = ['version: "3.1"', "", "nlu:"]
    for intent, hand in sorted(blocks, key=lambda key: (intents.index(key[0]), key[1])):
        lines += [f"- intent: {intent}", "  metadata:", f"    hand: {hand}", "  examples: |"]
        lines += [f"    - {text}" for text in blocks[intent, hand]]
        lines.append("")
    return "\n".join(lines)


def write_utterances(utterances: Sequence[Utterance], folder: Path) -> None:
    """Rewrites ``folder/<topic>.yml`` for every topic that has utterances."""
    folder.mkdir(parents=True, exist_ok=True)
    for topic, intents in topics_in(folder).items():
        rows = [u for u in utterances if u.intent in intents]
        if rows:
            (folder / f"{topic}.yml").write_text(as_yaml(rows, intents), encoding="utf-8")


def counts(utterances: Iterable[Utterance]) -> Mapping[str, int]:
    """Utterances by intent, every intent named."""
    total = dict.fromkeys(INTENTS, 0)
    for utterance in utterances:
        total[utterance.intent] = total.get(utterance.intent, 0) + 1
    return total


def main(arguments: Sequence[str] | None = None) -> int:
    """Merges one folder of texts into the training data and says what was left out."""
    parser = argparse.ArgumentParser(prog="python -m kefu_engine.dataset", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hand", required=True)
    parser.add_argument("--into", type=Path, default=Path("data/nlu"))
    parser.add_argument("--keep-away", type=Path, help="evaluation file (TSV) not to come near to")
    options = parser.parse_args(arguments)
    kept = read_utterances(options.into)
    rows = (
        options.keep_away.read_text(encoding="utf-8").splitlines()[1:] if options.keep_away else []
    )
    added, dropped = without_duplicates(
        kept, read_texts(options.folder, options.hand), [row.split("\t")[0] for row in rows]
    )
    write_utterances([*kept, *added], options.into)
    out = sys.stdout.write
    for utterance, why in dropped:
        away = why.startswith("too close")
        out(f"dropped {utterance.intent}: {utterance.plain if not away else '…'} ({why})\n")
    out(f"kept {len(kept)}, added {len(added)}, dropped {len(dropped)}\n")
    for intent, number in counts([*kept, *added]).items():
        out(f"{number:5d} {intent}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
