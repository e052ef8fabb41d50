"""``python -m benchmarks.handoff [throughput|day]``: both without a word."""

from __future__ import annotations

import argparse
import sys

from benchmarks.handoff import day, throughput

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handoff")
    parser.add_argument("what", nargs="?", choices=["throughput", "day", "both"], default="both")
    parser.add_argument("--chats", type=int, default=4000, help="chats of the throughput run")
    parser.add_argument("--handoffs", type=int, default=3000, help="hand-offs of the day")
    parser.add_argument("--agents", type=int, default=20, help="agents of the day")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    if chosen.what in {"throughput", "both"}:
        throughput.main(chosen.chats)
    if chosen.what in {"day", "both"}:
        day.main(chosen.handoffs, chosen.agents, chosen.seed)
    sys.exit(0)
