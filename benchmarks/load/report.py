"""What a run of load prints and writes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def rates(rows: Mapping[str, Json]) -> str:
    """Markdown: the highest rate of each server, with the latencies at it."""
    lines = [
        "| | messages/s at p99 ≤ 500 ms | p50 / p99 ms | by channel | CPU ms a message | MB |",
        "|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        best = row["best"]
        ways = ", ".join(
            f"{way} {of['p50_ms']} / {of['p99_ms']}" for way, of in best["by_channel"].items()
        )
        held = f"{best['answered_per_s']}" if best["holds"] else "none"
        both = f"{best['p50_ms']} / {best['p99_ms']}"
        cells = [ways, _parts(row["cpu_ms_per_message"]), _parts(row["memory_mb"])]
        lines.append("| " + " | ".join([name, held, both, *cells]) + " |")
    return "\n".join(lines)


def _parts(values: Mapping[str, float]) -> str:
    return ", ".join(f"{part} {value}" for part, value in values.items())


def facts(name: str, row: Json) -> str:
    """One part's figures, one a line."""
    width = max(len(key) for key in row)
    return "\n".join([name, *(f"  {key:{width}}  {value}" for key, value in row.items())])


def step(row: Json) -> str:
    state = "holds" if row["holds"] else "breaks"
    return (
        f"{row['offered_per_s']:7} offered, {row['answered_per_s']:7} answered a second, "
        f"p50 {row['p50_ms']} ms, p99 {row['p99_ms']} ms, "
        f"{row['shoppers']} shoppers, {row['unanswered']} unanswered: {state}"
    )


def write(folder: Path, name: str, document: Json, text: Sequence[str]) -> Path:
    """``NAME.json`` and ``NAME.txt`` in the folder; the path of the first."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2))
    path.with_suffix(".txt").write_text("\n\n".join(text) + "\n")
    return path
