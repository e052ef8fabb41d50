"""``python -m benchmarks.promotion``: how long messages wait while a model goes live.

A real Kefu with the trained model and the same model in another wrapping; shoppers talk without a
pause while it is promoted and rolled back, ``--rounds`` times.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.e2e.promotion import Talking, percentile, promoting


def main() -> int:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shoppers", type=int, default=4)
    parser.add_argument("--usual", type=int, default=400, help="messages before the first round")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, promoting(Path(folder)) as kefu:
        with Talking(kefu, options.shoppers) as talking:
            talking.until_said(options.usual)
            usual = [wait for _, wait in talking.waits]
            moving: list[float] = []
            models = [kefu.second, kefu.first]
            for number in range(options.rounds):
                start = len(talking.waits)
                kefu.promote(models[number % 2])
                kefu.until_alone(models[number % 2])
                moving += [wait for _, wait in talking.waits[start:]]
        assert not talking.failures, talking.failures
        ((unfinished,),) = kefu.rows("SELECT count(*) FROM turns WHERE status <> 'done'")
        ((lost,),) = kefu.rows("SELECT count(*) FROM messages WHERE status <> 'done'")
    found = {
        "shoppers": options.shoppers,
        "lost": lost + unfinished,
        **{
            name: {
                "messages": len(waits),
                "p50_ms": round(1000 * percentile(waits, 0.5)),
                "p99_ms": round(1000 * percentile(waits, 0.99)),
                "longest_ms": round(1000 * max(waits)),
            }
            for name, waits in (("usual", usual), ("moving", moving))
        },
    }
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
